"""A tree that comes back from another program."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict

from text2mdt.errors import Text2MDTError
from text2mdt.schema import DecisionTree, Span

MOST_NODES = 20_000
"""Nodes of all trees of a file together."""
MOST_CHARACTERS = 16 * 1024 * 1024
NO_POPULATION = "Patients"
"""Whom a tree speaks of whose file does not say it."""


class Citation(BaseModel):
    """Where the object of a triple stands in the passage that it was extracted from.

    Attributes:
        node, triple: which triple, counted within its tree.
        passage_span: characters of the passage.
        document_spans: characters of the document.
        pages: from 1, where the document has pages.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    node: int
    triple: int
    passage_span: Span
    document_spans: tuple[Span, ...] = ()
    pages: tuple[int, ...] = ()


class ImportedTree(BaseModel):
    """A tree, and what its file says of its origin.

    Attributes:
        tree: its triples have the population as their subject where the file names none.
        population: whom it speaks of.
        title: what the file calls it; "" where the format has no place for it.
        document: name of the document it was taken from; None where the file does not say.
        passage: id of its passage, likewise.
        number: which tree of the passage, from 1, likewise.
        where: the place in the file ("line 12", "decision 'd1'"), for messages.
        citations: of the triples whose words are as they were extracted, where the format carries them.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    tree: DecisionTree
    population: str = NO_POPULATION
    title: str = ""
    document: str | None = None
    passage: str | None = None
    number: int | None = None
    where: str = ""
    citations: tuple[Citation, ...] = ()


class Origin(BaseModel):
    """What a file says of the origin of a tree; whatever is not of the expected kind counts as unsaid."""

    model_config = ConfigDict(frozen=True)

    population: str = NO_POPULATION
    document: str | None = None
    passage: str | None = None
    number: int | None = None

    @classmethod
    def of(cls, said: dict[str, Any]) -> Origin:
        """From the names that `text2mdt.export.mermaid.provenance` gives."""
        words = {name: said[name] for name in ("population", "document", "passage") if isinstance(said.get(name), str)}
        number = said.get("tree")
        is_number = isinstance(number, int) and not isinstance(number, bool) and number > 0
        return cls(**words, number=number if is_number else None)

    def with_tree(self, tree: DecisionTree, where: str) -> ImportedTree:
        return ImportedTree(tree=tree, where=where, **self.model_dump())


def refuse_long(content: str, where: object) -> None:
    """Raises T2M121 for a text beyond the limit."""
    if len(content) > MOST_CHARACTERS:
        raise Text2MDTError("T2M121", where, detail=f"the limit is {MOST_CHARACTERS:,} characters")
