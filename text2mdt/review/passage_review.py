"""Extraction of a passage → its review, and back: as a result, as a record of the corpus, as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from pydantic import ValidationError

from text2mdt.documents.layout import Layout
from text2mdt.errors import Text2MDTError
from text2mdt.grounding import ground
from text2mdt.guideline.placed_trees import DEEPEST
from text2mdt.json_problem import validation_problem
from text2mdt.review.counted_forest import counted_forest
from text2mdt.review.problems import ReviewProblem, first_block, problems_of
from text2mdt.review.reading_again import read_again
from text2mdt.review.review_tree import (
    Origin,
    PassageReview,
    PlacedSpan,
    ReviewNode,
    ReviewRecommendation,
    ReviewTriple,
    ReviewWarning,
    Verdict,
    depth,
)
from text2mdt.review.tree_places import NewIds
from text2mdt.safety import check
from text2mdt.schema import (
    Box,
    DecisionTree,
    Grounding,
    PassageResult,
    Recommendation,
    Record,
    Span,
    join_forest,
)

__all__ = [
    "Origin",
    "PassageReview",
    "PlacedSpan",
    "Progress",
    "ReviewNode",
    "ReviewProblem",
    "ReviewRecommendation",
    "ReviewTriple",
    "ReviewWarning",
    "Verdict",
    "from_json",
    "problems_of",
    "progress",
    "record_of",
    "result_of",
    "review_of",
    "to_json",
]


class Progress(NamedTuple):
    """How many triples have a verdict, of how many; rejected ones count as checked."""

    checked: int
    total: int


def progress(review: PassageReview) -> Progress:
    """How far the review has come; 0 of 0 where there is no triple."""
    verdicts = [triple.verdict for triple in review.triples()]
    return Progress(len(verdicts) - verdicts.count(Verdict.OPEN), len(verdicts))


def review_of(result: PassageResult) -> PassageReview:
    """The review of a passage with nothing checked yet.

    Ids are given in the order of the trees, so that two reviews of one extraction have the same. A result without any
    grounding is grounded; warnings and recommendations are read from the text.

    Raises:
        Text2MDTError: T2M001 where the nodes are no trees, T2M085 for a tree that is too deep.
    """
    groundings = result.groundings or ground(result.passage, result.trees)
    length = len(result.passage.text)
    spans = {
        (item.node, item.triple, item.part): item.passage_span
        for item in groundings
        if item.passage_span.start < item.passage_span.end <= length
    }
    review = PassageReview(passage=result.passage, population=result.population)
    ids, trees, first = NewIds(review), [], 0
    for tree in result.trees:
        trees.append(_review_tree(tree, first, spans, ids, result.id))
        first += len(tree)
    origin = Origin(
        tree=result.tree,
        placed=_placed(result),
        generated=result.generated,
        repairs=result.repairs,
        truncated=result.truncated,
        error=result.error,
    )
    return read_again(review.model_copy(update={"trees": tuple(trees), "next_id": ids.next, "origin": origin}))


def _review_tree(
    tree: DecisionTree, first: int, spans: dict[tuple[int, int, str], Span], ids: NewIds, passage: str
) -> ReviewNode:
    names = [(ids.node(), [ids.triple() for _ in node.triples]) for node in tree.nodes]
    children = tree.children()
    built: dict[int, ReviewNode] = {}
    for index in range(len(tree) - 1, -1, -1):  # children stand behind their condition
        node, (name, triple_names), pair = tree.nodes[index], names[index], children[index]
        triples = tuple(
            ReviewTriple(
                id=triple_name,
                subject=triple.subject,
                relation=triple.relation,
                object=triple.object,
                subject_span=spans.get((first + index, position, "subject")),
                object_span=spans.get((first + index, position, "object")),
            )
            for position, (triple_name, triple) in enumerate(zip(triple_names, node.triples, strict=True))
        )
        yes, no = (built[pair[0]], built[pair[1]]) if pair else (None, None)
        built[index] = ReviewNode(
            id=name, role=node.role, logical_rel=node.logical_rel, triples=triples, yes=yes, no=no
        )
    if depth(built[0]) > DEEPEST:
        raise Text2MDTError("T2M085", f"passage {passage}, node {built[0].id}", limit=DEEPEST)
    return built[0]


def _placed(result: PassageResult) -> tuple[PlacedSpan, ...]:
    """What only the document knows of the spans."""
    items: Sequence[Grounding | Recommendation] = (*result.groundings, *result.recommendations)
    known = {
        item.passage_span: PlacedSpan(
            passage_span=item.passage_span, document_spans=item.document_spans, boxes=item.boxes
        )
        for item in items
        if item.boxes or item.document_spans != tuple(result.passage.document_spans(item.passage_span))
    }
    return tuple(known.values())


def result_of(review: PassageReview, layout: Layout | None = None) -> PassageResult:
    """The trees as they count now, without rejected triples, in the form that all exports read.

    Places that the extraction had keep their document spans and boxes; of new ones the document spans follow from the
    passage, and the boxes from `layout` where it is given. Warnings and recommendations are those of the edited trees.

    Raises:
        Text2MDTError: T2M090 or T2M091 where a tree is unfinished, with passage and node.
    """
    if error := first_block(review, "result"):
        raise error
    forest = counted_forest(review)
    groundings = forest.groundings()
    places = _Places(review, layout)
    numbers = {node.id: number for number, node in enumerate(forest.nodes)}
    recommendations = tuple(
        Recommendation(
            node=numbers[item.node],
            kind=item.kind,
            value=item.value,
            passage_span=item.passage_span,
            **places.of(item.passage_span),
        )
        for item in review.recommendations
        if item.node in numbers
    )
    return PassageResult(
        id=review.passage.id,
        population=review.population,
        text=review.passage.text,
        tree=tuple(join_forest(forest.trees)),
        passage=forest.passage,
        groundings=tuple(item.model_copy(update=places.of(item.passage_span)) for item in groundings),
        recommendations=recommendations,
        warnings=check(forest.passage, forest.trees, groundings),
        generated=review.origin.generated,
        repairs=review.origin.repairs,
        truncated=review.origin.truncated,
        error=None if forest.trees else review.origin.error,
    )


class _Places:
    """The document spans and boxes of spans of a passage."""

    def __init__(self, review: PassageReview, layout: Layout | None) -> None:
        self._passage, self._layout = review.passage, layout
        self._known = {place.passage_span: place for place in review.origin.placed}

    def of(self, span: Span) -> dict[str, tuple[Span, ...] | tuple[Box, ...]]:
        known = self._known.get(span)
        spans = known.document_spans if known else tuple(self._passage.document_spans(span))
        boxes = known.boxes if known else ()
        return {"document_spans": spans, "boxes": boxes or (self._layout.boxes(spans) if self._layout else ())}


def record_of(review: PassageReview, id: str, specialty: str = "", source: str = "") -> Record:
    """The passage with its checked trees as a record of the corpus; no trees where all were deleted.

    Raises:
        Text2MDTError: the first of `problems_of`: T2M092 for a triple that is still open, T2M090 and T2M091 where a
            tree is unfinished, T2M081 and T2M093 to T2M097 where a rule of annotation is broken.
    """
    if error := first_block(review, "result", "record"):
        raise error
    tree = join_forest(counted_forest(review).trees)
    return Record(
        id=id,
        population=review.population,
        text=review.passage.text,
        tree=tuple(tree),
        specialty=specialty,
        source=source,
    )


def to_json(review: PassageReview) -> str:
    """The review as JSON, without line breaks; `from_json` gives back an equal one."""
    return review.model_dump_json()


def from_json(text: str | bytes) -> PassageReview:
    """A review that `to_json` wrote; raises T2M087 for anything else."""
    try:
        return PassageReview.model_validate_json(text)
    except ValidationError as error:
        raise Text2MDTError("T2M087", detail=validation_problem(error)) from error
