"""Counts of a predicted list of nodes against the gold list, by the rules of the published Text2DT scorer.

The rules (Zhu et al., 2022, "Text2DT: extracting medical decision trees"; checked against 240 pairs that carry the
published scorer's counts, `tests/data/metric_cases.json`):

- Triples are compared in lower case, as sets. Two nodes are equal when role, logic and triples are equal.
- *triple*: distinct triples of the whole record.
- *node*: nodes with at least one triple; each equal pair counts, so that a node that stands twice on both sides
  counts four times, and node F1 can pass 1. `node_matched` pairs them one to one beside it.
- *path*: from a root to a decision: every node passed with the answer taken, and the decision, empty ones as well.
- *tree*: all nodes equal in their order.
- *edit distance*: both trees are walked from the root together. A pair costs 1 for another role, 1 for another
  logic, 1 for each triple that only one side has; a node that has no partner costs 2 and 1 for each triple.

Text2DT has one tree a record. For a list of several trees the same rules hold on the record's list: triples and
nodes do not care; paths are those of all trees, equal ones paired one to one (in one tree no two paths are
equal); the edit distance pairs the trees in their order, a tree without a partner costing all its nodes.

Everything here ends in linear time, for any list: a condition that lacks a child is read as it stands, ends no
path and costs what its nodes cost.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import NamedTuple

from text2mdt.schema import Node
from text2mdt.token_overlap import token_f1

LENIENT_OVERLAP = 0.8
"""Token F1 from which two objects count as one and the same in the lenient variant."""


class PlainNode(NamedTuple):
    """A node as the scorer sees it; any strings, valid or not."""

    role: str
    logic: str
    triples: frozenset[tuple[str, ...]]

    @property
    def is_condition(self) -> bool:
        return self.role == "C"


@dataclass(frozen=True)
class Counts:
    """What one record, or a sum of records, counts. Sum with `+` or `sum(…, Counts())`.

    The first twelve fields are the published scorer's. `records` are all records, `decisions` those whose gold list
    has nodes; `found` are decisions that got any nodes, `decisions_correct` those that are wholly right, and
    `invented` are records without gold nodes that got some. `tree_correct` counts also the negatives left empty.
    """

    tree_predicted: int = 0
    tree_correct: int = 0
    triple_correct: int = 0
    triple_predicted: int = 0
    triple_gold: int = 0
    path_correct: int = 0
    path_predicted: int = 0
    path_gold: int = 0
    edit_distance: int = 0
    node_correct: int = 0
    node_predicted: int = 0
    node_gold: int = 0
    node_matched: int = 0
    records: int = 0
    decisions: int = 0
    decisions_correct: int = 0
    found: int = 0
    invented: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(*(a + b for a, b in zip(self.as_tuple(), other.as_tuple(), strict=True)))

    def as_tuple(self) -> tuple[int, ...]:
        """The fields in their order, as in `COUNT_NAMES`."""
        return tuple(getattr(self, name) for name in COUNT_NAMES)


COUNT_NAMES = tuple(field.name for field in fields(Counts))


def counts(predicted: Sequence[Node], gold: Sequence[Node], *, lenient: bool = False) -> Counts:
    """Counts of one record.

    Args:
        predicted: the flat pre-order list of all predicted trees; empty for none.
        gold: the same of the gold trees.
        lenient: let a predicted triple stand for a gold one of the same relation whose object (and subject) has a
            token F1 of at least 0.8. This forgives span borders; it can also forgive a lost "no" in a long
            object, so read it beside the exact figures, never instead of them.
    """
    return counts_of_plain(plain(predicted), plain(gold), lenient=lenient)


def counts_from_json(predicted: object, gold: object, *, lenient: bool = False) -> Counts:
    """As `counts`, from raw JSON values of any shape; what is no list of nodes counts as what can be read of it."""
    return counts_of_plain(plain_from_json(predicted), plain_from_json(gold), lenient=lenient)


def counts_of_plain(predicted: list[PlainNode], gold: list[PlainNode], *, lenient: bool = False) -> Counts:
    """As `counts`, from nodes as the scorer sees them."""
    predicted_triples = _all_triples(predicted)
    if lenient:
        predicted = soften(predicted, gold)
    gold_triples = _all_triples(gold)
    own_nodes, gold_nodes = _filled(predicted), _filled(gold)
    ids: dict[object, int] = {}
    own_paths, gold_paths = _paths(predicted, ids), _paths(gold, ids)
    equal = predicted == gold
    return Counts(
        tree_predicted=int(bool(predicted)),
        tree_correct=int(equal),
        triple_correct=len(_all_triples(predicted) & gold_triples),
        triple_predicted=len(predicted_triples),
        triple_gold=len(gold_triples),
        path_correct=(own_paths & gold_paths).total(),
        path_predicted=own_paths.total(),
        path_gold=gold_paths.total(),
        edit_distance=edit_distance(predicted, gold),
        node_correct=sum(number * gold_nodes[node] for node, number in own_nodes.items()),
        node_predicted=own_nodes.total(),
        node_gold=gold_nodes.total(),
        node_matched=(own_nodes & gold_nodes).total(),
        records=1,
        decisions=int(bool(gold)),
        decisions_correct=int(bool(gold) and equal),
        found=int(bool(gold) and bool(predicted)),
        invented=int(not gold and bool(predicted)),
    )


def plain(nodes: Iterable[Node]) -> list[PlainNode]:
    """Nodes as the scorer sees them: triples as a set, in lower case."""
    return [
        PlainNode(str(node.role), str(node.logical_rel), frozenset(_lower(triple) for triple in node.triples))
        for node in nodes
    ]


def plain_from_json(value: object) -> list[PlainNode]:
    """Nodes of a raw JSON value; what is no list has none, and entries that are no objects are passed over."""
    nodes = value if isinstance(value, list | tuple) else ()
    return [_plain_node(node) for node in nodes if isinstance(node, Mapping)]


def _plain_node(node: Mapping[str, object]) -> PlainNode:
    triples = node.get("triples")
    triples = triples if isinstance(triples, list | tuple) else ()
    logic = node.get("logical_rel")
    return PlainNode(
        str(node.get("role")),
        "null" if logic is None else str(logic),
        frozenset(_lower(triple if isinstance(triple, list | tuple) else (triple,)) for triple in triples),
    )


def _lower(triple: Iterable[object]) -> tuple[str, ...]:
    return tuple(str(part).lower() for part in triple)


def _all_triples(nodes: Iterable[PlainNode]) -> set[tuple[str, ...]]:
    return {triple for node in nodes for triple in node.triples}


def _filled(nodes: Iterable[PlainNode]) -> Counter[PlainNode]:
    return Counter(node for node in nodes if node.triples)


class Links(NamedTuple):
    """Who hangs under whom in a flat list: the roots, and each node's yes-child and no-child where it has them."""

    roots: list[int]
    children: list[list[int]]


def links(nodes: Sequence[PlainNode]) -> Links:
    """Reads any list in pre-order; only a condition takes children, at most two."""
    roots: list[int] = []
    children: list[list[int]] = [[] for _ in nodes]
    waiting: list[int] = []
    for index, node in enumerate(nodes):
        while waiting and len(children[waiting[-1]]) == 2:
            waiting.pop()
        (children[waiting[-1]] if waiting else roots).append(index)
        if node.is_condition:
            waiting.append(index)
    return Links(roots, children)


def _paths(nodes: Sequence[PlainNode], ids: dict[object, int]) -> Counter[int]:
    """The paths to the decisions, each as a number; equal paths have equal numbers under one and the same `ids`.

    A path is numbered by its last step and the number of what comes before, so that no path is ever written out.
    """
    paths: Counter[int] = Counter()
    before = [-1] * len(nodes)
    children = links(nodes).children
    for index, node in enumerate(nodes):
        if not node.is_condition:
            paths[ids.setdefault((before[index], node), len(ids))] += 1
        for answer, child in enumerate(children[index]):
            before[child] = ids.setdefault((before[index], node, answer), len(ids))
    return paths


def edit_distance(predicted: Sequence[PlainNode], gold: Sequence[PlainNode]) -> int:
    """The published edit distance; trees of a list are paired in their order."""
    own, other = links(predicted), links(gold)
    distance = 0
    pairs = _paired(own.roots, other.roots)
    while pairs:
        left, right = pairs.pop()
        if left is not None and right is not None:
            distance += _node_distance(predicted[left], gold[right])
        else:
            alone = predicted[left] if left is not None else gold[right]  # type: ignore[index]
            distance += 2 + len(alone.triples)
        pairs += _paired(
            own.children[left] if left is not None else [], other.children[right] if right is not None else []
        )
    return distance


def _paired(left: list[int], right: list[int]) -> list[tuple[int | None, int | None]]:
    length = max(len(left), len(right))
    return [(left[i] if i < len(left) else None, right[i] if i < len(right) else None) for i in range(length)]


def _node_distance(one: PlainNode, other: PlainNode) -> int:
    return (one.role != other.role) + (one.logic != other.logic) + len(one.triples ^ other.triples)


def soften(predicted: Sequence[PlainNode], gold: Sequence[PlainNode]) -> list[PlainNode]:
    """The predicted nodes with each triple replaced by the gold triple that it stands for leniently, if any.

    Within a node no two triples are replaced by the same gold triple.
    """
    targets = sorted(_all_triples(gold))
    return [node._replace(triples=_soft_triples(node.triples, targets)) for node in predicted]


def _soft_triples(triples: frozenset[tuple[str, ...]], targets: list[tuple[str, ...]]) -> frozenset[tuple[str, ...]]:
    taken = triples & set(targets)
    pairs = [
        (overlap, triple, target)
        for triple in sorted(triples - taken)
        for target in targets
        if (overlap := triple_overlap(triple, target)) >= LENIENT_OVERLAP
    ]
    result, replaced = set(taken), set(taken)
    for _, triple, target in sorted(pairs, key=lambda pair: -pair[0]):
        if triple not in replaced and target not in result:
            replaced.add(triple)
            result.add(target)
    return frozenset(result | (triples - replaced))


def triple_overlap(one: tuple[str, ...], other: tuple[str, ...]) -> float:
    """The lower token F1 of subjects and objects; 0 where the relation differs or either is no triple."""
    if len(one) != 3 or len(other) != 3 or one[1] != other[1]:
        return 0.0
    return min(token_f1(one[0], other[0]), token_f1(one[2], other[2]))
