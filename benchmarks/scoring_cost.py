"""What scoring costs, and what it buys: seconds a round and completeness error by nodes, on a trained adapter.

    python benchmarks/scoring_cost.py [--adapter default --records 16]
    python benchmarks/scoring_cost.py --tiny          # a random model of 2 layers, all ranks ablated

Scores the ranks of an adapter on records of the training file, in the precision of training, with growing numbers of
nodes. AB-LoRA's score (two passes a rank) is measured on a sample of the ranks and extrapolated; the report
says how many were scored. An epoch is timed on a few batches of the same file and extrapolated too.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from pathlib import Path
from typing import Any

import torch
from transformers import LlamaConfig, LlamaForCausalLM

from pilora import AdaptedModel, attach, importance, load
from pilora.loss import response_loss
from text2mdt.adapters import find_adapter
from text2mdt.corpus import read_corpus
from text2mdt.models import load_backbone
from text2mdt.relations import ENGLISH
from text2mdt.training_data import Collator, TrainingExamples, batches_by_length

NODES = (1, 2, 4, 8, 16)


def seconds_a_token(model: AdaptedModel, timed: list[dict[str, Any]]) -> float:
    """Median seconds of a training step (forward and backward) for a token, padding counted."""
    found = []
    model.train()
    for batch in timed:
        started = time.perf_counter()
        response_loss(model, batch)[0].backward()
        found.append((time.perf_counter() - started) / batch["input_ids"].numel())
        model.zero_grad()
    model.eval()
    return statistics.median(found)


def ablation_seconds(loss: importance.GateLoss, gates: importance.Gates, ranks: int) -> tuple[int, float]:
    """How many ranks were ablated (at most `ranks`, spread over the modules), and the seconds that all would take."""
    places = [(name, rank) for name, gate in gates.items() for rank in range(gate.shape[0])]
    chosen: dict[str, list[int]] = {}
    for name, rank in places[:: max(1, len(places) // ranks)][:ranks]:
        chosen.setdefault(name, []).append(rank)
    started = time.perf_counter()
    importance.ablation(loss, gates, chosen)
    scored = sum(map(len, chosen.values()))
    return scored, (time.perf_counter() - started) * len(places) / scored


def tiny_model(vocabulary: int) -> AdaptedModel:
    """A random LLaMA of two layers, with the tokenizer of the embedded model, and a LoRA of random numbers."""
    torch.manual_seed(0)
    sizes = {"hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4}
    model = attach(LlamaForCausalLM(LlamaConfig(vocab_size=vocabulary, **sizes)), {"method": "lora", "rank": 12})
    for parameter in model.parameters():
        if parameter.requires_grad:
            parameter.data += 0.01 * torch.randn_like(parameter)
    return model


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--adapter", default="default")
    parser.add_argument("--data", default="data/corpus/train.jsonl")
    parser.add_argument("--records", type=int, default=16)
    parser.add_argument("--dtype", default="bfloat16")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--ablated", type=int, default=24, help="ranks that AB-LoRA's score is measured on")
    parser.add_argument("--tiny", action="store_true", help="a random model of two layers")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    backbone = load_backbone("default", "cpu", options.dtype, progress=False)
    folder = find_adapter(options.adapter)
    if folder is None:
        parser.error("an adapter is needed")
    model = (tiny_model(len(backbone.tokenizer)) if options.tiny else load(backbone.model, folder)).eval()
    records = read_corpus(options.data)
    examples = TrainingExamples(
        records[:: max(1, len(records) // options.records)], backbone.tokenizer, "outline", ENGLISH, 4096
    )
    calibration = batches_by_length(examples, Collator(int(backbone.tokenizer.pad_token_id)))
    epoch_tokens = sum(TrainingExamples(records, backbone.tokenizer, "outline", ENGLISH, 4096).token_lengths())
    epoch = seconds_a_token(model, calibration) * epoch_tokens

    loss, gates = importance.model_gate_loss(model, calibration), importance.model_gates(model)
    with torch.no_grad():
        saved = float(loss({name: torch.zeros_like(gate) for name, gate in gates.items()}) - loss(gates))
    rows = []
    for nodes in NODES:
        seconds = []
        for _ in range(options.repeats):
            started = time.perf_counter()
            scores = importance.path_integrated(loss, gates, nodes)
            seconds.append(time.perf_counter() - started)
        total = float(sum(score.double().sum() for score in scores.values()))
        round_seconds = statistics.median(seconds)
        rows.append(
            {"nodes": nodes, "seconds": round_seconds, "epochs": round_seconds / epoch, "error": abs(total / saved - 1)}
        )
    ranks = sum(gate.shape[0] for gate in gates.values())
    scored, seconds = ablation_seconds(loss, gates, ranks if options.tiny else options.ablated)
    ablation = {"ranks": ranks, "scored": scored, "seconds": seconds, "epochs": seconds / epoch}
    report = {
        "records": len(examples),
        "threads": torch.get_num_threads(),
        "epoch_seconds": epoch,
        "saved": saved,
        "rows": rows,
        "ablation": ablation,
    }
    text = json.dumps(report, indent=1)
    print(text)
    if options.out:
        options.out.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
