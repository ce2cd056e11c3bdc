"""Words that were divided at the end of a line: put together with or without their hyphen."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_HYPHENS = ("-", "\u2010", "\u2011")
_SOFT_HYPHEN = "\u00ad"
_DASHES = ("\u2012", "\u2013")
_LINKS = frozenset({"and", "or", "to", "nor", "versus"})
"""Behind a hyphen that stands for the rest of a word ("short- and long-term")."""
_KEPT_AFTER = frozenset(
    re.findall(
        r"\w+",
        "non self low high long short first second third well ill full half all ex cross one two three four five six "
        "ten evidence age dose life risk beta alpha gamma gluten weight blood near year week day double single end "
        "follow community hospital once twice patient health meta x",
    )
)
"""First parts of words that are written with a hyphen far more often than without ("low-dose")."""
_CLOSED = frozenset(
    re.findall(r"\w+", "with there how what when where an any every some no out over under up in on to for may can")
)
"""Words that grow together with the next one ("without") though both are words of their own."""
_LONG = 8
_MOST_PARTS = 2


class Hyphenation:
    """Knows how a document writes its words inside of lines.

    Args:
        words: of the document; parts of words at the ends of lines may be among them.
    """

    def __init__(self, words: Iterable[str]) -> None:
        self._count: Counter[str] = Counter()
        for word in words:
            if not word.endswith((*_HYPHENS, _SOFT_HYPHEN)):
                self._count.update(part.lower() for part in _WORD.findall(word))

    def joint(self, before: str, after: str) -> str:
        """What stands between a line and the next one: " ", "" or "divided" (nothing, and no hyphen either).

        The document's own spelling decides where it has the word elsewhere; then capitals, digits and known first
        parts keep the hyphen.
        """
        if before.endswith(_SOFT_HYPHEN):
            return "divided"
        first, second = before[-2:-1], after[:1]
        if before.endswith("/"):
            return "" if first.isalnum() else " "
        if before.endswith(_DASHES):
            return "" if first.isalnum() and second.isalnum() else " "
        if not before.endswith(_HYPHENS) or not first.isalnum() or not second.isalnum():
            return "" if self._was_cut(before, after) else " "
        if _head(after) in _LINKS:
            return " "
        return "" if self._keeps(before[:-1], after) else "divided"

    def _was_cut(self, before: str, after: str) -> bool:
        """Whether a word was cut without a hyphen, since it is too long for its cell: only the whole is known."""
        if not before[-1].isalpha() or not after[0].islower():
            return False
        left, right = _tail(before), _head(after)
        known = self._count[left + right]
        return len(left + right) >= _LONG and known > 0 and min(self._count[left], self._count[right]) <= _MOST_PARTS

    def _keeps(self, before: str, after: str) -> bool:
        if not before[-1].isalpha() or not after[0].islower():
            return True
        left, right = _tail(before), _head(after)
        with_hyphen, without = self._count[f"{left}-{right}"], self._count[left + right]
        if with_hyphen != without:
            return with_hyphen > without
        first = left.rsplit("-", 1)[-1]
        both_known = min(len(first), len(right)) > 2 and min(self._count[first], self._count[right]) > 1
        return first in _KEPT_AFTER or "-" in left or (both_known and first not in _CLOSED)


def _tail(words: str) -> str:
    found = _WORD.findall(words.rsplit(maxsplit=1)[-1].lower())
    return found[-1] if found else ""


def _head(words: str) -> str:
    found = _WORD.match(words.lower())
    return found[0] if found else ""
