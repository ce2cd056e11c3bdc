"""A review in the form that the tree view, the text and the page image draw."""

from __future__ import annotations

from collections.abc import Iterator

from app.components.relation_looks import relation_looks
from app.components.source_marks import BoxData, MarkData
from app.components.tree_data import NodeData, TripleData
from text2mdt.review.review_tree import PassageReview, ReviewNode, ReviewTriple
from text2mdt.schema import Box, Span


def review_trees(review: PassageReview) -> list[NodeData]:
    """The trees of a passage under review, with their verdicts, warnings and comments."""
    return [_node(tree) for tree in review.trees]


def review_marks(review: PassageReview) -> list[MarkData]:
    """The marks of the passage's text; triples that share words and relation share a mark, rejected ones have none."""
    return [
        MarkData(
            id=f"m{number}",
            start=span.start,
            end=span.end,
            kind="condition" if condition else "decision",
            label=word,
            colour=colour,
            triples=triples,
        )
        for number, (span, condition, word, colour, triples) in enumerate(_placed(review), start=1)
    ]


def review_boxes(review: PassageReview, page: int) -> list[BoxData]:
    """The boxes of the passage on a page (from 1), one a line of words."""
    return [
        BoxData(
            id=f"m{number}.{line}",
            left=box.left,
            top=box.top,
            right=box.right,
            bottom=box.bottom,
            kind="condition" if condition else "decision",
            label=word,
            colour=colour,
            triples=triples,
        )
        for number, (span, condition, word, colour, triples) in enumerate(_placed(review), start=1)
        for line, box in enumerate(_boxes(review, span), start=1)
        if box.page == page
    ]


def triples_at(review: PassageReview, node: str) -> list[ReviewTriple]:
    """The triples of a node."""
    return [triple for one in review.nodes() if one.id == node for triple in one.triples]


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


def _placed(review: PassageReview) -> Iterator[tuple[Span, bool, str, int, list[str]]]:
    looks = relation_looks(triple.relation for triple in review.triples())
    found: dict[tuple[int, int, str, bool], list[str]] = {}
    for node in review.nodes():
        for triple in node.triples:
            if triple.object_span and triple.counts:
                key = (triple.object_span.start, triple.object_span.end, triple.relation, node.is_condition)
                found.setdefault(key, []).append(triple.id)
    for key in sorted(found, key=lambda key: (key[0], -key[1], key[2], key[3])):
        start, end, relation, condition = key
        yield Span(start=start, end=end), condition, looks[relation]["word"], looks[relation]["colour"], found[key]


def _boxes(review: PassageReview, span: Span) -> tuple[Box, ...]:
    return next((place.boxes for place in review.origin.placed if place.passage_span == span), ())
