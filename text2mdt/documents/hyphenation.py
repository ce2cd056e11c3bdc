"""Words that were divided at the end of a line: put together with or without their hyphen."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_KEPT_AFTER = frozenset(
    [
        *(
            "non",
            "self",
            "low",
            "high",
            "long",
            "short",
            "first",
            "second",
            "third",
            "well",
            "ill",
            "full",
            "half",
            "all",
        ),
        *(
            "ex",
            "cross",
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "ten",
            "evidence",
            "age",
            "dose",
            "life",
            "risk",
        ),
        *("beta", "alpha", "gamma", "gluten", "weight", "blood", "near", "year", "week", "day", "double", "single"),
    ]
)
"""First parts of words that are written with a hyphen far more often than without ("low-dose")."""


class Hyphenation:
    """Knows how a document writes its words inside of lines.

    Args:
        texts: lines of the document.
    """

    def __init__(self, texts: Iterable[str]) -> None:
        self._count: Counter[str] = Counter()
        for text in texts:
            self._count.update(word.lower() for word in _WORD.findall(text))

    def keeps(self, first: str, second: str) -> bool:
        """Whether the hyphen between `first` (at the end of a line, without it) and `second` belongs to the word.

        The document's own spelling decides where it has the word elsewhere; then digits, capitals and known first
        parts keep it.
        """
        first, second = first.rsplit(maxsplit=1)[-1] if first.split() else "", second.split(maxsplit=1)[0]
        if not first or not first[-1].isalpha() or not second[:1].islower():
            return True
        left, right = _tail(first), _head(second)
        with_hyphen, without = self._count[f"{left}-{right}"], self._count[left + right]
        if with_hyphen != without:
            return with_hyphen > without
        return left.rsplit("-", 1)[-1] in _KEPT_AFTER or "-" in left


def _tail(words: str) -> str:
    found = _WORD.findall(words.lower())
    return found[-1] if found else ""


def _head(words: str) -> str:
    found = _WORD.match(words.lower())
    return found[0] if found else ""
