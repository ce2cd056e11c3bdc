"""Trees that share conditions, joined into entries of a navigable forest."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from text2mdt.guideline.folding import FoldedTree
from text2mdt.guideline.guideline import Entry, Place
from text2mdt.guideline.normal_triples import NodeKey, node_key


class _Branch(NamedTuple):
    """The part of a tree from one of its nodes on."""

    folded: FoldedTree
    node: int


def joined(trees: Iterable[FoldedTree]) -> tuple[Entry, ...]:
    """The trees of one group as entries.

    Trees whose roots have equal keys become one entry, below which their yes-parts and their no-parts follow, joined in
    the same way; equal decisions of one list are one entry. For any answers to the conditions, the entries lead to the
    same set of decisions as the trees.
    """
    return _entries([_Branch(folded, 0) for folded in trees])


def _entries(branches: Sequence[_Branch]) -> tuple[Entry, ...]:
    groups: dict[NodeKey, list[_Branch]] = {}
    for branch in branches:
        groups.setdefault(node_key(branch.folded.tree.nodes[branch.node]), []).append(branch)
    return tuple(map(_entry, groups.values()))


def _entry(branches: list[_Branch]) -> Entry:
    yes, no = [], []
    for folded, node in branches:
        if (pair := folded.copies[0].children[node]) is not None:
            yes.append(_Branch(folded, pair[0]))
            no.append(_Branch(folded, pair[1]))
    return Entry(
        node=branches[0].folded.tree.nodes[branches[0].node],
        places=_places(branches),
        yes=_entries(yes),
        no=_entries(no),
    )


def _places(branches: Sequence[_Branch]) -> tuple[Place, ...]:
    copies = [
        (copy.passage, copy.first + node, copy.place(node)) for folded, node in branches for copy in folded.copies
    ]
    return tuple(place for _, _, place in sorted(copies, key=lambda copy: copy[:2]))
