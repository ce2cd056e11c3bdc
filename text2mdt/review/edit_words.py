"""The words that an edit brings: legal for their place, and where they stand in the text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from text2mdt.errors import Text2MDTError
from text2mdt.relations import ENGLISH
from text2mdt.review.edit_kinds import NewTriple
from text2mdt.review.problems import ROLES
from text2mdt.review.reading_again import Part
from text2mdt.review.review_tree import PassageReview, ReviewNode, ReviewTriple, Verdict
from text2mdt.review.tree_places import NewIds
from text2mdt.schema import Role, Span

LONGEST_WORDS = 2_000
"""Characters of a subject, object or population."""
LONGEST_COMMENT = 10_000
"""Characters of a comment."""


class MadeTriples(NamedTuple):
    """New triples, and the parts of them whose place is still to be found."""

    triples: tuple[ReviewTriple, ...]
    unplaced: list[Part]


def checked_words(words: str, what: str, where: str, limit: int = LONGEST_WORDS) -> str:
    """The words without blanks around them; raises T2M083 for none, or too many."""
    words = words.strip()
    if not words:
        raise misfit(where, f"the {what} is empty", f"give the {what} at least one word")
    if len(words) > limit:
        raise misfit(where, f"the {what} has {len(words)} characters", f"keep it to {limit}")
    return words


def checked_relation(relation: str, role: Role, where: str) -> str:
    """The relation, if it stands in this role; raises T2M081 else."""
    known = ENGLISH.by_name.get(relation)
    if known is None or known.role != role:
        legal = ", ".join(item.name for item in ENGLISH.of_role(role))
        raise Text2MDTError("T2M081", where, relation=relation, role=ROLES[role], known=legal)
    return relation


class Marked(NamedTuple):
    """Words of the text and their place; no place (None) where the user marked none."""

    words: str | None
    span: Span | None


def marked_words(review: PassageReview, words: str | None, span: Span | None, what: str, where: str) -> Marked:
    """What the user wrote or marked; marked words are taken as they stand in the text, without blanks around them.

    Raises:
        Text2MDTError: T2M084 where the span is not in the text or `words` are others, T2M083 for empty words.
    """
    if span is None:
        return Marked(None if words is None else checked_words(words, what, where), None)
    text = review.passage.text
    if not span.start < span.end <= len(text):
        detail = f"{span.start} to {span.end} is no part of a text of {len(text)} characters"
        raise Text2MDTError("T2M084", where, detail=detail)
    marked = text[span.start : span.end]
    if words is not None and words.split() != marked.split():
        raise Text2MDTError("T2M084", where, detail=f"the {what} is '{words}', the marked words are '{marked}'")
    start = span.start + len(marked) - len(marked.lstrip())
    found = checked_words(marked, what, where)
    return Marked(found, Span(start=start, end=start + len(found)))


def subject_for(review: PassageReview, triples: Sequence[ReviewTriple], relation: str, where: str) -> str:
    """The subject that the relation asks for; raises T2M083 where it is not clear which drug a dose belongs to."""
    if relation != ENGLISH.dosage:
        return review.population
    drugs = {triple.object: None for triple in triples if triple.counts and triple.relation in ENGLISH.drugs}
    if len(drugs) != 1:
        names = ", ".join(f"'{drug}'" for drug in drugs) or "add the drug first"
        raise misfit(where, "the drug of the dose is not named", f"give it as subject: {names}")
    return next(iter(drugs))


def made_triples(
    review: PassageReview,
    role: Role,
    present: Sequence[ReviewTriple],
    new: Sequence[NewTriple],
    ids: NewIds,
    where: str,
) -> MadeTriples:
    """New triples for a node of this role that has the `present` ones."""
    made: list[ReviewTriple] = []
    unplaced: list[Part] = []
    for item in new:
        relation = checked_relation(item.relation, role, where)
        words, span = marked_words(review, item.object, item.object_span, "object", where)
        if words is None:
            raise misfit(where, "the object is not given", "write its words, or mark them in the text")
        given, subject_span = marked_words(review, item.subject, item.subject_span, "subject", where)
        subject = given or subject_for(review, [*present, *made], relation, where)
        made.append(
            ReviewTriple(
                id=ids.triple(),
                subject=subject,
                relation=relation,
                object=words,
                verdict=Verdict.FIXED,
                subject_span=subject_span,
                object_span=span,
            )
        )
        unplaced += [(made[-1].id, part) for part, at in (("subject", subject_span), ("object", span)) if at is None]
    return MadeTriples(tuple(made), unplaced)


def misfit(where: str, detail: str, mend: str) -> Text2MDTError:
    """T2M083: an edit that does not fit the tree as it is."""
    return Text2MDTError("T2M083", where, detail=detail, mend=mend)


def at_node(review: PassageReview, node: ReviewNode | str) -> str:
    """The place of an error."""
    return f"passage {review.passage.id}, node {node if isinstance(node, str) else node.id}"


def at_triple(review: PassageReview, node: ReviewNode, triple: str) -> str:
    return f"{at_node(review, node)}, triple {triple}"
