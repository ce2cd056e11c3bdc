"""What 8 bits change in a model's choices: dev loss, KL divergence from float32, and how often the best token stays.

    python benchmarks/int8_error.py [--adapter default --every 4]

The gold answers of the records are given token by token (no grammar), in float32 and in 8 bits.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from text2mdt.adapters import load_with_adapter
from text2mdt.corpus import read_corpus
from text2mdt.models.int8 import quantised
from text2mdt.relations import ENGLISH
from text2mdt.training_data import Collator, TrainingExamples, batches_by_length


@torch.inference_mode()
def log_probabilities(model: Any, batches: Sequence[dict[str, Any]]) -> tuple[Tensor, Tensor]:
    """(tokens, vocabulary) at the target tokens, and the targets, (tokens,)."""
    found, targets = [], []
    for batch in batches:
        logits = model(input_ids=batch["input_ids"], attention_mask=batch["attention_mask"]).logits[:, :-1]
        labels = batch["labels"][:, 1:]
        asked = labels != -100
        found.append(logits[asked].log_softmax(-1))
        targets.append(labels[asked])
    return torch.cat(found), torch.cat(targets)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--adapter", default="default")
    parser.add_argument("--data", default="data/corpus/dev.jsonl")
    parser.add_argument("--every", type=int, default=4, help="take each N-th record")
    options = parser.parse_args()
    backbone = load_with_adapter("default", options.adapter, "cpu", "float32")
    records = read_corpus(options.data)[:: options.every]
    examples = TrainingExamples(records, backbone.tokenizer, "outline", ENGLISH, 4096)
    batches = batches_by_length(examples, Collator(int(backbone.tokenizer.pad_token_id)))
    exact, targets = log_probabilities(backbone.model, batches)
    with quantised(backbone.model):
        rounded, _ = log_probabilities(backbone.model, batches)
    report = {
        "tokens": len(targets),
        "loss_float32": float(functional.nll_loss(exact, targets)),
        "loss_int8": float(functional.nll_loss(rounded, targets)),
        "divergence": float((exact.exp() * (exact - rounded)).sum(-1).mean()),
        "same_best_token": float((exact.argmax(-1) == rounded.argmax(-1)).float().mean()),
    }
    print(json.dumps({"settings": vars(options), **report}, indent=1))


if __name__ == "__main__":
    main()
