"""Whether two wordings of a drug's dose can both be right."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from typing import NamedTuple

from text2mdt.safety.quantities import quantities
from text2mdt.safety.units import in_base_unit

_CLOSE = 1e-6


class _Amount(NamedTuple):
    """A range of numbers in the base unit; its sign where a comparator leaves one end open."""

    low: float
    high: float
    sign: str


_PERIODS = {
    "day": re.compile(r"\b(?:daily|nightly|(?:a|per|each|every) (?:day|night))\b", re.IGNORECASE),
    "week": re.compile(r"\b(?:weekly|(?:a|per|each|every) week)\b", re.IGNORECASE),
    "month": re.compile(r"\b(?:monthly|(?:a|per|each|every) month)\b", re.IGNORECASE),
}
"""Words that say how often a number of times comes back."""


def doses_differ(one: Iterable[str], other: Iterable[str]) -> bool:
    """Whether two doses contradict each other in an amount, a frequency or a duration.

    What only one of them says does not count; ranges that overlap agree ("250 to 500 mg", "500 mg"), and so do lists of
    different length that share an amount ("300 mg, then 75 mg" and "75 mg").
    """
    doses, others = list(one), list(other)
    periods, other_periods = _periods(doses), _periods(others)
    if periods and other_periods and not periods & other_periods:
        return True
    left, right = _amounts(doses), _amounts(others)
    return any(_apart(left[unit], right[unit]) for unit in left.keys() & right.keys())


def _periods(doses: Iterable[str]) -> set[str]:
    return {period for dose in doses for period, words in _PERIODS.items() if words.search(dose)}


def _amounts(doses: Iterable[str]) -> dict[str, list[_Amount]]:
    """The amounts of each unit."""
    amounts: dict[str, list[_Amount]] = {}
    for dose in doses:
        for quantity in quantities(dose):
            low, unit = in_base_unit(quantity.low, quantity.unit)
            high, _ = in_base_unit(quantity.high, quantity.unit)
            unit = "time" if unit == "time/day" else unit  # "twice daily", "3 times a day"
            amounts.setdefault(unit, []).append(_Amount(low, high, quantity.sign[:1]))
    return amounts


def _apart(one: list[_Amount], other: list[_Amount]) -> bool:
    if len(one) != len(other):
        return not any(_agree(left, right) for left in one for right in other)
    return not all(_agree(left, right) for left, right in zip(sorted(one), sorted(other), strict=True))


def _agree(one: _Amount, other: _Amount) -> bool:
    if one.sign and one.sign == other.sign:
        return math.isclose(one.low, other.low, rel_tol=_CLOSE)
    (low, high), (other_low, other_high) = _ends(one), _ends(other)
    return low <= other_high * (1 + _CLOSE) and other_low <= high * (1 + _CLOSE)


def _ends(amount: _Amount) -> tuple[float, float]:
    """From nothing up to the number for "<", from the number on for ">"."""
    return 0.0 if amount.sign == "<" else amount.low, math.inf if amount.sign == ">" else amount.high
