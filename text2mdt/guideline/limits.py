"""What the answers on a way leave of the values of a measure."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from text2mdt.guideline.ways import Answer, Way
from text2mdt.safety.value_ranges import LINE, Interval, ValueRange, common, value_range, without
from text2mdt.schema import Triple

_SURFACE = re.compile(r"\s?/\s?1[.,·]73\s?m(?:²|2)")
"""Part of the unit of the filtration rate, and no second number."""

Spot = tuple[int, int]
"""A node, counted from the root of its tree, and a triple of it."""


@dataclass(frozen=True)
class Limit:
    """The values of one measure that a way leaves.

    Attributes:
        asked: one of the conditions on the measure.
        interval: what they all leave.
        rest: the way without them.
        low, high: where the ends of the interval are asked; None for an open end.
    """

    asked: ValueRange
    interval: Interval
    rest: Way
    low: Spot | None
    high: Spot | None

    def differing_end(self, other: Limit) -> tuple[Spot, Spot] | None:
        """Where both ask the one end in which they differ; nothing where they share both ends or none."""
        if not self.asked.same_measure(other.asked):
            return None
        same_low, same_high = (self.interval[end] == other.interval[end] for end in (0, 1))
        if same_low == same_high:
            return None
        spots = (self.high, other.high) if same_low else (self.low, other.low)
        return None if spots[0] is None or spots[1] is None else (spots[0], spots[1])


def limits(way: Way) -> list[Limit]:
    """The measures that a way puts a limit to."""
    by_measure: dict[tuple[frozenset[str], str], list[tuple[Answer, ValueRange]]] = {}
    for answer in way.answers:
        if answer.asked and (asked := _range(answer.asked)):
            by_measure.setdefault((asked.measure, asked.unit), []).append((answer, asked))
    found = []
    for pairs in by_measure.values():
        parts = [LINE]
        for answer, asked in pairs:
            parts = common(parts, asked.interval) if answer.known[1] else without(parts, asked.interval)
        if len(parts) == 1:
            rest = way.without(answer for answer, _ in pairs)
            spots = [_spot(pairs, end, parts[0]) for end in (0, 1)]
            found.append(Limit(pairs[0][1], parts[0], rest, *spots))
    return found


def _range(asked: Triple) -> ValueRange | None:
    """What a condition asks of a measure; "under 6 weeks old" of the age."""
    found = value_range(_SURFACE.sub("", asked.object))
    if found and not found.measure:
        is_age = found.unit == "minute" and asked.relation == "basic_information"
        return replace(found, measure=frozenset({"age"})) if is_age else None
    return found


def _spot(pairs: Sequence[tuple[Answer, ValueRange]], end: int, interval: Interval) -> Spot | None:
    for answer, asked in pairs:
        bound = asked.interval[end if answer.known[1] else 1 - end][0]
        if answer.triple is not None and math.isfinite(bound) and bound == interval[end][0]:
            return answer.node, answer.triple
    return None
