"""The words of a paragraph of a Word file, with what is known of their look and what hangs on them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from lxml import etree

from text2mdt.documents.docx.drawings import figure_note, text_boxes
from text2mdt.documents.docx.fields import hidden_by_fields, is_left_out
from text2mdt.documents.docx.names import M, W, children, number, value
from text2mdt.documents.docx.styles import Style, Styles, run_properties
from text2mdt.documents.drafts import NoteDraft
from text2mdt.documents.equations import line_of
from text2mdt.documents.superscripts import raised, without_references
from text2mdt.documents.symbol_font import plain, symbol
from text2mdt.documents.typed_text import LINE_BREAK, clean

_GROUPS = frozenset(f"{W}{name}" for name in ("hyperlink", "bdo", "dir", "fldSimple", "ruby", "rubyBase"))
_DELETED = frozenset((f"{W}del", f"{W}moveFrom"))
_DRAWINGS = frozenset((f"{W}drawing", f"{W}pict", f"{W}object"))
_MARKS = {
    f"{W}tab": "\t",
    f"{W}ptab": "\t",
    f"{W}br": LINE_BREAK,
    f"{W}cr": LINE_BREAK,
    f"{W}noBreakHyphen": "-",
}
_TAIL = 40
"""So many characters before a raised number tell what it is."""
_USUAL_SIZE = 20  # half points


@dataclass
class ParagraphWords:
    """What a paragraph holds.

    Attributes:
        text: its words, not yet cleaned; line breaks as `LINE_BREAK`.
        bold: all letters are bold.
        size: of most letters, in half points.
        boxes: contents of text boxes that are anchored in it.
        notes: pictures and what else is not read.
    """

    text: str
    bold: bool
    size: int
    boxes: list[etree._Element]
    notes: list[NoteDraft]


@dataclass
class SeenOnTheWay:
    """What is counted for the notes about the whole file."""

    tracked: bool = False
    footnotes: int = 0
    endnotes: int = 0
    comments: set[str] = field(default_factory=set)


class RunReader:
    """Reads paragraphs of one document.

    Args:
        body: all that is going to be read, for the fields that go over several paragraphs.
    """

    def __init__(self, body: etree._Element, styles: Styles) -> None:
        self.styles = styles
        self.seen = SeenOnTheWay()
        self._hidden = hidden_by_fields(body)
        self.seen.tracked = next(body.iter(*_DELETED, f"{W}ins", f"{W}moveTo"), None) is not None

    def read(self, paragraph: etree._Element, style: Style) -> ParagraphWords:
        return _Paragraph(self, style).read(paragraph, self._hidden)


class _Paragraph:
    def __init__(self, reader: RunReader, style: Style) -> None:
        self.reader = reader
        self.style = style
        self.pieces: list[str] = []
        self.raised: list[str] = []  # neighbouring raised runs, until the next one that is not
        self.struck: list[str] = []
        self.bold: list[bool] = []
        self.sizes: Counter[int] = Counter()
        self.boxes: list[etree._Element] = []
        self.notes: list[NoteDraft] = []

    def read(self, paragraph: etree._Element, hidden: set[etree._Element]) -> ParagraphWords:
        self._read(paragraph, hidden)
        self._close_raised()
        self._close_struck()
        text = without_references("".join(self.pieces))
        size = self.sizes.most_common(1)[0][0] if self.sizes else _USUAL_SIZE
        return ParagraphWords(text, bool(self.bold) and all(self.bold), size, self.boxes, self.notes)

    def _read(self, parent: etree._Element, hidden: set[etree._Element]) -> None:
        for child in children(parent):
            if child.tag == f"{W}r":
                self._run(child, hidden)
            elif child.tag in _GROUPS or child.tag == f"{M}oMathPara":
                if child.tag != f"{W}fldSimple" or not is_left_out(child.get(f"{W}instr", "")):
                    self._read(child, hidden)
            elif child.tag == f"{M}oMath":
                self._equation(child)
            elif child.tag == f"{W}commentRangeStart":
                self.reader.seen.comments.add(child.get(f"{W}id", ""))

    def _run(self, run: etree._Element, hidden: set[etree._Element]) -> None:
        own = run.find(f"{W}rPr")
        properties = {
            **self.style.run,
            **self.reader.styles.character(value(own, "rStyle")),
            **run_properties(own),
        }
        if properties.get("vanish"):
            return
        font = str(properties.get("font", ""))
        texts = [self._text(child, font) for child in children(run) if child not in hidden]
        text = "".join(texts)
        if not text:
            return
        if properties.get("strike") or properties.get("dstrike"):
            self.struck.append(text)
            return
        self._close_struck()
        if properties.get("vertAlign") == "superscript":
            self.raised.append(text)
            return
        self._close_raised()
        self.pieces.append(text)
        letters = sum(character.isalnum() for character in text)
        if letters:
            self.bold.append(bool(properties.get("b")))
            self.sizes[number(str(properties.get("sz", ""))) or _USUAL_SIZE] += letters

    def _text(self, child: etree._Element, font: str) -> str:
        """What a child of a run adds to the words."""
        seen = self.reader.seen
        if child.tag == f"{W}t":
            return plain(child.text or "", font)
        if child.tag in _MARKS:
            return _MARKS[child.tag]
        if child.tag == f"{W}sym":
            return self._symbol(child)
        if child.tag in _DRAWINGS:
            self._drawing(child)
        elif child.tag == f"{W}footnoteReference":
            seen.footnotes += 1
        elif child.tag == f"{W}endnoteReference":
            seen.endnotes += 1
        elif child.tag == f"{W}commentReference":
            seen.comments.add(child.get(f"{W}id", ""))
        elif child.tag == f"{W}ruby":
            base = child.find(f"{W}rubyBase")
            return "" if base is None else "".join(text.text or "" for text in base.iter(f"{W}t"))
        return ""

    def _symbol(self, element: etree._Element) -> str:
        try:
            code = int(element.get(f"{W}char", ""), 16)
        except ValueError:
            code = 0
        character = symbol(code, element.get(f"{W}font", ""))
        if character is None:
            self.notes.append(NoteDraft("symbol", f"symbol of the font {element.get(f'{W}font', '')}, not read"))
        return character or ""

    def _drawing(self, drawing: etree._Element) -> None:
        boxes = text_boxes(drawing)
        self.boxes += boxes
        note = figure_note(drawing, len(boxes))
        if note is not None:
            self.notes.append(note)

    def _equation(self, element: etree._Element) -> None:
        words = line_of(element)
        if not words.strip():
            return
        self._close_raised()
        self.pieces.append(words)
        if len(words.strip()) > 1:
            self.notes.append(NoteDraft("equation", "equation, read as a line", clean(words)))

    def _close_raised(self) -> None:
        if self.raised:
            words, self.raised = "".join(self.raised), []
            self.pieces.append(raised("".join(self.pieces[-8:])[-_TAIL:], words))

    def _close_struck(self) -> None:
        words = clean("".join(self.struck))
        self.struck = []
        if words:
            self.notes.append(NoteDraft("struck out", "struck-out words, not read", words))
