"""Check: a condition that changes nothing."""

from __future__ import annotations

from collections.abc import Iterator

from text2mdt.safety.placed_forest import PlacedForest, warning
from text2mdt.schema import Node, NodeWarning

KIND = "same_decision"
EXPLANATION = "Both branches of a condition lead to the same, or to nothing at all."


def same_decision(forest: PlacedForest) -> Iterator[NodeWarning]:
    for node, children in enumerate(forest.children):
        if children is None:
            continue
        yes, no = forest.nodes[children[0] : children[1]], forest.nodes[children[1] : _end(forest, children[1])]
        if _meaning(yes) == _meaning(no):
            item = next(forest.of_node(node))
            what = "the same decision" if any(found.triples for found in yes) else "no decision"
            yield warning(
                KIND, item, f"Whether '{item.triple.object}' holds or not, the tree comes to {what}.", item.place
            )


def _end(forest: PlacedForest, node: int) -> int:
    """Where the subtree of a node ends."""
    while (pair := forest.children[node]) is not None:
        node = pair[1]
    return node + 1


def _meaning(nodes: tuple[Node, ...]) -> list[tuple[object, ...]]:
    return [
        (node.role, node.logical_rel, frozenset((triple.relation, triple.object.lower()) for triple in node.triples))
        for node in nodes
    ]
