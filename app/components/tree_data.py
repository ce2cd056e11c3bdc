"""The trees of a passage as nested plain data, the form that the tree view draws."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import count
from typing import Literal, TypedDict

from text2mdt.schema import DecisionTree, PassageResult

Verdict = Literal["open", "accepted", "fixed", "rejected"]
VERDICTS: tuple[Verdict, ...] = ("open", "accepted", "fixed", "rejected")


class TripleData(TypedDict):
    """One triple; `warning`: a check doubts it."""

    id: str
    subject: str
    relation: str
    object: str
    verdict: Verdict
    warning: bool


class NodeData(TypedDict):
    """A node and all below it.

    `confidence` is between 0 and 1; a decision has neither `yes` nor `no`. `warnings` are sentences for people, on
    the node and on its triples.
    """

    id: str
    role: Literal["C", "D"]
    logic: Literal["and", "or", "null"]
    triples: list[TripleData]
    yes: NodeData | None
    no: NodeData | None
    warnings: list[str]
    confidence: float | None
    comment: str


def tree_data(
    result: PassageResult,
    verdicts: Mapping[str, Verdict] | None = None,
    confidences: Mapping[str, float] | None = None,
    comments: Mapping[str, str] | None = None,
) -> list[NodeData]:
    """The forest of a passage, one entry a tree.

    Nodes are "n1", "n2", … and triples "t1", "t2", …, both counted in pre-order through all trees of the passage.
    Raises T2M001 when the last tree does not close.

    Args:
        verdicts: of triples, by their id; the others are open.
        confidences: of nodes, by their id, between 0 and 1.
        comments: on nodes, by their id.
    """
    numbers = triple_numbers(result)
    forest, first = [], 0
    for tree in result.trees:
        nodes = [
            _node(result, first + index, numbers, verdicts or {}, confidences or {}, comments or {})
            for index in range(len(tree))
        ]
        forest.append(_joined(tree, nodes))
        first += len(tree)
    return forest


def triple_numbers(result: PassageResult) -> dict[tuple[int, int], str]:
    """The id of a triple by its node and its place in it, counted from 0 as in `Grounding`."""
    counter = count(1)
    return {
        (node, triple): f"t{next(counter)}"
        for node, one in enumerate(result.tree)
        for triple in range(len(one.triples))
    }


def nodes_of(trees: Sequence[NodeData]) -> Iterator[NodeData]:
    """All nodes in pre-order."""
    waiting = list(reversed(trees))
    while waiting:
        node = waiting.pop()
        yield node
        waiting += [child for child in (node["no"], node["yes"]) if child is not None]


def _node(
    result: PassageResult,
    index: int,
    numbers: Mapping[tuple[int, int], str],
    verdicts: Mapping[str, Verdict],
    confidences: Mapping[str, float],
    comments: Mapping[str, str],
) -> NodeData:
    node, name = result.tree[index], f"n{index + 1}"
    warnings = [warning for warning in result.warnings if warning.node == index]
    doubted = {warning.triple for warning in warnings}
    triples = [
        TripleData(
            id=numbers[index, place],
            subject=triple.subject,
            relation=triple.relation,
            object=triple.object,
            verdict=verdicts.get(numbers[index, place], "open"),
            warning=place in doubted,
        )
        for place, triple in enumerate(node.triples)
    ]
    return NodeData(
        id=name,
        role="C" if node.is_condition else "D",
        logic=node.logical_rel.value,
        triples=triples,
        yes=None,
        no=None,
        warnings=[warning.text for warning in warnings],
        confidence=confidences.get(name),
        comment=comments.get(name, ""),
    )


def _joined(tree: DecisionTree, nodes: list[NodeData]) -> NodeData:
    for node, children in zip(nodes, tree.children(), strict=True):
        if children is not None:
            node["yes"], node["no"] = nodes[children[0]], nodes[children[1]]
    return nodes[0]
