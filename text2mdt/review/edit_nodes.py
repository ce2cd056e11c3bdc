"""Edits of single nodes: their logic and role, conditions put above or taken away, branches exchanged."""

from __future__ import annotations

from collections.abc import Iterable

from text2mdt.errors import Text2MDTError
from text2mdt.review.edit_kinds import AddNode, DeleteNode, SetLogic, SetRole, SwapBranches
from text2mdt.review.edit_words import at_node, checked_relation, made_triples, misfit
from text2mdt.review.reading_again import grounded
from text2mdt.review.review_tree import PassageReview, ReviewNode, ReviewTriple, Verdict
from text2mdt.review.tree_places import NewIds, node_of, replaced
from text2mdt.schema import Logic, Role


def set_logic(review: PassageReview, edit: SetLogic) -> PassageReview:
    node = node_of(review, edit.node)
    if edit.logical_rel is not Logic.NULL and len(node.triples) < 2:
        detail = f"'{edit.logical_rel}' joins triples, and there is {len(node.triples) or 'none'}"
        raise misfit(at_node(review, node), detail, "add a triple first")
    if edit.logical_rel is Logic.NULL and len(node.counted) > 1:
        detail = f"{len(node.counted)} triples belong together in one way or the other"
        raise misfit(at_node(review, node), detail, "choose 'and' or 'or'")
    return replaced(review, {node.id: node.model_copy(update={"logical_rel": edit.logical_rel})})


def set_role(review: PassageReview, edit: SetRole) -> PassageReview:
    node = node_of(review, edit.node)
    triples = node.triples
    if edit.relation is not None:
        checked_relation(edit.relation, edit.role, at_node(review, node))
        triples = tuple(_related(triple, edit.relation, review.population) for triple in triples)
    ids = NewIds(review)
    yes, no = node.yes, node.no
    if edit.role is Role.DECISION:
        if not edit.may_drop:
            refuse_loss(review, node.children, at_node(review, node))
        yes = no = None
    elif not node.is_condition:
        yes, no = ids.nothing(), ids.nothing()
    new = node.model_copy(update={"role": edit.role, "triples": triples, "yes": yes, "no": no})
    review = replaced(review, {node.id: new}).model_copy(update={"next_id": ids.next})
    moved = [
        (triple.id, "subject")
        for triple, old in zip(triples, node.triples, strict=True)
        if triple.subject != old.subject
    ]
    return grounded(review, moved)


def _related(triple: ReviewTriple, relation: str, population: str) -> ReviewTriple:
    """The triple under another relation; what was a dose speaks of the population then."""
    if triple.relation == relation:
        return triple
    changes = {"relation": relation, "subject": population}
    if triple.counts:
        changes["verdict"] = Verdict.FIXED
    if triple.subject != population:
        return triple.model_copy(update={**changes, "subject_span": None})
    return triple.model_copy(update=changes)


def refuse_loss(review: PassageReview, children: Iterable[ReviewNode], where: str) -> None:
    """Raises T2M082 where any of these subtrees holds a triple or a comment."""
    nodes = [node for child in children for node in child.subtree()]
    triples = [triple for node in nodes for triple in node.triples]
    comments = sum(bool(node.comment) for node in nodes) + sum(bool(triple.comment) for triple in triples)
    said = [
        f"{number} {word}{'' if number == 1 else 's'}"
        for number, word in ((len(triples), "triple"), (comments, "comment"))
        if number
    ]
    if said:
        raise Text2MDTError("T2M082", where, what=" and ".join(said))


def add_node(review: PassageReview, edit: AddNode) -> PassageReview:
    node = node_of(review, edit.node)
    ids = NewIds(review)
    where = f"above {at_node(review, node)}"
    made = made_triples(review, Role.CONDITION, (), edit.triples, ids, where)
    nothing = ids.nothing()
    above = ReviewNode(
        id=ids.node(),
        role=Role.CONDITION,
        logical_rel=logic_of_new(edit.logical_rel, len(made.triples), where),
        triples=made.triples,
        yes=node if edit.branch == "yes" else nothing,
        no=nothing if edit.branch == "yes" else node,
    )
    review = replaced(review, {node.id: above}).model_copy(update={"next_id": ids.next})
    return grounded(review, made.unplaced)


def logic_of_new(logic: Logic | None, number: int, where: str) -> Logic:
    """The logic of a new node; raises T2M083 for "and" or "or" with fewer than two triples."""
    if logic in (Logic.AND, Logic.OR) and number < 2:
        raise misfit(where, f"'{logic}' with {number or 'no'} triple", "leave the logic out")
    return logic or Logic.NULL


def delete_node(review: PassageReview, edit: DeleteNode) -> PassageReview:
    node = node_of(review, edit.node)
    if edit.keep and not node.is_condition:
        raise misfit(at_node(review, node), f"a decision has no {edit.keep}-branch to keep", "leave `keep` out")
    if node.is_bare:
        return review
    kept = {"yes": node.yes, "no": node.no}.get(edit.keep or "")
    if not edit.may_drop:
        refuse_loss(review, (child for child in node.children if child is not kept), at_node(review, node))
    ids = NewIds(review)
    new = kept or ids.nothing()
    return replaced(review, {node.id: new}).model_copy(update={"next_id": ids.next})


def swap_branches(review: PassageReview, edit: SwapBranches) -> PassageReview:
    node = node_of(review, edit.node)
    if not node.is_condition:
        raise misfit(at_node(review, node), "a decision has no branches", "name a condition")
    return replaced(review, {node.id: node.model_copy(update={"yes": node.no, "no": node.yes})})
