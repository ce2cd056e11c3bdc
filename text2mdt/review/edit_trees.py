"""Edits of whole subtrees and trees, and of the population."""

from __future__ import annotations

from text2mdt.relations import ENGLISH
from text2mdt.review.edit_kinds import AddTree, DeleteTree, MoveSubtree, SetPopulation, SplitTree
from text2mdt.review.edit_nodes import logic_of_new
from text2mdt.review.edit_words import at_node, checked_words, made_triples, misfit
from text2mdt.review.reading_again import grounded
from text2mdt.review.review_tree import PassageReview, ReviewNode
from text2mdt.review.tree_places import NewIds, node_of, place_of, replaced, replaced_triples
from text2mdt.schema import Role


def move_subtree(review: PassageReview, edit: MoveSubtree) -> PassageReview:
    source = place_of(review, edit.node)
    node, target = source.node, node_of(review, edit.target)
    where = at_node(review, node)
    if _holds(node, target) or _holds(target, node):
        raise misfit(where, f"{target.id} and {node.id} lie in each other", "choose a place outside of the subtree")
    if edit.exchange:
        return replaced(review, {node.id: target, target.id: node})
    if not target.is_bare:
        mend = "choose an empty decision without a comment, or exchange the two subtrees"
        raise misfit(where, f"the place {target.id} is not empty", mend)
    if node.is_bare:
        raise misfit(where, "an empty decision has nothing to move", "choose a node with triples")
    if source.is_root_of(review):
        trees = tuple(tree for tree in review.trees if tree.id != node.id)
        return replaced(review.model_copy(update={"trees": trees}), {target.id: node})
    ids = NewIds(review)
    left = {node.id: ids.nothing(), target.id: node}
    return replaced(review, left).model_copy(update={"next_id": ids.next})


def _holds(node: ReviewNode, other: ReviewNode) -> bool:
    return any(found.id == other.id for found in node.subtree())


def split_tree(review: PassageReview, edit: SplitTree) -> PassageReview:
    place = place_of(review, edit.node)
    node, where = place.node, at_node(review, place.node)
    if place.is_root_of(review):
        raise misfit(where, "it is the root of a tree already", "choose a node below it")
    if node.is_bare:
        raise misfit(where, "an empty decision makes no tree", "choose a node with triples")
    ids = NewIds(review)
    left = replaced(review, {node.id: ids.nothing()})
    trees = (*left.trees[: place.tree + 1], node, *left.trees[place.tree + 1 :])
    return left.model_copy(update={"trees": trees, "next_id": ids.next})


def add_tree(review: PassageReview, edit: AddTree) -> PassageReview:
    where = f"passage {review.passage.id}"
    position = len(review.trees) if edit.position is None else edit.position
    if not 0 <= position <= len(review.trees):
        raise misfit(where, f"there is no position {position}", f"give 0 to {len(review.trees)}")
    ids = NewIds(review)
    made = made_triples(review, edit.role, (), edit.triples, ids, where)
    asks = edit.role is Role.CONDITION
    root = ReviewNode(
        id=ids.node(),
        role=edit.role,
        logical_rel=logic_of_new(edit.logical_rel, len(made.triples), where),
        triples=made.triples,
        yes=ids.nothing() if asks else None,
        no=ids.nothing() if asks else None,
    )
    trees = (*review.trees[:position], root, *review.trees[position:])
    return grounded(review.model_copy(update={"trees": trees, "next_id": ids.next}), made.unplaced)


def delete_tree(review: PassageReview, edit: DeleteTree) -> PassageReview:
    place = place_of(review, edit.node)
    if not place.is_root_of(review):
        root = review.trees[place.tree].id
        raise misfit(at_node(review, edit.node), "it is not the root of its tree", f"name {root}, or delete the node")
    return review.model_copy(update={"trees": review.trees[: place.tree] + review.trees[place.tree + 1 :]})


def set_population(review: PassageReview, edit: SetPopulation) -> PassageReview:
    where = f"passage {review.passage.id}"
    population = checked_words(edit.population, "population", where)
    if "@" in population or len(population.splitlines()) > 1:
        detail = "the population holds an @ or a line break, which end it in the model's input"
        raise misfit(where, detail, "leave it out")
    changed = {
        triple.id: triple.model_copy(update={"subject": population, "subject_span": None})
        for triple in review.triples()
        if triple.subject == review.population and triple.relation != ENGLISH.dosage
    }
    if population == review.population:
        return review
    review = replaced_triples(review.model_copy(update={"population": population}), changed)
    return grounded(review, [(triple, "subject") for triple in changed])
