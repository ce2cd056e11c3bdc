"""From draft to approved: one person marks an extraction reviewed, a second one approves it, anybody may reopen it."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from text2mdt.errors import Text2MDTError
from text2mdt.review.audit import now
from text2mdt.review.conflict import ChangedMeanwhileError
from text2mdt.review.records import extraction_hash, record_extraction
from text2mdt.review.stored import Stage, Status
from text2mdt.review.tables import ExtractionRow, TrailRow


def mark_reviewed(session: Session, row: ExtractionRow, version: int, who: str) -> None:
    """Draft → reviewed.

    Raises:
        Text2MDTError: T2M105 where it is in another version than was seen, T2M108 where it is no finished draft, T2M109
            where triples are left to check.
    """
    _must_be(row, Status.DRAFT, version, session)
    if row.stage != Stage.FINISHED:
        raise Text2MDTError("T2M108", _where(row), state=row.stage, mend="wait for its end, or resume it")
    if row.checked < row.triples:
        raise Text2MDTError("T2M109", _where(row), left=row.triples - row.checked, total=row.triples)
    before = extraction_hash(row)
    row.status, row.reviewed_by, row.reviewed_at = str(Status.REVIEWED), who, now()
    record_extraction(session, row, "extraction.reviewed", before, who, {"triples": row.triples})


def approve(session: Session, row: ExtractionRow, version: int, who: str) -> None:
    """Reviewed → approved, by somebody who neither marked it reviewed nor changed a passage last.

    Raises:
        Text2MDTError: T2M105 where it is in another version than was seen, T2M107 for the wrong person, T2M108 where it
            is not reviewed.
    """
    _must_be(row, Status.REVIEWED, version, session)
    if who == row.reviewed_by:
        raise Text2MDTError("T2M107", _where(row), who=who, did="marked it reviewed")
    if who == row.edited_by:
        raise Text2MDTError("T2M107", _where(row), who=who, did="changed it last")
    before = extraction_hash(row)
    row.status, row.approved_by, row.approved_at = str(Status.APPROVED), who, now()
    record_extraction(session, row, "extraction.approved", before, who, {"reviewed_by": row.reviewed_by})


def reopen(session: Session, row: ExtractionRow, version: int, reason: str, who: str) -> None:
    """Reviewed or approved → draft.

    Raises:
        Text2MDTError: T2M105 where it is in another version than was seen, T2M108 where it is a draft.
    """
    _must_be_seen(session, row, version)
    if row.status == Status.DRAFT:
        raise Text2MDTError("T2M108", _where(row), state=row.status, mend="it is open already")
    back_to_draft(session, row, reason, who)


def back_to_draft(session: Session, row: ExtractionRow, reason: str, who: str) -> None:
    """The review and the approval no longer count; the trail keeps them."""
    before = extraction_hash(row)
    row.status = str(Status.DRAFT)
    row.reviewed_by = row.reviewed_at = row.approved_by = row.approved_at = None
    record_extraction(session, row, "extraction.reopened", before, who, {"reason": reason})


def is_draft(row: ExtractionRow | None) -> bool:
    """Whether an export must say DRAFT: until it is finished, every triple was checked, and it is approved."""
    if row is None or row.stage != Stage.FINISHED:
        return True
    return row.status != Status.APPROVED or row.checked < row.triples


def _must_be(row: ExtractionRow, status: Status, version: int, session: Session) -> None:
    _must_be_seen(session, row, version)
    if row.status != status:
        mend = "mark it reviewed first" if row.status == Status.DRAFT else "reopen it first"
        raise Text2MDTError("T2M108", _where(row), state=row.status, mend=mend)


def _must_be_seen(session: Session, row: ExtractionRow, version: int) -> None:
    if row.version != version:
        last = select(TrailRow.who, TrailRow.at).where(TrailRow.extraction_id == row.id)
        who, at = session.execute(last.order_by(TrailRow.sequence.desc()).limit(1)).one()
        raise ChangedMeanwhileError(_where(row), version, row.version, who, at)


def _where(row: ExtractionRow) -> str:
    return f"extraction {row.id}"
