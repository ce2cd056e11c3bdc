"""Names of units as guidelines write them → one name each."""

from __future__ import annotations

import re

_WRITTEN: dict[str, str] = {  # our name → what is written
    "mg": r"mgs?|milligram(?:me)?s?",
    "µg": r"[µμ]g|mcg|ug|microgram(?:me)?s?",
    "ng": r"ng|nanogram(?:me)?s?",
    "kg": r"kg|kilogram(?:me)?s?|kilos?",
    "g": r"g|gram(?:me)?s?",
    "ml": r"m[lL]|millilit(?:re|er)s?|cc",
    "µl": r"[µμ][lL]|microlit(?:re|er)s?",
    "dl": r"d[lL]|decilit(?:re|er)s?",
    "l": r"[lL]|lit(?:re|er)s?",
    "mmol": r"mmol|millimoles?",
    "µmol": r"[µμ]mol|micromol(?:es)?",
    "nmol": r"nmol",
    "pmol": r"pmol",
    "meq": r"m[Ee]q",
    "million unit": r"MIU|MU|million(?: international)? units",
    "unit": r"IU|I\.U\.|(?:international )?units?|U",
    "mmhg": r"mm ?Hg",
    "cmh2o": r"cm ?H[2₂]O",
    "kpa": r"kPa",
    "mm": r"mm|millimet(?:re|er)s?",
    "cm": r"cm|centimet(?:re|er)s?",
    "m²": r"m²|m2|square met(?:re|er)s?",
    "°c": r"°\s?C|℃|degrees(?: C(?:elsius)?)?",
    "%": r"%|per ?cent",
    "beat": r"beats?",
    "breath": r"breaths?",
    "second": r"seconds?|secs?|s",
    "minute": r"minutes?|mins?",
    "hour": r"hours?|hourly|hrs?|h",
    "day": r"days?|d",
    "week": r"weeks?|wks?",
    "month": r"months?",
    "year": r"years?|yrs?",
    "time": r"times?",
    "dose": r"doses?",
    "tablet": r"tablets?",
    "capsule": r"capsules?",
    "drop": r"drops?",
    "puff": r"puffs?",
    "course": r"courses?",
    "point": r"points?(?! to)",
    "episode": r"episodes?|attacks?|relapses?|exacerbations?|seizures?",
    "10⁹": r"[×x]\s?10\s?(?:⁹|\^?9)",
    "10¹²": r"[×x]\s?10\s?(?:¹²|\^?12)",
    "cell": r"cells?",
}
_ONE = "|".join(f"(?:{words})" for words in _WRITTEN.values())
_WORD_END = r"(?![A-Za-zÀ-ɏ\d])"
_SLASH = r"(?:\s?/\s?|\sper\s|\san?\s(?=day|week|month|year|minute|hour))"
UNIT = re.compile(rf"(?:\s|-|\u202f)?((?:{_ONE}){_WORD_END}(?:{_SLASH}(?:{_ONE}){_WORD_END})*)")
_NAMES = [(name, re.compile(words)) for name, words in _WRITTEN.items()]
_TO_BASE = {
    "µg": ("mg", 1e-3), "ng": ("mg", 1e-6), "g": ("mg", 1e3), "kg": ("mg", 1e6),
    "hour": ("minute", 60.0), "day": ("minute", 1440.0), "week": ("minute", 10080.0), "month": ("minute", 43830.0),
    "year": ("minute", 525960.0), "l": ("ml", 1e3), "dl": ("ml", 1e2), "cm": ("mm", 10.0),
}  # fmt: skip


def unit_name(written: str) -> str:
    """The name of a written unit: "micrograms per kg" → "µg/kg", "percent" → "%"."""
    return "/".join(_one_name(part.strip()) for part in re.split(_SLASH, written.strip(" -\u202f")))


def _one_name(written: str) -> str:
    return next((name for name, words in _NAMES if words.fullmatch(written)), written.lower())


def in_base_unit(amount: float, unit: str) -> tuple[float, str]:
    """An amount of mass, time, volume or length in one unit of its kind; others as they are."""
    base, factor = _TO_BASE.get(unit, (unit, 1.0))
    return amount * factor, base
