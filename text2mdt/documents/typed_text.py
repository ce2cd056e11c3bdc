"""Text as people typed it into a page or a Word file → clean words; bullets and line breaks made by hand are told."""

from __future__ import annotations

import re
from collections.abc import Iterator

from text2mdt.documents.document import CAPTION

LINE_BREAK = "\u2028"
"""Stands for a line break inside of a paragraph until its words are cleaned."""

_DROPPED = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\ufeff"))
_PLAIN = {
    0x2010: "-",
    0x2011: "-",
    0xFB00: "ff",
    0xFB01: "fi",
    0xFB02: "fl",
    0xFB03: "ffi",
    0xFB04: "ffl",
}
_CHARACTERS = {**_DROPPED, **_PLAIN, **dict.fromkeys((*range(9), *range(14, 28), 127), " ")}
_BULLET = re.compile(
    r"[•▪▫◦‣●○■□►▸➢➤✓❑\uf0b7\uf0a7\uf0d8]\s*(?=\S)|[·–—*-]\s+(?=\S)|o\t\s*(?=\S)|"
    r"\(?(?:\d{1,2}|[a-z]|[ivx]{1,4})[.)]\s+(?=\S)"
)
_EMPTY_LINE = re.compile(rf"{LINE_BREAK}[^\S{LINE_BREAK}]*(?:{LINE_BREAK}\s*)+")
_HEADING_WORDS = 12


def clean(text: str) -> str:
    """The words with one plain blank between them, without characters that are not seen (soft hyphens)."""
    return " ".join(text.translate(_CHARACTERS).split())


def without_bullet(text: str) -> str | None:
    """What stands behind a bullet or a number that was typed before a list item ("•", "a)"); None without one."""
    stripped = text.translate(_DROPPED).lstrip()
    bullet = _BULLET.match(stripped)
    return stripped[bullet.end() :] if bullet else None


def typed_paragraphs(text: str) -> Iterator[str]:
    """The paragraphs that a text with line breaks stands for: an empty line ends one, a bullet begins one."""
    for chunk in _EMPTY_LINE.split(text):
        lines: list[str] = []
        for line in chunk.split(LINE_BREAK):
            if lines and without_bullet(line) is not None:
                yield " ".join(lines)
                lines = []
            lines.append(line)
        yield " ".join(lines)


def is_title_like(words: str) -> bool:
    """Whether clean words that are set in bold may be a heading: a few, and no sentence or caption."""
    return (
        0 < len(words.split()) <= _HEADING_WORDS
        and words[-1] not in ".;,:!?"
        and any(character.isalpha() for character in words)
        and not CAPTION.match(words)
    )
