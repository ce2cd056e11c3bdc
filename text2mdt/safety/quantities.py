"""Numbers in digits and words, with their units, ranges and comparators, in a form that can be compared."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache

from text2mdt.safety.units import UNIT, unit_name

_WORDS = {
    **{
        word: float(value)
        for value, word in enumerate(
            ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
        )
    },
    "eleven": 11.0,
    "twelve": 12.0,
    "fourteen": 14.0,
    "fifteen": 15.0,
    "twenty": 20.0,
    "thirty": 30.0,
}
_TIMES = {"once": 1.0, "twice": 2.0, "thrice": 3.0}
_BLANK = "[ \u00a0\u2009\u202f]"
_DIGITS = re.compile(
    rf"(?<![A-Za-zÀ-ɏ\d_.,·])(?:\d{{1,3}}(?:{_BLANK}\d{{3}})+(?![\d.,]*\d)|[1-9]\d{{0,2}}(?:,\d{{3}})+(?:\.\d+)?|"
    r"\d+(?:[.,·]\d+)?)(?![.,]?\d|\.\d)"
)
_SPELT = re.compile(rf"\b(?:{'|'.join([*_WORDS, *_TIMES])})\b", re.IGNORECASE)
_POWER = re.compile(r"(?<!\w)[×x]\s?$")
_RANGE = re.compile(r"\s?(?:to|[-–—]|until|through)\s?(?:under |below |above |over )?$")
_BETWEEN = re.compile(r"\bbetween\s(?:the ages of )?$", re.IGNORECASE)
_BOTH = re.compile(r"\s?(?:/|,|or|and|, or|, and)\s?$")

_BELOW = (
    r"below|under|before|(?:falls?|drops?) below|<|(?:less|lower|fewer|younger|shorter|smaller|earlier|lighter|"
    r"sooner) than"
)
_AT_MOST = (
    r"at most|up to|(?:no|not) (?:more|higher|greater|older|longer|later|larger|bigger) than|not (?:above|over|"
    r"exceed\w*)|(?:do(?:es)?|did|has|have) not exceed(?:ed)?|never (?:above|over)|maximum(?: of)?|max\.?|<=|=<|≤"
)
_ABOVE = (
    r"above|over|(?:more|greater|higher|older|longer|larger|later|heavier|bigger) than|exceed(?:s|ed|ing)?|beyond|"
    r"past|upwards? of|>"
)
_AT_LEAST = (
    r"at least|(?:no|not) (?:less|lower|fewer|younger|shorter|earlier|smaller) than|not (?:below|under)|never below|"
    r"minimum(?: of)?|from the age of|>=|=>|≥"
)
_BEFORE = re.compile(
    rf"(?:(?<!\w)(?:(?P<at_most>{_AT_MOST})|(?P<at_least>{_AT_LEAST})|(?P<below>{_BELOW})|(?P<above>{_ABOVE})))"
    r"\s*(?:(?:the|a|an|about|approximately|age|ages|of|or equal to|around)\s+)*$",
    re.IGNORECASE,
)
_BEHIND = re.compile(
    r"(?:\s(?:old|of age|in (?:males|females|women|men)|gestation))?,?\s(?:or|and)\s(?:is\s)?(?:(?P<at_least>more|"
    r"above|higher|over|older|greater|longer|later|larger|upwards?|up|beyond|heavier)|(?P<at_most>less|below|lower|"
    r"fewer|under|younger|shorter|earlier|smaller))\b(?! than)|(?P<plus>\+)(?!\s?\d)",
    re.IGNORECASE,
)
_SIGNS = {"below": "<", "at_most": "<=", "above": ">", "at_least": ">=", "plus": ">="}


@dataclass(frozen=True)
class Quantity:
    """A number or a range of numbers at `start` to `end` of a text, its unit included.

    Attributes:
        low, high: the ends of a range; equal for one number.
        unit: by its one name ("mg/kg"), empty where none is written.
        sign: "<", "<=", ">" or ">=" where a comparator says so, else empty.
        outer: start and end with the comparator.
    """

    start: int
    end: int
    low: float
    high: float
    unit: str = ""
    sign: str = ""
    outer: tuple[int, int] = (0, 0)

    @property
    def side(self) -> str:
        """`below` or `above`, empty without a comparator."""
        return {"<": "below", ">": "above"}.get(self.sign[:1], "")

    def same_amount(self, other: Quantity) -> bool:
        return (self.low, self.high, self.unit) == (other.low, other.high, other.unit)


@lru_cache(maxsize=1024)
def quantities(text: str) -> tuple[Quantity, ...]:
    """The quantities of a text in their order: "2.5–5 mg" is one range, "110/75" are two numbers, "1.2.18" is none."""
    return tuple(_with_comparator(text, quantity) for quantity in _joined(text, _single(text)))


def _single(text: str) -> list[Quantity]:
    found = []
    for match in _DIGITS.finditer(text):
        if _POWER.search(text[max(0, match.start() - 3) : match.start()]):
            continue
        unit = UNIT.match(text, match.end())
        end = unit.end() if unit else match.end()
        amount = _amount(match[0])
        found.append(Quantity(match.start(), end, amount, amount, unit_name(unit[1]) if unit else ""))
    for match in _SPELT.finditer(text):
        unit = UNIT.match(text, match.end())
        word = match[0].lower()
        if word in _TIMES:
            found.append(Quantity(*match.span(), _TIMES[word], _TIMES[word], "time"))
        elif unit:  # without a unit "one" is a pronoun more often than a number
            found.append(Quantity(match.start(), unit.end(), _WORDS[word], _WORDS[word], unit_name(unit[1])))
    return sorted(found, key=lambda quantity: quantity.start)


def _amount(digits: str) -> float:
    """The number that is written; a comma before exactly three digits parts thousands, unless a 0 begins it."""
    plain = re.sub(_BLANK, "", digits).replace("·", ".")
    if re.fullmatch(r"[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?", plain):
        return float(plain.replace(",", ""))
    return float(plain.replace(",", "."))


def _joined(text: str, single: list[Quantity]) -> list[Quantity]:
    """The numbers with ranges made one, and units that stand once for several numbers given to each."""
    joined: list[Quantity] = []
    for quantity in reversed(single):
        behind = joined[-1] if joined else None
        gap = text[quantity.end : behind.start] if behind else "."
        if behind and len(gap) < 12 and quantity.unit in ("", behind.unit):
            is_range = _RANGE.fullmatch(gap) or (
                gap == " and " and _BETWEEN.search(text[max(0, quantity.start - 30) : quantity.start])
            )
            if is_range and behind.low == behind.high:
                joined[-1] = replace(behind, start=quantity.start, low=quantity.low)
                continue
            if _BOTH.fullmatch(gap):
                quantity = replace(quantity, unit=behind.unit)
        joined.append(quantity)
    return joined[::-1]


def _with_comparator(text: str, quantity: Quantity) -> Quantity:
    before = _BEFORE.search(text, max(0, quantity.start - 40), quantity.start)
    behind = _BEHIND.match(text, quantity.end)
    if quantity.low != quantity.high or (before and behind and _sign(before) != _sign(behind)):
        behind = None  # of the next number: "above 30%, or above 20%"
    outer = (before.start() if before else quantity.start, behind.end() if behind else quantity.end)
    found = behind or before
    return replace(quantity, sign=_sign(found) if found else "", outer=outer)


def _sign(comparator: re.Match[str]) -> str:
    return _SIGNS[comparator.lastgroup or ""]
