"""What comes back from a PlanDefinition."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from text2mdt.schema import DecisionTree, Span


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Citation(_Model):
    """Where the object of a triple stands in the passage that it was extracted from.

    Attributes:
        node, triple: which triple, counted within its tree.
        passage_span: characters of the passage.
        document_spans: characters of the document.
        pages: from 1, where the document has pages.
    """

    node: int
    triple: int
    passage_span: Span
    document_spans: tuple[Span, ...] = ()
    pages: tuple[int, ...] = ()


class ImportedTree(_Model):
    """A tree with what it is about.

    Attributes:
        title: of the PlanDefinition.
        document: name of the document that it was extracted from; None where the file no longer says it.
        passage: id of its passage, likewise.
        number: which tree of the passage, from 1, likewise.
        where: the place in the file, for messages.
        citations: of the triples whose words are as they were extracted; those of edited words are left out.
    """

    tree: DecisionTree
    population: str
    title: str = ""
    document: str | None = None
    passage: str | None = None
    number: int | None = None
    where: str = ""
    citations: tuple[Citation, ...] = ()
