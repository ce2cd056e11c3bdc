"""The data of a review: a passage with its trees as nested nodes, every node and triple under an id that stays."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from text2mdt.guideline.placed_trees import DEEPEST
from text2mdt.schema import Box, Logic, Node, Passage, Role, Span, Triple

NodeId = Annotated[str, Field(pattern=r"^n[1-9]\d{0,8}$")]
TripleId = Annotated[str, Field(pattern=r"^t[1-9]\d{0,8}$")]


class Verdict(StrEnum):
    """What a person says of a triple; a rejected one stays to be seen and counts in no result."""

    OPEN = "open"
    ACCEPTED = "accepted"
    FIXED = "fixed"
    REJECTED = "rejected"


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ReviewTriple(_Model):
    """A triple with its verdict; the spans count in the passage's text, None for words that have no place there."""

    id: TripleId
    subject: str
    relation: str
    object: str
    verdict: Verdict = Verdict.OPEN
    comment: str = ""
    subject_span: Span | None = None
    object_span: Span | None = None

    @property
    def counts(self) -> bool:
        """Whether it stands in the result."""
        return self.verdict is not Verdict.REJECTED

    @property
    def triple(self) -> Triple:
        return Triple(self.subject, self.relation, self.object)


class ReviewWarning(_Model):
    """As `text2mdt.schema.NodeWarning`, with the triple's id."""

    kind: str
    text: str
    triple: TripleId | None = None
    passage_span: Span | None = None


class ReviewNode(_Model):
    """A condition with both its children, or a decision without any.

    Unlike a node of the schema it may be unfinished: a condition without triples that count, or two that count with a
    `logical_rel` of `null`. `logical_rel` is kept while verdicts change; with fewer than two counting triples it has no
    effect.
    """

    id: NodeId
    role: Role
    logical_rel: Logic = Logic.NULL
    triples: tuple[ReviewTriple, ...] = ()
    yes: ReviewNode | None = None
    no: ReviewNode | None = None
    comment: str = ""
    warnings: tuple[ReviewWarning, ...] = ()

    @model_validator(mode="after")
    def _children_fit(self) -> ReviewNode:
        if (self.yes is None) != (self.no is None) or (self.yes is not None) != self.is_condition:
            raise ValueError("a condition has a yes-child and a no-child, a decision has none")
        return self

    @property
    def is_condition(self) -> bool:
        return self.role is Role.CONDITION

    @property
    def children(self) -> tuple[ReviewNode, ...]:
        """The yes-child and the no-child; none of a decision."""
        return tuple(child for child in (self.yes, self.no) if child is not None)

    @property
    def counted(self) -> tuple[ReviewTriple, ...]:
        """The triples that stand in the result."""
        return tuple(triple for triple in self.triples if triple.counts)

    @property
    def is_bare(self) -> bool:
        """An empty decision that nobody wrote on: it can be replaced without a loss."""
        return not (self.is_condition or self.triples or self.comment)

    def subtree(self) -> Iterator[ReviewNode]:
        """This node and all below it, in pre-order."""
        waiting = [self]
        while waiting:
            node = waiting.pop()
            yield node
            waiting += reversed(node.children)


class ReviewRecommendation(_Model):
    """As `text2mdt.schema.Recommendation`, with the node's id."""

    node: NodeId
    kind: Literal["strength", "grade"]
    value: str
    passage_span: Span


class PlacedSpan(_Model):
    """Where the extraction found a span of the passage in the document and on its pages."""

    passage_span: Span
    document_spans: tuple[Span, ...] = ()
    boxes: tuple[Box, ...] = ()


class Origin(_Model):
    """What is kept of the extraction that the review began with.

    Attributes:
        tree: as extracted.
        placed: the document spans and boxes of its groundings.
        generated, repairs, truncated, error: as in `PassageResult`.
    """

    tree: tuple[Node, ...] = ()
    placed: tuple[PlacedSpan, ...] = ()
    generated: str = ""
    repairs: tuple[str, ...] = ()
    truncated: bool = False
    error: str | None = None


class PassageReview(_Model):
    """The review of one passage; every edit makes a new one.

    Attributes:
        passage: as extracted; `population` may have been changed since.
        trees: the roots of the independent trees.
        recommendations: the strength and grade of its decisions, read anew after an edit.
        next_id: the number of the next node or triple; no number is given twice.
    """

    passage: Passage
    population: str
    trees: tuple[ReviewNode, ...] = ()
    recommendations: tuple[ReviewRecommendation, ...] = ()
    next_id: int = Field(default=1, ge=1)
    origin: Origin = Origin()

    @model_validator(mode="after")
    def _is_sound(self) -> PassageReview:
        seen: set[str] = set()
        length = len(self.passage.text)
        for node in self.nodes():
            for name in (node.id, *(triple.id for triple in node.triples)):
                if name[1:] in seen or int(name[1:]) >= self.next_id:
                    raise ValueError(f"the id {name} stands twice or is not below next_id")
                seen.add(name[1:])
            for triple in node.triples:
                for span in (triple.subject_span, triple.object_span):
                    if span and not span.start < span.end <= length:
                        raise ValueError(f"a span of {triple.id} is not in the text")
        if any(depth(tree) > DEEPEST for tree in self.trees):
            raise ValueError(f"a tree is more than {DEEPEST} conditions deep")
        return self

    def nodes(self) -> Iterator[ReviewNode]:
        """All nodes of all trees, in pre-order."""
        for tree in self.trees:
            yield from tree.subtree()

    def triples(self) -> Iterator[ReviewTriple]:
        """All triples in the order of the nodes, rejected ones too."""
        for node in self.nodes():
            yield from node.triples


def depth(root: ReviewNode) -> int:
    """The most conditions one below the other."""
    deepest, level = 0, [root]
    while any(node.is_condition for node in level):
        deepest += 1
        level = [child for node in level for child in node.children]
    return deepest
