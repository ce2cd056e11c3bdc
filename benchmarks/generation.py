"""Batched, constrained generation against a one-by-one `generate` loop, on the same merged model.

    python benchmarks/generation.py [--adapter default --passages 16 --repeats 5 --batch-size 16]

Both decode greedily with a KV cache, the same stop token and the same threads; the runs are interleaved and medians
are compared. Useful tokens are the tokens of the answers (no padding, no end token); those that the grammar forced
are counted apart, since nobody had to choose them.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Sequence
from typing import Any

import torch

from text2mdt.adapters import load_with_adapter
from text2mdt.corpus import read_corpus
from text2mdt.engines import Prompt
from text2mdt.engines.transformers import TransformersEngine
from text2mdt.grammar import passage_grammar
from text2mdt.prompts import passage_prompt
from text2mdt.relations import ENGLISH
from text2mdt.schema import Record

LIMIT = 512


def one_by_one(model: Any, tokenizer: Any, records: Sequence[Record]) -> int:
    """Useful tokens of a plain loop over `model.generate`."""
    tokens = 0
    for record in records:
        ids = tokenizer(passage_prompt(record.population, record.text), return_tensors="pt")
        with torch.inference_mode():
            out = model.generate(
                **ids, max_new_tokens=LIMIT, do_sample=False, pad_token_id=tokenizer.pad_token_id, use_cache=True
            )
        answer = out[0, ids["input_ids"].shape[1] :]
        tokens += int((answer != tokenizer.eos_token_id).sum())
    return tokens


def batched(engine: TransformersEngine, records: Sequence[Record], constrained: bool) -> tuple[int, int]:
    """Useful tokens of the engine, and how many of them were forced."""
    prompts = [
        Prompt(
            passage_prompt(record.population, record.text),
            passage_grammar(record.text, record.population, ENGLISH) if constrained else None,
        )
        for record in records
    ]
    generations = engine.generate(prompts)
    return sum(g.token_count for g in generations), sum(g.forced_count for g in generations)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="default")
    parser.add_argument("--adapter", default="default")
    parser.add_argument("--data", default="data/corpus/dev.jsonl")
    parser.add_argument("--passages", type=int, default=16)
    parser.add_argument("--batch-size", type=int, default=16)
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    backbone = load_with_adapter(options.model, options.adapter, "cpu", "float32")
    records = read_corpus(options.data)[: options.passages]
    engine = TransformersEngine(backbone.model, backbone.tokenizer, batch_size=options.batch_size, max_new_tokens=LIMIT)
    speeds: dict[str, list[float]] = {"one_by_one": [], "batched": [], "constrained": [], "constrained_chosen": []}
    for _ in range(options.repeats):
        started = time.perf_counter()
        tokens = one_by_one(backbone.model, backbone.tokenizer, records)
        speeds["one_by_one"].append(tokens / (time.perf_counter() - started))
        started = time.perf_counter()
        tokens, _ = batched(engine, records, constrained=False)
        speeds["batched"].append(tokens / (time.perf_counter() - started))
        started = time.perf_counter()
        tokens, forced = batched(engine, records, constrained=True)
        seconds = time.perf_counter() - started
        speeds["constrained"].append(tokens / seconds)
        speeds["constrained_chosen"].append((tokens - forced) / seconds)
    medians = {name: statistics.median(values) for name, values in speeds.items()}
    ratios = {name: medians[name] / medians["one_by_one"] for name in medians}
    print(
        json.dumps(
            {
                "settings": vars(options),
                "threads": torch.get_num_threads(),
                "tokens": tokens,
                "forced": forced,
                "tokens_per_second": medians,
                "ratio_to_one_by_one": ratios,
                "runs": speeds,
            },
            indent=1,
        )
    )


if __name__ == "__main__":
    main()
