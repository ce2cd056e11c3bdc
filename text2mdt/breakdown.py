"""Where the errors lie: by relation, by shape of the gold trees, and by kind of error."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from text2mdt.metrics import Counts, PlainNode, counts_of_plain, links, soften
from text2mdt.scores import Rates, Scores

Pair = tuple[list[PlainNode], list[PlainNode]]
"""Predicted nodes and gold nodes of a record, from `metrics.plain` or `metrics.plain_from_json`."""


class ErrorKind(StrEnum):
    """Why the trees of a record are wrong; each record has the first that fits, in this order."""

    CORRECT = "correct"
    INVENTED = "invented tree"
    """A passage without a decision got a tree."""
    EMPTY = "empty"
    """A passage with a decision got none."""
    TREE_COUNT = "wrong number of trees"
    SKELETON = "skeleton"
    """The sequence of roles differs."""
    RELATION = "relation"
    """A subject and object are right, their relation is not."""
    WRONG_TRIPLE = "wrong triple"
    """Some triples are missing and others are there in their place."""
    MISSING_TRIPLE = "missing triple"
    EXTRA_TRIPLE = "extra triple"
    WRONG_BRANCH = "wrong branch"
    """All triples are right, but some stand in another node."""
    LOGIC = "logic"
    """Only and/or differ (span borders may as well)."""
    SPAN_BORDER = "span border"
    """Right but for the borders of some objects (token F1 of at least 0.8)."""


@dataclass(frozen=True)
class ShapeRow:
    """The records of one shape."""

    records: int
    triple_f1: float | None
    path_f1: float | None
    tree_accuracy: float | None


def tree_sizes(nodes: Sequence[PlainNode]) -> list[int]:
    """The number of nodes of each tree of a flat list."""
    return [end - start for start, end in pairwise([*links(nodes).roots, len(nodes)])]


def shape(nodes: Sequence[PlainNode]) -> str:
    """The node counts of the trees: "5", "3+5", or "negative" where there is none."""
    return "+".join(str(size) for size in tree_sizes(nodes)) or "negative"


def error_kind(predicted: list[PlainNode], gold: list[PlainNode]) -> ErrorKind:
    """The kind of error of one record; triples are compared leniently from `RELATION` on."""
    if predicted == gold:
        return ErrorKind.CORRECT
    if not gold:
        return ErrorKind.INVENTED
    if not predicted:
        return ErrorKind.EMPTY
    if len(tree_sizes(predicted)) != len(tree_sizes(gold)):
        return ErrorKind.TREE_COUNT
    if [node.role for node in predicted] != [node.role for node in gold]:
        return ErrorKind.SKELETON
    return _content_error(soften(predicted, gold), gold)


def _content_error(predicted: list[PlainNode], gold: list[PlainNode]) -> ErrorKind:
    own = Counter(triple for node in predicted for triple in node.triples)
    wanted = Counter(triple for node in gold for triple in node.triples)
    extra, missing = own - wanted, wanted - own
    if {_without_relation(triple) for triple in extra} & {_without_relation(triple) for triple in missing}:
        return ErrorKind.RELATION
    if extra and missing:
        return ErrorKind.WRONG_TRIPLE
    if missing:
        return ErrorKind.MISSING_TRIPLE
    if extra:
        return ErrorKind.EXTRA_TRIPLE
    if any(one.triples != other.triples for one, other in zip(predicted, gold, strict=True)):
        return ErrorKind.WRONG_BRANCH
    if any(one.logic != other.logic for one, other in zip(predicted, gold, strict=True)):
        return ErrorKind.LOGIC
    return ErrorKind.SPAN_BORDER


def _without_relation(triple: tuple[str, ...]) -> tuple[str, ...]:
    return (*triple[:1], *triple[2:])


def error_table(pairs: Sequence[Pair]) -> dict[ErrorKind, int]:
    """How many records have each kind of error, in the order of `ErrorKind`, zeros included."""
    found = Counter(error_kind(predicted, gold) for predicted, gold in pairs)
    return {kind: found[kind] for kind in ErrorKind}


def relation_table(pairs: Sequence[Pair], *, lenient: bool = False) -> dict[str, Rates]:
    """Triple precision, recall and F1 of each relation (in lower case) that any side uses, sorted by name."""
    correct: Counter[str] = Counter()
    own_total: Counter[str] = Counter()
    gold_total: Counter[str] = Counter()
    for predicted, gold in pairs:
        wanted = {triple for node in gold for triple in node.triples}
        own = {triple for node in predicted for triple in node.triples}
        compared = soften(predicted, gold) if lenient else predicted
        reached = wanted & {triple for node in compared for triple in node.triples}
        for total, triples in ((correct, reached), (own_total, own), (gold_total, wanted)):
            total.update(triple[1] if len(triple) > 1 else "" for triple in triples)
    names = sorted({*own_total, *gold_total})
    return {name: Rates.of(correct[name], own_total[name], gold_total[name]) for name in names}


def shape_table(pairs: Sequence[Pair], *, lenient: bool = False) -> dict[str, ShapeRow]:
    """One row for each shape of the gold trees, single trees first, by size."""
    totals: dict[str, Counts] = {}
    for predicted, gold in pairs:
        key = shape(gold)
        totals[key] = totals.get(key, Counts()) + counts_of_plain(predicted, gold, lenient=lenient)
    return {key: _shape_row(totals[key]) for key in sorted(totals, key=_shape_order)}


def _shape_row(total: Counts) -> ShapeRow:
    scores = Scores.of(total)
    return ShapeRow(scores.records, scores.triple.f1, scores.path.f1, scores.tree_accuracy)


def _shape_order(key: str) -> tuple[int, list[int]]:
    if key == "negative":
        return 1000, []
    sizes = [int(size) for size in key.split("+")]
    return len(sizes), sizes
