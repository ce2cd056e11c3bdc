"""The first schema: people, documents, extractions, passages with their revisions, and the audit trail."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from text2mdt.review.migrations.append_only import forbid_delete, forbid_update_and_delete

revision = "0001"
down_revision = None


def upgrade() -> None:
    _people()
    _documents()
    _extractions()
    _trail()
    _passages()
    for table in ("trail", "revision", "document_source"):
        forbid_update_and_delete(table)
    for table in ("person", "document", "extraction", "passage", "trail_head", "extraction_text"):
        forbid_delete(table)


def _people() -> None:
    op.create_table(
        "person",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_person"),
    )


def _documents() -> None:
    op.create_table(
        "document",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("tags", sa.Text(), nullable=False),
        sa.Column("created", sa.String(32), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("leading", sa.Integer(), nullable=True),
        sa.Column("changed", sa.String(32), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_document"),
        sa.UniqueConstraint("sha256", name="uq_document_sha256"),
    )
    op.create_table(
        "document_source",
        sa.Column("document_id", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("document_id", name="pk_document_source"),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name="fk_document_source_document_id"),
    )


def _extractions() -> None:
    op.create_table(
        "extraction",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("document_id", sa.Integer(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("adapter", sa.Text(), nullable=True),
        sa.Column("content_sha256", sa.String(64), nullable=False),
        sa.Column("settings", sa.Text(), nullable=False),
        sa.Column("stage", sa.String(16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("expected", sa.Integer(), nullable=False),
        sa.Column("created", sa.String(32), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("reviewed_by", sa.Text(), nullable=True),
        sa.Column("reviewed_at", sa.String(32), nullable=True),
        sa.Column("approved_by", sa.Text(), nullable=True),
        sa.Column("approved_at", sa.String(32), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("edited_by", sa.Text(), nullable=True),
        sa.Column("edited_at", sa.String(32), nullable=True),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("passages", "triples", "checked", "warnings")),
        sa.PrimaryKeyConstraint("id", name="pk_extraction"),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name="fk_extraction_document_id"),
    )
    for column in ("document_id", "model", "stage"):
        op.create_index(f"ix_extraction_{column}", "extraction", [column])
    op.create_table(
        "extraction_text",
        sa.Column("extraction_id", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("content", "populations", "words")),
        sa.PrimaryKeyConstraint("extraction_id", name="pk_extraction_text"),
        sa.ForeignKeyConstraint(["extraction_id"], ["extraction.id"], name="fk_extraction_text_extraction_id"),
    )
    op.create_table(
        "extraction_warning",
        sa.Column("extraction_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("extraction_id", "kind", name="pk_extraction_warning"),
        sa.ForeignKeyConstraint(["extraction_id"], ["extraction.id"], name="fk_extraction_warning_extraction_id"),
    )
    op.create_index("ix_extraction_warning_kind", "extraction_warning", ["kind"])


def _trail() -> None:
    op.create_table(
        "trail",
        sa.Column("sequence", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("what", sa.String(32), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=True) for name in ("document_id", "extraction_id", "passage_id")),
        sa.Column("before", sa.String(64), nullable=True),
        sa.Column("after", sa.String(64), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("previous", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name="pk_trail"),
    )
    for column in ("document_id", "extraction_id", "passage_id"):
        op.create_index(f"ix_trail_{column}", "trail", [column])
    op.create_table(
        "trail_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("store", sa.String(32), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_trail_head"),
        sa.CheckConstraint("id = 1", name="ck_trail_head_one_row"),
    )


def _passages() -> None:
    op.create_table(
        "passage",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("extraction_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_passage"),
        sa.ForeignKeyConstraint(["extraction_id"], ["extraction.id"], name="fk_passage_extraction_id"),
        sa.UniqueConstraint("extraction_id", "position", name="uq_passage_position"),
        sa.UniqueConstraint("extraction_id", "key", name="uq_passage_key"),
    )
    op.create_table(
        "revision",
        sa.Column("sequence", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("passage_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("shows", sa.Integer(), nullable=False),
        sa.Column("parent", sa.Integer(), nullable=True),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("state", "facts")),
        sa.PrimaryKeyConstraint("sequence", name="pk_revision"),
        sa.ForeignKeyConstraint(["sequence"], ["trail.sequence"], name="fk_revision_sequence"),
        sa.ForeignKeyConstraint(["passage_id"], ["passage.id"], name="fk_revision_passage_id"),
        sa.UniqueConstraint("passage_id", "version", name="uq_revision_version"),
    )
