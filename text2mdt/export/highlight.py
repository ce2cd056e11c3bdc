"""Text with marked spans, cut into pieces that a page can write one after another."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True)
class Mark:
    """A marked span of a text.

    Attributes:
        start, end: the half-open range of characters.
        look: how it is shown, a CSS class.
        label: a short word in front of it, so that colour is never the only sign.
        tooltip: shown on hovering.
        keys: the triples that it belongs to; each is an anchor.
    """

    start: int
    end: int
    look: str
    label: str = ""
    tooltip: str = ""
    keys: tuple[str, ...] = ()


@dataclass(frozen=True)
class Piece:
    """A run of text under the same marks; `marks` innermost first, `starting` those that begin here."""

    text: str
    marks: tuple[Mark, ...]
    starting: tuple[Mark, ...]

    @property
    def looks(self) -> str:
        return " ".join(dict.fromkeys(mark.look for mark in self.marks))

    @property
    def tooltip(self) -> str:
        return "; ".join(dict.fromkeys(mark.tooltip for mark in self.marks if mark.tooltip))

    @property
    def keys(self) -> str:
        return " ".join(dict.fromkeys(key for mark in self.marks for key in mark.keys))


def cut(text: str, marks: Iterable[Mark]) -> list[Piece]:
    """The text in pieces, one for every stretch with the same marks; marks may nest and overlap.

    The texts of the pieces, joined, are the text. Empty marks and those outside of the text are left out.
    """
    usable = [mark for mark in marks if 0 <= mark.start < mark.end <= len(text)]
    usable.sort(key=lambda mark: (mark.start, mark.start - mark.end))
    borders = sorted({0, len(text), *(mark.start for mark in usable), *(mark.end for mark in usable)})
    pieces: list[Piece] = []
    open_marks: list[Mark] = []
    waiting = 0
    for start, end in pairwise(borders):
        open_marks = [mark for mark in open_marks if mark.end > start]
        first = waiting
        while waiting < len(usable) and usable[waiting].start == start:
            waiting += 1
        starting = tuple(usable[first:waiting])
        open_marks += starting
        innermost = sorted(open_marks, key=lambda mark: mark.end - mark.start)
        pieces.append(Piece(text[start:end], tuple(innermost), starting))
    return pieces


def merged(marks: Sequence[Mark]) -> list[Mark]:
    """Marks of the same span and look as one with all their keys (an action that several branches share)."""
    groups: dict[tuple[int, int, str], list[Mark]] = {}
    for mark in marks:
        groups.setdefault((mark.start, mark.end, mark.look), []).append(mark)
    return [
        Mark(
            start=group[0].start,
            end=group[0].end,
            look=group[0].look,
            label=group[0].label,
            tooltip="; ".join(dict.fromkeys(mark.tooltip for mark in group if mark.tooltip)),
            keys=tuple(key for mark in group for key in mark.keys),
        )
        for group in groups.values()
    ]
