"""What of a review counts: its trees in the schema's form, without rejected triples, with the ids they came from."""

from __future__ import annotations

from dataclasses import dataclass

from text2mdt.relations import ENGLISH
from text2mdt.review.review_tree import PassageReview, ReviewNode, ReviewTriple
from text2mdt.schema import DecisionTree, Grounding, Logic, Node, Passage, Role, Span, Triple

_ASKED = ENGLISH.of_role(Role.CONDITION)[0].name


@dataclass(frozen=True)
class CountedForest:
    """The trees, and for each of their nodes and triples the one of the review.

    An unfinished tree is there as well, so that the rest of the passage can be read beside it: a condition without a
    triple has a stand-in with empty words, and where it is open how triples belong together they are joined by "and".

    Attributes:
        passage: with the population of the review.
        nodes: of the review, in the order of the forest.
        triples: for each node its triples that count; none for a stand-in.
    """

    passage: Passage
    trees: tuple[DecisionTree, ...]
    nodes: tuple[ReviewNode, ...]
    triples: tuple[tuple[ReviewTriple, ...], ...]

    def groundings(self) -> tuple[Grounding, ...]:
        """The places of the triples, in the order of `text2mdt.grounding.ground`, without boxes."""
        found: list[Grounding] = []
        for number, triples in enumerate(self.triples):
            for index, triple in enumerate(triples):
                for part, span in (("subject", triple.subject_span), ("object", triple.object_span)):
                    if span is not None:
                        found.append(self._grounding(number, index, part, span))
        return tuple(found)

    def _grounding(self, node: int, triple: int, part: str, span: Span) -> Grounding:
        places = tuple(self.passage.document_spans(span))
        return Grounding(node=node, triple=triple, part=part, passage_span=span, document_spans=places)


def counted_forest(review: PassageReview) -> CountedForest:
    """The trees of a review as they count now; never fails."""
    nodes = tuple(review.nodes())
    trees = tuple(counted_tree(root, review.population) for root in review.trees)
    return CountedForest(current_passage(review), trees, nodes, tuple(node.counted for node in nodes))


def counted_tree(root: ReviewNode, population: str) -> DecisionTree:
    """One tree of a review as it counts now."""
    return DecisionTree(nodes=tuple(_counted(node, population) for node in root.subtree()))


def current_passage(review: PassageReview) -> Passage:
    """The passage with the population that the review gives it."""
    if review.population == review.passage.population:
        return review.passage
    return review.passage.model_copy(update={"population": review.population})


def _counted(node: ReviewNode, population: str) -> Node:
    triples = tuple(triple.triple for triple in node.counted)
    if node.is_condition and not triples:
        triples = (Triple(population, _ASKED, ""),)
    logic = Logic.NULL if len(triples) < 2 else Logic.AND if node.logical_rel is Logic.NULL else node.logical_rel
    return Node(role=node.role, triples=triples, logical_rel=logic)
