"""Extraction → one HTML page: each passage with its marked words beside its trees, and the whole document."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from jinja2 import Environment
from markupsafe import Markup

from text2mdt.errors import Text2MDTError
from text2mdt.export.dot import relation_label, triple_label
from text2mdt.export.highlight import Mark, Piece, cut, merged
from text2mdt.export.page_templates import page_templates
from text2mdt.export.svg import trees_svg
from text2mdt.relations import ENGLISH
from text2mdt.schema import DecisionTree, Extraction, Node, PassageResult, Span, Triple, tree_ends
from text2mdt.sourced_tree import node_confidence, strengths

_TEMPLATES = Path(__file__).parent / "templates"
_COLOURS = 8
_DEEPEST = 8


@dataclass(frozen=True)
class _Chip:
    """One triple in the list of a tree; without a key its words were not found in the passage.

    `sure` is its confidence for people, or nothing; `doubtful` says that it is below what is marked.
    """

    key: str | None
    look: str
    relation: str
    words: str
    sure: str
    doubtful: bool


@dataclass(frozen=True)
class _Row:
    """A node in the list of a tree: the answer that leads to it, its triples, and how firmly it is recommended."""

    depth: int
    answer: str
    condition: bool
    logic: str
    chips: tuple[_Chip, ...]
    strengths: tuple[str, ...]
    doubtful: bool


@dataclass(frozen=True)
class _Picture:
    svg: Markup | None
    rows: tuple[_Row, ...]


@dataclass(frozen=True)
class _Card:
    """What the page shows of a passage."""

    anchor: str
    result: PassageResult
    heading: str
    pieces: list[Piece]
    pictures: list[_Picture]
    warnings: list[str]


@dataclass(frozen=True)
class _Key:
    """An entry of the legend."""

    look: str
    keyword: str
    name: str
    meaning: str


def html_files(extraction: Extraction) -> dict[str, str]:
    """The page as one file."""
    return {".html": page(extraction)}


def page(extraction: Extraction) -> str:
    """A page that stands alone: style, script and pictures are in it, and its policy forbids it to load anything."""
    looks = looks_of(extraction)
    cards = cards_of(extraction, looks)
    script, style = asset("page.js"), asset("page.css")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return (
        environment()
        .get_template("page.html.j2")
        .render(
            extraction=extraction,
            cards=cards,
            tree_count=sum(len(card.pictures) for card in cards),
            legend=[_legend_entry(name, look) for name, look in looks.items()],
            source=cut(extraction.text, _source_marks(extraction, looks)),
            script=Markup(script),
            style=Markup(style),
            script_digest=digest,
        )
    )


@cache
def environment() -> Environment:
    """The templates of this package, with autoescape."""
    return page_templates(_TEMPLATES)


@cache
def asset(name: str) -> str:
    """The content of a style sheet or script beside the templates."""
    return (_TEMPLATES / name).read_text(encoding="utf-8")


def looks_of(extraction: Extraction) -> dict[str, str]:
    """The CSS classes of the relations that occur: colour by relation, line by role."""
    roles = {
        triple.relation: node.role for result in extraction.passages for node in result.tree for triple in node.triples
    }
    order = list(ENGLISH.by_name) + [name for name in roles if name not in ENGLISH.by_name]
    return {
        name: f"rel c{order.index(name) % _COLOURS} {'cond' if roles[name] == 'C' else 'deci'}"
        for name in order
        if name in roles
    }


def _legend_entry(name: str, look: str) -> _Key:
    known = ENGLISH.by_name.get(name)
    return _Key(look, _keyword(name), relation_label(name), known.meaning if known else "")


def _keyword(name: str) -> str:
    known = ENGLISH.by_name.get(name)
    return known.keyword if known else relation_label(name)


def cards_of(extraction: Extraction, looks: dict[str, str]) -> list[_Card]:
    """What a page shows of each passage: marked text, pictures, lists and warnings."""
    limit = extraction.min_confidence
    trees = []
    for number, result in enumerate(extraction.passages, start=1):
        if not _closes(result):
            continue
        first = 0
        for tree in result.trees:
            title = f"Decision tree of passage {number}: {result.population}"
            trees.append((tree, title, _doubtful(tree, first, result, limit)))
            first += len(tree)
    pictures = iter(trees_svg(trees))
    return [_card(number, result, looks, pictures, limit) for number, result in enumerate(extraction.passages, start=1)]


def _closes(result: PassageResult) -> bool:
    return not result.tree or tree_ends(result.tree)[-1:] == [len(result.tree)]


def _doubtful(tree: DecisionTree, first: int, result: PassageResult, limit: float | None) -> frozenset[int]:
    """The nodes of a tree that are less sure than the limit."""
    return frozenset(index for index in range(len(tree)) if _is_low(node_confidence(result, first + index), limit))


def _is_low(probability: float | None, limit: float | None) -> bool:
    return probability is not None and limit is not None and probability < limit


def _card(
    number: int, result: PassageResult, looks: dict[str, str], drawn: Iterator[str | None], limit: float | None
) -> _Card:
    """The card of the passage of this number, whose trees are drawn next."""
    anchor = f"p{number}"
    warnings = [f"Failed: {result.error}"] if result.error else []
    if result.truncated:
        warnings.append("Cut off: the model reached its limit before the end; a branch may be missing.")
    warnings += [f"Repaired: {repair}" for repair in result.repairs]
    warnings += [f"To be checked: {warning.text}" for warning in result.warnings]
    pictures: list[_Picture] = []
    first = 0
    try:
        for tree in result.trees:
            pictures.append(_picture(tree, next(drawn), anchor, first, result, looks, limit))
            first += len(tree)
    except Text2MDTError as error:
        warnings.append(str(error))
    if any(chip.key is None for picture in pictures for row in picture.rows for chip in row.chips):
        warnings.append("Not in the text: words with a broken frame were not found in the passage.")
    path = result.passage.heading_path
    return _Card(
        anchor=anchor,
        result=result,
        heading=path[-1] if path else "Without heading",
        pieces=cut(result.text, merged(_passage_marks(anchor, result, looks))),
        pictures=pictures,
        warnings=warnings,
    )


def _picture(
    tree: DecisionTree,
    svg: str | None,
    anchor: str,
    first: int,
    result: PassageResult,
    looks: dict[str, str],
    limit: float | None,
) -> _Picture:
    """A tree as drawn, if it could be, and as a list that says the same."""
    doubtful = _doubtful(tree, first, result, limit)
    placed = {(found.node, found.triple) for found in result.groundings if found.part == "object"}
    depths, answers = _places(tree)
    rows = []
    for index, node in enumerate(tree.nodes):
        chips = []
        for count, triple in enumerate(node.triples):
            key = f"{anchor}-{first + index}-{count}" if (first + index, count) in placed else None
            known = result.confidences[first + index].triples[count] if result.confidences else None
            sure = "" if known is None else f"confidence {known:.0%}"
            look = looks[triple.relation]
            chips.append(_Chip(key, look, triple_label(triple, node), triple.object, sure, _is_low(known, limit)))
        depth = min(depths[index], _DEEPEST)
        firmness = strengths(result, first + index)
        logic = node.logical_rel.value
        unsure = index in doubtful
        rows.append(_Row(depth, answers[index], node.is_condition, logic, tuple(chips), firmness, unsure))
    return _Picture(None if svg is None else Markup(svg), tuple(rows))


def _places(tree: DecisionTree) -> tuple[list[int], list[str]]:
    """Of every node how deep it stands and the answer that leads to it."""
    depths, answers = [0] * len(tree), [""] * len(tree)
    for index, children in enumerate(tree.children()):
        for child, answer in zip(children or (), ("yes", "no"), strict=False):
            depths[child], answers[child] = depths[index] + 1, answer
    return depths, answers


def _passage_marks(anchor: str, result: PassageResult, looks: dict[str, str]) -> list[Mark]:
    """The groundings of a passage as marks of its text."""
    marks = []
    for node, number, count, triple, part, span, _ in _found(result):
        key = f"{anchor}-{number}-{count}"
        if part == "object":
            tooltip = f"{triple_label(triple, node)}: {triple.object}"
            marks.append(Mark(span.start, span.end, looks[triple.relation], _keyword(triple.relation), tooltip, (key,)))
        elif triple.relation != ENGLISH.dosage:
            marks.append(Mark(span.start, span.end, "population", "population", f"population: {triple.subject}"))
    return marks


def _source_marks(extraction: Extraction, looks: dict[str, str]) -> list[Mark]:
    """In the whole document, the passages and the words of their triples."""
    marks = []
    for number, result in enumerate(extraction.passages, start=1):
        for count, segment in enumerate(result.passage.segments):
            end = segment.document_start + segment.length
            keys = (f"p{number}",) if count == 0 else ()
            marks.append(Mark(segment.document_start, end, "passage", "", f"passage {number}", keys))
        for node, _, _, triple, part, _, spans in _found(result):
            if part == "object":
                tooltip = f"{triple_label(triple, node)}: {triple.object}"
                marks += [Mark(span.start, span.end, looks[triple.relation], "", tooltip) for span in spans]
    return merged(marks)


def _found(result: PassageResult) -> Iterator[tuple[Node, int, int, Triple, str, Span, tuple[Span, ...]]]:
    """The groundings that fit the trees, each with its node and triple."""
    for grounding in result.groundings:
        if grounding.node < len(result.tree) and grounding.triple < len(result.tree[grounding.node].triples):
            node = result.tree[grounding.node]
            triple = node.triples[grounding.triple]
            place = (grounding.node, grounding.triple, triple, grounding.part, grounding.passage_span)
            yield (node, *place, grounding.document_spans)
