"""The words of a phrase that carry its meaning, shortened so that their forms agree (English)."""

from __future__ import annotations

import re

_SMALL_WORDS = """
if when whenever where in for the a an of to those patients people who with without is are has have had been be
and or at on by as their its his her women men children adults infants was were there once from during does do
did can after before than that this these such any all other others not no should may must which into under over
"""
_SMALL = frozenset(_SMALL_WORDS.split())
_STEM = 5


def content_words(phrase: str) -> frozenset[str]:
    """The beginnings of the words of three letters or more, in lower case, without small words and digits."""
    words = re.findall(r"[^\W\d_]{3,}", phrase.lower())
    return frozenset(word[:_STEM] for word in words if word not in _SMALL)
