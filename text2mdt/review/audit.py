"""The audit trail: a chain of entries, each with the hash of the one before it; and the receipt of its head."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from text2mdt.errors import Text2MDTError
from text2mdt.review.canonical import canonical, content_hash
from text2mdt.review.stored import TrailEntry
from text2mdt.review.tables import TrailHeadRow, TrailRow


class Subject(NamedTuple):
    """What an entry is about; the innermost one that is named is what its hashes are of."""

    document: int | None = None
    extraction: int | None = None
    passage: int | None = None


EVERYTHING = Subject()


@dataclass(frozen=True, slots=True)
class Change:
    """What is to be entered: `before` and `after` are hashes of the subject's content, `content` tells the rest."""

    what: str
    subject: Subject
    before: str | None
    after: str
    content: Mapping[str, Any]


class Receipt(BaseModel):
    """How long the trail is and the hash of its last entry: kept elsewhere, it shows that nothing was changed."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    text2mdt_receipt: int = Field(default=1, ge=1, le=1)
    store: str = Field(pattern="^[0-9a-f]{32}$")
    count: int = Field(ge=0)
    hash: str = Field(pattern="^[0-9a-f]{64}$")
    at: str

    def line(self) -> str:
        """One line of JSON, to print or to file."""
        return self.model_dump_json()

    @classmethod
    def read(cls, line: str) -> Receipt:
        """The receipt of a line; raises T2M112 where it is none."""
        try:
            return cls.model_validate_json(line.strip())
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            detail = ": ".join(filter(None, (".".join(map(str, first["loc"])), first["msg"])))
            raise Text2MDTError("T2M112", detail=detail) from None


def now() -> str:
    """The time in UTC, ISO 8601 with microseconds, as it stands in the store."""
    return datetime.now(UTC).isoformat(timespec="microseconds")


def first_hash(store: str) -> str:
    """What the first entry has for the hash of the one before it: it binds the trail to its store."""
    return hashlib.sha256(f"text2mdt audit trail of {store}".encode()).hexdigest()


def entry_hash(entry: TrailEntry) -> str:
    """The hash of all that an entry holds but its hash."""
    return content_hash(
        {
            "sequence": entry.sequence,
            "at": entry.at,
            "who": entry.who,
            "what": entry.what,
            "document": entry.document,
            "extraction": entry.extraction,
            "passage": entry.passage,
            "before": entry.before,
            "after": entry.after,
            "content": entry.content,
            "previous": entry.previous,
        }
    )


def append(session: Session, who: str, at: str, change: Change) -> int:
    """Enters a change at the end of the trail, within a writer's transaction; its number."""
    head = session.get_one(TrailHeadRow, 1)
    row = TrailRow(
        sequence=head.count + 1,
        at=at,
        who=who,
        what=change.what,
        document_id=change.subject.document,
        extraction_id=change.subject.extraction,
        passage_id=change.subject.passage,
        before=change.before,
        after=change.after,
        content=canonical(dict(change.content)),
        previous=head.hash,
        hash="",
    )
    row.hash = entry_hash(entry_of(row))
    head.count, head.hash = row.sequence, row.hash
    session.add(row)
    session.flush()
    return row.sequence


def receipt(session: Session) -> Receipt:
    """The receipt of the trail as it is now; raises T2M146 where its head is missing or spoilt."""
    head = session.get(TrailHeadRow, 1)
    if head is None:
        raise Text2MDTError("T2M146")
    try:
        return Receipt(store=head.store, count=head.count, hash=head.hash, at=now())
    except ValidationError:
        raise Text2MDTError("T2M146") from None


def entry_of(row: TrailRow | Row[Any]) -> TrailEntry:
    """A row of the trail as a value."""
    return TrailEntry(
        sequence=row.sequence,
        at=row.at,
        who=row.who,
        what=row.what,
        document=row.document_id,
        extraction=row.extraction_id,
        passage=row.passage_id,
        before=row.before,
        after=row.after,
        content=row.content,
        previous=row.previous,
        hash=row.hash,
    )


def entries(
    session: Session, subject: Subject = EVERYTHING, after: int = 0, limit: int | None = 1000
) -> list[TrailEntry]:
    """The entries behind number `after`, of one document, extraction or passage where the subject names it."""
    query = select(TrailRow).where(TrailRow.sequence > after).order_by(TrailRow.sequence).limit(limit)
    columns = (TrailRow.document_id, TrailRow.extraction_id, TrailRow.passage_id)
    for column, wanted in zip(columns, subject, strict=True):
        if wanted is not None:
            query = query.where(column == wanted)
    return [entry_of(row) for row in session.scalars(query)]


def content_of(entry: TrailEntry) -> dict[str, Any]:
    """What an entry tells beside its columns; empty where it is no JSON object any more."""
    try:
        content = json.loads(entry.content)
    except (ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}
