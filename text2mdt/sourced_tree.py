"""The trees of an extraction with the passage each comes from, and the words and pages that its nodes rest on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from pydantic import BaseModel, ConfigDict

from text2mdt.schema import DecisionTree, Extraction, Grounding, PassageResult, Span

DRAFT = "DRAFT"
"""The title of a tree that is still to be checked begins with it."""


class Quote(BaseModel):
    """Words of the document that a triple was taken from.

    Attributes:
        passage: id of the passage.
        triple: which triple of the node, from 0.
        words: as they stand in the passage.
        pages: from 1, where the document has pages; those of the whole passage where the words' own are not known.
        document_spans: where they stand in the document's text.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    passage: str
    triple: int
    words: str
    pages: tuple[int, ...] = ()
    document_spans: tuple[Span, ...] = ()


@dataclass(frozen=True)
class SourcedTree:
    """A tree and where it stands.

    Attributes:
        document: name of the document.
        result: the passage with all its trees.
        passage_number: which passage of the document, from 1.
        number: which tree of the passage, from 1.
        first: number of its root within the passage's forest.
        draft: whether it is still to be checked, see `Extraction.draft`.
        min_confidence: below it a node is marked; None marks none.
    """

    document: str
    result: PassageResult
    passage_number: int
    number: int
    first: int
    tree: DecisionTree
    draft: bool = True
    min_confidence: float | None = None

    @property
    def place(self) -> str:
        """For file names: "-003-1", the first tree of the third passage."""
        return f"-{self.passage_number:03d}-{self.number}"

    @property
    def title(self) -> str:
        mark = f"{DRAFT}: " if self.draft else ""
        return f"{mark}{self.result.population} ({self.result.id}, tree {self.number})"

    @property
    def status(self) -> str:
        return status(self.draft)

    def quotes(self, node: int) -> tuple[Quote, ...]:
        """The words of the objects of a node, counted from the root of this tree, in the order of its triples."""
        found = self._groundings.get(self.first + node, [])
        return tuple(self._quote(one) for one in sorted(found, key=lambda one: one.triple))

    def strengths(self, node: int) -> tuple[str, ...]:
        """As the function `strengths`, of a node counted from the root of this tree."""
        return strengths(self.result, self.first + node)

    def confidence(self, node: int) -> float | None:
        """How sure a node and its triples are: the lowest of their probabilities; None where nothing tells it."""
        return node_confidence(self.result, self.first + node)

    def is_doubtful(self, node: int) -> bool:
        """Whether a node is less sure than what is marked."""
        sure = self.confidence(node)
        return sure is not None and self.min_confidence is not None and sure < self.min_confidence

    @property
    def doubtful(self) -> frozenset[int]:
        """The nodes that are marked, counted from the root of this tree."""
        return frozenset(node for node in range(len(self.tree)) if self.is_doubtful(node))

    @cached_property
    def _groundings(self) -> dict[int, list[Grounding]]:
        found: dict[int, list[Grounding]] = {}
        for one in self.result.groundings:
            node = one.node - self.first
            if one.part == "object" and 0 <= node < len(self.tree) and one.triple < len(self.tree.nodes[node].triples):
                found.setdefault(one.node, []).append(one)
        return found

    def _quote(self, found: Grounding) -> Quote:
        pages = tuple(sorted({box.page for box in found.boxes})) or self.result.passage.pages
        return Quote(
            passage=self.result.id,
            triple=found.triple,
            words=self.result.text[found.passage_span.start : found.passage_span.end],
            pages=pages,
            document_spans=found.document_spans,
        )


def sourced_trees(extraction: Extraction) -> Iterator[SourcedTree]:
    """Every tree of an extraction, in the order of the document.

    Raises:
        Text2MDTError: T2M001 for a passage whose trees do not close.
    """
    for number, result in enumerate(extraction.passages, start=1):
        first = 0
        for count, tree in enumerate(result.trees, start=1):
            yield SourcedTree(
                extraction.document.name,
                result,
                number,
                count,
                first,
                tree,
                extraction.draft,
                extraction.min_confidence,
            )
            first += len(tree)


def status(draft: bool) -> str:
    """How far people are with it, in words."""
    return f"{DRAFT}, not checked" if draft else "checked and approved"


def node_confidence(result: PassageResult, node: int) -> float | None:
    """The lowest probability of a node of a passage's forest and of its triples; None where nothing tells it."""
    if node >= len(result.confidences):
        return None
    sure = result.confidences[node]
    return min(sure.probability, *sure.triples) if sure.triples else sure.probability


def strengths(result: PassageResult, node: int) -> tuple[str, ...]:
    """What the text says on the firmness of a decision: "strong", "weak", "against", "grade: 1A"."""
    found = (item for item in result.recommendations if item.node == node)
    names = (item.value if item.kind == "strength" else f"grade: {item.value}" for item in found)
    return tuple(dict.fromkeys(names))
