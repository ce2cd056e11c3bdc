"""Which tree of a passage is which in its other edition."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from text2mdt.guideline.normal_triples import TripleKey, same_tree, triple_key
from text2mdt.guideline.placed_trees import PlacedTree

LEAST_SHARED = 0.3
"""Share of equal triples from which two trees are one tree that changed."""


class TreePairs(NamedTuple):
    """The trees of a passage in both editions: pairs, and those of one edition alone."""

    pairs: list[tuple[PlacedTree, PlacedTree]]
    removed: list[PlacedTree]
    added: list[PlacedTree]


def paired_trees(old: Sequence[PlacedTree], new: Sequence[PlacedTree]) -> TreePairs:
    """Equal trees first, then those that share most triples.

    A tree that is left alone on both sides is taken for the same one where any triple or the shape is.
    """
    bags, others = [_bag(one) for one in old], [_bag(other) for other in new]
    scores = [
        (2.0 if same_tree(one.tree, other.tree) else _shared(bags[i], others[j]), i, j)
        for i, one in enumerate(old)
        for j, other in enumerate(new)
    ]
    partner: dict[int, int] = {}
    for score, i, j in sorted(scores, key=lambda found: (-found[0], found[2], found[1])):
        if score >= LEAST_SHARED and i not in partner and j not in partner.values():
            partner[i] = j
    removed = [i for i in range(len(old)) if i not in partner]
    added = [j for j in range(len(new)) if j not in partner.values()]
    if len(removed) == len(added) == 1 and _could_be(
        old[removed[0]], new[added[0]], bags[removed[0]], others[added[0]]
    ):
        partner[removed.pop()] = added.pop()
    pairs = sorted(partner.items(), key=lambda pair: pair[1])
    return TreePairs(
        [(old[i], new[j]) for i, j in pairs],
        [old[i] for i in removed],
        [new[j] for j in added],
    )


def _bag(placed: PlacedTree) -> Counter[TripleKey]:
    return Counter(triple_key(triple) for node in placed.tree.nodes for triple in node.triples)


def _shared(one: Counter[TripleKey], other: Counter[TripleKey]) -> float:
    total = one.total() + other.total()
    return 2 * (one & other).total() / total if total else 0.0


def _could_be(one: PlacedTree, other: PlacedTree, bag: Counter[TripleKey], other_bag: Counter[TripleKey]) -> bool:
    same_shape = [node.role for node in one.tree.nodes] == [node.role for node in other.tree.nodes]
    return same_shape or bool(bag & other_bag)
