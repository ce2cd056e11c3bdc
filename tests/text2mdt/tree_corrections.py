"""A reviewer who knows the right trees: makes them out of what the model wrote, edit by edit."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from text2mdt.review.edit_kinds import AcceptAll, AddTree, AddTriple, DeleteTree, Edit, NewTriple, SetLogic, SetRole
from text2mdt.review.review_tree import PassageReview
from text2mdt.schema import DecisionTree, Node, Role, Triple


def correct(review: PassageReview, trees: Sequence[DecisionTree], save: Callable[[Edit], PassageReview]) -> None:
    """Deletes the trees of a review and builds others, from their roots down; at last everything is accepted.

    Args:
        save: makes an edit and gives the review after it.
    """
    for tree in review.trees:
        save(DeleteTree(node=tree.id))
    for tree in trees:
        root = tree.nodes[0]
        review = save(AddTree(role=root.role, triples=_new(root.triples), logical_rel=root.logical_rel))
        children = tree.children()
        waiting = [(0, review.trees[-1].id)]
        while waiting:
            index, name = waiting.pop()
            for branch, child in zip(("yes", "no"), children[index] or (), strict=False):
                place = next(node for node in review.nodes() if node.id == name)
                below = getattr(place, branch).id
                review = _fill(review, below, tree.nodes[child], save)
                waiting.append((child, below))
    save(AcceptAll())


def _fill(review: PassageReview, name: str, node: Node, save: Callable[[Edit], PassageReview]) -> PassageReview:
    """Makes an empty decision what the node is."""
    if node.role is Role.CONDITION:
        review = save(SetRole(node=name, role=Role.CONDITION))
    for triple in _new(node.triples):
        review = save(AddTriple(node=name, triple=triple))
    return save(SetLogic(node=name, logical_rel=node.logical_rel)) if len(node.triples) > 1 else review


def _new(triples: Sequence[Triple]) -> tuple[NewTriple, ...]:
    return tuple(NewTriple(subject=one.subject, relation=one.relation, object=one.object) for one in triples)
