"""Stores answers that an adapter draws at random, beside its greedy one: what votes over samples are made of.

    python benchmarks/sampled_answers.py default data/corpus/dev.jsonl votes --samples 4 --temperature 0.7 --seed 0
    python benchmarks/vote_subsets.py data/corpus/dev.jsonl votes/default.jsonl votes/default-?.jsonl --voters 5

Files are ADAPTER.jsonl and ADAPTER-1.jsonl on, as `text2mdt evaluate --predictions` writes them; the samples are those
of `--strategy vote` with the same temperature and seed.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from text2mdt.adapters import adapted_predictor, load_with_adapter
from text2mdt.corpus import read_corpus
from text2mdt.engines import Sampling
from text2mdt.engines.transformers import TransformersEngine
from text2mdt.evaluate import evaluate, write_predictions
from text2mdt.predictor import PassageText, Prediction, Predictor
from text2mdt.relations import RelationSet


@dataclass(frozen=True)
class OneAnswer:
    """One answer to each passage, chosen as `sampling` says; None is greedy."""

    predictor: Predictor
    sampling: Sampling | None

    @property
    def relations(self) -> RelationSet:
        return self.predictor.relations

    @property
    def strategy(self) -> dict[str, Any]:
        return {"name": "greedy" if self.sampling is None else "sample"}

    def predict(
        self, passages: Sequence[PassageText], progress: Callable[[int], None] | None = None
    ) -> list[Prediction]:
        return [one for (one,) in self.predictor.candidates(passages, (self.sampling,), progress)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("adapter")
    parser.add_argument("corpus", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--samples", type=int, default=4)
    parser.add_argument("--temperature", type=float, default=0.7)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    records = read_corpus(arguments.corpus)
    backbone = load_with_adapter(adapter=arguments.adapter)
    predictor = adapted_predictor(TransformersEngine(backbone.model, backbone.tokenizer), arguments.adapter)
    arguments.folder.mkdir(parents=True, exist_ok=True)
    for number in range(arguments.samples + 1):
        sampling = Sampling(arguments.temperature, arguments.seed, number) if number else None
        name = f"{Path(arguments.adapter).name}-{number}" if number else Path(arguments.adapter).name
        found = evaluate(OneAnswer(predictor, sampling), records)
        write_predictions(found, records, arguments.folder / f"{name}.jsonl")
        print(f"{name}: {found.seconds:.0f} s", flush=True)


if __name__ == "__main__":
    main()
