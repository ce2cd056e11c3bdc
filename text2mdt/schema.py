"""The one data model: triples, nodes, trees, passages and what is extracted from them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, model_validator

from text2mdt.errors import Text2MDTError


class Role(StrEnum):
    """What a node is: a condition to check or a decision to take."""

    CONDITION = "C"
    DECISION = "D"


class Logic(StrEnum):
    """How the triples of a node belong together; `null` with zero or one triple."""

    AND = "and"
    OR = "or"
    NULL = "null"


class Triple(NamedTuple):
    """(subject, relation, object); written to JSON as a list of three strings."""

    subject: str
    relation: str
    object: str


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Node(_Model):
    """A condition node or a decision node.

    The logic is `null` exactly when there are fewer than two triples, and a condition has at least one triple.
    """

    role: Role
    triples: tuple[Triple, ...] = ()
    logical_rel: Logic = Logic.NULL

    @model_validator(mode="after")
    def _logic_fits(self) -> Node:
        if (len(self.triples) < 2) != (self.logical_rel is Logic.NULL):
            raise ValueError(f"logical_rel '{self.logical_rel}' with {len(self.triples)} triple(s)")
        if self.role is Role.CONDITION and not self.triples:
            raise ValueError("a condition without triples")
        return self

    @property
    def is_condition(self) -> bool:
        return self.role is Role.CONDITION


class DecisionTree(_Model):
    """A medical decision tree: its nodes in pre-order.

    A condition node has two children: first the yes-subtree, then the no-subtree. A decision node is a leaf.
    The list must close exactly: one whole tree, nothing behind it.
    """

    nodes: tuple[Node, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _closes(self) -> DecisionTree:
        ends = tree_ends(self.nodes)
        if ends != [len(self.nodes)]:
            raise ValueError("the nodes are not one pre-order tree: every C needs two children after it")
        return self

    def children(self) -> list[tuple[int, int] | None]:
        """For each node, the indices of its yes-child and no-child, or None for a decision."""
        children: list[tuple[int, int] | None] = [None] * len(self.nodes)
        open_conditions: list[tuple[int, list[int]]] = []
        for index, node in enumerate(self.nodes):
            while open_conditions:
                parent, seen = open_conditions[-1]
                if len(seen) < 2:
                    seen.append(index)
                    break
                children[parent] = (seen[0], seen[1])
                open_conditions.pop()
            if node.is_condition:
                open_conditions.append((index, []))
        for parent, seen in open_conditions:
            children[parent] = (seen[0], seen[1])
        return children

    def __len__(self) -> int:
        return len(self.nodes)


def tree_ends(nodes: Sequence[Node]) -> list[int]:
    """Where each tree of a pre-order forest ends (exclusive); a last tree left open has no end."""
    ends, missing = [], 0
    for index, node in enumerate(nodes):
        missing = (missing or 1) + (1 if node.is_condition else -1)
        if missing == 0:
            ends.append(index + 1)
    return ends


def split_forest(nodes: Sequence[Node]) -> list[DecisionTree]:
    """A flat pre-order list, cut into its trees; raises T2M001 when the last one does not close."""
    ends = tree_ends(nodes)
    if nodes and (not ends or ends[-1] != len(nodes)):
        raise Text2MDTError("T2M001", detail="the last tree does not close (a C without both children)")
    starts = [0, *ends[:-1]]
    return [DecisionTree(nodes=tuple(nodes[start:end])) for start, end in zip(starts, ends, strict=False)]


def join_forest(trees: Iterable[DecisionTree]) -> list[Node]:
    """The nodes of several trees as one flat pre-order list (the `tree` of a record)."""
    return [node for tree in trees for node in tree.nodes]


class Record(_Model):
    """A passage with its gold trees: one line of a corpus file. The topic is the id without its number."""

    id: str
    population: str
    text: str
    tree: tuple[Node, ...]
    specialty: str = ""
    source: str = ""

    @model_validator(mode="after")
    def _forest_closes(self) -> Record:
        ends = tree_ends(self.tree)
        if self.tree and (not ends or ends[-1] != len(self.tree)):
            raise ValueError("the last tree does not close (a C without both children)")
        return self

    @property
    def topic(self) -> str:
        return self.id.rpartition("-")[0] or self.id

    @property
    def trees(self) -> list[DecisionTree]:
        return split_forest(self.tree)


class Span(_Model):
    """A half-open range of characters, `start <= i < end`."""

    start: int = Field(ge=0)
    end: int = Field(ge=0)


class Box(_Model):
    """A rectangle on a page (from 1), in points from the page's top left corner."""

    page: int = Field(ge=1)
    left: float
    top: float
    right: float
    bottom: float


class Note(_Model):
    """Something that a reader saw and did not read, or read with doubt.

    Attributes:
        kind: a word to filter by, for instance "figure".
        text: for people, for instance "page 12: figure, not read".
        page: its page, from 1, where the format has pages.
    """

    kind: str
    text: str
    page: int | None = None


class Segment(_Model):
    """Says that `length` characters of a passage, from `passage_start`, stand at `document_start`."""

    passage_start: int
    document_start: int
    length: int


class Passage(_Model):
    """A piece of a document small enough for the model, with the population it speaks of.

    `text` may join pieces that stand apart (a lead-in and its list items); `segments` maps it back.
    Characters that no segment covers (a joining blank) come from us.
    """

    id: str
    population: str
    text: str
    heading_path: tuple[str, ...] = ()
    segments: tuple[Segment, ...] = ()
    pages: tuple[int, ...] = ()
    """The pages it stands on, from 1, where the document has pages."""

    def document_spans(self, span: Span) -> list[Span]:
        """Where a span of the passage stands in the document (several pieces if it crosses a join)."""
        spans = []
        for segment in self.segments:
            start = max(span.start, segment.passage_start)
            end = min(span.end, segment.passage_start + segment.length)
            if start < end:
                shift = segment.document_start - segment.passage_start
                spans.append(Span(start=start + shift, end=end + shift))
        return spans


class Grounding(_Model):
    """Where the subject or object of one triple stands; node and triple count within the passage's forest.

    `boxes` has one rectangle a line, where the document has pages.
    """

    node: int
    triple: int
    part: str = Field(pattern="^(subject|object)$")
    passage_span: Span
    document_spans: tuple[Span, ...] = ()
    boxes: tuple[Box, ...] = ()


class Recommendation(_Model):
    """How firmly the text recommends a decision; `node` counts within the passage's forest.

    Attributes:
        kind: "strength" (told by words such as "should", "consider") or "grade" (as printed: "1A", "class I").
        value: of a strength "strong", "weak" or "against"; of a grade its words as printed.
        passage_span, document_spans, boxes: the words that say so.
    """

    node: int
    kind: Literal["strength", "grade"]
    value: str
    passage_span: Span
    document_spans: tuple[Span, ...] = ()
    boxes: tuple[Box, ...] = ()


class NodeWarning(_Model):
    """A reason to look at a node twice before it is trusted; `node` and `triple` count within the passage's forest.

    Attributes:
        kind: name of the check, for instance "lost_gate" (see `text2mdt.safety`).
        text: for people: what is seen, and what to look at.
        passage_span: the words of the passage that speak against the node, where there are any.
    """

    kind: str
    node: int
    triple: int | None = None
    text: str
    passage_span: Span | None = None


class NodeConfidence(_Model):
    """How sure the model was, as probabilities of being right: of a node, and of each of its triples."""

    probability: float = Field(ge=0, le=1)
    triples: tuple[float, ...] = ()


class Choice(NamedTuple):
    """A token that the grammar did not force: the characters of the text before it, and its log-probability in nats."""

    start: int
    log_probability: float


class Generation(_Model):
    """What an engine wrote for one prompt.

    Attributes:
        text: the generated target text.
        token_count: generated tokens, the end token not counted.
        forced_count: of these, tokens that the grammar left no choice about.
        truncated: the token limit came before the end token.
        log_probability: sum over the chosen tokens, in nats, under the grammar where there was one.
        choices: the chosen tokens one by one, the end token as well; none where the engine does not tell them.
        error: why the engine could write nothing.
    """

    text: str
    token_count: int = 0
    forced_count: int = 0
    truncated: bool = False
    log_probability: float | None = None
    choices: tuple[Choice, ...] = ()
    error: str | None = None


class PassageResult(_Model):
    """A passage and what was extracted from it; `tree` is the flat pre-order list of all its trees.

    `confidences` has one entry a node of `tree`, `tree_confidences` one a tree; both are empty where nothing tells
    them (an engine without token probabilities, a text that was mended, a tree that a person changed).
    """

    id: str
    population: str
    text: str
    tree: tuple[Node, ...]
    passage: Passage
    groundings: tuple[Grounding, ...] = ()
    recommendations: tuple[Recommendation, ...] = ()
    warnings: tuple[NodeWarning, ...] = ()
    confidences: tuple[NodeConfidence, ...] = ()
    tree_confidences: tuple[float, ...] = ()
    generated: str = ""
    repairs: tuple[str, ...] = ()
    truncated: bool = False
    error: str | None = None

    @property
    def trees(self) -> list[DecisionTree]:
        return split_forest(self.tree)


class DocumentInfo(_Model):
    """Which document an extraction is of."""

    name: str
    sha256: str
    characters: int
    pages: int | None = None


class Extraction(_Model):
    """All that was extracted from one document."""

    schema_version: int = 1
    document: DocumentInfo
    text: str
    model: str
    adapter: str | None
    passages: tuple[PassageResult, ...] = ()
    notes: tuple[Note, ...] = ()
    """What was seen in the document and not read."""
    reason: str | None = None
    """Why there is nothing in it, where there is nothing."""
    draft: bool = True
    """Until people have checked every triple of it and signed; every export says so."""
    min_confidence: float | None = None
    """Triples, nodes and trees that are less sure are marked."""

    @property
    def trees(self) -> list[DecisionTree]:
        return [tree for result in self.passages for tree in result.trees]
