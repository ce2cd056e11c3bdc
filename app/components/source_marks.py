"""Where the triples of a passage stand: as marks of its text or of the document, and as boxes on a page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypedDict

from app.components.relation_looks import relation_looks
from app.components.tree_data import triple_numbers
from text2mdt.schema import Box, Grounding, PassageResult, Span

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
class Marking:
    """How the words of some triples are marked; see `MarkData`."""

    kind: Kind
    label: str
    colour: int
    triples: list[str]

    def mark(self, name: str, span: Span) -> MarkData:
        """Over a span of a text."""
        return MarkData(
            id=name,
            start=span.start,
            end=span.end,
            kind=self.kind,
            label=self.label,
            colour=self.colour,
            triples=self.triples,
        )

    def box(self, name: str, box: Box) -> BoxData:
        """Over a rectangle of a page."""
        return BoxData(
            id=name,
            left=box.left,
            top=box.top,
            right=box.right,
            bottom=box.bottom,
            kind=self.kind,
            label=self.label,
            colour=self.colour,
            triples=self.triples,
        )


def passage_marks(result: PassageResult) -> list[MarkData]:
    """The marks of the passage's text, in its order; triples that share their words share a mark."""
    return [
        marking.mark(f"m{number}", grounding.passage_span)
        for number, (grounding, marking) in enumerate(_placed(result), start=1)
    ]


def document_marks(result: PassageResult) -> list[MarkData]:
    """The marks of the passage in the text of its document; words that a join cuts have a mark for each piece."""
    return [
        marking.mark(f"m{number}.{piece}", span)
        for number, (grounding, marking) in enumerate(_placed(result), start=1)
        for piece, span in enumerate(grounding.document_spans, start=1)
    ]


def page_boxes(result: PassageResult, page: int) -> list[BoxData]:
    """The boxes of the passage on this page (from 1), one a line of words."""
    return [
        marking.box(f"m{number}.{line}", box)
        for number, (grounding, marking) in enumerate(_placed(result), start=1)
        for line, box in enumerate(grounding.boxes, start=1)
        if box.page == page
    ]


def _placed(result: PassageResult) -> list[tuple[Grounding, Marking]]:
    """Groundings of the same words and relation as one, in the order of the text."""
    looks = relation_looks(triple.relation for node in result.tree for triple in node.triples)
    numbers = triple_numbers(result)
    found: dict[tuple[int, int, str, Kind], tuple[Grounding, Marking]] = {}
    for grounding in _of_objects(result):
        node = result.tree[grounding.node]
        relation = node.triples[grounding.triple].relation
        kind: Kind = "condition" if node.is_condition else "decision"
        span = grounding.passage_span
        _, marking = found.setdefault(
            (span.start, span.end, relation, kind),
            (grounding, Marking(kind, looks[relation]["word"], looks[relation]["colour"], [])),
        )
        marking.triples.append(numbers[grounding.node, grounding.triple])
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
