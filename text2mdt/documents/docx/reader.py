"""DOCX → blocks, in the order of the body."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from lxml import etree

from text2mdt.documents.document import BlockKind, Reading
from text2mdt.documents.docx.names import M, W, children, value
from text2mdt.documents.docx.package import DocxPackage, open_package
from text2mdt.documents.docx.runs import ParagraphWords, RunReader, SeenOnTheWay
from text2mdt.documents.docx.styles import Numbering, Style, Styles, indent_of, numbering_of
from text2mdt.documents.docx.tables import table_draft
from text2mdt.documents.draft_writer import DraftWriter
from text2mdt.documents.drafts import Draft, NoteDraft, TextDraft
from text2mdt.documents.figure_captions import FigureCaptions
from text2mdt.documents.typed_text import clean, is_title_like, typed_paragraphs, without_bullet
from text2mdt.errors import Text2MDTError

_BOLD_LEVEL = 11  # below every real heading
_LARGE = 1.2
"""A short paragraph in type so much larger than usual is a heading too."""
_LONGEST_HEADING = 30
_SENTENCE_WORDS = 12
_INDENT_STEP = 200  # twentieths of a point


def read_docx(data: bytes, where: object) -> Reading:
    """Reads a Word file.

    Headings are told by style or outline level, or by a short paragraph of its own in bold or large type. Numbers and
    bullets of lists are no content. Tracked changes are read as accepted; text boxes follow the paragraph they hang on.
    Headers, footers, comments, footnotes, hidden and struck-out words, tables of contents and numbers of references
    are left out; pictures, charts and what else may be missed is reported in the notes.

    Raises:
        Text2MDTError: T2M011 without any text, T2M050 encrypted, T2M052 damaged or an old .doc file, T2M053 too big.
    """
    package = open_package(data, where)
    body = package.document.find(f"{W}body")
    if body is None:
        raise Text2MDTError("T2M052", where, kind="Word", detail="it has no body")
    reader = _Body(package, body)
    drafts = reader.drafts(body)
    reader.set_heading_levels(drafts)
    writer = DraftWriter(where)
    writer.write(drafts)
    _note_file(writer, reader.runs.seen)
    return writer.reading()


@dataclass
class _MaybeHeading:
    draft: TextDraft
    bold: bool
    size: int


class _Body:
    def __init__(self, package: DocxPackage, body: etree._Element) -> None:
        self.styles = Styles(package.styles)
        self.numbering = Numbering(package.numbering)
        self.runs = RunReader(body, self.styles)
        self.sizes: Counter[int] = Counter()
        self.maybe: list[_MaybeHeading] = []
        self.titled = False
        self.indent: int | None = None  # of the first item of a list that was typed by hand
        self.carried = ""  # words of a paragraph whose end was deleted

    def drafts(self, parent: etree._Element) -> list[Draft]:
        """What a body, cell or text box holds."""
        found: list[Draft] = []
        captions = FigureCaptions()
        for child in children(parent):
            if child.tag == f"{W}p":
                drafts = self._paragraph(child)
            elif child.tag == f"{W}tbl":
                drafts = [table_draft(child, self.drafts)]
            elif child.tag == f"{M}oMathPara":
                drafts = self._paragraph(child)
            elif child.tag == f"{W}altChunk":
                drafts = [NoteDraft("embedded", "embedded document, not read")]
            else:
                continue
            captions.see(drafts)
            found += drafts
        return found

    def _paragraph(self, element: etree._Element) -> list[Draft]:
        properties = element.find(f"{W}pPr")
        style = self.styles.paragraph(value(properties, "pStyle"))
        words = self.runs.read(element, style)
        if style.dropped:
            return []
        text = self.carried + words.text
        self.carried = ""
        if properties is not None and properties.find(f"{W}rPr/{W}del") is not None:
            self.carried, text = text, ""
        drafts: list[Draft] = []
        for piece in typed_paragraphs(text):
            draft = self._draft(piece, words, properties, style)
            if draft is not None:
                drafts.append(draft)
                self.sizes[words.size] += len(draft.words)
        drafts += words.notes
        for box in words.boxes:
            drafts += self.drafts(box)
        return drafts

    def _draft(
        self, text: str, words: ParagraphWords, properties: etree._Element | None, style: Style
    ) -> TextDraft | None:
        content = clean(text)
        if not content:
            return None
        level = self._heading(content, properties, style)
        if level:
            return TextDraft(BlockKind.HEADING, content, level, words.bold)
        level = self._list_level(content, properties, style)
        if level:
            return TextDraft(BlockKind.LIST_ITEM, content, level, words.bold)
        title_like = is_title_like(content)
        typed = clean(without_bullet(text) or "")
        if typed and not (title_like and words.bold and content[0].isalnum()):
            return TextDraft(BlockKind.LIST_ITEM, typed, self._typed_level(properties, style), words.bold)
        self.indent = None
        draft = TextDraft(BlockKind.PARAGRAPH, content, bold=words.bold)
        if title_like:
            self.maybe.append(_MaybeHeading(draft, words.bold, words.size))
        return draft

    def _heading(self, content: str, properties: etree._Element | None, style: Style) -> int:
        """The level of a heading, 0 for other text. Below a title the levels of headings are one deeper."""
        outline = value(properties, "outlineLvl")
        level = style.heading
        if outline is not None and outline.isdecimal():
            level = int(outline) + 1 if int(outline) < 9 else 0
        count = len(content.split())
        if count > _LONGEST_HEADING or (count > _SENTENCE_WORDS and content.endswith(".")):
            return 0
        if style.title:
            self.titled = True
            return 1
        return level + self.titled if level else 0

    def _list_level(self, content: str, properties: etree._Element | None, style: Style) -> int:
        """The level of a list item, 0 for other text."""
        own = numbering_of(properties)
        numbering = own or style.numbering
        if numbering is None:
            return style.list_level
        list_number, level = numbering
        mark = self.numbering.mark(list_number, level)
        if not list_number or mark == "":
            return 0
        # A recommendation with a number such as 1.2.3 is a paragraph, as it is where the number was typed.
        if mark and mark.count("%") > 1 and len(content.split()) >= 8 and content.endswith((".", ":")):
            return 0
        return level + 1 if own else max(level + 1, style.list_level)

    def _typed_level(self, properties: etree._Element | None, style: Style) -> int:
        """The level of an item that was typed by hand, by how far it is set to the right."""
        own = indent_of(properties)
        indent = style.indent if own is None else own
        if self.indent is None:
            self.indent = indent
        return 2 if indent > self.indent + _INDENT_STEP else 1

    def set_heading_levels(self, drafts: list[Draft]) -> None:
        """Decides which short paragraphs are headings: in bold, or in large type; larger ones stand above others."""
        usual = self.sizes.most_common(1)[0][0] if self.sizes else 0
        chosen = [maybe for maybe in self.maybe if maybe.bold or maybe.size >= _LARGE * usual]
        ranks = {size: rank for rank, size in enumerate(sorted({maybe.size for maybe in chosen}, reverse=True))}
        for maybe in chosen:
            maybe.draft.heading_level = _BOLD_LEVEL + ranks[maybe.size]
        texts = [draft for draft in drafts if isinstance(draft, TextDraft)]
        real = any(draft.kind is BlockKind.HEADING for draft in texts)
        if texts and texts[0].heading_level and not real:
            texts[0].heading_level = 1  # the title


def _note_file(writer: DraftWriter, seen: SeenOnTheWay) -> None:
    if seen.tracked:
        writer.note("tracked changes", "the file has tracked changes: read as if all were accepted")
    for kind, count in (("comment", len(seen.comments)), ("footnote", seen.footnotes), ("endnote", seen.endnotes)):
        if count:
            writer.note(kind, f"{count} {kind}{'s' if count > 1 else ''}, not read")
