"""Conflicts between the passages of a guideline."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from text2mdt.guideline.conflict_kinds import FINDERS, Difference
from text2mdt.guideline.decision_cases import DecisionCase, cases
from text2mdt.guideline.folding import FoldedTree
from text2mdt.guideline.guideline import Conflict, ConflictKind, Place
from text2mdt.guideline.patient_groups import PatientGroup

MOST_CONFLICTS = 500
"""More are not listed."""


@dataclass(frozen=True)
class PopulationTrees:
    """A population and its trees, duplicates folded."""

    name: str
    group: PatientGroup
    trees: Sequence[FoldedTree]


def find_conflicts(
    populations: Sequence[PopulationTrees], same_list: Callable[[int, int], bool]
) -> tuple[list[Conflict], bool]:
    """The conflicts of a guideline.

    Only decisions of different passages are compared, within one population or between one and a narrower one.

    Args:
        populations: all of the guideline.
        same_list: whether two passages (by index) are parts of one list, whose items are advice of its own each.

    Returns:
        At most `MOST_CONFLICTS`, those within one population first, then by kind and place; and whether there are more.
    """
    found: dict[tuple[ConflictKind, Place, Place], tuple[tuple[int, ...], Conflict]] = {}
    all_cases = [
        case for number, one in enumerate(populations) for folded in one.trees for case in cases(number, folded)
    ]
    for rank, (kind, finder) in enumerate(FINDERS.items()):
        for one, other, key in _pairs(all_cases, finder.keys):
            if not _comparable(populations, one, other, same_list) or not (
                difference := finder.compare(one, other, key)
            ):
                continue
            conflict = _conflict(kind, populations, one, other, difference)
            order = (int(conflict.narrower_population), rank, *_position(one), *_position(other))
            found.setdefault((kind, conflict.first, conflict.second), (order, conflict))
            if len(found) > MOST_CONFLICTS:
                break
    ordered = [conflict for _, conflict in sorted(found.values(), key=lambda pair: pair[0])]
    return ordered[:MOST_CONFLICTS], len(ordered) > MOST_CONFLICTS


def _pairs(
    all_cases: Iterable[DecisionCase], keys: Callable[[DecisionCase], Iterable[Hashable]]
) -> Iterator[tuple[DecisionCase, DecisionCase, Hashable]]:
    """The pairs of cases that share a key, each in the order of the document."""
    buckets: dict[Hashable, list[DecisionCase]] = {}
    for case in all_cases:
        for key in dict.fromkeys(keys(case)):
            buckets.setdefault(key, []).append(case)
    for key, bucket in buckets.items():
        for one, other in combinations(sorted(bucket, key=_position), 2):
            yield one, other, key


def _position(case: DecisionCase) -> tuple[int, int]:
    first = case.folded.copies[0]
    return first.passage, first.first + case.node


def _comparable(
    populations: Sequence[PopulationTrees],
    one: DecisionCase,
    other: DecisionCase,
    same_list: Callable[[int, int], bool],
) -> bool:
    if one.group != other.group:
        left, right = populations[one.group].group, populations[other.group].group
        if not left.holds(right) and not right.holds(left):
            return False
    passages = [(left, right) for left in one.folded.passages for right in other.folded.passages]
    return not any(left == right or same_list(left, right) for left, right in passages)


def _conflict(
    kind: ConflictKind,
    populations: Sequence[PopulationTrees],
    one: DecisionCase,
    other: DecisionCase,
    difference: Difference,
) -> Conflict:
    text = difference.text
    if one.group != other.group:
        left, right = populations[one.group], populations[other.group]
        narrower = (right, other) if left.group.holds(right.group) else (left, one)
        text += f" {narrower[1].passage_id} speaks of '{narrower[0].name}' alone: it may be a meant exception."
    return Conflict(
        kind=kind,
        first=one.folded.copies[0].place(*difference.first),
        second=other.folded.copies[0].place(*difference.second),
        narrower_population=one.group != other.group,
        text=text,
    )
