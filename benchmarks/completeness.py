"""Completeness of path-integrated scores: how near their sum comes to the loss that the adapter saves, by nodes.

    python benchmarks/completeness.py

Trains low-rank adapters on tiny random decoders until they know a few sequences by heart (at least 80 % of the loss
saved), sums the scores with growing numbers of Gauss-Legendre nodes, and writes the relative errors as a table. The
scores are taken in float64, so that what is seen is the error of the quadrature.
"""

from __future__ import annotations

import argparse
import statistics
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor
from transformers import (
    Gemma2Config,
    Gemma2ForCausalLM,
    LlamaConfig,
    LlamaForCausalLM,
    PreTrainedModel,
    Qwen2Config,
    Qwen2ForCausalLM,
)

from pilora import attach, importance
from pilora.loss import response_loss
from pilora.model import AdaptedModel

NODES = (2, 3, 4, 6, 8, 12, 16, 24, 32)
DECODERS = ("llama", "qwen2", "gemma2")
LEAST_SAVED = 0.8
VOCABULARY = 61
TARGET = Path(__file__).parent.parent / "docs" / "methods" / "pi_lora_completeness.md"

Batch = dict[str, Tensor]


class Run(NamedTuple):
    """One trained adapter: the share of the loss that it saves, and the relative error by nodes."""

    decoder: str
    saved: float
    errors: dict[int, float]


def decoder(kind: str, seed: int) -> PreTrainedModel:
    """A random decoder of two layers with grouped-query attention; Gemma2 with the soft-caps of the real one."""
    torch.manual_seed(seed)
    sizes = {
        "vocab_size": VOCABULARY,
        "hidden_size": 24,
        "intermediate_size": 40,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "pad_token_id": 0,
        "initializer_range": 0.25,
    }
    if kind == "llama":
        return LlamaForCausalLM(LlamaConfig(**sizes))
    if kind == "qwen2":
        return Qwen2ForCausalLM(Qwen2Config(**sizes))
    caps = {"final_logit_softcapping": 30.0, "attn_logit_softcapping": 50.0}
    config = Gemma2Config(**sizes, **caps, head_dim=8, query_pre_attn_scalar=8, attn_implementation="eager")
    return Gemma2ForCausalLM(config)


def sequences(seed: int, rows: int = 5, tokens: int = 9, prompt: int = 2) -> Batch:
    ids = torch.randint(3, VOCABULARY, (rows, tokens), generator=torch.Generator().manual_seed(seed))
    labels = ids.clone()
    labels[:, :prompt] = -100
    return {"input_ids": ids, "attention_mask": torch.ones_like(ids), "labels": labels}


def train(model: AdaptedModel, batch: Batch, steps: int = 120, rate: float = 0.02) -> None:
    optimizer = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=rate)
    for _ in range(steps):
        loss, tokens = response_loss(model, batch)
        (loss / tokens).backward()
        optimizer.step()
        optimizer.zero_grad()


def measure(kind: str, seed: int, rank: int = 2) -> Run:
    """One adapter; the calibration batch is the one that it was trained on."""
    model = attach(decoder(kind, seed), {"method": "lora", "rank": rank, "alpha": 0.7 * rank})
    batch = sequences(seed)
    train(model.train(), batch)
    loss, gates = importance.model_gate_loss(model.double(), [batch]), importance.model_gates(model)
    bare = float(loss({name: torch.zeros_like(gate) for name, gate in gates.items()}))
    saved = bare - float(loss(gates))
    errors = {}
    for nodes in NODES:
        scores = importance.path_integrated(loss, gates, nodes)
        errors[nodes] = abs(sum(float(score.sum()) for score in scores.values()) - saved) / saved
    return Run(kind, saved / bare, errors)


def table(runs: list[Run]) -> str:
    """Rows: nodes. Columns: median and worst error of each decoder."""
    head = [f"{kind}, {what}" for kind in DECODERS for what in ("median", "worst")]
    lines = ["| Nodes | " + " | ".join(head) + " |", "| ---: |" + " ---: |" * len(head)]
    for nodes in NODES:
        cells = []
        for kind in DECODERS:
            errors = [run.errors[nodes] for run in runs if run.decoder == kind]
            cells += [f"{statistics.median(errors):.1e}", f"{max(errors):.1e}"]
        lines.append(f"| {nodes} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def document(runs: list[Run], seeds: int) -> str:
    shares = [run.saved for run in runs]
    return f"""# Completeness of the path-integrated scores

The scores of all ranks sum to the loss that the adapter saves, `l(0) - l(1)`, up to the error of the quadrature.
Below is that error, relative to the loss saved, by the number of Gauss-Legendre nodes.

{table(runs)}

{seeds} seeds for each decoder: two layers of width 24, random weights, rank 2 on all seven linear modules of a layer,
trained until five random sequences are known by heart. The adapters save {min(shares):.0%} to {max(shares):.0%} of the
loss. Scores in float64, on the batch that was trained on. An adapter that saves so much of the loss is the hard case:
the loss falls steeply along the path. Written by `benchmarks/completeness.py`.
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=8)
    parser.add_argument("--out", type=Path, default=TARGET)
    options = parser.parse_args()
    runs = []
    for kind in DECODERS:
        for seed in range(options.seeds):
            run = measure(kind, seed)
            if run.saved < LEAST_SAVED:
                raise SystemExit(f"{kind}, seed {seed}: the adapter saves {run.saved:.0%} of the loss only")
            print(f"{kind} {seed}: saves {run.saved:.0%}; " + ", ".join(f"{n}: {e:.1e}" for n, e in run.errors.items()))
            runs.append(run)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(document(runs, options.seeds), encoding="utf-8")


if __name__ == "__main__":
    main()
