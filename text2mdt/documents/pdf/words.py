"""Characters of a page → words, in arrays, since the pages of a document wait for one another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise

import numpy as np
from numpy.typing import NDArray

from text2mdt.documents.pdf.glyphs import Glyphs
from text2mdt.documents.pdf.lines import Word, lines_of
from text2mdt.documents.superscripts import DROPPED, raised

_BLANK = 0.28
"""A gap of this share of the size is a blank, where the file itself has none."""
_NO_BLANK = 0.07
"""A blank in the file that is narrower was only put in where the type changes, or pieces were written in any order."""
_OVERLAP = 0.6
"""A character may reach so far into the one before it, as a share of the size."""
_SAME_LINE = 0.35
_RAISED_SIZE = 0.85
_RISE = 0.22
"""What stands so much higher than the word before it is raised, whatever its size."""
_INITIAL = 1.9
_SPACED_LETTERS = 4
"""So many single letters at even distances are a word with its letters spaced out."""


@dataclass(frozen=True)
class PageWords:
    """The words of a page.

    Attributes:
        glyphs: its characters, those of a word one after the other.
        starts: [words + 1] where each word begins in `glyphs`.
        glued: [words] whether no blank stands before a word: it goes on with the word before in another size.
    """

    glyphs: Glyphs
    starts: NDArray[np.int32]
    glued: NDArray[np.bool_]

    def __iter__(self) -> Iterator[Word]:
        return iter(_words(self.glyphs, self.starts, self.glued))

    def __len__(self) -> int:
        return len(self.glued)


def words_of(glyphs: Glyphs) -> PageWords:
    """The words of a page in the order in which they were written, without the raised numbers of references.

    Pieces that touch make one word, in whatever order they were written.
    """
    if not glyphs.text:
        return PageWords(glyphs, np.zeros(1, np.int32), np.zeros(0, np.bool_))
    glyphs = _with_small_initials(glyphs)
    starts = np.flatnonzero(np.concatenate([[True], ~_goes_on(glyphs)])).astype(np.int32)
    pieces = _words(glyphs, np.append(starts, len(glyphs.text)), np.zeros(len(starts), np.bool_))
    return _packed(glyphs, _whole(_with_small_ones(_whole(_glued(pieces)))))


def _words(glyphs: Glyphs, starts: NDArray[np.int32], glued: NDArray[np.bool_]) -> list[Word]:
    if not len(glued):
        return []
    first, boxes = starts[:-1], glyphs.boxes
    corners = [np.minimum.reduceat(boxes[:, :2], first), np.maximum.reduceat(boxes[:, 2:], first)]
    edges = np.concatenate(corners, axis=1).tolist()
    bold = np.logical_and.reduceat(glyphs.bold, first).tolist()
    return [
        Word(glyphs, start, end, glyphs.text[start:end].replace(DROPPED, ""), tuple(box), heavy, joined)
        for start, end, box, heavy, joined in zip(
            first.tolist(), starts[1:].tolist(), edges, bold, glued.tolist(), strict=True
        )
    ]


def _with_small_initials(glyphs: Glyphs) -> Glyphs:
    """The same with an initial over several lines no higher than the line that goes on behind it."""
    left, top, right, bottom = glyphs.boxes.T
    size = bottom - top
    large = size[:-1] > _INITIAL * size[1:]
    beside = (left[1:] > left[:-1]) & (left[1:] - right[:-1] < size[1:])
    level = np.abs(top[1:] - top[:-1]) < 0.25 * size[:-1]
    letters = np.array([letter.isalpha() for letter in glyphs.text])
    initial = np.append(large & beside & level & letters[1:], False) & letters & glyphs.after_blank
    if not initial.any():
        return glyphs
    boxes, after_blank = glyphs.boxes.copy(), glyphs.after_blank.copy()
    boxes[initial, 1], boxes[initial, 3] = (top[1:][initial[:-1]], bottom[1:][initial[:-1]])
    after_blank[1:][initial[:-1]] = False
    return replace(glyphs, boxes=boxes, after_blank=after_blank)


def _goes_on(glyphs: Glyphs) -> NDArray[np.bool_]:
    """[characters - 1] whether each character but the first is in one word with the character before, in one size."""
    left, top, right, bottom = glyphs.boxes.T
    size = bottom - top
    gap = left[1:] - right[:-1]
    higher, lower = np.maximum(size[1:], size[:-1]), np.minimum(size[1:], size[:-1])
    same_place = (left[1:] == left[:-1]) & (right[1:] == right[:-1])  # the letters of a ligature
    near = (gap > -_OVERLAP * lower) & (gap < _BLANK * higher) | same_place
    level = np.abs(bottom[1:] - bottom[:-1]) < 0.1 * lower
    blank = glyphs.after_blank[1:] & (gap > _NO_BLANK * lower)
    return near & level & ~blank & (higher - lower < 0.1 * higher)


def _glued(pieces: Sequence[Word]) -> list[list[Word]]:
    """Pieces that no blank parts but their size or height, each with those glued to it; references are dropped."""
    words: list[list[Word]] = []
    base: Word | None = None  # the last one that is not raised
    before: Word | None = None
    for piece in pieces:
        joint = _joint(before, base, piece) if before and base else "apart"
        if joint == "raised":
            words[-1] += _written_raised(words, [piece])
        elif joint == "glued":
            words[-1].append(piece)
        else:
            words.append([piece])
        before, base = piece, base if joint == "raised" else piece
    return words


def _joint(before: Word, base: Word, piece: Word) -> str:
    """How a piece follows another: "raised", "glued" or "apart"; `base` is the last that is not raised."""
    low = min(base.size, piece.size)
    overlap = min(base.box[3], piece.box[3]) - max(base.box[1], piece.box[1])
    gap = piece.box[0] - before.box[2]
    if overlap < _SAME_LINE * low or not -_OVERLAP * low < gap < _BLANK * max(before.size, piece.size):
        return "apart"
    rise = base.base - piece.base
    if 0.4 * base.size < piece.size < _RAISED_SIZE * base.size and piece.box[3] < base.box[3] - 0.15 * base.size:
        return "raised"
    if piece.size < 1.05 * base.size and rise > _RISE * base.size:
        return "raised"
    return "apart" if piece.after_blank and gap > _NO_BLANK * low else "glued"


def _written_raised(words: Sequence[Sequence[Word]], pieces: Sequence[Word]) -> list[Word]:
    """Raised pieces as they are read behind these words; a reference keeps its place, but nothing is read there."""
    before = " ".join("".join(piece.text for piece in word) for word in words[-3:])
    text = "".join(piece.text for piece in pieces)
    written = raised(before, text)
    written = DROPPED * len(text) if written == DROPPED else written
    ends = [0, *accumulate(len(piece.text) for piece in pieces)]
    return [piece.replaced(written[start:end]) for piece, (start, end) in zip(pieces, pairwise(ends), strict=True)]


def _with_small_ones(words: Sequence[list[Word]]) -> list[list[Word]]:
    """The words with small ones (raised, lowered) joined to those they stand behind, though not written after them."""
    joined = list(words)
    boxes = np.array([word[0].box for word in words])
    rights = np.array([word[-1].box[2] for word in words])
    sizes = boxes[:, 3] - boxes[:, 1]
    for number in np.flatnonzero(sizes < _RAISED_SIZE * np.median(sizes)).tolist():
        left, top, _, bottom = boxes[number]
        gaps = left - rights
        near = (gaps > -_OVERLAP * sizes[number]) & (gaps < _BLANK * sizes) & (sizes * _RAISED_SIZE > sizes[number])
        near &= (boxes[:, 1] < bottom) & (boxes[:, 3] > top)
        base = max(np.flatnonzero(near).tolist(), key=lambda other: rights[other], default=None)
        if base is None:
            continue
        joint = _joint(joined[base][-1], joined[base][-1], words[number][0])
        if joint != "apart":
            small = _written_raised([joined[base]], words[number]) if joint == "raised" else words[number]
            joined[base], joined[number] = [*joined[base], *small], []
    return [word for word in joined if word]


def _whole(words: Sequence[list[Word]]) -> list[list[Word]]:
    """Words of which the pieces were written one by one, put together: those that touch, and letters spaced out."""
    heads = {id(word[0]): word for word in words}
    joined: dict[int, list[Word]] = {}
    for line in lines_of(word[0] for word in words):
        row = [heads[id(head)] for head in line.words]
        for group in _groups(row):
            joined[id(group[0][0])] = [piece for word in group for piece in word]
            for word in group[1:]:
                joined[id(word[0])] = []
    return [joined[id(word[0])] for word in words if joined[id(word[0])]]


def _groups(row: Sequence[list[Word]]) -> list[list[list[Word]]]:
    """The words of a line, those that make one word together."""
    limits = _letter_gaps(row)
    groups = [[row[0]]]
    for number, (before, after) in enumerate(pairwise(row)):
        last, head = before[-1], after[0]
        base = next((piece for piece in reversed(before) if piece.size > _RAISED_SIZE * head.size), last)
        gap = head.box[0] - last.box[2]
        level = abs(head.box[3] - base.box[3]) < 0.1 * head.size and abs(head.size - base.size) < 0.1 * head.size
        if level and -_NO_BLANK * 3 * head.size < gap < max(_NO_BLANK * head.size, limits[number]):
            groups[-1].append(after)
        else:
            groups.append([after])
    return groups


def _is_level(first: Word, second: Word) -> bool:
    return max(abs(first.size - second.size), abs(first.box[3] - second.box[3])) < 0.1 * second.size


def _letter_gaps(row: Sequence[list[Word]]) -> list[float]:
    """For each gap of a line, how wide the gaps between the letters of a word are there; 0 where none are spaced."""
    limits = [0.0] * max(len(row) - 1, 0)
    start = 0
    while start < len(row):
        end = start
        while end < len(row) and len(row[end]) == 1 and len(row[end][0].text) == 1 and row[end][0].text.isalpha():
            end += 1
        if end - start >= _SPACED_LETTERS:
            gaps = [after[0].box[0] - before[0].box[2] for before, after in pairwise(row[start:end])]
            narrow = 1.4 * min(gaps) + 0.5
            if narrow < row[start][0].size:
                limits[start : end - 1] = [narrow] * (end - 1 - start)
        start = max(end, start + 1)
    return limits


def _packed(glyphs: Glyphs, words: Sequence[Sequence[Word]]) -> PageWords:
    """The words in arrays, their characters in their own order."""
    order: list[int] = []
    starts: list[int] = []
    glued: list[bool] = []
    changed: dict[int, str] = {}
    for word in words:
        for number, piece in enumerate(word):
            goes_on = number > 0 and _is_level(word[number - 1], piece)
            if not goes_on:
                starts.append(len(order))
                glued.append(number > 0)
            for offset, letter in enumerate(piece.text):
                if letter != glyphs.text[piece.start + offset]:
                    changed[len(order) + offset] = letter
            order.extend(range(piece.start, piece.end))
    chosen = glyphs.chosen(np.array(order, dtype=np.int64))
    if changed:
        letters = list(chosen.text)
        for place, letter in changed.items():
            letters[place] = letter
        chosen = Glyphs("".join(letters), chosen.boxes, chosen.bold, chosen.after_blank)
    return PageWords(chosen, np.array([*starts, len(order)], dtype=np.int32), np.array(glued, dtype=np.bool_))
