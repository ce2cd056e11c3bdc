"""Extractions in the store: begun, filled passage by passage, ended; and found again after a server was killed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from text2mdt.errors import Text2MDTError
from text2mdt.review.audit import now
from text2mdt.review.canonical import canonical, canonical_object, folded, text_hash
from text2mdt.review.documents import document_row, lead_with, stored_document
from text2mdt.review.passages import add_passage
from text2mdt.review.records import extraction_hash, record_extraction
from text2mdt.review.stored import NewPassage, Stage, Status, StoredExtraction, Unfinished
from text2mdt.review.tables import DocumentRow, ExtractionRow, ExtractionTextRow, PassageRow
from text2mdt.schema import Extraction, PassageResult


def start_extraction(
    session: Session, document: int, header: Extraction, expected: int, settings: Mapping[str, Any], who: str
) -> int:
    """An extraction without passages yet; the first of a document leads it."""
    if expected < 0:
        raise Text2MDTError("T2M111", detail="fewer than no passages")
    owner = document_row(session, document)
    content = canonical(header.model_copy(update={"passages": (), "reason": None}).model_dump(mode="json"))
    row = ExtractionRow(
        document_id=document,
        model=header.model,
        adapter=header.adapter,
        content_sha256=text_hash(content),
        settings=canonical_object(settings, "the settings"),
        stage=str(Stage.RUNNING),
        expected=expected,
        created=now(),
        created_by=who,
        status=str(Status.DRAFT),
        **dict.fromkeys(("version", "passages", "triples", "checked", "warnings"), 0),
    )
    session.add(row)
    session.flush()
    session.add(ExtractionTextRow(extraction_id=row.id, content=content, populations="", words=folded(header.text)))
    told = {"model": row.model, "adapter": row.adapter, "expected": expected, "content_sha256": row.content_sha256}
    record_extraction(session, row, "extraction.start", None, who, told)
    if owner.leading is None:
        lead_with(session, row, who)
    return row.id


def add_passages(session: Session, extraction: int, passages: Iterable[NewPassage], who: str) -> None:
    """Adds passages to a running extraction; those whose position is there already are passed over."""
    row = extraction_row(session, extraction)
    _must_run(row)
    there = _positions(session, extraction)
    for passage in passages:
        if passage.position not in there:
            if not 0 <= passage.position < row.expected:
                detail = f"position {passage.position} of {row.expected} passages"
                raise Text2MDTError("T2M111", _where(row), detail=detail)
            add_passage(session, row, passage, who)
            there.add(passage.position)


def finish_extraction(session: Session, extraction: int, reason: str | None, who: str) -> None:
    """All passages are there; `reason` says why there is nothing in it, where there is nothing."""
    row = extraction_row(session, extraction)
    _must_run(row)
    if row.passages < row.expected:
        state = f"not complete: {row.passages} of {row.expected} passages"
        raise Text2MDTError("T2M108", _where(row), state=state, mend="add the other passages, or abandon it")
    _end(session, row, Stage.FINISHED, reason, who)


def abandon_extraction(session: Session, extraction: int, reason: str | None, who: str) -> None:
    """It will not be resumed; what is there stays, as a draft for good."""
    row = extraction_row(session, extraction)
    _must_run(row)
    _end(session, row, Stage.ABANDONED, reason, who)


def unfinished(session: Session) -> list[Unfinished]:
    """The extractions that were begun and not ended, the oldest first."""
    query = (
        select(ExtractionRow, DocumentRow)
        .join(DocumentRow, DocumentRow.id == ExtractionRow.document_id)
        .where(ExtractionRow.stage == Stage.RUNNING)
        .order_by(ExtractionRow.id)
    )
    return [
        Unfinished(stored_document(document), stored_extraction(row), frozenset(_positions(session, row.id)))
        for row, document in session.execute(query)
    ]


def extraction_row(session: Session, extraction: int) -> ExtractionRow:
    """Raises T2M104 where there is no such extraction."""
    row = session.get(ExtractionRow, extraction)
    if row is None:
        raise Text2MDTError("T2M104", kind="extraction", id=extraction)
    return row


def extractions_of(session: Session, document: int) -> list[StoredExtraction]:
    """All extractions of a document, in the order they were begun."""
    document_row(session, document)
    query = select(ExtractionRow).where(ExtractionRow.document_id == document).order_by(ExtractionRow.id)
    return [stored_extraction(row) for row in session.scalars(query)]


def extracted(session: Session, extraction: int) -> Extraction:
    """The extraction as the model made it, before anybody changed a passage."""
    row = extraction_row(session, extraction)
    header = Extraction.model_validate_json(session.get_one(ExtractionTextRow, extraction).content)
    query = select(PassageRow.result).where(PassageRow.extraction_id == extraction).order_by(PassageRow.position)
    results = tuple(PassageResult.model_validate_json(result) for result in session.scalars(query))
    return header.model_copy(update={"passages": results, "reason": row.reason})


def stored_extraction(row: ExtractionRow) -> StoredExtraction:
    return StoredExtraction(
        id=row.id,
        document=row.document_id,
        model=row.model,
        adapter=row.adapter,
        settings=json.loads(row.settings),
        stage=Stage(row.stage),
        expected=row.expected,
        created=datetime.fromisoformat(row.created),
        created_by=row.created_by,
        status=Status(row.status),
        reviewed_by=row.reviewed_by,
        reviewed_at=_moment(row.reviewed_at),
        approved_by=row.approved_by,
        approved_at=_moment(row.approved_at),
        edited_by=row.edited_by,
        edited_at=_moment(row.edited_at),
        version=row.version,
        passages=row.passages,
        triples=row.triples,
        checked=row.checked,
        warnings=row.warnings,
    )


def _end(session: Session, row: ExtractionRow, stage: Stage, reason: str | None, who: str) -> None:
    before = extraction_hash(row)
    row.stage, row.reason = str(stage), reason
    what = "extraction.finish" if stage is Stage.FINISHED else "extraction.abandon"
    record_extraction(session, row, what, before, who, {"reason": reason, "passages": row.passages})


def _must_run(row: ExtractionRow) -> None:
    if row.stage != Stage.RUNNING:
        raise Text2MDTError("T2M108", _where(row), state=row.stage, mend="start another extraction of the document")


def _positions(session: Session, extraction: int) -> set[int]:
    return set(session.scalars(select(PassageRow.position).where(PassageRow.extraction_id == extraction)))


def _moment(at: str | None) -> datetime | None:
    return None if at is None else datetime.fromisoformat(at)


def _where(row: ExtractionRow) -> str:
    return f"extraction {row.id}"
