"""Nodes that point to one another → the tree, in pre-order."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from typing import TypeVar

from text2mdt.imports.imported import MOST_NODES
from text2mdt.schema import DecisionTree, Node

Name = TypeVar("Name", bound=Hashable)


class BranchError(ValueError):
    """The nodes are no tree; says for people why."""


def tree_of(
    root: Name,
    branches: Mapping[Name, tuple[Name, Name]],
    node: Callable[[Name, bool], Node],
    label: Callable[[Name], str],
) -> DecisionTree:
    """The tree below a root; a node that several branches lead to is repeated in each.

    Args:
        root: name of its root.
        branches: of each condition the yes-child and the no-child.
        node: the node of a name, and whether it is a condition.
        label: what to call a name in a message.

    Raises:
        BranchError: for a circle, or more than `MOST_NODES` nodes.
    """
    nodes: list[Node] = []
    waiting: list[tuple[Name, frozenset[Name]]] = [(root, frozenset())]
    while waiting:
        name, above = waiting.pop()
        if name in above:
            raise BranchError(f"{label(name)} stands below itself")
        if len(nodes) >= MOST_NODES:
            raise BranchError(f"the tree has more than {MOST_NODES:,} nodes")
        pair = branches.get(name)
        nodes.append(node(name, pair is not None))
        if pair is not None:
            below = above | {name}
            waiting += [(pair[1], below), (pair[0], below)]
    return DecisionTree(nodes=tuple(nodes))
