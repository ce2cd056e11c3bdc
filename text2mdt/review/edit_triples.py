"""Edits of single triples: verdicts, corrections, new and deleted ones, comments."""

from __future__ import annotations

from text2mdt.relations import ENGLISH
from text2mdt.review.edit_kinds import AcceptAll, AddTriple, CommentOn, DeleteTriple, FixTriple, SetVerdict
from text2mdt.review.edit_words import (
    LONGEST_COMMENT,
    at_node,
    at_triple,
    checked_relation,
    checked_words,
    made_triples,
    marked_words,
    misfit,
    subject_for,
)
from text2mdt.review.reading_again import Part, grounded
from text2mdt.review.review_tree import PassageReview, ReviewNode, ReviewTriple, Verdict
from text2mdt.review.tree_places import NewIds, node_of, replaced, replaced_triples, triple_of
from text2mdt.schema import Logic, Span


def set_verdict(review: PassageReview, edit: SetVerdict) -> PassageReview:
    _, triple = triple_of(review, edit.triple)
    return replaced_triples(review, {triple.id: triple.model_copy(update={"verdict": edit.verdict})})


def accept_all(review: PassageReview, edit: AcceptAll) -> PassageReview:
    if edit.node is None:
        nodes = list(review.nodes())
    else:
        node = node_of(review, edit.node)
        nodes = list(node.subtree()) if edit.below else [node]
    accepted = {
        triple.id: triple.model_copy(update={"verdict": Verdict.ACCEPTED})
        for node in nodes
        for triple in node.triples
        if triple.verdict is Verdict.OPEN
    }
    return replaced_triples(review, accepted)


def comment_on(review: PassageReview, edit: CommentOn) -> PassageReview:
    comment = edit.comment.strip()
    if edit.target.startswith("t"):
        node, triple = triple_of(review, edit.target)
        if comment:
            checked_words(comment, "comment", at_triple(review, node, triple.id), LONGEST_COMMENT)
        return replaced_triples(review, {triple.id: triple.model_copy(update={"comment": comment})})
    node = node_of(review, edit.target)
    if comment:
        checked_words(comment, "comment", at_node(review, node), LONGEST_COMMENT)
    return replaced(review, {node.id: node.model_copy(update={"comment": comment})})


def fix_triple(review: PassageReview, edit: FixTriple) -> PassageReview:
    node, old = triple_of(review, edit.triple)
    fixed, unplaced = _fixed(review, edit, node, old)
    triples = tuple(fixed if triple.id == old.id else triple for triple in node.triples)
    followers = _doses_that_follow(old, fixed, triples)
    doses = {
        triple.id: triple.model_copy(update={"subject": fixed.object, "subject_span": fixed.object_span})
        for triple in followers
    }
    review = replaced_triples(review, {fixed.id: fixed, **doses})
    return grounded(review, [*unplaced, *((dose, "subject") for dose in doses if fixed.object_span is None)])


def _fixed(
    review: PassageReview, edit: FixTriple, node: ReviewNode, old: ReviewTriple
) -> tuple[ReviewTriple, list[Part]]:
    """The corrected triple, and the parts of it that are to be found in the text."""
    where = at_triple(review, node, old.id)
    relation = old.relation if edit.relation is None else checked_relation(edit.relation, node.role, where)
    words, object_span = marked_words(review, edit.object, edit.object_span, "object", where)
    given, subject_span = marked_words(review, edit.subject, edit.subject_span, "subject", where)
    subject = given or old.subject
    if given is None and (old.relation == ENGLISH.dosage) != (relation == ENGLISH.dosage):
        others = [triple for triple in node.triples if triple.id != old.id]
        subject = subject_for(review, others, relation, where)
    changes = {"subject": subject, "relation": relation, "object": words or old.object}
    spans: dict[str, Span | None] = {}
    unplaced: list[Part] = []
    for part, span in (("subject", subject_span), ("object", object_span)):
        if span is not None:
            spans[f"{part}_span"] = span
        elif changes[part] != getattr(old, part):
            spans[f"{part}_span"] = None
            unplaced.append((old.id, part))
    return old.model_copy(update={**changes, **spans, "verdict": Verdict.FIXED}), unplaced


def _doses_that_follow(old: ReviewTriple, fixed: ReviewTriple, triples: tuple[ReviewTriple, ...]) -> list[ReviewTriple]:
    """The doses of a drug that got another name, unless another triple still has the old one."""
    was_drug, is_drug = old.relation in ENGLISH.drugs, fixed.relation in ENGLISH.drugs
    if not (was_drug and is_drug) or old.object == fixed.object:
        return []
    drugs = [triple for triple in triples if triple.counts and triple.relation in ENGLISH.drugs]
    if any(triple.object == old.object for triple in drugs):
        return []
    return [triple for triple in triples if triple.relation == ENGLISH.dosage and triple.subject == old.object]


def add_triple(review: PassageReview, edit: AddTriple) -> PassageReview:
    node = node_of(review, edit.node)
    ids = NewIds(review)
    made = made_triples(review, node.role, node.triples, [edit.triple], ids, at_node(review, node))
    position = len(node.triples) if edit.position is None else edit.position
    if not 0 <= position <= len(node.triples):
        raise misfit(at_node(review, node), f"there is no position {position}", f"give 0 to {len(node.triples)}")
    triples = [*node.triples[:position], *made.triples, *node.triples[position:]]
    logic = node.logical_rel if edit.logical_rel is None else edit.logical_rel
    if len(triples) < 2:
        logic = Logic.NULL
    new = node.model_copy(update={"triples": tuple(triples), "logical_rel": logic})
    review = replaced(review, {node.id: new}).model_copy(update={"next_id": ids.next})
    return grounded(review, made.unplaced)


def delete_triple(review: PassageReview, edit: DeleteTriple) -> PassageReview:
    node, triple = triple_of(review, edit.triple)
    triples = tuple(other for other in node.triples if other.id != triple.id)
    logic = node.logical_rel if len(triples) > 1 else Logic.NULL
    new = node.model_copy(update={"triples": triples, "logical_rel": logic})
    return replaced(review, {node.id: new})
