"""How far two pieces of text share their words."""

from __future__ import annotations

import re
from collections import Counter

_TOKEN = re.compile(r"[\u3400-\u9fff]|\d+(?:[.,]\d+)*|[^\W\d_\u3400-\u9fff]+|[^\w\s]")
"""A Chinese character, a number, a word, or a sign."""


def tokens(text: str) -> list[str]:
    """Words, numbers, signs and single Chinese characters of a text, in lower case."""
    return _TOKEN.findall(text.lower())


def token_f1(one: str, other: str) -> float:
    """F1 of the two multisets of tokens, 0 to 1; 1 for equal texts."""
    if one == other:
        return 1.0
    left, right = Counter(tokens(one)), Counter(tokens(other))
    total = left.total() + right.total()
    return 2 * (left & right).total() / total if total else 0.0
