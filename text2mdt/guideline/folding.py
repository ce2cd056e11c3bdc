"""Trees that several passages say, folded into one with several sources."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from text2mdt.guideline.guideline import GuidelineTree, Source
from text2mdt.guideline.normal_triples import NodeKey, same_up_to_borders, skeleton, tree_key
from text2mdt.guideline.placed_trees import PlacedTree
from text2mdt.schema import DecisionTree


@dataclass
class FoldedTree:
    """The trees that say the same, in the order of the document; it is read as the first of them stands."""

    copies: list[PlacedTree]
    same_words: list[bool] = field(default_factory=lambda: [True])

    @property
    def tree(self) -> DecisionTree:
        return self.copies[0].tree

    @property
    def passages(self) -> frozenset[int]:
        """Indices of the passages that it stands in."""
        return frozenset(copy.passage for copy in self.copies)

    def told(self) -> GuidelineTree:
        sources = zip(self.copies, self.same_words, strict=True)
        return GuidelineTree(
            tree=self.tree,
            sources=tuple(Source(place=copy.place(), same_words=same) for copy, same in sources),
        )


def folded(trees: Iterable[PlacedTree]) -> list[FoldedTree]:
    """The trees of one group, duplicates folded: equal keys, or one skeleton and objects equal up to their borders."""
    found: list[FoldedTree] = []
    equal: dict[tuple[NodeKey, ...], FoldedTree] = {}
    alike: dict[tuple[object, ...], list[FoldedTree]] = {}
    for placed in trees:
        key = tree_key(placed.tree)
        if same := equal.get(key):
            same.copies.append(placed)
            same.same_words.append(True)
            continue
        candidates = alike.setdefault(skeleton(placed.tree), [])
        if near := next((one for one in candidates if same_up_to_borders(one.tree, placed.tree)), None):
            near.copies.append(placed)
            near.same_words.append(False)
            continue
        equal[key] = FoldedTree([placed])
        candidates.append(equal[key])
        found.append(equal[key])
    return found
