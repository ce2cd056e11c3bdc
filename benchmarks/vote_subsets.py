"""Which adapters vote well together: every vote of so many of them over answers that are stored already.

    text2mdt evaluate default data/corpus/dev.jsonl --predictions votes/default.jsonl          # and other adapters
    python benchmarks/vote_subsets.py data/corpus/dev.jsonl votes/*.jsonl [--voters 4] [--majority | --no-warnings]

One adapter more costs one greedy run, and all sets with it a few seconds. Sets are sorted by the sum of their figures;
ties within a vote go to the answer that is named first. For answers under the grammar, in English: one that could not
be read would count as "no decision" here.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path

from safety_checks import warnings_of

from text2mdt.corpus import read_corpus
from text2mdt.metrics import Counts, counts
from text2mdt.schema import Node, Record
from text2mdt.scores import Scores
from text2mdt.voting.minimum_risk import vote

FIGURES = ("triple_f1", "node_f1", "path_f1", "tree_accuracy")


def stored_answers(path: Path, records: Sequence[Record]) -> list[tuple[Node, ...]]:
    """The trees of a file of `evaluate --predictions`, in the order of the records."""
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    by_id = {line["id"]: tuple(Node.model_validate(node) for node in line["tree"]) for line in lines}
    return [by_id[record.id] for record in records]


def figures(answers: Sequence[Sequence[Node]], records: Sequence[Record]) -> list[float]:
    """Triple, node and path F1 and tree accuracy."""
    each = (counts(answer, record.tree) for answer, record in zip(answers, records, strict=True))
    found = Scores.of(sum(each, Counts())).flat()
    return [found[name] or 0.0 for name in FIGURES]


def majority(candidates: Sequence[Sequence[Node]]) -> int:
    """The index of the answer that most candidates give as a whole, the earliest of several."""
    return max(range(len(candidates)), key=lambda index: (candidates.count(candidates[index]), -index))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("predictions", type=Path, nargs="+")
    parser.add_argument("--voters", type=int, default=4)
    parser.add_argument("--majority", action="store_true", help="whole answers are counted, in place of minimum risk")
    parser.add_argument("--no-warnings", action="store_true", help="warnings do not count against a candidate")
    arguments = parser.parse_args()
    if len({path.stem for path in arguments.predictions}) < len(arguments.predictions):
        parser.error("two files have the same name")
    records = read_corpus(arguments.corpus)
    answers = {path.stem: stored_answers(path, records) for path in arguments.predictions}
    warned = {
        name: [
            not arguments.no_warnings and bool(warnings_of(record, record.text, answer))
            for record, answer in zip(records, own, strict=True)
        ]
        for name, own in answers.items()
    }
    rows = [(name, figures(own, records)) for name, own in answers.items()]
    sets = []
    for names in combinations(answers, arguments.voters):
        chosen = []
        for place in range(len(records)):
            candidates = [answers[name][place] for name in names]
            objected = {index for index, name in enumerate(names) if warned[name][place]}
            best = majority(candidates) if arguments.majority else vote(candidates, objected).chosen
            chosen.append(candidates[best])
        sets.append((", ".join(names), figures(chosen, records)))
    for name, row in rows + sorted(sets, key=lambda one: -sum(one[1])):
        print(" / ".join(f"{value:.3f}" for value in row), name)


if __name__ == "__main__":
    main()
