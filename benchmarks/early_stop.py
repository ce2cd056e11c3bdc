"""How many answers a vote asks for and what it chooses: the vote that ships, over answers that are stored already.

    text2mdt evaluate default data/corpus/dev.jsonl --predictions votes/default.jsonl          # and the other voters
    python benchmarks/early_stop.py data/corpus/dev.jsonl votes/default.jsonl votes/lora.jsonl …

The files are the voters, in this order. For answers under the grammar, in English.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from safety_checks import warnings_of
from vote_subsets import figures, stored_answers

from text2mdt.corpus import read_corpus
from text2mdt.engines import Sampling
from text2mdt.metrics import counts
from text2mdt.predictor import PassageText, Prediction, Predictor
from text2mdt.relations import ENGLISH, RelationSet
from text2mdt.schema import Generation, Node, Record, join_forest, split_forest
from text2mdt.voting.minimum_risk import vote
from text2mdt.voting.predictor import VotingPredictor
from text2mdt.voting.settings import VotingSettings

GROUPS = ((0.0, 0.3), (0.3, 0.5), (0.5, 0.75), (0.75, 1.0), (1.0, 2.0))
"""Bounds of agreement, the upper one left out."""


@dataclass
class StoredVoter:
    """Gives the answers of a file, and counts how many it was asked for.

    Attributes:
        answers: by passage.
    """

    answers: dict[PassageText, tuple[Node, ...]]
    asked: int = 0
    relations: RelationSet = ENGLISH

    def candidates(
        self,
        passages: Sequence[PassageText],
        _samplings: Sequence[Sampling | None],
        _progress: Callable[[int], None] | None = None,
    ) -> list[list[Prediction]]:
        self.asked += len(passages)
        return [[Prediction(split_forest(self.answers[one]), Generation(text=""))] for one in passages]


def without_the_rule(record: Record, answers: Sequence[Sequence[Node]]) -> list[Node]:
    """What a vote of all answers chooses."""
    warned = {place for place, answer in enumerate(answers) if warnings_of(record, record.text, answer)}
    return list(answers[vote(answers, warned).chosen])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("voters", type=Path, nargs="+", help="files of `evaluate --predictions`")
    arguments = parser.parse_args()
    records = read_corpus(arguments.corpus)
    passages = [(record.population, record.text) for record in records]
    stored = [stored_answers(path, records) for path in arguments.voters]
    voters = [StoredVoter(dict(zip(passages, own, strict=True))) for own in stored]
    names = tuple(path.stem for path in arguments.voters)
    settings = VotingSettings(adapters=names[1:])
    predictions = VotingPredictor(tuple(cast(Predictor, voter) for voter in voters), names, settings).predict(passages)
    chosen = [join_forest(prediction.trees) for prediction in predictions]

    print(" / ".join(f"{value:.3f}" for value in figures(chosen, records)), "triples, nodes, paths, trees")
    print(f"{sum(voter.asked for voter in voters) / len(records):.2f} answers a passage")
    print(f"{len(records) - voters[-1].asked} of {len(records)} passages settled before the last voter")
    every = zip(records, zip(*stored, strict=True), strict=True)
    full = [without_the_rule(record, answers) for record, answers in every]
    print(f"{sum(one != other for one, other in zip(chosen, full, strict=True))} choices other than of a vote of all")
    right = [counts(answer, record.tree).tree_correct for answer, record in zip(chosen, records, strict=True)]
    sure = [prediction.agreement or 0.0 for prediction in predictions]
    for low, high in GROUPS:
        group = [own for own, agreement in zip(right, sure, strict=True) if low <= agreement < high]
        share = f"{sum(group) / len(group):.0%} wholly right" if group else ""
        print(f"agreement from {low:g}: {len(group)} passages {share}")


if __name__ == "__main__":
    main()
