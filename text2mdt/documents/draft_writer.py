"""Drafts → the text of a document and its blocks."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Sequence

from text2mdt.documents.document import Block, BlockKind, Outline, Reading, table_row
from text2mdt.documents.draft_tables import PlacedCell, Row, TablePlan, plan_of
from text2mdt.documents.drafts import Draft, NoteDraft, TableDraft, TextDraft
from text2mdt.errors import Text2MDTError
from text2mdt.mapped_text import MappedText
from text2mdt.schema import Note, Segment

MAX_BLOCKS = 300_000
"""Paragraphs and cells of a file; more are refused."""
_MOST_REPEATED = 5_000_000
"""Characters that headers and merged cells may add to the rows they are repeated in, so that memory is bounded."""
_REPEATED_COST = 16
_LONGEST_HEADER = 300
_BOX_LEVELS = 20
"""A heading that only bold type makes stands so much deeper inside of a box than outside."""
_ENDS = (".", ",", ";", ":", "!", "?")


class DraftWriter:
    """Puts the words of drafts one behind the other, and maps each block to them.

    Blocks are divided by an empty line, list items and the rows of a table by a line end, cells by a tab; headers of a
    table stand in the text once and are repeated in the content of its rows.
    """

    def __init__(self, where: object) -> None:
        self.where = where
        self.blocks: list[Block] = []
        self.notes: list[Note] = []
        self.outline = Outline()
        self._pieces: list[str] = []
        self._length = 0
        self._written = 0
        self._repeated = 0
        self._headings = 0  # those that are marked as such
        self._boxes = 0  # open tables that are read as paragraphs

    def reading(self) -> Reading:
        """What was written; raises T2M011 when nothing was."""
        if not self.blocks:
            raise Text2MDTError("T2M011", self.where)
        return Reading("".join(self._pieces), tuple(self.blocks), None, tuple(self.notes))

    def note(self, kind: str, text: str) -> None:
        """Notes something about the whole file."""
        self.notes.append(Note(kind=kind, text=text))

    def write(self, drafts: Iterable[Draft]) -> None:
        for draft in drafts:
            if isinstance(draft, TextDraft):
                self._text(draft)
            elif isinstance(draft, TableDraft):
                self._table(draft)
            else:
                self._note(draft)

    def _note(self, draft: NoteDraft) -> None:
        path = self.outline.path
        place = f'after "{path[-1]}"' if path else "at the start"
        caption = f": {draft.caption}" if draft.caption else ""
        self.notes.append(Note(kind=draft.kind, text=f"{place}: {draft.text}{caption}"))

    def _text(self, draft: TextDraft) -> None:
        kind, level = draft.kind, draft.level
        self._headings += kind is BlockKind.HEADING
        if kind is BlockKind.PARAGRAPH and draft.heading_level:
            kind, level = BlockKind.HEADING, draft.heading_level + _BOX_LEVELS * self._boxes
        after_item = bool(self.blocks) and self.blocks[-1].kind is BlockKind.LIST_ITEM
        self._divide("\n" if kind is BlockKind.LIST_ITEM and after_item else "\n\n")
        content = self._put(draft.words)
        path = self.outline.enter(level, content.text) if kind is BlockKind.HEADING else self.outline.path
        self.blocks.append(Block(kind, content, path, self._length - len(draft.words), self._length, level))

    def _table(self, table: TableDraft) -> None:
        plan = plan_of(table)
        if plan is None:
            self._layout(table)
            return
        for caption in plan.captions:
            self.write(caption.drafts)
        self._note_figures(plan)
        headers = self._headers(plan)
        section: list[MappedText] = []
        above: dict[int, MappedText] = {}
        for index, row in enumerate(plan.rows):
            self._divide("\n" if index or plan.headers else "\n\n")
            start = self._length
            contents = self._cells(row, above)
            if plan.is_section(index):
                section = contents
                if index + 1 < len(plan.rows) and not plan.is_section(index + 1):
                    continue
            if self._length > start:
                content = self._row(plan, row, contents, headers, [] if contents is section else section)
                self.blocks.append(Block(BlockKind.TABLE_ROW, content, self.outline.path, start, self._length))

    def _layout(self, table: TableDraft) -> None:
        """The cells one after another; a heading that only bold type makes ends with its table."""
        outline, first, headings = copy.deepcopy(self.outline), len(self.blocks), self._headings
        self._boxes += 1
        for row in table.rows:
            for cell in row:
                self.write(cell.drafts)
        self._boxes -= 1
        only_bold = headings == self._headings
        if only_bold and any(block.kind is not BlockKind.HEADING for block in self.blocks[first:]):
            self.outline = outline

    def _note_figures(self, plan: TablePlan) -> None:
        for row in [*plan.headers, *plan.rows]:
            for placed in row:
                if placed.begins:
                    self.write(draft for draft in placed.cell.drafts if isinstance(draft, NoteDraft))

    def _headers(self, plan: TablePlan) -> list[MappedText]:
        """The header of each column; the rows of a header of several rows are joined by commas."""
        stacks: list[list[MappedText]] = [[] for _ in range(plan.width)]
        above: dict[int, MappedText] = {}
        for index, row in enumerate(plan.headers):
            self._divide("\n" if index else "\n\n")
            for placed, content in zip(row, self._cells(row, above), strict=True):
                for column in placed.covered:
                    if content.text and content not in stacks[column] and len(content.text) <= _LONGEST_HEADER:
                        stacks[column].append(content)
        return [_joined(stack, ", ") for stack in stacks]

    def _cells(self, row: Row, above: dict[int, MappedText]) -> list[MappedText]:
        """Writes the cells that begin in a row; gives all that stand in it. `above` keeps those that reach down."""
        contents: list[MappedText] = []
        first = True
        for placed in row:
            if placed.begins:
                parts = placed.cell.parts
                if parts and not first:
                    self._add("\t")
                first = first and not parts
                content = self._cell(parts)
                if placed.cell.rows > 1:
                    above[id(placed.cell)] = content
            else:
                content = self._again(above.get(id(placed.cell), MappedText("")))
            contents.append(content)
        return contents

    def _cell(self, parts: Sequence[str]) -> MappedText:
        contents: list[MappedText | str] = []
        for index, part in enumerate(parts):
            if index:
                self._add(" ")
                contents.append(" " if parts[index - 1].endswith(_ENDS) else "; ")
            contents.append(self._put(part))
        return MappedText.join(contents)

    def _row(
        self,
        plan: TablePlan,
        row: Row,
        contents: list[MappedText],
        headers: list[MappedText],
        section: list[MappedText],
    ) -> MappedText:
        if len(row) == 1 and len(row[0].covered) > 1:  # a remark over the full width
            return table_row([], contents)
        names = [self._again(_header(placed, headers)) for placed in row]
        if plan.row_headers and len(contents) > 1:
            names, contents = [contents[0]], contents[1:]
        sections = [self._again(content) for content in section]
        return table_row([*(MappedText("") for _ in sections), *names], [*sections, *contents])

    def _again(self, content: MappedText) -> MappedText:
        """Words that are repeated, as long as they have not grown out of bounds."""
        self._repeated += len(content.text) + _REPEATED_COST
        return content if self._repeated <= _MOST_REPEATED else MappedText("")

    def _divide(self, blanks: str) -> None:
        if self._length:
            self._add(blanks)

    def _put(self, words: str) -> MappedText:
        self._written += 1
        if self._written > MAX_BLOCKS:
            raise Text2MDTError("T2M053", self.where, detail=f"more than {MAX_BLOCKS:,} paragraphs and cells")
        segment = Segment(passage_start=0, document_start=self._length, length=len(words))
        self._add(words)
        return MappedText(words, (segment,))

    def _add(self, text: str) -> None:
        self._pieces.append(text)
        self._length += len(text)


def _header(placed: PlacedCell, headers: list[MappedText]) -> MappedText:
    """The header of the column, or the headers of all columns that a cell covers."""
    found: list[MappedText] = []
    for column in placed.covered:
        if column < len(headers) and headers[column].text and headers[column] not in found:
            found.append(headers[column])
    return _joined(found, " / ")


def _joined(contents: Sequence[MappedText], mark: str) -> MappedText:
    if len(contents) == 1:
        return contents[0]
    parts: list[MappedText | str] = []
    for content in contents:
        parts += [mark, content] if parts else [content]
    return MappedText.join(parts)
