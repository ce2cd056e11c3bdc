"""How sure the model was of each triple, node and tree: the probability of the tokens that it chose for them.

Under the grammar a token's probability is that among the tokens that are legal there, and a forced token has
probability 1. A triple owns the choices from its relation to the end of its words (what ends them is a choice as
well), a node those of its line, a tree those of its lines. The product of their probabilities orders well and says
little by itself, since a long span is many choices; a curve fitted on dev turns it into a share of right ones.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from itertools import accumulate

from pydantic import BaseModel, ConfigDict, Field

from text2mdt.linear.outline_places import NodePlace, node_places
from text2mdt.schema import Choice, DecisionTree, Generation, NodeConfidence

LARGEST = 15.0
"""Log-odds of a probability that rounds to 0 or 1, in nats."""


class Curve(BaseModel):
    """P(right) = 1 / (1 + exp(-(slope · log-odds + intercept))), of the log-odds of the product (Platt 1999).

    The curve without numbers leaves the probability as it is.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    slope: float = Field(1.0, allow_inf_nan=False)
    intercept: float = Field(0.0, allow_inf_nan=False)

    def probability(self, log_probability: float) -> float:
        """From the logarithm of the product, at most 0; four decimals."""
        logit = self.slope * log_odds(log_probability) + self.intercept
        return round(1 / (1 + math.exp(-max(-LARGEST, min(LARGEST, logit)))), 4)


class ConfidenceCurves(BaseModel):
    """The curves of the three kinds."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    triple: Curve = Curve()
    node: Curve = Curve()
    tree: Curve = Curve()


class ForestConfidence(BaseModel):
    """How sure the trees of a passage are.

    Attributes:
        nodes: in pre-order over all trees.
        trees: in their order.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    nodes: tuple[NodeConfidence, ...] = ()
    trees: tuple[float, ...] = ()


class ForestLogs(BaseModel):
    """The logarithms of the products, in nats: of each node with its triples, and of each tree."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    nodes: tuple[float, ...]
    triples: tuple[tuple[float, ...], ...]
    trees: tuple[float, ...]

    def of_kept(self, trees: Sequence[DecisionTree], kept: Sequence[DecisionTree]) -> ForestLogs | None:
        """Those of trees that lost some of their nodes; a tree that lost one is as sure as the nodes it has left.

        Args:
            trees: as they were.
            kept: the same number of trees, of the same node objects in the same order.
        """
        nodes: list[float] = []
        triples: list[tuple[float, ...]] = []
        sums: list[float] = []
        first = 0
        for tree, left, whole in zip(trees, kept, self.trees, strict=True):
            places = iter(enumerate(tree.nodes, start=first))
            found = [next((place for place, one in places if one is node), None) for node in left.nodes]
            if None in found:
                return None
            own = [place for place in found if place is not None]
            nodes += [self.nodes[place] for place in own]
            triples += [self.triples[place] for place in own]
            sums.append(whole if len(own) == len(tree) else sum(self.nodes[place] for place in own))
            first += len(tree)
        return ForestLogs(nodes=tuple(nodes), triples=tuple(triples), trees=tuple(sums))

    def calibrated(self, curves: ConfidenceCurves) -> ForestConfidence:
        """As shares of right ones."""
        nodes = (
            NodeConfidence(
                probability=curves.node.probability(node), triples=tuple(map(curves.triple.probability, triples))
            )
            for node, triples in zip(self.nodes, self.triples, strict=True)
        )
        return ForestConfidence(nodes=tuple(nodes), trees=tuple(map(curves.tree.probability, self.trees)))


def forest_logs(generation: Generation, trees: Sequence[DecisionTree]) -> ForestLogs | None:
    """What the engine's choices say of the trees that were read from an outline text.

    Returns:
        None where the engine tells no choices, or where the text's lines are not one for one the trees' nodes (it
        was mended or cut off).
    """
    places = node_places(generation.text)
    shapes = [len(node.triples) for tree in trees for node in tree.nodes]
    if not generation.choices or [len(place.triples) for place in places] != shapes:
        return None
    owned = _Owned(generation.choices)
    ends = list(accumulate(len(tree) for tree in trees))
    return ForestLogs(
        nodes=tuple(owned.log(place.start, place.end) for place in places),
        triples=tuple(tuple(owned.log(*span) for span in place.triples) for place in places),
        trees=tuple(
            owned.log(_start(places, end - len(tree)), _start(places, end))
            for tree, end in zip(trees, ends, strict=True)
        ),
    )


def log_odds(log_probability: float) -> float:
    """Of a probability given as its logarithm; at most 15 nats to either side."""
    others = -math.expm1(min(log_probability, 0.0))
    odds = LARGEST if others <= 0 else log_probability - math.log(others)
    return max(-LARGEST, min(LARGEST, odds))


class _Owned:
    """Sums of the choices of a text from one character to another; a choice at the very end is the last line's."""

    def __init__(self, choices: Sequence[Choice]) -> None:
        self._starts = [choice.start for choice in choices]
        self._sums = [0.0, *accumulate(choice.log_probability for choice in choices)]
        self._last = self._starts[-1]

    def log(self, start: int, end: int) -> float:
        first = bisect_left(self._starts, start)
        behind = len(self._starts) if end >= self._last else bisect_left(self._starts, end)
        return self._sums[max(first, behind)] - self._sums[first]


def _start(places: Sequence[NodePlace], index: int) -> int:
    return places[index].start if index < len(places) else places[-1].end
