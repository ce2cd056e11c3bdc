"""Passages in the store: every change makes a new version, and undo and redo are changes like any other."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Row, Select, select
from sqlalchemy.orm import Session

from text2mdt.errors import Text2MDTError
from text2mdt.review.canonical import canonical, canonical_object, storable
from text2mdt.review.conflict import ChangedMeanwhileError
from text2mdt.review.figures import Facts, count_in
from text2mdt.review.records import passage_content, record_passage, revision_hash
from text2mdt.review.stored import NewPassage, PassageState, Revision, Stage, Status, StoredPassage
from text2mdt.review.tables import ExtractionRow, PassageRow, RevisionRow, TrailRow
from text2mdt.review.undoing import RevisionPoint, redone, undone
from text2mdt.review.workflow import back_to_draft

START: dict[str, Any] = {"kind": "start"}


def add_passage(session: Session, extraction: ExtractionRow, new: NewPassage, who: str) -> None:
    """A passage with its first version."""
    result = canonical(new.result.model_dump(mode="json"))
    row = PassageRow(
        extraction_id=extraction.id, position=new.position, key=storable(new.result.id), result=result, version=1
    )
    if _has_key(session, row):
        raise Text2MDTError("T2M062", f"extraction {extraction.id}", id=row.key)
    session.add(row)
    session.flush()
    facts = Facts.of(new.state)
    revision = _revision(row.id, 1, "start", 1, None, canonical_object(new.state.content, "the state"), facts.text())
    told = passage_content(extraction.id, row.position, row.key, result)
    record_passage(session, extraction, revision, None, who, {"action": START, **told})
    extraction.passages += 1
    count_in(session, extraction, None, facts)


def save(
    session: Session,
    passage: int,
    state: PassageState,
    action: Mapping[str, Any] | str,
    version: int,
    who: str,
) -> StoredPassage:
    """The next version of a passage, made by `action` from the version that the person saw."""
    row, extraction, current = _open(session, passage, version)
    facts = Facts.of(state)
    content = canonical_object(state.content, "the state")
    revision = _revision(row.id, version + 1, "edit", version + 1, current.shows, content, facts.text())
    told = json.loads(canonical_object(action, "the action"))
    return _enter(session, row, extraction, current, revision, told, who)


def step(session: Session, passage: int, kind: Literal["undo", "redo"], version: int, who: str) -> StoredPassage:
    """A new version with the state before the last change that still counts, or with the one that undo took away.

    Raises:
        Text2MDTError: T2M110 where there is none.
    """
    row, extraction, current = _open(session, passage, version)
    points = _points(session, passage)
    shows = undone(points) if kind == "undo" else redone(points)
    if shows is None:
        raise Text2MDTError("T2M110", _where(row), step=kind)
    wanted = select(RevisionRow).where(RevisionRow.passage_id == passage, RevisionRow.version == shows)
    model = session.scalars(wanted).one()
    revision = _revision(row.id, version + 1, kind, shows, model.parent, model.state, model.facts)
    return _enter(session, row, extraction, current, revision, {"kind": kind, "shows": shows}, who)


def passages(session: Session, extraction: int) -> list[StoredPassage]:
    """The passages of an extraction as they are now, in the order of the document."""
    query = _now().where(PassageRow.extraction_id == extraction).order_by(PassageRow.position)
    kinds: dict[int, list[RevisionPoint]] = {}
    points = (
        select(RevisionRow.passage_id, RevisionRow.version, RevisionRow.kind, RevisionRow.shows, RevisionRow.parent)
        .join(PassageRow, PassageRow.id == RevisionRow.passage_id)
        .where(PassageRow.extraction_id == extraction)
        .order_by(RevisionRow.version)
    )
    for point in session.execute(points):
        kinds.setdefault(point.passage_id, []).append(
            RevisionPoint(point.version, point.kind, point.shows, point.parent)
        )
    return [_stored(found, kinds[found.PassageRow.id]) for found in session.execute(query)]


def passage(session: Session, passage_id: int) -> StoredPassage:
    """One passage as it is now; raises T2M104 where there is none."""
    found = session.execute(_now().where(PassageRow.id == passage_id)).one_or_none()
    if found is None:
        raise Text2MDTError("T2M104", kind="passage", id=passage_id)
    return _stored(found, _points(session, passage_id))


def history(session: Session, passage_id: int) -> list[Revision]:
    """All versions of a passage, the first one first."""
    passage(session, passage_id)
    query = (
        select(RevisionRow.version, RevisionRow.kind, RevisionRow.shows, TrailRow.content, TrailRow.who, TrailRow.at)
        .join(TrailRow, TrailRow.sequence == RevisionRow.sequence)
        .where(RevisionRow.passage_id == passage_id)
        .order_by(RevisionRow.version)
    )
    return [
        Revision(version, kind, shows, json.loads(content)["action"], who, datetime.fromisoformat(at))
        for version, kind, shows, content, who, at in session.execute(query)
    ]


def state_at(session: Session, passage_id: int, version: int) -> PassageState:
    """The state that a passage had in a version; raises T2M104 where there is none."""
    wanted = select(RevisionRow).where(RevisionRow.passage_id == passage_id, RevisionRow.version == version)
    row = session.scalars(wanted).one_or_none()
    if row is None:
        raise Text2MDTError("T2M104", f"passage {passage_id}", kind="version", id=version)
    return Facts.read(row.facts).state(json.loads(row.state))


def _open(session: Session, passage_id: int, version: int) -> tuple[PassageRow, ExtractionRow, RevisionRow]:
    """The passage with its current revision, if it may be changed and is still in the version that was seen."""
    found = session.execute(_now().where(PassageRow.id == passage_id)).one_or_none()
    if found is None:
        raise Text2MDTError("T2M104", kind="passage", id=passage_id)
    row, current = found.PassageRow, found.RevisionRow
    extraction = session.get_one(ExtractionRow, row.extraction_id)
    if row.version != version:
        raise ChangedMeanwhileError(_where(row), version, row.version, found.who, found.at)
    if extraction.status == Status.APPROVED or extraction.stage == Stage.ABANDONED:
        state = extraction.status if extraction.status == Status.APPROVED else extraction.stage
        mend = "reopen it first" if extraction.status == Status.APPROVED else "start another extraction"
        raise Text2MDTError("T2M108", _where(row), state=state, mend=mend)
    return row, extraction, current


def _enter(
    session: Session,
    row: PassageRow,
    extraction: ExtractionRow,
    current: RevisionRow,
    revision: RevisionRow,
    action: Mapping[str, Any],
    who: str,
) -> StoredPassage:
    record_passage(session, extraction, revision, revision_hash(current), who, {"action": action})
    row.version = revision.version
    count_in(session, extraction, Facts.read(current.facts), Facts.read(revision.facts))
    if extraction.status == Status.REVIEWED:
        back_to_draft(session, extraction, "a passage was changed", who)
    session.flush()
    return passage(session, row.id)


def _now() -> Select[*tuple[Any, ...]]:
    """Passages with their current revisions, and who made them and when."""
    return (
        select(PassageRow, RevisionRow, TrailRow.who, TrailRow.at)
        .join(RevisionRow, (RevisionRow.passage_id == PassageRow.id) & (RevisionRow.version == PassageRow.version))
        .join(TrailRow, TrailRow.sequence == RevisionRow.sequence)
    )


def _points(session: Session, passage_id: int) -> list[RevisionPoint]:
    query = select(RevisionRow.version, RevisionRow.kind, RevisionRow.shows, RevisionRow.parent)
    found = session.execute(query.where(RevisionRow.passage_id == passage_id).order_by(RevisionRow.version))
    return [RevisionPoint(*row) for row in found]


def _stored(found: Row[Any], points: list[RevisionPoint]) -> StoredPassage:
    row, revision = found.PassageRow, found.RevisionRow
    return StoredPassage(
        id=row.id,
        extraction=row.extraction_id,
        position=row.position,
        key=row.key,
        version=row.version,
        shows=revision.shows,
        state=Facts.read(revision.facts).state(json.loads(revision.state)),
        changed_by=found.who,
        changed_at=datetime.fromisoformat(found.at),
        can_undo=undone(points) is not None,
        can_redo=redone(points) is not None,
    )


def _revision(
    passage_id: int, version: int, kind: str, shows: int, parent: int | None, state: str, facts: str
) -> RevisionRow:
    return RevisionRow(
        passage_id=passage_id, version=version, kind=kind, shows=shows, parent=parent, state=state, facts=facts
    )


def _has_key(session: Session, row: PassageRow) -> bool:
    query = select(PassageRow.id).where(PassageRow.extraction_id == row.extraction_id, PassageRow.key == row.key)
    return session.scalar(query) is not None


def _where(row: PassageRow) -> str:
    return f"passage {row.key}"
