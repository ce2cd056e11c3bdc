"""Raised characters: numbers of references are dropped, exponents are kept."""

from __future__ import annotations

import re

DROPPED = "\x00"
"""Stands where a reference was dropped, until `without_references` takes the commas and brackets around it."""

_NUMBERS = re.compile(r"[\[(]?\s*\d{1,3}[a-z]?(?:\s*[,;‒–-]\s*\d{1,3}[a-z]?)*\s*[,;]?\s*[\])]?")
_BRACKETED = re.compile(r"[\[(].*\d.*[\])]")
_NOTE_LETTER = re.compile(r"[a-h](?:\s*,\s*[a-h])*")
_EMPTY = re.compile(rf"[{DROPPED}\s,;‒–\-\[\]()]*")
_WORD = re.compile(r"[^\W\d_]{2,}$|[^\w\s]$")
_UNIT = re.compile(r"(?:(?:^|[\s\d(·×*./])[kcdmnµμ]?m|/ ?(?:l|L|dl|dL|ml|mL|µl|μl|kg|g|h|s|min))$")
_AREA = re.compile(r"(?:/|1[.,]73) ?m$")
"""Behind such units there is always an exponent, so that other numbers behind that are references."""
_STATISTIC = re.compile(r"(?:^|[\s(])[IRrχxX]$")
_RAISED = str.maketrans("0123456789+-−–", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁻")
_SEPARATED = re.compile(rf"{DROPPED}(?:\s*[,;‒–-]?\s*{DROPPED})+")
_AROUND = re.compile(rf"\s*[\[(]\s*{DROPPED}\s*[\])]|\s+{DROPPED}(?=\s*(?:[.,;:)]|$))|{DROPPED}")


def raised(before: str, words: str, linked: bool = False) -> str:
    """What to write for raised `words` that follow the text `before`.

    Numbers of references and letters of notes behind a word become `DROPPED` (also those in brackets, and those that
    are `linked` to a reference), exponents stay raised ("m²", "10⁹").
    """
    stripped = words.replace(DROPPED, "").strip()
    if DROPPED in words and _EMPTY.fullmatch(words):
        return DROPPED
    if not stripped:
        return words
    previous = before.rstrip()
    if previous[-1:].isdecimal() and re.fullmatch(r"[−–-]?\d{1,3}", stripped) and not linked:
        return stripped.translate(_RAISED)
    if re.fullmatch(r"[−–-]\d{1,2}", stripped):
        return stripped.translate(_RAISED)
    if _NUMBERS.fullmatch(stripped):
        if linked or _BRACKETED.fullmatch(stripped):
            return DROPPED
        if _is_exponent(before, stripped):
            return stripped.translate(_RAISED)
        if stripped[0] == "2" and _AREA.search(before):
            return "²" + DROPPED * (len(words) - 1)
        return DROPPED if previous else words
    if _NOTE_LETTER.fullmatch(stripped) and _WORD.search(before):
        return DROPPED
    return words


def is_reference(words: str) -> bool:
    """Whether the words of a link are numbers of references, with or without brackets."""
    return bool(_NUMBERS.fullmatch(words.strip()))


def is_bracketed(words: str) -> bool:
    return bool(_BRACKETED.fullmatch(words.strip()))


def without_references(text: str) -> str:
    """The text without the marks of dropped references, and without the brackets and commas that held them."""
    if DROPPED not in text:
        return text
    return _AROUND.sub("", _SEPARATED.sub(DROPPED, text))


def _is_exponent(before: str, digits: str) -> bool:
    if digits not in {"2", "3"}:
        return False
    return bool(_UNIT.search(before) or (digits == "2" and _STATISTIC.search(before)))
