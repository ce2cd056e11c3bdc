"""Ways in which programs write the lines of a page into a PDF: as lines, words or characters, in any order."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from printed.typesetting import Ink, Line, characters


def _words(canvas: Any, inks: Iterable[Ink]) -> None:
    for ink in inks:
        canvas.setFont(ink.font, ink.size)
        canvas.drawString(ink.x, ink.y, ink.text)


def _inks(lines: Sequence[Line]) -> list[Ink]:
    return [ink for line in lines for ink in line.inks]


def _shuffled(inks: Iterable[Ink]) -> list[Ink]:
    shuffled = list(inks)
    random.Random(7).shuffle(shuffled)
    return shuffled


def word_by_word(canvas: Any, lines: Sequence[Line]) -> None:
    _words(canvas, _inks(lines))


def shuffled_words(canvas: Any, lines: Sequence[Line]) -> None:
    _words(canvas, _shuffled(_inks(lines)))


def character_by_character(canvas: Any, lines: Sequence[Line]) -> None:
    _words(canvas, characters(_inks(lines)))


def shuffled_characters(canvas: Any, lines: Sequence[Line]) -> None:
    _words(canvas, _shuffled(characters(_inks(lines))))


def from_the_right(canvas: Any, lines: Sequence[Line]) -> None:
    _words(canvas, [ink for line in lines for ink in reversed(list(characters(line.inks)))])


def from_the_foot(canvas: Any, lines: Sequence[Line]) -> None:
    _words(canvas, _inks(lines)[::-1])


def across_the_columns(canvas: Any, lines: Sequence[Line]) -> None:
    _words(canvas, sorted(_inks(lines), key=lambda ink: (-round(ink.y), ink.x)))


def twice(canvas: Any, lines: Sequence[Line]) -> None:
    """Bold type that is made by writing everything again, a little to the right."""
    inks = _inks(lines)
    for shift in (0.0, 0.35):
        for ink in inks:
            canvas.setFont(ink.font, ink.size)
            canvas.drawString(ink.x + shift, ink.y, ink.text)


PAINTERS: dict[str, Callable[[Any, Sequence[Line]], None]] = {
    paint.__name__: paint
    for paint in (
        word_by_word,
        shuffled_words,
        character_by_character,
        shuffled_characters,
        from_the_right,
        from_the_foot,
        across_the_columns,
        twice,
    )
}
