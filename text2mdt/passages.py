"""Document → candidate passages of the size the model was trained on, each with its population."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import groupby, pairwise
from pathlib import PurePath

import spacy
from spacy.language import Language

from text2mdt.decision_cue import decision_cue
from text2mdt.documents.document import CAPTION, Block, BlockKind, Document
from text2mdt.mapped_text import MappedText
from text2mdt.population import find_population
from text2mdt.schema import Passage, Span

__all__ = ["FoundPassages", "Skipped", "decision_cue", "find_passages"]

FEWEST_WORDS = 30
USUAL_WORDS = 90
"""Short blocks are joined up to this size: most training passages have 35 to 85 words."""
MOST_WORDS = 180

_DROPPED = re.compile(
    r"(?:\W|\d|\b(?:annex|appendix|section|chapter)\b(?:\s+\w\b)?)*"
    r"(?:(?:key |selected |further |main )?(?:references|reading|literature|bibliography|sources|citations)|"
    r"(?:table of )?contents|(?:list of )?(?:authors?|contributors?|abbreviations|members)(?: and \w+)?|"
    r"(?:guideline )?(?:development|working|writing) (?:group|committee)(?: members)?|about this guideline|"
    r"acknowledge?ments?|funding(?: and \w+)*|(?:conflicts?|declarations?) of interests?|competing interests?|"
    r"disclosures?|"
    r"(?:literature )?search(?: strategy| strategies| terms)?|(?:guideline development )?methods?|methodology|"
    r"disclaimer|copyright|licen[cs]e|glossary|(?:version|revision|document|update) (?:history|control|information)|"
    r"changelog|change log)"
    r"(?:\s+and\s+(?:search|evidence|links|references|notes|funding|contributors))?\W*",
    re.IGNORECASE,
)
_GRADE = re.compile(r"[.!?]\s*(?:\([^()]*\)|\[[^\[\]]*\])$")  # "… are avoided. (strong recommendation)", "… [1B]"
_END_MARKS = tuple(".!?:;,。！？：；，")


@dataclass(frozen=True)
class Skipped:
    """A part of the document that is not handed to the model: where it stands (in `Document.text`), and why."""

    span: Span
    text: str
    heading_path: tuple[str, ...]
    reason: str


@dataclass(frozen=True)
class FoundPassages:
    """The passages of a document that may hold a decision, and what was left out; both in text order."""

    passages: tuple[Passage, ...]
    skipped: tuple[Skipped, ...]


def find_passages(document: Document) -> FoundPassages:
    """The candidate passages of a document, of 30 to 180 words where its sections allow.

    Under one heading, short blocks are joined and long ones are split at sentences. List items follow their lead-in
    ("Give one of:"), which is repeated where the list is split. For every segment of a passage,
    `passage.text[passage_start:…]` equals `document.text[document_start:…]` over its length. Sections such as the
    references are dropped, and so are passages without a `decision_cue`.
    """
    passages: list[Passage] = []
    skipped: list[Skipped] = []
    for path, blocks in _sections(document):
        if heading := next((heading for heading in path if _DROPPED.fullmatch(heading)), None):
            words = " ".join(block.text for block in blocks)
            span = Span(start=blocks[0].start, end=blocks[-1].end)
            skipped.append(Skipped(span, words, path, f"section '{heading}'"))
            continue
        for content in _grouped(_units(blocks)):
            if not decision_cue(content.text):
                skipped.append(Skipped(_extent(content), content.text, path, "no decision cue"))
                continue
            passages.append(_passage(document, content, path, len(passages) + 1))
    return FoundPassages(tuple(passages), tuple(skipped))


def _passage(document: Document, content: MappedText, path: tuple[str, ...], number: int) -> Passage:
    slug = re.sub(r"\W+", "-", PurePath(document.name).stem.lower()).strip("-")
    return Passage(
        id=f"{slug or 'document'}-{number:03d}",
        population=find_population(path, document.title, content.text, document.name),
        text=content.text,
        heading_path=path,
        segments=content.segments,
        pages=document.pages(content),
    )


def _sections(document: Document) -> Iterator[tuple[tuple[str, ...], list[Block]]]:
    """The blocks under each heading; two headings of the same words stay apart."""
    number = 0
    numbered: list[tuple[int, Block]] = []
    for block in document.blocks:
        if block.kind is BlockKind.HEADING:
            number += 1
        else:
            numbered.append((number, block))
    for _, group in groupby(numbered, key=lambda pair: pair[0]):
        blocks = [block for _, block in group]
        yield blocks[0].heading_path, blocks


def _units(blocks: list[Block]) -> Iterator[MappedText]:
    """Pieces that should stay together: a paragraph, or a list or table with its lead-in; none too long."""
    index = 0
    while index < len(blocks):
        lead = blocks[index] if blocks[index].kind is BlockKind.PARAGRAPH else None
        first = index + (lead is not None)
        last = first
        while last < len(blocks) and blocks[last].kind is not BlockKind.PARAGRAPH:
            last += 1
        rows = blocks[first:last]
        if lead and not (rows and _leads_in(lead)):
            yield from map(_closed, _split(lead.content))
            lead = None
        if rows:
            yield from _list_units(lead, rows)
        index = last


def _leads_in(paragraph: Block) -> bool:
    return paragraph.text.endswith(":") or bool(CAPTION.match(paragraph.text))


def _list_units(lead: Block | None, rows: list[Block]) -> Iterator[MappedText]:
    """A list with its lead-in; a long one in parts, each below the lead-in and the items it hangs under."""
    parts: list[MappedText] = []
    words = 0
    for index, row in enumerate(rows):
        pieces = [row.content] if row.content.word_count <= MOST_WORDS else list(_split(row.content))
        for piece in pieces:
            if parts and words + piece.word_count > (MOST_WORDS if _is_short(lead, rows) else USUAL_WORDS):
                yield _closed(_joined(parts))
                parts = []
            if not parts:
                parts = _leads(lead, rows, index)
                words = sum(part.word_count for part in parts)
            parts.append(_closed(piece) if row.kind is BlockKind.TABLE_ROW else piece)
            words += piece.word_count
    if parts:
        yield _closed(_joined(parts))


def _is_short(lead: Block | None, rows: list[Block]) -> bool:
    return sum(block.content.word_count for block in [*([lead] if lead else []), *rows]) <= MOST_WORDS


def _leads(lead: Block | None, rows: list[Block], index: int) -> list[MappedText]:
    """The lead-in paragraph and the items of higher level that introduce the item at `index`."""
    above: list[MappedText] = []
    level = rows[index].level
    for row in reversed(rows[:index]):
        if row.level < level:
            level = row.level
            if row.text.endswith(":"):
                above.insert(0, row.content)
    leads = [*([_closed(lead.content)] if lead else []), *above]
    return [piece for piece in leads if piece.word_count <= MOST_WORDS // 2]


def _split(content: MappedText) -> Iterator[MappedText]:
    """A long text in groups of sentences of about the usual size; one of at most `MOST_WORDS` stays whole."""
    if content.word_count <= MOST_WORDS:
        yield content
    else:
        yield from _packed(_sentences(content))


def _sentences(content: MappedText) -> Iterator[MappedText]:
    doc = _sentencizer()(content.text)
    start = 0
    starts = [sentence.start_char for sentence in doc.sents][1:]
    # A full stop inside a sentence ("i.v. twice daily") is followed by a small letter.
    ends = [position for position in starts if not content.text[position].islower()]
    for end in [*ends, len(content.text)]:
        yield from _short_pieces(content.slice(start, end).tidy())
        start = end


def _short_pieces(sentence: MappedText) -> Iterator[MappedText]:
    """A sentence that is longer than a passage can be, cut between words."""
    words = list(re.finditer(r"\S+", sentence.text))
    for first in range(0, len(words), MOST_WORDS):
        last = words[min(first + MOST_WORDS, len(words)) - 1]
        yield sentence.slice(words[first].start(), last.end())


def _grouped(units: Iterator[MappedText]) -> Iterator[MappedText]:
    """Joins neighbours without a decision up to `USUAL_WORDS`, and any up to `MOST_WORDS` where one is too short."""
    groups: list[list[MappedText]] = []
    sizes: list[int] = []
    kinds: list[bool] = []
    for unit in units:
        words, kind = unit.word_count, decision_cue(unit.text) is not None
        too_short = bool(groups) and min(sizes[-1], words) < FEWEST_WORDS
        alike = bool(groups) and kind == kinds[-1] and sizes[-1] + words <= USUAL_WORDS
        if groups and ((alike and not kind) or (too_short and sizes[-1] + words <= MOST_WORDS)):
            groups[-1].append(unit)
            sizes[-1] += words
            kinds[-1] = kinds[-1] or kind
        else:
            groups.append([unit])
            sizes.append(words)
            kinds.append(kind)
    for group in groups:
        yield _joined(group)


def _packed(units: Iterator[MappedText]) -> Iterator[MappedText]:
    """Joins neighbours up to `USUAL_WORDS`, and up to `MOST_WORDS` where a piece would be too short."""
    groups: list[list[MappedText]] = []
    sizes: list[int] = []
    for unit in units:
        words = unit.word_count
        too_short = bool(groups) and min(sizes[-1], words) < FEWEST_WORDS
        if groups and (sizes[-1] + words <= USUAL_WORDS or (too_short and sizes[-1] + words <= MOST_WORDS)):
            groups[-1].append(unit)
            sizes[-1] += words
        else:
            groups.append([unit])
            sizes.append(words)
    for group in groups:
        yield _joined(group)


def _joined(parts: list[MappedText]) -> MappedText:
    """Parts in one line, with a semicolon of ours behind those that no mark ends."""
    pieces: list[MappedText | str] = list(parts[:1])
    for previous, part in pairwise(parts):
        pieces += [" " if _is_closed(previous) else "; ", part]
    return MappedText.join(pieces)


def _closed(content: MappedText) -> MappedText:
    """With a full stop of ours where no mark ends it."""
    return content if _is_closed(content) else MappedText.join([content, "."])


def _is_closed(content: MappedText) -> bool:
    return content.text.endswith(_END_MARKS) or _GRADE.search(content.text) is not None


def _extent(content: MappedText) -> Span:
    starts = [segment.document_start for segment in content.segments]
    ends = [segment.document_start + segment.length for segment in content.segments]
    return Span(start=min(starts, default=0), end=max(ends, default=0))


@cache
def _sentencizer() -> Language:
    nlp = spacy.blank("en")
    nlp.add_pipe("sentencizer")
    nlp.max_length = 10_000_000  # the limit is meant for parsers, which need memory per character
    return nlp
