"""Finding the nodes and triples of a review by id, and putting others in their place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from text2mdt.errors import Text2MDTError
from text2mdt.review.review_tree import PassageReview, ReviewNode, ReviewTriple
from text2mdt.schema import Role


class Place(NamedTuple):
    """A node, and the index of the tree that it stands in."""

    node: ReviewNode
    tree: int

    def is_root_of(self, review: PassageReview) -> bool:
        return review.trees[self.tree].id == self.node.id


class NewIds:
    """Gives out ids, counting on from a review."""

    def __init__(self, review: PassageReview) -> None:
        self.next = review.next_id

    def node(self) -> str:
        return f"n{self._number()}"

    def triple(self) -> str:
        return f"t{self._number()}"

    def nothing(self) -> ReviewNode:
        """A new empty decision."""
        return ReviewNode(id=self.node(), role=Role.DECISION)

    def _number(self) -> int:
        self.next += 1
        return self.next - 1


def place_of(review: PassageReview, node: str) -> Place:
    """The node of an id; raises T2M080 where there is none."""
    for index, root in enumerate(review.trees):
        for found in root.subtree():
            if found.id == node:
                return Place(found, index)
    raise Text2MDTError("T2M080", _where(review), what="node", id=node)


def node_of(review: PassageReview, node: str) -> ReviewNode:
    """As `place_of`, the node alone."""
    return place_of(review, node).node


def triple_of(review: PassageReview, triple: str) -> tuple[ReviewNode, ReviewTriple]:
    """The triple of an id with its node; raises T2M080 where there is none."""
    for node in review.nodes():
        for found in node.triples:
            if found.id == triple:
                return node, found
    raise Text2MDTError("T2M080", _where(review), what="triple", id=triple)


def _where(review: PassageReview) -> str:
    return f"passage {review.passage.id}"


def replaced(review: PassageReview, others: Mapping[str, ReviewNode]) -> PassageReview:
    """With other subtrees in the places of these nodes; a subtree that comes in is left as it is."""
    trees = tuple(_replaced(root, others) for root in review.trees)
    return review.model_copy(update={"trees": trees})


def _replaced(node: ReviewNode, others: Mapping[str, ReviewNode]) -> ReviewNode:
    if node.id in others:
        return others[node.id]
    yes, no = (child and _replaced(child, others) for child in (node.yes, node.no))
    if yes is node.yes and no is node.no:
        return node
    return node.model_copy(update={"yes": yes, "no": no})


def replaced_triples(review: PassageReview, others: Mapping[str, ReviewTriple]) -> PassageReview:
    """With other triples in the places of these."""
    if not others:
        return review
    trees = tuple(_with_triples(root, others) for root in review.trees)
    return review.model_copy(update={"trees": trees})


def _with_triples(node: ReviewNode, others: Mapping[str, ReviewTriple]) -> ReviewNode:
    triples = tuple(others.get(triple.id, triple) for triple in node.triples)
    yes, no = (child and _with_triples(child, others) for child in (node.yes, node.no))
    if triples == node.triples and yes is node.yes and no is node.no:
        return node
    return node.model_copy(update={"triples": triples, "yes": yes, "no": no})
