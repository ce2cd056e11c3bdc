"""The tables of the store. JSON is kept as canonical text, times as ISO 8601 in UTC: both are hashed as they stand."""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    MetaData,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

_HASH = String(64)

APPEND_ONLY = ("trail", "revision", "document_source")
"""Tables whose rows triggers keep from being changed or deleted."""
KEPT = ("person", "document", "extraction", "passage", "trail_head", "extraction_text")
"""Tables whose rows may change and triggers keep from being deleted."""


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "pk": "pk_%(table_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "ix": "ix_%(table_name)s_%(column_0_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
        }
    )


class PersonRow(Base):
    """A person with a role; `key` is the folded name, so that nobody is two people by a capital letter."""

    __tablename__ = "person"
    key: Mapped[str] = mapped_column(Text, primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    role: Mapped[str] = mapped_column(String(16))


class DocumentRow(Base):
    """A source document; `leading` is the extraction that is reviewed and shown in the library."""

    __tablename__ = "document"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(_HASH, unique=True)
    title: Mapped[str] = mapped_column(Text)
    tags: Mapped[str] = mapped_column(Text)
    created: Mapped[str] = mapped_column(String(32))
    created_by: Mapped[str] = mapped_column(Text)
    leading: Mapped[int | None]
    changed: Mapped[str] = mapped_column(String(32))
    words: Mapped[str] = mapped_column(Text)
    """Name, title and tags, folded, for search."""


class DocumentSourceRow(Base):
    """The bytes of a document's file, apart so that lists do not read them."""

    __tablename__ = "document_source"
    document_id: Mapped[int] = mapped_column(ForeignKey("document.id"), primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)


class ExtractionRow(Base):
    """What one model with one adapter found in a document; the figures are sums over its passages."""

    __tablename__ = "extraction"
    id: Mapped[int] = mapped_column(primary_key=True)
    document_id: Mapped[int] = mapped_column(ForeignKey("document.id"), index=True)
    model: Mapped[str] = mapped_column(Text, index=True)
    adapter: Mapped[str | None] = mapped_column(Text)
    content_sha256: Mapped[str] = mapped_column(_HASH)
    settings: Mapped[str] = mapped_column(Text)
    stage: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str | None] = mapped_column(Text)
    expected: Mapped[int]
    created: Mapped[str] = mapped_column(String(32))
    created_by: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(String(16))
    reviewed_by: Mapped[str | None] = mapped_column(Text)
    reviewed_at: Mapped[str | None] = mapped_column(String(32))
    approved_by: Mapped[str | None] = mapped_column(Text)
    approved_at: Mapped[str | None] = mapped_column(String(32))
    version: Mapped[int]
    """How many entries of the audit trail concern it; what a person saw when acting on the whole of it."""
    edited_by: Mapped[str | None] = mapped_column(Text)
    edited_at: Mapped[str | None] = mapped_column(String(32))
    passages: Mapped[int]
    triples: Mapped[int]
    checked: Mapped[int]
    warnings: Mapped[int]

    __table_args__ = (Index("ix_extraction_stage", "stage"),)


class ExtractionTextRow(Base):
    """The extraction without its passages, as JSON, and the folded words for search."""

    __tablename__ = "extraction_text"
    extraction_id: Mapped[int] = mapped_column(ForeignKey("extraction.id"), primary_key=True)
    content: Mapped[str] = mapped_column(Text)
    populations: Mapped[str] = mapped_column(Text)
    words: Mapped[str] = mapped_column(Text)


class WarningCountRow(Base):
    """How often a kind of warning stands in an extraction."""

    __tablename__ = "extraction_warning"
    extraction_id: Mapped[int] = mapped_column(ForeignKey("extraction.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(64), primary_key=True)
    count: Mapped[int]

    __table_args__ = (Index("ix_extraction_warning_kind", "kind"),)


class TrailRow(Base):
    """An entry of the audit trail."""

    __tablename__ = "trail"
    sequence: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[str] = mapped_column(String(32))
    who: Mapped[str] = mapped_column(Text)
    what: Mapped[str] = mapped_column(String(32))
    document_id: Mapped[int | None] = mapped_column(index=True)
    extraction_id: Mapped[int | None] = mapped_column(index=True)
    passage_id: Mapped[int | None] = mapped_column(index=True)
    before: Mapped[str | None] = mapped_column(_HASH)
    after: Mapped[str] = mapped_column(_HASH)
    content: Mapped[str] = mapped_column(Text)
    previous: Mapped[str] = mapped_column(_HASH)
    hash: Mapped[str] = mapped_column(_HASH)


class TrailHeadRow(Base):
    """How many entries the trail has, and the hash of the last; every writer locks this one row first."""

    __tablename__ = "trail_head"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    store: Mapped[str] = mapped_column(String(32))
    count: Mapped[int]
    hash: Mapped[str] = mapped_column(_HASH)

    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)


class PassageRow(Base):
    """A passage; `version` is the number of its current revision."""

    __tablename__ = "passage"
    id: Mapped[int] = mapped_column(primary_key=True)
    extraction_id: Mapped[int] = mapped_column(ForeignKey("extraction.id"))
    position: Mapped[int]
    key: Mapped[str] = mapped_column(Text)
    result: Mapped[str] = mapped_column(Text)
    version: Mapped[int]

    __table_args__ = (
        UniqueConstraint("extraction_id", "position", name="uq_passage_position"),
        UniqueConstraint("extraction_id", "key", name="uq_passage_key"),
    )


class RevisionRow(Base):
    """A state that a passage was brought into, by the trail entry of the same number; who, when and how stand there.

    `shows` is the version whose state it is (its own, but for undo and redo), `parent` the one that undo leads to.
    """

    __tablename__ = "revision"
    sequence: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    passage_id: Mapped[int] = mapped_column(ForeignKey("passage.id"))
    version: Mapped[int]
    kind: Mapped[str] = mapped_column(String(8))
    shows: Mapped[int]
    parent: Mapped[int | None]
    state: Mapped[str] = mapped_column(Text)
    facts: Mapped[str] = mapped_column(Text)

    __table_args__ = (
        ForeignKeyConstraint(["sequence"], ["trail.sequence"]),
        UniqueConstraint("passage_id", "version", name="uq_revision_version"),
    )
