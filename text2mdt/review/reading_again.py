"""Reads the text again for an edited tree: where new words stand, what warns, how firmly decisions are recommended."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace

from text2mdt.grounding import ground
from text2mdt.recommendations import find_recommendations
from text2mdt.review.counted_forest import CountedForest, counted_forest
from text2mdt.review.review_tree import PassageReview, ReviewNode, ReviewRecommendation, ReviewTriple, ReviewWarning
from text2mdt.review.tree_places import replaced_triples
from text2mdt.safety import check
from text2mdt.schema import NodeWarning, Span

Part = tuple[str, str]
"""A triple's id, and "subject" or "object"."""


def grounded(review: PassageReview, parts: Collection[Part]) -> PassageReview:
    """With these parts of triples at their place in the text, or at none where the words do not stand there."""
    if not parts:
        return review
    forest = counted_forest(review)
    found: dict[Part, Span] = {}
    for item in ground(forest.passage, forest.trees):
        triples = forest.triples[item.node]
        if item.triple < len(triples):
            found[triples[item.triple].id, item.part] = item.passage_span
    fresh: dict[str, ReviewTriple] = {}
    for triple in review.triples():
        changes = {
            f"{part}_span": found.get((triple.id, part)) for part in ("subject", "object") if (triple.id, part) in parts
        }
        if changes and triple.counts:  # a rejected one is not looked for, and keeps the place it had
            fresh[triple.id] = triple.model_copy(update=changes)
    return replaced_triples(review, fresh)


def read_again(review: PassageReview, before: CountedForest | None = None) -> PassageReview:
    """With the warnings and recommendations of its trees as they are now.

    Args:
        before: the forest that the present warnings were made for; they are kept where it is the same.
    """
    forest = counted_forest(review)
    if before is not None and _same_reading(forest, before):
        return review
    groundings = forest.groundings()
    warnings: dict[str, list[ReviewWarning]] = {}
    for warning in check(forest.passage, forest.trees, groundings):
        node = forest.nodes[warning.node].id
        if warning.triple is None or forest.triples[warning.node]:  # none on the stand-in of an unfinished condition
            warnings.setdefault(node, []).append(_review_warning(warning, forest))
    recommendations = tuple(
        ReviewRecommendation(
            node=forest.nodes[item.node].id, kind=item.kind, value=item.value, passage_span=item.passage_span
        )
        for item in find_recommendations(forest.passage, forest.trees, groundings)
    )
    trees = tuple(_warned(root, warnings) for root in review.trees)
    return review.model_copy(update={"trees": trees, "recommendations": recommendations})


def _same_reading(one: CountedForest, other: CountedForest) -> bool:
    if [node.id for node in one.nodes] != [node.id for node in other.nodes]:
        return False
    return replace(one, nodes=(), triples=_bare(one.triples)) == replace(other, nodes=(), triples=_bare(other.triples))


def _bare(triples: Iterable[tuple[ReviewTriple, ...]]) -> tuple[tuple[ReviewTriple, ...], ...]:
    """Without what no reading depends on."""
    same = {"verdict": "accepted", "comment": ""}
    return tuple(tuple(triple.model_copy(update=same) for triple in of_node) for of_node in triples)


def _review_warning(warning: NodeWarning, forest: CountedForest) -> ReviewWarning:
    triple = None if warning.triple is None else forest.triples[warning.node][warning.triple].id
    return ReviewWarning(kind=warning.kind, text=warning.text, triple=triple, passage_span=warning.passage_span)


def _warned(node: ReviewNode, warnings: dict[str, list[ReviewWarning]]) -> ReviewNode:
    own = tuple(warnings.get(node.id, ()))
    yes, no = (child and _warned(child, warnings) for child in (node.yes, node.no))
    if own == node.warnings and yes is node.yes and no is node.no:
        return node
    return node.model_copy(update={"warnings": own, "yes": yes, "no": no})
