"""What the warnings on trees find: silence on gold trees, and the share of planted mistakes, by kind.

    python benchmarks/safety_checks.py [--records 300]
    python benchmarks/safety_checks.py --predictions FILE --gold data/corpus/dev.jsonl

Counts the warnings of `text2mdt.safety` on the gold trees of train and dev. Then plants one mistake at a time in the
trees of train and counts how often a warning comes that the gold tree does not have: one of the kinds meant for this
mistake, and any at all. Each mistake is tried on `--records` records spread over train, as far as they have a place for
it (see `safety_mistakes.py`).

With the trees of a model (`text2mdt evaluate … --predictions FILE`) it counts the passages with a warning instead,
among those whose tree is right and those whose tree is wrong.
"""

from __future__ import annotations

import argparse
import json
import random
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from safety_mistakes import MISTAKES, Mistake

from text2mdt.breakdown import ErrorKind
from text2mdt.corpus import read_corpus
from text2mdt.grounding import ground
from text2mdt.safety import CHECKS, check
from text2mdt.schema import Node, NodeWarning, Passage, Record, split_forest


def warnings_of(record: Record, text: str, nodes: Sequence[Node]) -> tuple[NodeWarning, ...]:
    passage = Passage(id=record.id, population=record.population, text=text)
    trees = split_forest(nodes)
    return check(passage, trees, ground(passage, trees))


def silence(records: Sequence[Record]) -> tuple[Counter[str], int]:
    """How many warnings of each kind come on gold trees, and on how many records any."""
    counts: Counter[str] = Counter()
    touched = 0
    for record in records:
        found = warnings_of(record, record.text, record.tree)
        counts.update(warning.kind for warning in found)
        touched += bool(found)
    return counts, touched


def found_of(mistake: Mistake, records: Sequence[Record]) -> tuple[int, int, int]:
    """How many mistakes were planted, how many drew a warning meant for them, and how many any new warning."""
    planted = meant = any_kind = 0
    for record in records:
        spoilt = mistake.plant(record, random.Random(f"{mistake.name} {record.id}"))
        if spoilt is None:
            continue
        planted += 1
        gold = Counter(warning.kind for warning in warnings_of(record, record.text, record.tree))
        new = Counter(warning.kind for warning in warnings_of(record, *spoilt)) - gold
        meant += any(new[kind] for kind in mistake.kinds)
        any_kind += bool(new)
    return planted, meant, any_kind


def on_predictions(predictions: Path, gold: Path) -> str:
    """The shares of passages with a warning, by whether their tree is right; those without a tree left out."""
    records = {record.id: record for record in read_corpus(gold)}
    touched: dict[bool, list[bool]] = {True: [], False: []}
    for line in predictions.read_text(encoding="utf-8").splitlines():
        found = json.loads(line)
        if found["tree"]:
            record = records[found["id"]]
            nodes = [Node.model_validate(node) for node in found["tree"]]
            touched[found["error_kind"] == ErrorKind.CORRECT].append(bool(warnings_of(record, record.text, nodes)))
    rows = [
        f"| {name} | {sum(touched[right])} of {len(touched[right])} |"
        for name, right in (("right", True), ("wrong", False))
    ]
    return "\n".join(["| tree of the model | with a warning |", "| --- | --- |", *rows])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=300)
    parser.add_argument("--predictions", type=Path, help="trees of a model, by `text2mdt evaluate --predictions`")
    parser.add_argument("--gold", type=Path, default=Path("data/corpus/dev.jsonl"))
    options = parser.parse_args()
    if options.predictions is not None:
        print(on_predictions(options.predictions, options.gold))
        return
    train, dev = read_corpus("data/corpus/train.jsonl"), read_corpus("data/corpus/dev.jsonl")
    sides = [(len(records), *silence(records)) for records in (train, dev)]
    print("| warning | per 100 records of train | of dev |\n| --- | --- | --- |")
    for kind in CHECKS:
        print(f"| `{kind}` | " + " | ".join(f"{100 * counts[kind] / total:.2f}" for total, counts, _ in sides) + " |")
    print("| records with any | " + " | ".join(f"{100 * touched / total:.2f}" for total, _, touched in sides) + " |\n")
    with_trees = [record for record in train if record.tree]
    step = max(1, len(with_trees) // options.records)
    chosen = with_trees[step // 2 :: step][: options.records]  # those at 0, step, … were read to write the rules
    print(
        "| planted mistake | meant warning | planted | meant warning comes | any warning comes |\n" + "| --- " * 5 + "|"
    )
    for mistake in MISTAKES:
        planted, meant, any_kind = found_of(mistake, chosen)
        kinds = ", ".join(f"`{kind}`" for kind in mistake.kinds)
        shares = " | ".join(f"{count / planted:.0%}" if planted else "–" for count in (meant, any_kind))
        print(f"| {mistake.name} | {kinds} | {planted} | {shares} |")


if __name__ == "__main__":
    main()
