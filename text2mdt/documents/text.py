"""Plain text → blocks, by blank lines, bullets, numbering, underlines and columns."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from text2mdt.documents.document import CAPTION, Block, BlockKind, Outline, table_row
from text2mdt.mapped_text import MappedText

_BULLET = re.compile(r"[ \t]*(?:[-*•·–▪◦‣]|\(?(?:\d{1,2}|[a-z]|[ivx]{1,4})[.)])[ \t]+(?=\S)")
_NUMBER = re.compile(r"(\d{1,2}(?:\.\d{1,3})*)\.?[ \t]+(?=\S)")
_UNDERLINE = re.compile(r"[ \t]*(=+|-+|~+|_+)[ \t]*")
_RULE = re.compile(r"[\s|+:=_~*-]+")
_COLUMNS = re.compile(r"[ \t]*\|[ \t]*|\t+| {3,}")
_HEADING_WORDS = 12
_TITLE_LEVEL = 1


@dataclass(frozen=True)
class _Line:
    start: int
    text: str

    @property
    def end(self) -> int:
        return self.start + len(self.text)


def text_blocks(text: str) -> list[Block]:
    """The blocks of a plain text.

    A blank line ends a block. A short line of its own without a full stop, an underlined line and one in
    capitals are headings ("2.1 Treatment" by the depth of its number, underlines and capitals at level 2,
    others at level 3; the first heading is the title at level 1). Lines with bullets are list items; three or
    more lines with the same number of columns (bars, tabs or wide gaps) are a table with its header on top.
    """
    return _Reader(text).blocks()


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.outline = Outline()

    def blocks(self) -> list[Block]:
        return [block for chunk in self._chunks() for block in self._chunk_blocks(chunk)]

    def _chunks(self) -> Iterator[list[_Line]]:
        chunk: list[_Line] = []
        start = 0
        for line in self.text.split("\n"):
            if line.strip():
                chunk.append(_Line(start, line))
            elif chunk:
                yield chunk
                chunk = []
            start += len(line) + 1
        if chunk:
            yield chunk

    def _chunk_blocks(self, chunk: list[_Line]) -> Iterator[Block]:
        if len(chunk) >= 2 and _UNDERLINE.fullmatch(chunk[1].text) and _is_short(chunk[0].text):
            yield self._heading(chunk[0], 2)
            chunk = chunk[2:]
        elif _is_numbered_title(chunk) or (len(chunk) == 1 and _is_title(chunk[0].text)):
            yield self._heading(chunk[0], _level(chunk[0].text))
            chunk = chunk[1:]
        columns = _table(chunk)
        if columns:
            yield from self._table_blocks(columns)
            return
        for lines in _paragraphs(chunk):
            yield from self._words(lines)

    def _heading(self, line: _Line, level: int) -> Block:
        content = MappedText.of(self.text, line.start, line.end).tidy()
        level = max(level, _TITLE_LEVEL + 1) if self.outline.level else _TITLE_LEVEL
        above = self.outline.enter(level, content.text)
        return Block(BlockKind.HEADING, content, above, line.start, line.end, level)

    def _table_blocks(self, rows: list[tuple[_Line, list[tuple[int, int]]]]) -> Iterator[Block]:
        contents = [[MappedText.of(self.text, *cell).tidy() for cell in cells] for _, cells in rows]
        for (line, _), cells in zip(rows[1:], contents[1:], strict=True):
            content = table_row(contents[0], cells)
            if content.text:
                yield Block(BlockKind.TABLE_ROW, content, self.outline.path, line.start, line.end)

    def _words(self, lines: list[_Line]) -> Iterator[Block]:
        start, end = lines[0].start, lines[-1].end
        bullet = _BULLET.match(self.text, start, end)
        content = MappedText.of(self.text, bullet.end() if bullet else start, end).tidy()
        if not content.text or _RULE.fullmatch(content.text):
            return
        if bullet:
            indent = len(lines[0].text) - len(lines[0].text.lstrip())
            level = 1 if indent < 4 else 2
            yield Block(BlockKind.LIST_ITEM, content, self.outline.path, start, end, level)
        else:
            yield Block(BlockKind.PARAGRAPH, content, self.outline.path, start, end)


def _paragraphs(chunk: list[_Line]) -> Iterator[list[_Line]]:
    """The lines of a chunk, a new group at each bullet and at each numbered recommendation."""
    group: list[_Line] = []
    for line in chunk:
        number = _NUMBER.match(line.text)
        if group and (_BULLET.match(line.text) or (number and "." in number[1])):
            yield group
            group = []
        group.append(line)
    if group:
        yield group


def _is_short(line: str) -> bool:
    return len(line.split()) <= _HEADING_WORDS and len(line) <= 120


def _is_title(line: str) -> bool:
    words = line.strip().lstrip("#").strip()
    return (
        _is_short(words)
        and words[-1:] not in tuple(".;,:!?|")
        and (words[:1].isupper() or words[:1].isdigit() or not words[:1].isascii())
        and not _BULLET.match(line)
        and not CAPTION.match(words)
        and not _COLUMNS.search(words)
        and any(character.isalpha() for character in words)
    )


def _is_numbered_title(chunk: list[_Line]) -> bool:
    """Whether a chunk begins with a number and a few words without a full stop ("2.1 Treatment")."""
    number = _NUMBER.match(chunk[0].text)
    if not number or (len(chunk) > 1 and _BULLET.match(chunk[1].text)):
        return False
    words = chunk[0].text[number.end() :]
    return len(words.split()) <= 8 and words[:1].isupper() and _is_title(words)


def _level(line: str) -> int:
    number = _NUMBER.match(line)
    if number:
        return 2 + number[1].count(".")
    return 2 if line.isupper() else 3


def _table(chunk: list[_Line]) -> list[tuple[_Line, list[tuple[int, int]]]]:
    """The rows of a table with the places of their cells, or nothing when the lines are no table."""
    rows = [(line, _cells(line)) for line in chunk if not _RULE.fullmatch(line.text)]
    widths = {len(cells) for _, cells in rows}
    return rows if len(rows) >= 3 and len(widths) == 1 and min(widths) >= 2 else []


def _cells(line: _Line) -> list[tuple[int, int]]:
    stripped = line.text.strip()
    bars = stripped.startswith("|") and stripped.endswith("|")
    first = len(line.text) - len(line.text.lstrip()) + bars
    last = len(line.text.rstrip()) - bars
    cells, start = [], first
    for match in _COLUMNS.finditer(line.text, first, last):
        if match.start() == first and not bars:
            continue
        cells.append((line.start + start, line.start + match.start()))
        start = match.end()
    return [*cells, (line.start + start, line.start + max(start, last))]
