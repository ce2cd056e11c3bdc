"""Conditions on a number as ranges of values, and what answers on a path leave of the number line."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from text2mdt.safety.content_words import content_words
from text2mdt.safety.quantities import Quantity, quantities
from text2mdt.safety.units import in_base_unit

Bound = tuple[float, int]
"""A value, and -1 just below it, 0 at it, 1 just above it."""
Interval = tuple[Bound, Bound]
"""From its first to its last value, both included."""

LINE: Interval = ((-math.inf, 0), (math.inf, 0))
_AGE_WORDS = content_words("age aged ages old child children adult infant adolescent year")


@dataclass(frozen=True)
class ValueRange:
    """What a condition asks of a measure ("INR above 8"); values in the base unit of their kind."""

    measure: frozenset[str]
    unit: str
    interval: Interval

    def same_measure(self, other: ValueRange) -> bool:
        return self.measure == other.measure and (self.unit == other.unit or not (self.unit and other.unit))


def value_range(words: str) -> ValueRange | None:
    """The range that a condition asks for; None unless it holds exactly one number with a comparator, or one range."""
    found = quantities(words)
    if len(found) != 1 or not (found[0].sign or found[0].low < found[0].high):
        return None
    quantity = found[0]
    low, unit = in_base_unit(quantity.low, quantity.unit)
    high, _ = in_base_unit(quantity.high, quantity.unit)
    step = in_base_unit(_step(quantity), quantity.unit)[0]
    interval = _interval(quantity, low, high, step)
    rest = words[: quantity.outer[0]] + " " + words[quantity.outer[1] :]
    measure = content_words(rest) - _AGE_WORDS
    if quantity.unit in ("month", "year") and not measure:
        measure = frozenset({"age"})
    return ValueRange(measure, unit, interval) if interval[0] <= interval[1] else None


def _interval(quantity: Quantity, low: float, high: float, step: float) -> Interval:
    """Up to a number means up to the next one that could be written: "1 to 4 years" last to the fifth birthday."""
    if quantity.side == "below":
        return LINE[0], (high if quantity.sign == "<" else high + step, -1)
    if quantity.side == "above":
        return (low, 1 if quantity.sign == ">" else 0), LINE[1]
    return (low, 0), (high + step, -1)


def _step(quantity: Quantity) -> float:
    """One in the last decimal that is written."""
    return float(10.0 ** -max(len(f"{end:g}".partition(".")[2]) for end in (quantity.low, quantity.high)))


def common(parts: Iterable[Interval], other: Interval) -> list[Interval]:
    """What of each part lies in another interval."""
    cut = [(max(part[0], other[0]), min(part[1], other[1])) for part in parts]
    return [part for part in cut if part[0] <= part[1]]


def without(parts: Iterable[Interval], other: Interval) -> list[Interval]:
    """What is left of the parts outside of another interval."""
    below, above = (LINE[0], _before(other[0])), (_after(other[1]), LINE[1])
    parts = list(parts)
    left = common(parts, below) if other[0] > LINE[0] else []
    return left + (common(parts, above) if other[1] < LINE[1] else [])


def _before(bound: Bound) -> Bound:
    return bound[0], bound[1] - 1


def _after(bound: Bound) -> Bound:
    return bound[0], bound[1] + 1
