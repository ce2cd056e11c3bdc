"""The choice among candidate forests that is expected to be the least wrong.

Minimum Bayes risk decoding takes the candidate whose expected loss is least, where the model's own answers stand for
what may be right: the loss against each of the other candidates, averaged (Kumar and Byrne, "Minimum Bayes-Risk
Decoding for Statistical Machine Translation", NAACL 2004). With candidates that were sampled, and equality as the only
similarity, this is the majority vote of self-consistency (Wang et al., "Self-Consistency Improves Chain of Thought
Reasoning in Language Models", 2022); trees are seldom equal as a whole, so parts that agree count as well. What the
passage itself says against a candidate is a part of its risk too (our reading).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from statistics import fmean
from typing import NamedTuple

from text2mdt.metrics import PlainNode, counts_of_plain, plain
from text2mdt.schema import Node

Forest = Sequence[Node]
"""The flat pre-order list of all trees of a passage; empty for none."""

WARNED = 0.2
"""So much less agreement counts for a candidate that draws a warning; 0.1 to 0.4 are alike (docs/quality.md)."""


class Vote(NamedTuple):
    """Which candidate was chosen.

    Attributes:
        chosen: its index.
        agreement: its mean similarity to the other candidates, 0 to 1; 1 less this is its risk, but for warnings.
    """

    chosen: int
    agreement: float


def similarity(one: Forest, other: Forest) -> float:
    """How far two forests agree, 0 to 1: the mean of triple F1, path F1 and whole equality (1 or 0).

    Two empty forests agree wholly, an empty one with any other not at all. Symmetric.
    """
    return _similarity(plain(one), plain(other))


def vote(candidates: Sequence[Forest | None], warned: Collection[int] = ()) -> Vote:
    """The candidate with the least risk, the earliest of several.

    Args:
        candidates: at least two; None for an answer that could not be read, which agrees with nothing and is chosen
            only where no answer could be read.
        warned: indices of those that draw a warning (`text2mdt.safety`). Where the candidate of the least risk has a
            tree, the choice is among all that have one, with `WARNED` more risk for these: what leaves a decision out
            draws no warning, and must not win by that.

    Raises:
        ValueError: with fewer than two candidates.
    """
    if len(candidates) < 2:
        raise ValueError("a vote needs at least two candidates")
    forests = [None if candidate is None else plain(candidate) for candidate in candidates]
    agreements = [_agreement(index, forests) for index in range(len(forests))]
    chosen = max(range(len(forests)), key=lambda index: (forests[index] is not None, agreements[index]))
    if forests[chosen]:
        with_tree = (index for index, forest in enumerate(forests) if forest)
        chosen = max(with_tree, key=lambda index: agreements[index] - WARNED * (index in warned))
    return Vote(chosen, agreements[chosen])


def _agreement(index: int, forests: Sequence[list[PlainNode] | None]) -> float:
    own = forests[index]
    return fmean(
        0.0 if own is None or other is None else _similarity(own, other)
        for place, other in enumerate(forests)
        if place != index
    )


def _similarity(one: list[PlainNode], other: list[PlainNode]) -> float:
    if not one or not other:
        return float(not one and not other)
    found = counts_of_plain(one, other)
    return fmean(
        (
            _f1(found.triple_correct, found.triple_predicted, found.triple_gold),
            _f1(found.path_correct, found.path_predicted, found.path_gold),
            found.tree_correct,
        )
    )


def _f1(shared: int, one: int, other: int) -> float:
    """1 where neither side has any."""
    return 2 * shared / (one + other) if one + other else 1.0
