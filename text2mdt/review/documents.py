"""Documents in the store: the file, its title and tags, and which of its extractions leads."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from text2mdt.errors import Text2MDTError
from text2mdt.review.audit import now
from text2mdt.review.canonical import canonical, folded, storable
from text2mdt.review.records import document_hash, record_document
from text2mdt.review.stored import StoredDocument
from text2mdt.review.tables import DocumentRow, DocumentSourceRow, ExtractionRow

LONGEST = 1000
"""Characters of a name, a title or a tag, and how many tags there may be."""


def add_document(session: Session, name: str, content: bytes, title: str, tags: Iterable[str], who: str) -> int:
    """A document of these bytes; where they are there already, the document that has them, unchanged."""
    sha256 = hashlib.sha256(content).hexdigest()
    known = session.scalar(select(DocumentRow.id).where(DocumentRow.sha256 == sha256))
    if known is not None:
        return known
    row = DocumentRow(name=_short(name, "the name"), sha256=sha256, created=now(), created_by=who, leading=None)
    row.changed = row.created
    _describe(row, title, tags)
    session.add(row)
    session.flush()
    session.add(DocumentSourceRow(document_id=row.id, content=content))
    record_document(session, row, "document.add", None, who, {"name": row.name, "sha256": sha256})
    return row.id


def describe_document(session: Session, document: int, title: str | None, tags: Iterable[str] | None, who: str) -> None:
    """Another title or other tags; None leaves them."""
    row = document_row(session, document)
    before = document_hash(row)
    _describe(row, row.title if title is None else title, json.loads(row.tags) if tags is None else tags)
    content = {"title": row.title, "tags": json.loads(row.tags)}
    record_document(session, row, "document.describe", before, who, content)


def lead_with(session: Session, extraction: ExtractionRow, who: str) -> None:
    """The extraction becomes the one of its document that the library shows."""
    row = document_row(session, extraction.document_id)
    before = document_hash(row)
    row.leading = extraction.id
    record_document(session, row, "document.lead", before, who, {"extraction": extraction.id})


def document_row(session: Session, document: int) -> DocumentRow:
    """Raises T2M104 where there is no such document."""
    row = session.get(DocumentRow, document)
    if row is None:
        raise Text2MDTError("T2M104", kind="document", id=document)
    return row


def source(session: Session, document: int) -> bytes:
    """The bytes of the file."""
    document_row(session, document)
    return session.get_one(DocumentSourceRow, document).content


def stored_document(row: DocumentRow) -> StoredDocument:
    return StoredDocument(
        id=row.id,
        name=row.name,
        sha256=row.sha256,
        title=row.title,
        tags=tuple(json.loads(row.tags)),
        created=datetime.fromisoformat(row.created),
        created_by=row.created_by,
        leading=row.leading,
    )


def _describe(row: DocumentRow, title: str, tags: Iterable[str]) -> None:
    row.title = _short(title, "the title")
    wanted = sorted({_short(tag, "a tag") for tag in tags} - {""})
    if len(wanted) > LONGEST:
        raise Text2MDTError("T2M111", detail=f"more than {LONGEST} tags")
    row.tags = canonical(wanted)
    row.words = folded("\n".join((row.name, row.title, *wanted)))


def _short(text: str, what: str) -> str:
    text = " ".join(storable(text).split())
    if len(text) > LONGEST:
        raise Text2MDTError("T2M111", detail=f"{what} has more than {LONGEST} characters")
    return text
