"""The elements of a web page, in order → drafts of its blocks."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from lxml import etree

from text2mdt.documents.document import BlockKind
from text2mdt.documents.drafts import Draft, NoteDraft, TextDraft
from text2mdt.documents.equations import line_of
from text2mdt.documents.html.boilerplate import PageContent, is_hidden, name_of
from text2mdt.documents.html.figures import PICTURES, OpenFigure, picture_note, symbol_of
from text2mdt.documents.html.inline import InlineText
from text2mdt.documents.html.tables import OpenTable
from text2mdt.documents.typed_text import clean, is_title_like, without_bullet

_BLOCKS = frozenset(
    (
        *("address", "article", "aside", "blockquote", "body", "center", "dd", "details", "dialog", "dir", "div", "dl"),
        *("dt", "fieldset", "figcaption", "figure", "footer", "form", "header", "hgroup", "hr", "html", "legend", "li"),
        *("main", "menu", "nav", "ol", "p", "pre", "search", "section", "summary", "table", "caption", "thead"),
        *("tbody", "tfoot", "tr", "td", "th", "ul", "option", "title", "h1", "h2", "h3", "h4", "h5", "h6"),
    )
)
_LISTS = frozenset(("ul", "ol", "dl", "menu", "dir"))
_CELLS = frozenset(("td", "th"))
_SECTIONS = frozenset(("thead", "tbody", "tfoot"))
_EMBEDDED = frozenset(("iframe", "object", "embed"))
_BLOCK_STYLE = re.compile(r"(?:^|;)\s*display\s*:\s*(?:block|flex|grid|table|list-item)\b", re.IGNORECASE)
_BOLD_STYLE = re.compile(r"font-weight\s*:\s*(?:bold|[6-9]00)", re.IGNORECASE)
_BOLD_LEVEL = 7  # below every real heading
_MOST_TABLES = 8
"""Tables inside of each other; the cells of deeper ones are read as paragraphs."""


@dataclass
class _Place:
    """Where the walk is: what the words that come next belong to. A cell of a table is a place of its own."""

    sink: list[Draft]
    cell: etree._Element | None = None
    list_depth: int = 0
    items: int = 0
    heading: int = 0
    quotes: int = 0
    term: str = ""  # of a definition list, until its definition comes
    table: OpenTable | None = None
    inside: list[str] = field(default_factory=list)  # dt, figcaption, pre: elements whose words are treated apart


def page_drafts(content: PageContent) -> list[Draft]:
    """The blocks of a page in order."""
    drafts: list[Draft] = []
    for part in content.parts:
        _Walk(content.dropped, drafts).walk(part)
    return drafts


class _Walk:
    def __init__(self, dropped: set[etree._Element], drafts: list[Draft]) -> None:
        self.dropped = dropped
        self.inline = InlineText()
        self.place = _Place(drafts)
        self.outer: list[_Place] = []  # the places around open cells
        self.figures: list[OpenFigure] = []
        self.blocks: set[etree._Element] = set()  # open elements that are blocks by their style

    def walk(self, root: etree._Element) -> None:
        """Walks without recursion: pages may be nested deeply."""
        walk = etree.iterwalk(root, events=("start", "end"))
        skipped: etree._Element | None = None
        for event, element in walk:
            name = name_of(element)
            if event == "start":
                if self._skips(element, name):
                    skipped = element
                    walk.skip_subtree()
                    continue
                self._start(element, name)
                self._add(element.text)
                continue
            if element is skipped:
                skipped = None
            else:
                self._end(element, name)
            if element is not root:
                self._add(element.tail)
        self._flush()

    def _add(self, text: str | None) -> None:
        if "pre" in self.place.inside:
            self.inline.add_lines(text)
        else:
            self.inline.add(text)

    def _skips(self, element: etree._Element, name: str) -> bool:
        """Whether an element's inside is not walked; what stands for it is added."""
        if name in PICTURES and not is_hidden(element) and (element not in self.dropped or name in _EMBEDDED):
            self._picture(element)
        elif element in self.dropped:
            if name in _BLOCKS:
                self._flush()
        elif name == "math":
            self._equation(element)
        elif name in ("s", "strike", "del"):
            words = clean("".join(element.itertext()))
            if words:
                self.place.sink.append(NoteDraft("struck out", "struck-out words, not read", words[:200]))
        else:
            return False
        return True

    def _picture(self, element: etree._Element) -> None:
        symbol = symbol_of(element)
        if symbol:
            self.inline.add(symbol)
            return
        note = picture_note(element)
        if note is None:
            return
        if self.figures:
            self.figures[-1].pictures += 1
            self.figures[-1].text = self.figures[-1].text or note.caption
            self.figures[-1].kind = note.text.partition(",")[0]
        else:
            self.place.sink.append(note)

    def _equation(self, element: etree._Element) -> None:
        words = clean(line_of(element)) or clean(element.get("alttext") or "")
        self.inline.add(words)
        if len(words) > 1:
            self.place.sink.append(NoteDraft("equation", "equation, read as a line", words))

    def _start(self, element: etree._Element, name: str) -> None:
        place = self.place
        level = _heading_level(element, name)
        if name in _BLOCKS or level or self._is_block(element):
            if level or not place.heading:
                self._flush()
            else:
                self.inline.add(" ")
        if level:
            place.heading = level
        elif name in _LISTS:
            self._start_list()
        elif name == "li":
            place.items += 1
        elif name == "blockquote":
            place.quotes += 1
        elif name == "br":
            self.inline.break_line()
        elif name == "figure":
            self.figures.append(OpenFigure())
        elif name in ("a", "sup"):
            self.inline.mark((element.get("href") or "").strip() if name == "a" else "")
        elif name == "q":
            self.inline.add("“")
        elif name in ("dt", "figcaption", "pre"):
            place.inside.append(name)
        elif name == "table" and len(self.outer) < _MOST_TABLES:
            self._start_table(element)
        elif place.table is not None:
            self._start_in_table(element, name, place.table)
        if _is_bold(element, name):
            self.inline.bold(1)

    def _end(self, element: etree._Element, name: str) -> None:
        if _is_bold(element, name):
            self.inline.bold(-1)
        level = _heading_level(element, name)
        if name in _BLOCKS or level or element in self.blocks:
            self.blocks.discard(element)
            if level or not self.place.heading:
                self._flush()
            else:
                self.inline.add(" ")
        place = self.place
        if level:
            place.heading = 0
        elif name in _LISTS:
            self._end_list()
        elif name == "li":
            place.items -= 1
        elif name == "blockquote":
            place.quotes -= 1
        elif name == "figure" and self.figures:
            note = self.figures.pop().note()
            place.sink += [note] if note else []
        elif name == "a":
            self.inline.end_link()
        elif name == "sup":
            self.inline.end_raised()
        elif name == "q":
            self.inline.add("”")
        elif name in ("dt", "figcaption", "pre") and name in place.inside:
            place.inside.remove(name)
        elif place.cell is element:
            self.place = self.outer.pop()
        elif name in _SECTIONS and place.table is not None:
            place.table.section = ""
        elif name == "table" and place.table is not None and place.table.element is element:
            self._end_table(place.table)

    def _is_block(self, element: etree._Element) -> bool:
        """Whether an inline element is set as a block; it is one until it ends."""
        if _BLOCK_STYLE.search(element.get("style") or ""):
            self.blocks.add(element)
            return True
        return False

    def _start_list(self) -> None:
        self._lead_term()
        self.place.list_depth += 1

    def _end_list(self) -> None:
        if self.place.term:
            self._item(self.place.term)
            self.place.term = ""
        self.place.list_depth -= 1

    def _lead_term(self) -> None:
        """A term whose definition begins with a list leads that list in."""
        if self.place.term:
            self._item(f"{self.place.term.rstrip(':')}:")
            self.place.term = ""

    def _item(self, words: str, bold: bool = False) -> None:
        level = max(self.place.list_depth, 1)
        self.place.sink.append(TextDraft(BlockKind.LIST_ITEM, words, level, bold))

    def _start_table(self, element: etree._Element) -> None:
        self.place.table = OpenTable(element, self.place.table)

    def _end_table(self, table: OpenTable) -> None:
        self.place.table = table.around
        self.place.sink.append(table.draft())

    def _start_in_table(self, element: etree._Element, name: str, table: OpenTable) -> None:
        if name in _CELLS:
            cell = table.start_cell(element, name)
            self.outer.append(self.place)
            self.place = _Place(cell.drafts, element)
        elif name == "tr":
            table.start_row()
        elif name in _SECTIONS:
            table.section = name

    def _flush(self) -> None:
        """Ends the block that is open."""
        paragraphs, bold = self.inline.take()
        place = self.place
        if "figcaption" in place.inside and self.figures:
            caption = " ".join(map(clean, paragraphs))
            self.figures[-1].caption = f"{self.figures[-1].caption} {caption}".strip()
        if place.heading or place.list_depth or place.items or "dt" in place.inside:
            paragraphs = [" ".join(paragraphs)] if paragraphs else []
        for text in paragraphs:
            self._write(text, clean(text), bold)

    def _write(self, text: str, words: str, bold: bool) -> None:
        place = self.place
        if place.heading:
            place.sink.append(TextDraft(BlockKind.HEADING, words, place.heading, bold))
        elif "dt" in place.inside:
            place.term = f"{place.term}, {words}" if place.term else words
        elif place.term:
            term, place.term = place.term.rstrip(":"), ""
            self._item(f"{term}: {words}")
        elif place.list_depth or place.items:
            self._item(words, bold)
        else:
            typed = clean(without_bullet(text) or "")
            title_like = bold and is_title_like(words) and not place.quotes and "figcaption" not in place.inside
            if typed and not (title_like and words[0].isalnum()):
                self._item(typed, bold)
            else:
                level = _BOLD_LEVEL if title_like else 0
                settled = "figcaption" in place.inside
                place.sink.append(TextDraft(BlockKind.PARAGRAPH, words, 0, bold, level, settled))


def _heading_level(element: etree._Element, name: str) -> int:
    if len(name) == 2 and name[0] == "h" and name[1] in "123456":
        return int(name[1])
    if (element.get("role") or "").lower() == "heading":
        level = (element.get("aria-level") or "").strip()
        return min(max(int(level), 1), 9) if level.isascii() and level.isdecimal() and len(level) < 4 else 2
    return 0


def _is_bold(element: etree._Element, name: str) -> bool:
    return name in ("b", "strong") or bool(_BOLD_STYLE.search(element.get("style") or ""))
