"""Phrases in a form in which those that mean the same are equal: case, articles, plurals, numbers, comparators."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from text2mdt.safety.quantities import Quantity, quantities
from text2mdt.safety.units import in_base_unit

Words = tuple[str, ...]

_ARTICLES = frozenset({"a", "an", "the"})
_BEFORE_NUMBERS = frozenset({"is", "are", "was", "were", "be", "of"})
"""Words that say nothing before a quantity: "eGFR is below 30", "eGFR of less than 30"."""
_PLURALS = {
    "children": "child",
    "women": "woman",
    "men": "man",
    "people": "person",
    "feet": "foot",
    "teeth": "tooth",
    "criteria": "criterion",
    "bacteria": "bacterium",
    "crises": "crisis",
    "diagnoses": "diagnosis",
    "metastases": "metastasis",
    "stenoses": "stenosis",
    "thromboses": "thrombosis",
    "analyses": "analysis",
}
_COUNT_WORDS = "two three four five six seven eight nine ten eleven twelve"
_COUNTS = {word: number for number, word in enumerate(_COUNT_WORDS.split(), start=2)}
_COUNT = re.compile(rf"\b(?:{'|'.join(_COUNTS)})\b", re.IGNORECASE)
_MINUS = re.compile(r"(?<![^\s(<>≤≥=])[-−–](?=\d)")
_TOKEN = re.compile(r"[^\W_]+|[<>≤≥=+%°]")


@lru_cache(maxsize=32_768)
def normal_words(phrase: str) -> Words:
    """The words of a phrase, small and singular, without articles and punctuation; a quantity is one word.

    "The dose is at least 5mg" and "dose of ≥ 5 mg" have the same words; so have "1 g" and "1000 mg". A phrase of signs
    alone is its own single word.
    """
    clean = unicodedata.normalize("NFC", phrase).replace("\u00a0", " ").replace("’", "'").replace("'s", "")
    clean = _COUNT.sub(lambda match: str(_COUNTS[match[0].lower()]), _MINUS.sub("minus ", clean))
    words: list[str] = []
    end = 0
    for quantity in quantities(clean):
        start, behind = quantity.outer
        if start >= end:  # a comparator may stand between two numbers
            words += _plain_words(clean[end:start])
            while words and words[-1] in _BEFORE_NUMBERS:
                words.pop()
            words.append(_one_word(quantity))
            end = behind
        elif quantity.start >= end:
            words.append(_one_word(quantity))
            end = max(end, behind)
    words += _plain_words(clean[end:])
    return tuple(words) or tuple(phrase.casefold().split())


def _one_word(quantity: Quantity) -> str:
    low, unit = in_base_unit(quantity.low, quantity.unit)
    high, _ = in_base_unit(quantity.high, quantity.unit)
    amount = f"{low:.10g}" if low == high else f"{low:.10g}-{high:.10g}"
    return f"{quantity.sign}{amount}{unit}"


def _plain_words(piece: str) -> list[str]:
    return [word for token in _TOKEN.findall(piece) if (word := _singular(token)) not in _ARTICLES]


def _singular(token: str) -> str:
    """A word in small letters without the ending of the plural; only a key, so that a wrong cut does no harm."""
    word = token.casefold()
    if word in _PLURALS:
        return _PLURALS[word]
    if len(word) < 4 or token.isupper() or not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies"):
        return word[:-3] + "y"
    return word[:-2] if word.endswith(("sses", "xes", "ches", "shes")) else word[:-1]


def is_number(word: str) -> bool:
    """Whether a word of `normal_words` is a quantity or holds a digit."""
    return any(letter.isdigit() for letter in word)
