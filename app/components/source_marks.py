"""Where the triples of a passage stand: as marks of its text or of the document, and as boxes on a page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypedDict

from app.components.relation_looks import relation_looks
from app.components.tree_data import triple_numbers
from text2mdt.schema import Grounding, PassageResult

Kind = Literal["condition", "decision"]


class MarkData(TypedDict):
    """A marked span of a text: `start` and `end` count characters (code points), half-open.

    `label` is the short word in front of it, `colour` its number (see `relation_looks`), `triples` the ids of the
    triples whose words these are.
    """

    id: str
    start: int
    end: int
    kind: Kind
    label: str
    colour: int
    triples: list[str]


class BoxData(TypedDict):
    """A rectangle on a page, in points from its top left corner; the words of `triples` stand in it."""

    id: str
    left: float
    top: float
    right: float
    bottom: float
    kind: Kind
    label: str
    colour: int
    triples: list[str]


@dataclass(frozen=True)
class _Placed:
    """Triples of the same words and relation, with one of their groundings."""

    grounding: Grounding
    kind: Kind
    label: str
    colour: int
    triples: list[str]


def passage_marks(result: PassageResult) -> list[MarkData]:
    """The marks of the passage's text, in its order; triples that share their words share a mark."""
    return [
        _mark(f"m{number}", placed, placed.grounding.passage_span.start, placed.grounding.passage_span.end)
        for number, placed in enumerate(_placed(result), start=1)
    ]


def document_marks(result: PassageResult) -> list[MarkData]:
    """The marks of the passage in the text of its document; words that a join cuts have a mark for each piece."""
    return [
        _mark(f"m{number}.{piece}", placed, span.start, span.end)
        for number, placed in enumerate(_placed(result), start=1)
        for piece, span in enumerate(placed.grounding.document_spans, start=1)
    ]


def page_boxes(result: PassageResult, page: int) -> list[BoxData]:
    """The boxes of the passage on this page (from 1), one a line of words."""
    return [
        BoxData(
            id=f"m{number}.{line}",
            left=box.left,
            top=box.top,
            right=box.right,
            bottom=box.bottom,
            kind=placed.kind,
            label=placed.label,
            colour=placed.colour,
            triples=placed.triples,
        )
        for number, placed in enumerate(_placed(result), start=1)
        for line, box in enumerate(placed.grounding.boxes, start=1)
        if box.page == page
    ]


def _mark(name: str, placed: _Placed, start: int, end: int) -> MarkData:
    return MarkData(
        id=name,
        start=start,
        end=end,
        kind=placed.kind,
        label=placed.label,
        colour=placed.colour,
        triples=placed.triples,
    )


def _placed(result: PassageResult) -> list[_Placed]:
    looks = relation_looks(triple.relation for node in result.tree for triple in node.triples)
    numbers = triple_numbers(result)
    found: dict[tuple[int, int, str, Kind], _Placed] = {}
    for grounding in _of_objects(result):
        node = result.tree[grounding.node]
        relation = node.triples[grounding.triple].relation
        kind: Kind = "condition" if node.is_condition else "decision"
        span = grounding.passage_span
        placed = found.setdefault(
            (span.start, span.end, relation, kind),
            _Placed(grounding, kind, looks[relation]["word"], looks[relation]["colour"], []),
        )
        placed.triples.append(numbers[grounding.node, grounding.triple])
    return [found[key] for key in sorted(found, key=lambda key: (key[0], -key[1], key[2], key[3]))]


def _of_objects(result: PassageResult) -> Iterator[Grounding]:
    """The groundings of objects that fit the trees."""
    for grounding in result.groundings:
        if (
            grounding.part == "object"
            and grounding.node < len(result.tree)
            and grounding.triple < len(result.tree[grounding.node].triples)
        ):
            yield grounding
