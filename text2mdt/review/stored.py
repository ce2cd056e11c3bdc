"""What goes into the store and comes out of it, as plain frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from text2mdt.schema import PassageResult


class PersonRole(StrEnum):
    """What a person may do; each role may do what those before it may."""

    READER = "reader"
    REVIEWER = "reviewer"
    APPROVER = "approver"


class Status(StrEnum):
    """How far the review of an extraction is."""

    DRAFT = "draft"
    REVIEWED = "reviewed"
    APPROVED = "approved"


class Stage(StrEnum):
    """Whether all passages of an extraction are there."""

    RUNNING = "running"
    FINISHED = "finished"
    ABANDONED = "abandoned"


@dataclass(frozen=True, slots=True)
class Person:
    name: str
    role: PersonRole


@dataclass(frozen=True, slots=True)
class PassageState:
    """The state of a passage under review: JSON that the store does not look into, and what it counts.

    Attributes:
        content: a JSON object, or its text.
        triples, checked: how many triples there are, and how many of them a person has checked.
        warnings: the kind of every warning, one word each ("lost_gate").
        population: the patients, for search.
    """

    content: Mapping[str, Any] | str
    triples: int = 0
    checked: int = 0
    warnings: tuple[str, ...] = ()
    population: str = ""


@dataclass(frozen=True, slots=True)
class NewPassage:
    """A passage as it comes from the model; `position` counts from 0 in the order of the document."""

    position: int
    result: PassageResult
    state: PassageState


@dataclass(frozen=True, slots=True)
class StoredPassage:
    """A passage as it is now. Pass `version` back when saving.

    Attributes:
        key: the id of the passage in the extraction ("gout-003").
        changed_by, changed_at: of the current version.
        shows: the version whose state this is; another one after undo or redo.
    """

    id: int
    extraction: int
    position: int
    key: str
    version: int
    shows: int
    state: PassageState
    changed_by: str
    changed_at: datetime
    can_undo: bool
    can_redo: bool


@dataclass(frozen=True, slots=True)
class Revision:
    """One version of a passage: `kind` is "start", "edit", "undo" or "redo"."""

    version: int
    kind: str
    shows: int
    action: dict[str, Any]
    who: str
    at: datetime


@dataclass(frozen=True, slots=True)
class StoredExtraction:
    """An extraction without its passages. Pass `version` back when changing its status."""

    id: int
    document: int
    model: str
    adapter: str | None
    settings: dict[str, Any]
    stage: Stage
    expected: int
    created: datetime
    created_by: str
    status: Status
    reviewed_by: str | None
    reviewed_at: datetime | None
    approved_by: str | None
    approved_at: datetime | None
    edited_by: str | None
    edited_at: datetime | None
    version: int
    passages: int
    triples: int
    checked: int
    warnings: int


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """A document; `leading` is the extraction that is reviewed and shown in the library."""

    id: int
    name: str
    sha256: str
    title: str
    tags: tuple[str, ...]
    created: datetime
    created_by: str
    leading: int | None


@dataclass(frozen=True, slots=True)
class Unfinished:
    """An extraction that was begun and not ended; `done` are the positions that are there."""

    document: StoredDocument
    extraction: StoredExtraction
    done: frozenset[int]


@dataclass(frozen=True, slots=True)
class LibraryRow:
    """A document in the library, with the figures of its leading extraction (None and 0 where it has none)."""

    id: int
    name: str
    title: str
    tags: tuple[str, ...]
    created: datetime
    created_by: str
    changed: datetime
    extraction: int | None
    extractions: int
    model: str | None
    adapter: str | None
    stage: Stage | None
    status: Status | None
    passages: int
    triples: int
    checked: int
    warnings: int

    @property
    def is_draft(self) -> bool:
        """As `ReviewStore.is_draft`."""
        return self.status is not Status.APPROVED or self.stage is not Stage.FINISHED or self.checked < self.triples


@dataclass(frozen=True, slots=True)
class LibraryPage:
    """Some rows of the library, and how many there are in all."""

    rows: tuple[LibraryRow, ...]
    total: int


@dataclass(frozen=True, slots=True)
class TrailEntry:
    """An entry of the audit trail, as it is hashed; `content` is canonical JSON."""

    sequence: int
    at: str
    who: str
    what: str
    document: int | None
    extraction: int | None
    passage: int | None
    before: str | None
    after: str
    content: str
    previous: str
    hash: str
