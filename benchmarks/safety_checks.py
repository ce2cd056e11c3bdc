"""What the warnings on trees find: silence on gold trees, and the share of planted mistakes, by kind.

    python benchmarks/safety_checks.py [--records 300]

Counts the warnings of `text2mdt.safety` on the gold trees of train and dev. Then plants one mistake at a time in the
trees of train and counts how often a warning comes that the gold tree does not have: one of the kinds meant for this
mistake, and any at all. Each mistake is tried on `--records` records spread over train, as far as they have a place for
it (see `safety_mistakes.py`).
"""

from __future__ import annotations

import argparse
import random
from collections import Counter
from collections.abc import Sequence

from safety_mistakes import MISTAKES, Mistake

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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=300)
    options = parser.parse_args()
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
