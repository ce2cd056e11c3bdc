"""What the pages of guidelines and of editions share: templates, style, passages with their marked words."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from jinja2 import Environment

from text2mdt.export.dot import printable, triple_label
from text2mdt.export.highlight import Mark, Piece, cut, merged
from text2mdt.export.html import asset
from text2mdt.export.page_templates import page_templates
from text2mdt.relations import ENGLISH
from text2mdt.schema import Node, PassageResult, Triple

_TEMPLATES = Path(__file__).parent / "templates"
_COLOURS = 8


@dataclass(frozen=True)
class Chip:
    """A triple on a page; `target` is the anchor of its words, or of its passage where they were not found."""

    look: str
    relation: str
    words: str
    target: str
    placed: bool


@dataclass(frozen=True)
class PassageCard:
    """A passage on a page: its number from 1, where it stands, its words with marks, and reasons to doubt its trees."""

    number: int
    id: str
    anchor: str
    heading: str
    pages: str
    population: str
    pieces: list[Piece]
    doubts: list[str]


@cache
def environment() -> Environment:
    """The templates of this package, with autoescape; `printable` takes out what a page cannot hold."""
    made = page_templates(_TEMPLATES)
    made.filters["printable"] = printable
    return made


@cache
def style() -> str:
    """The style sheet of both pages."""
    return asset("page.css") + (_TEMPLATES / "guideline.css").read_text(encoding="utf-8")


def look_of(relation: str, is_condition: bool) -> str:
    """The CSS classes of a relation: colour by relation, line by role."""
    names = list(ENGLISH.by_name)
    number = names.index(relation) if relation in names else len(names)
    return f"rel c{number % _COLOURS} {'cond' if is_condition else 'deci'}"


def card_of(number: int, result: PassageResult) -> PassageCard:
    """The card of the passage of this number."""
    doubts = [f"Failed: {result.error}"] if result.error else []
    if result.truncated:
        doubts.append("Cut off: the model reached its limit before the end; a branch may be missing.")
    doubts += [f"Repaired: {repair}" for repair in result.repairs]
    doubts += [f"{warning.kind.replace('_', ' ')}: {warning.text}" for warning in result.warnings]
    return PassageCard(
        number=number,
        id=result.id,
        anchor=f"p{number}",
        heading=" › ".join(result.passage.heading_path) or "Without heading",
        pages=page_words(result),
        population=result.population,
        pieces=cut(result.text, merged(_marks(f"p{number}", result))),
        doubts=doubts,
    )


def page_words(result: PassageResult) -> str:
    """ "page 3", "pages 3 and 4", or nothing where the document has no pages."""
    pages = result.passage.pages
    return f"page{'s' if len(pages) > 1 else ''} {' and '.join(map(str, pages))}" if pages else ""


def chips_of(node: Node, anchor: str, number: int, placed: frozenset[tuple[int, int]]) -> tuple[Chip, ...]:
    """The triples of a node; `number` is its place in the passage's forest, `anchor` the passage's."""
    chips = []
    for index, triple in enumerate(node.triples):
        found = (number, index) in placed
        target = f"{anchor}-{number}-{index}" if found else anchor
        look = look_of(triple.relation, node.is_condition)
        chips.append(Chip(look, triple_label(triple, node), triple.object, target, found))
    return tuple(chips)


def placed_objects(result: PassageResult) -> frozenset[tuple[int, int]]:
    """The triples, by node and index, whose words were found in the passage."""
    return frozenset((found.node, found.triple) for found in result.groundings if found.part == "object")


def _marks(anchor: str, result: PassageResult) -> list[Mark]:
    marks = []
    for found in result.groundings:
        if found.part != "object" or (triple := _triple(result, found.node, found.triple)) is None:
            continue
        node = result.tree[found.node]
        tooltip = f"{triple_label(triple, node)}: {triple.object}"
        span, look = found.passage_span, look_of(triple.relation, node.is_condition)
        marks.append(Mark(span.start, span.end, look, "", tooltip, (f"{anchor}-{found.node}-{found.triple}",)))
    return marks


def _triple(result: PassageResult, node: int, triple: int) -> Triple | None:
    """The triple that a grounding names, if there is one."""
    if node < len(result.tree) and triple < len(result.tree[node].triples):
        return result.tree[node].triples[triple]
    return None
