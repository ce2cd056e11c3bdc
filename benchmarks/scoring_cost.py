"""What scoring costs, and what it buys: seconds a round and completeness error by nodes, on a trained adapter.

    python benchmarks/scoring_cost.py [--adapter default --records 16]

Scores the ranks of an adapter on records of the training file, in the precision of training, with growing numbers of
nodes. An epoch is timed on a few batches of the same file and extrapolated.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from pathlib import Path
from typing import Any

import torch

from pilora import AdaptedModel, importance, load
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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--adapter", default="default")
    parser.add_argument("--data", default="data/corpus/train.jsonl")
    parser.add_argument("--records", type=int, default=16)
    parser.add_argument("--dtype", default="bfloat16")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    backbone = load_backbone("default", "cpu", options.dtype, progress=False)
    folder = find_adapter(options.adapter)
    if folder is None:
        parser.error("an adapter is needed")
    model = load(backbone.model, folder).eval()
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
    report = {
        "records": len(examples),
        "threads": torch.get_num_threads(),
        "epoch_seconds": epoch,
        "saved": saved,
        "rows": rows,
    }
    text = json.dumps(report, indent=1)
    print(text)
    if options.out:
        options.out.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
