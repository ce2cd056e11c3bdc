"""The hashes of what the store keeps, and entering a change of it into the audit trail."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from text2mdt.review.audit import Change, Subject, append, now
from text2mdt.review.canonical import content_hash, text_hash
from text2mdt.review.tables import DocumentRow, ExtractionRow, PersonRow, RevisionRow

EDITS = ("passage.edit", "passage.undo", "passage.redo")
"""The entries by which a person changes a passage."""


def person_hash(row: PersonRow) -> str:
    return content_hash({"key": row.key, "name": row.name, "role": row.role})


def document_hash(row: DocumentRow) -> str:
    columns = ("id", "name", "sha256", "title", "tags", "created", "created_by", "leading")
    return content_hash({name: getattr(row, name) for name in columns})


def extraction_hash(row: ExtractionRow) -> str:
    """Without the figures and the last edit, which follow from the passages."""
    columns = (
        *("id", "document_id", "model", "adapter", "content_sha256", "settings", "stage", "reason", "expected"),
        *("created", "created_by", "status", "reviewed_by", "reviewed_at", "approved_by", "approved_at"),
    )
    return content_hash({name: getattr(row, name) for name in columns})


def revision_hash(row: RevisionRow) -> str:
    columns = ("passage_id", "version", "kind", "shows", "parent", "state", "facts")
    return content_hash({name: getattr(row, name) for name in columns})


def passage_content(extraction: int, position: int, key: str, result: str) -> dict[str, Any]:
    """What the entry of a new passage tells of it."""
    return {"extraction": extraction, "position": position, "key": key, "result_sha256": text_hash(result)}


def record_person(session: Session, row: PersonRow, before: str | None, who: str) -> None:
    change = Change("person.role", Subject(), before, person_hash(row), {"person": row.key, "role": row.role})
    append(session, who, now(), change)


def record_document(
    session: Session, row: DocumentRow, what: str, before: str | None, who: str, content: Mapping[str, Any]
) -> None:
    row.changed = now()
    session.flush()
    append(session, who, row.changed, Change(what, Subject(row.id), before, document_hash(row), content))


def record_extraction(
    session: Session, row: ExtractionRow, what: str, before: str | None, who: str, content: Mapping[str, Any]
) -> None:
    change = Change(what, Subject(row.document_id, row.id), before, extraction_hash(row), content)
    _record_within(session, row, who, now(), change)


def record_passage(
    session: Session,
    extraction: ExtractionRow,
    revision: RevisionRow,
    before: str | None,
    who: str,
    content: Mapping[str, Any],
) -> None:
    """Enters a new revision and adds it under the number of its entry."""
    what = "passage.add" if revision.kind == "start" else f"passage.{revision.kind}"
    subject = Subject(extraction.document_id, extraction.id, revision.passage_id)
    change = Change(what, subject, before, revision_hash(revision), {"version": revision.version, **content})
    at = now()
    if what in EDITS:
        extraction.edited_by, extraction.edited_at = who, at
    revision.sequence = _record_within(session, extraction, who, at, change)
    session.add(revision)
    session.flush()


def _record_within(session: Session, row: ExtractionRow, who: str, at: str, change: Change) -> int:
    row.version += 1
    session.get_one(DocumentRow, row.document_id).changed = at
    return append(session, who, at, change)
