"""A passage cut into sentences and statements, with their offsets (English)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from text2mdt.grounding import Place

ITEM_BEGIN = r"^(?:[•▪]\s*|\(?\d+(?:\.\d+)*[.)]?\s+|\(?[a-z]\)\s+)?"
"""The mark or number at the beginning of a statement, as a regular expression."""

_ABBREVIATION = r"(?<!\be\.g)(?<!\bi\.e)(?<!\bvs)(?<!\bapprox)(?<!\bcf)(?<!\bal)(?<!\bno)(?<!\bfig)(?<!\bp)(?<!\bpp)"
_COLON = re.compile(r"(?<=\S):(?=\s|$)")  # not that of "1:1000"
_SENTENCE_END = re.compile(rf"{_ABBREVIATION}[.!?](?=[\s)\]]|$)|[•▪]|\n\s*\n|[。！？]", re.IGNORECASE)
_STATEMENT_END = re.compile(rf"{_SENTENCE_END.pattern}|[;；]", re.IGNORECASE)


def sentences(text: str) -> tuple[Place, ...]:
    """Where the sentences stand; bullets begin one, abbreviations and decimals do not end one."""
    return _pieces(text, _SENTENCE_END)


def statements(text: str) -> tuple[Place, ...]:
    """The sentences, cut further at semicolons."""
    return _pieces(text, _STATEMENT_END)


def piece_at(pieces: Sequence[Place], place: Place) -> Place:
    """The piece in which a place begins; the place itself where there is none."""
    return next((piece for piece in reversed(pieces) if piece[0] <= place[0] < piece[1]), place)


def lead_in(text: str, pieces: Sequence[Place], statement: Place) -> Place | None:
    """The words up to a colon under which a statement stands as one of several, or None.

    Args:
        text: the passage.
        pieces: its statements.
        statement: one of them; it follows a semicolon or a bullet where it has a lead-in.
    """
    for piece in reversed([piece for piece in pieces if piece[1] <= statement[0]]):
        gap = text[piece[1] : statement[0]]
        if not (text[piece[1] - 1] in ";；" or re.search(r"[•▪]", text[piece[1] - 1 :][:1] + gap)):
            return None
        if colons := [match.start() for match in _COLON.finditer(text, *piece)]:
            return piece[0], colons[-1]
        statement = piece
    return None


def overlap(one: Place, other: Place) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def within(one: Place, other: Place) -> bool:
    """Whether the first lies in the second."""
    return other[0] <= one[0] and one[1] <= other[1]


def _pieces(text: str, ends: re.Pattern[str]) -> tuple[Place, ...]:
    cuts = [0, *(match.end() for match in ends.finditer(text)), len(text)]
    pieces = []
    for start, end in pairwise(cuts):
        if words := text[start:end].strip():
            start = text.index(words, start)
            pieces.append((start, start + len(words)))
    return tuple(pieces)
