"""What a review still lacks before its trees can be shown as a result or join the corpus."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Literal

from pydantic import BaseModel, ConfigDict

from text2mdt.corpus_check import object_problem
from text2mdt.errors import Text2MDTError
from text2mdt.relations import ENGLISH, RelationSet
from text2mdt.review.review_tree import PassageReview, ReviewNode, ReviewTriple, Verdict
from text2mdt.schema import Logic

Blocks = Literal["result", "record"]

ROLES = {"C": "condition", "D": "decision"}
"""The roles in words."""


class ReviewProblem(BaseModel):
    """One thing that is missing or wrong.

    Attributes:
        code, text, mend: as of the error that `error` gives.
        node, triple: where; `triple` is None where the node as a whole is meant.
        blocks: what cannot be made before it is mended: "result" (and with it the record), or only the "record".
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    code: str
    text: str
    mend: str
    node: str
    triple: str | None = None
    blocks: Blocks = "record"
    details: dict[str, str] = {}

    def error(self, passage: str = "") -> Text2MDTError:
        """The problem as an error; `passage` is named in it."""
        where = f"node {self.node}" + (f", triple {self.triple}" if self.triple else "")
        return Text2MDTError(self.code, f"passage {passage}, {where}" if passage else where, **self.details)


def problems_of(review: PassageReview, relations: RelationSet = ENGLISH) -> tuple[ReviewProblem, ...]:
    """All problems, in the order of the nodes.

    An unfinished tree (`blocks` is "result") has a condition without a triple that counts, or a node whose triples do
    not say how they belong together. An empty decision is no problem. A record is blocked besides by an open triple,
    and by a triple that the rules of annotation forbid: words that are not in the text, a relation of the other role, a
    dose without its drug, a subject other than the population, a triple said twice; and by a tree without a condition.
    """
    found: list[ReviewProblem] = []
    for root in review.trees:
        if not root.is_condition:
            found.append(_problem("T2M097", root))
        for node in root.subtree():
            found += _of_node(node)
            for triple in node.triples:
                if triple.verdict is Verdict.OPEN:
                    found.append(_problem("T2M092", node, triple, words=triple.object))
            found += _broken_rules(node, review, relations)
    return tuple(found)


def first_block(review: PassageReview, *kinds: Blocks) -> Text2MDTError | None:
    """The first problem that blocks any of these, as an error."""
    problem = next((item for item in problems_of(review) if item.blocks in kinds), None)
    return None if problem is None else problem.error(review.passage.id)


def _of_node(node: ReviewNode) -> Iterator[ReviewProblem]:
    number = len(node.counted)
    if node.is_condition and not number:
        yield _problem("T2M090", node, blocks="result")
    if number > 1 and node.logical_rel is Logic.NULL:
        yield _problem("T2M091", node, blocks="result", number=str(number))


def _broken_rules(node: ReviewNode, review: PassageReview, relations: RelationSet) -> Iterator[ReviewProblem]:
    drugs = {triple.object for triple in node.counted if triple.relation in relations.drugs}
    seen: Counter[tuple[str, str, str]] = Counter()
    for triple in node.counted:
        seen[triple.triple] += 1
        if seen[triple.triple] == 2:
            yield _problem("T2M095", node, triple, words=triple.object)
        known = relations.by_name.get(triple.relation)
        if known is None or known.role != node.role:
            legal = ", ".join(relation.name for relation in relations.of_role(node.role))
            yield _problem("T2M081", node, triple, relation=triple.relation, role=ROLES[node.role], known=legal)
        if triple.relation == relations.dosage:
            if triple.subject not in drugs:
                yield _problem("T2M094", node, triple, drug=triple.subject)
        elif triple.subject != review.population:
            yield _problem("T2M096", node, triple, subject=triple.subject)
        if detail := object_problem(triple.object, review.passage.text):
            yield _problem("T2M093", node, triple, detail=detail)


def _problem(
    code: str, node: ReviewNode, triple: ReviewTriple | None = None, blocks: Blocks = "record", **details: str
) -> ReviewProblem:
    error = Text2MDTError(code, **details)
    return ReviewProblem(
        code=code,
        text=error.what,
        mend=error.mend,
        node=node.id,
        triple=triple and triple.id,
        blocks=blocks,
        details=details,
    )
