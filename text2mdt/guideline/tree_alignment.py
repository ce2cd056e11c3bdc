"""Which node of an old tree is which of a new one, with the fewest changes."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from operator import attrgetter
from typing import Literal, NamedTuple

from text2mdt.guideline.triple_pairs import pairs_cost, triple_pairs
from text2mdt.schema import DecisionTree

MOST_PAIRS = 40_000
"""Nodes of one tree times nodes of the other; larger pairs are not aligned."""
_LOGIC = 0.4
_SWAP = 0.5

Kind = Literal["same", "swapped", "added", "removed"]


class Step(NamedTuple):
    """What became of a node.

    Attributes:
        kind: `same` for a node with its partner, `swapped` for a condition whose branches changed places; `added` and
            `removed` for a node without one.
        old, new: the nodes, counted from the roots. For an added condition that was put above a part of the old tree,
            `old` is the root of that part; likewise `new` for a removed one.
    """

    kind: Kind
    old: int | None
    new: int | None


class _Choice(NamedTuple):
    """A way to bring two nodes together; of an added or removed condition, the branch that goes on."""

    cost: float
    kind: Kind
    branch: int = 0


class TreeAlignment:
    """The alignment of two trees, each of at most `DEEPEST` conditions one below the other."""

    def __init__(self, old: DecisionTree, new: DecisionTree) -> None:
        self.old, self.new = old, new
        self._below, self._other = old.children(), new.children()
        self._old_weights, self._new_weights = _weights(old), _weights(new)
        self._chosen: dict[tuple[int, int], _Choice] = {}

    @property
    def is_small(self) -> bool:
        """Whether the trees are small enough to be aligned."""
        return len(self.old) * len(self.new) <= MOST_PAIRS

    @cached_property
    def steps(self) -> list[Step]:
        """What became of each node, in pre-order of the new tree, removed ones where they stood."""
        steps: list[Step] = []
        self._follow(0, 0, steps)
        return steps

    def _best(self, old: int, new: int) -> _Choice:
        known = self._chosen.get((old, new))
        if known is None:
            known = self._chosen[old, new] = min(self._choices(old, new), key=attrgetter("cost"))
        return known

    def _choices(self, old: int, new: int) -> list[_Choice]:
        below, other = self._below[old], self._other[new]
        choices: list[_Choice] = []
        if (below is None) == (other is None):
            choices.append(_Choice(self._node_cost(old, new), "same"))
        if below and other:
            own = choices.pop().cost
            straight = self._best(below[0], other[0]).cost + self._best(below[1], other[1]).cost
            crossed = self._best(below[0], other[1]).cost + self._best(below[1], other[0]).cost
            choices = [_Choice(own + straight, "same"), _Choice(own + crossed + _SWAP, "swapped")]
        for branch in (0, 1):
            if other:
                alone = 1 + self._new_weights[other[1 - branch]]
                choices.append(_Choice(alone + self._best(old, other[branch]).cost, "added", branch))
            if below:
                alone = 1 + self._old_weights[below[1 - branch]]
                choices.append(_Choice(alone + self._best(below[branch], new).cost, "removed", branch))
        return choices

    def _node_cost(self, old: int, new: int) -> float:
        left, right = self.old.nodes[old], self.new.nodes[new]
        cost = pairs_cost(left.triples, right.triples, triple_pairs(left.triples, right.triples))
        both = len(left.triples) > 1 and len(right.triples) > 1
        return cost + _LOGIC * (both and left.logical_rel is not right.logical_rel)

    def _follow(self, old: int, new: int, steps: list[Step]) -> None:
        choice = self._best(old, new)
        steps.append(Step(choice.kind, old, new))
        below, other = self._below[old], self._other[new]
        for branch in (0, 1):
            if choice.kind == "added" and other:
                if branch == choice.branch:
                    self._follow(old, other[branch], steps)
                else:
                    steps += [Step("added", None, node) for node in _subtree(self._other, other[branch])]
            elif choice.kind == "removed" and below:
                if branch == choice.branch:
                    self._follow(below[branch], new, steps)
                else:
                    steps += [Step("removed", node, None) for node in _subtree(self._below, below[branch])]
            elif below and other:
                self._follow(below[1 - branch if choice.kind == "swapped" else branch], other[branch], steps)


def _weights(tree: DecisionTree) -> list[int]:
    """What it costs to add or remove each node with all below it: a condition or an action 1 each."""
    weights = [1 if node.is_condition else len(node.triples) for node in tree.nodes]
    children = tree.children()
    for node in range(len(tree) - 1, -1, -1):
        weights[node] += sum(weights[child] for child in children[node] or ())
    return weights


def _subtree(children: Sequence[tuple[int, int] | None], root: int) -> range:
    """The nodes from a root on, in pre-order."""
    last = root
    while (pair := children[last]) is not None:
        last = pair[1]
    return range(root, last + 1)
