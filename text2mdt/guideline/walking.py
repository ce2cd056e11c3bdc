"""Walking a case through the forest."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from text2mdt.graph import node_truth
from text2mdt.guideline.guideline import Entry
from text2mdt.schema import Node, Triple


def reached(entries: Iterable[Entry], holds: Callable[[Triple], bool]) -> list[Entry]:
    """The decisions that a case comes to, in the order of the forest, empty ones included.

    Args:
        entries: of a group; all of them are followed.
        holds: whether a triple of a condition holds for the case.
    """
    found: list[Entry] = []
    waiting = list(entries)[::-1]
    while waiting:
        entry = waiting.pop()
        if entry.node.is_condition:
            waiting += (entry.yes if node_holds(entry.node, holds) else entry.no)[::-1]
        else:
            found.append(entry)
    return found


def node_holds(node: Node, holds: Callable[[Triple], bool]) -> bool:
    """Whether a condition holds: any of its triples under "or", else all of them."""
    return node_truth(node, holds) is True
