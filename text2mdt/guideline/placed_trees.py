"""The trees of an extraction with their places, those that cannot be used put aside."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from text2mdt.errors import Text2MDTError
from text2mdt.guideline.guideline import LeftOut, Place
from text2mdt.schema import DecisionTree, Extraction, PassageResult

DEEPEST = 60
"""Conditions one below the other that a tree may have; the nested forms of a deeper one could not be read back."""


@dataclass(frozen=True)
class PlacedTree:
    """A tree of a passage.

    Attributes:
        passage: index of the passage in the extraction.
        number: which of the passage's trees, from 0.
        first: number of its root within the passage's forest.
    """

    passage: int
    passage_id: str
    number: int
    first: int
    tree: DecisionTree

    @cached_property
    def children(self) -> list[tuple[int, int] | None]:
        return self.tree.children()

    def place(self, node: int = 0, triple: int | None = None) -> Place:
        """The place of a node of the tree, counted from its root."""
        return Place(passage=self.passage_id, tree=self.number, node=self.first + node, triple=triple)


def placed_trees(extraction: Extraction) -> tuple[list[PlacedTree], list[LeftOut]]:
    """All trees in the order of the document, and the passages that give none because something is wrong.

    Raises:
        Text2MDTError: T2M062 where two passages have one id.
    """
    counted = Counter(result.id for result in extraction.passages)
    if twice := next((name for name, number in counted.items() if number > 1), None):
        raise Text2MDTError("T2M062", extraction.document.name, id=twice)
    trees: list[PlacedTree] = []
    left_out: list[LeftOut] = []
    for index, result in enumerate(extraction.passages):
        found, reason = trees_of(index, result)
        trees += found
        if reason:
            left_out.append(LeftOut(passage=result.id, reason=reason))
    return trees, left_out


def trees_of(index: int, result: PassageResult) -> tuple[list[PlacedTree], str]:
    """The trees of one passage, or none and the reason."""
    if result.error and not result.tree:
        return [], result.error
    try:
        trees = result.trees
    except Text2MDTError as error:
        return [], str(error)
    placed, first = [], 0
    for number, tree in enumerate(trees):
        placed.append(PlacedTree(index, result.id, number, first, tree))
        first += len(tree)
    if max((_depth(one.children) for one in placed), default=0) > DEEPEST:
        return [], f"a tree with more than {DEEPEST} conditions one below the other"
    return placed, ""


def _depth(children: Sequence[tuple[int, int] | None]) -> int:
    depths = [0] * len(children)
    for node, pair in enumerate(children):
        for child in pair or ():
            depths[child] = depths[node] + 1
    return max(depths, default=0)
