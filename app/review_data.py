"""A review in the form that the tree view, the text and the page image draw."""

from __future__ import annotations

from app.components.relation_looks import relation_looks
from app.components.source_marks import BoxData, Kind, MarkData, Marking
from app.components.tree_data import NodeData, TripleData
from text2mdt.review.review_tree import PassageReview, ReviewNode
from text2mdt.schema import Box, Span


def review_trees(review: PassageReview) -> list[NodeData]:
    """The trees of a passage under review, with their verdicts, warnings and comments."""
    return [_node(tree) for tree in review.trees]


def review_marks(review: PassageReview) -> list[MarkData]:
    """The marks of the passage's text; triples that share words and relation share a mark, rejected ones have none."""
    return [marking.mark(f"m{number}", span) for number, (span, marking) in enumerate(_placed(review), start=1)]


def review_boxes(review: PassageReview, page: int) -> list[BoxData]:
    """The boxes of the passage on a page (from 1), one a line of words."""
    return [
        marking.box(f"m{number}.{line}", box)
        for number, (span, marking) in enumerate(_placed(review), start=1)
        for line, box in enumerate(_boxes(review, span), start=1)
        if box.page == page
    ]


def _node(node: ReviewNode) -> NodeData:
    doubted = {warning.triple for warning in node.warnings}
    return NodeData(
        id=node.id,
        role="C" if node.is_condition else "D",
        logic=node.logical_rel.value if len(node.triples) > 1 else "null",
        triples=[
            TripleData(
                id=triple.id,
                subject=triple.subject,
                relation=triple.relation,
                object=triple.object,
                verdict=triple.verdict.value,
                warning=triple.id in doubted,
            )
            for triple in node.triples
        ],
        yes=_node(node.yes) if node.yes else None,
        no=_node(node.no) if node.no else None,
        warnings=[warning.text for warning in node.warnings],
        confidence=None,
        comment=node.comment,
    )


def _placed(review: PassageReview) -> list[tuple[Span, Marking]]:
    looks = relation_looks(triple.relation for triple in review.triples())
    found: dict[tuple[int, int, str, Kind], tuple[Span, Marking]] = {}
    for node in review.nodes():
        kind: Kind = "condition" if node.is_condition else "decision"
        for triple in node.counted:
            if (span := triple.object_span) is not None:
                look = looks[triple.relation]
                key = (span.start, span.end, triple.relation, kind)
                _, marking = found.setdefault(key, (span, Marking(kind, look["word"], look["colour"], [])))
                marking.triples.append(triple.id)
    return [found[key] for key in sorted(found, key=lambda key: (key[0], -key[1], key[2], key[3] == "condition"))]


def _boxes(review: PassageReview, span: Span) -> tuple[Box, ...]:
    return next((place.boxes for place in review.origin.placed if place.passage_span == span), ())
