"""The store of documents, extractions, edits and verdicts: every change by a person with a role, and in the trail."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from text2mdt.review import audit, documents, extractions, passages, people, workflow
from text2mdt.review.audit import Receipt, Subject
from text2mdt.review.database import WAIT_SECONDS, Database, store_url
from text2mdt.review.document_export import document_export
from text2mdt.review.library import ALL, Query, library, models, warning_kinds
from text2mdt.review.stored import (
    LibraryPage,
    NewPassage,
    PassageState,
    Person,
    PersonRole,
    Revision,
    StoredDocument,
    StoredExtraction,
    StoredPassage,
    TrailEntry,
    Unfinished,
)
from text2mdt.review.verification import Verification, verify
from text2mdt.schema import Extraction


def open_store(store: str | Path | None = None, wait_seconds: float = WAIT_SECONDS) -> ReviewStore:
    """The store of a path or URL. A SQLite file is made, or brought to the schema of this release, where needed.

    Args:
        store: as `text2mdt.review.database.store_url`.
        wait_seconds: how long a writer waits for another.

    Raises:
        Text2MDTError: T2M100 where it cannot be opened, T2M101 where it is busy, T2M042 without the driver of
            PostgreSQL, T2M102 where a PostgreSQL database has to be upgraded first, T2M103 where it is too new.
    """
    database = Database(store_url(store), wait_seconds)
    database.ready()
    return ReviewStore(database)


class ReviewStore:
    """Every method is one transaction, safe from any thread and beside other processes.

    `who` is the name of a person with a role (`set_role`). Methods that change something raise T2M106 where the role
    does not suffice, T2M104 where the thing is not there, and T2M105 (`ChangedMeanwhileError`) where `version` is not
    the one that is stored: somebody else was faster.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def close(self) -> None:
        self._database.close()

    @property
    def where(self) -> str:
        """The file or URL, without a password."""
        return self._database.where

    # people

    def people(self) -> list[Person]:
        with self._database.reading() as session:
            return people.people(session)

    def set_role(self, name: str, role: PersonRole, by: str) -> Person:
        """Only an approver may; while there is none, anybody."""
        with self._database.writing() as session:
            return people.set_role(session, name, role, by)

    # documents

    def add_document(self, name: str, content: bytes, who: str, title: str = "", tags: Iterable[str] = ()) -> int:
        """The number of the document with these bytes, which is made where there is none."""
        with self._writing(who, PersonRole.REVIEWER) as (session, person):
            return documents.add_document(session, name, content, title, tags, person)

    def describe_document(
        self, document: int, who: str, title: str | None = None, tags: Iterable[str] | None = None
    ) -> None:
        with self._writing(who, PersonRole.REVIEWER) as (session, person):
            documents.describe_document(session, document, title, tags, person)

    def document(self, document: int) -> StoredDocument:
        with self._database.reading() as session:
            return documents.stored_document(documents.document_row(session, document))

    def source(self, document: int) -> bytes:
        """The bytes of the document's file."""
        with self._database.reading() as session:
            return documents.source(session, document)

    def library(self, query: Query = ALL) -> LibraryPage:
        with self._database.reading() as session:
            return library(session, query)

    def models(self) -> list[str]:
        with self._database.reading() as session:
            return models(session)

    def warning_kinds(self) -> list[str]:
        with self._database.reading() as session:
            return warning_kinds(session)

    # extractions

    def start_extraction(
        self, document: int, header: Extraction, expected: int, who: str, settings: Mapping[str, Any] | None = None
    ) -> int:
        """A new extraction, to be filled by `add_passages`.

        Args:
            header: what is known before the model runs; its passages are not looked at.
            expected: how many passages there will be.
            settings: what it takes to resume it.
        """
        with self._writing(who, PersonRole.REVIEWER) as (session, person):
            return extractions.start_extraction(session, document, header, expected, settings or {}, person)

    def add_passages(self, extraction: int, new: Iterable[NewPassage], who: str) -> None:
        """Adds passages as they come; a position that is there already is passed over, so that resuming is safe."""
        with self._writing(who, PersonRole.REVIEWER) as (session, person):
            extractions.add_passages(session, extraction, new, person)

    def finish_extraction(self, extraction: int, who: str, reason: str | None = None) -> None:
        """Raises T2M108 while passages are missing."""
        with self._writing(who, PersonRole.REVIEWER) as (session, person):
            extractions.finish_extraction(session, extraction, reason, person)

    def abandon_extraction(self, extraction: int, who: str, reason: str | None = None) -> None:
        with self._writing(who, PersonRole.REVIEWER) as (session, person):
            extractions.abandon_extraction(session, extraction, reason, person)

    def add_extraction(self, document: int, extraction: Extraction, states: Iterable[PassageState], who: str) -> int:
        """A whole extraction at once, with the first state of each of its passages."""
        with self._writing(who, PersonRole.REVIEWER) as (session, person):
            results = extraction.passages
            number = extractions.start_extraction(session, document, extraction, len(results), {}, person)
            pairs = enumerate(zip(results, states, strict=True))
            new = (NewPassage(position, result, state) for position, (result, state) in pairs)
            extractions.add_passages(session, number, new, person)
            extractions.finish_extraction(session, number, extraction.reason, person)
            return number

    def unfinished(self) -> list[Unfinished]:
        """What a server that was killed left to resume."""
        with self._database.reading() as session:
            return extractions.unfinished(session)

    def extractions(self, document: int) -> list[StoredExtraction]:
        with self._database.reading() as session:
            return extractions.extractions_of(session, document)

    def extraction(self, extraction: int) -> StoredExtraction:
        with self._database.reading() as session:
            return extractions.stored_extraction(extractions.extraction_row(session, extraction))

    def extracted(self, extraction: int) -> Extraction:
        """The extraction as the model made it; what people made of it is in `passages`."""
        with self._database.reading() as session:
            return extractions.extracted(session, extraction)

    def choose_extraction(self, extraction: int, who: str) -> None:
        """This extraction leads its document from now on."""
        with self._writing(who, PersonRole.REVIEWER) as (session, person):
            documents.lead_with(session, extractions.extraction_row(session, extraction), person)

    # passages

    def passages(self, extraction: int) -> list[StoredPassage]:
        with self._database.reading() as session:
            extractions.extraction_row(session, extraction)
            return passages.passages(session, extraction)

    def passage(self, passage: int) -> StoredPassage:
        with self._database.reading() as session:
            return passages.passage(session, passage)

    def save(
        self, passage: int, state: PassageState, action: Mapping[str, Any] | str, version: int, who: str
    ) -> StoredPassage:
        """The state that `action` made of the passage's `version`; T2M108 where the extraction is approved."""
        with self._writing(who, PersonRole.REVIEWER) as (session, person):
            return passages.save(session, passage, state, action, version, person)

    def undo(self, passage: int, version: int, who: str) -> StoredPassage:
        """A new version with the state before the last change; T2M110 where there is none."""
        with self._writing(who, PersonRole.REVIEWER) as (session, person):
            return passages.step(session, passage, "undo", version, person)

    def redo(self, passage: int, version: int, who: str) -> StoredPassage:
        """A new version with the state that the last undo took away; T2M110 where there is none."""
        with self._writing(who, PersonRole.REVIEWER) as (session, person):
            return passages.step(session, passage, "redo", version, person)

    def history(self, passage: int) -> list[Revision]:
        with self._database.reading() as session:
            return passages.history(session, passage)

    def state_at(self, passage: int, version: int) -> PassageState:
        with self._database.reading() as session:
            return passages.state_at(session, passage, version)

    # workflow

    def mark_reviewed(self, extraction: int, version: int, who: str) -> None:
        """Draft → reviewed; T2M109 while triples are left to check."""
        with self._writing(who, PersonRole.REVIEWER) as (session, person):
            workflow.mark_reviewed(session, extractions.extraction_row(session, extraction), version, person)

    def approve(self, extraction: int, version: int, who: str) -> None:
        """Reviewed → approved; T2M107 for who marked it reviewed or changed it last."""
        with self._writing(who, PersonRole.APPROVER) as (session, person):
            workflow.approve(session, extractions.extraction_row(session, extraction), version, person)

    def reopen(self, extraction: int, version: int, who: str, reason: str) -> None:
        """Reviewed or approved → draft."""
        with self._writing(who, PersonRole.REVIEWER) as (session, person):
            workflow.reopen(session, extractions.extraction_row(session, extraction), version, reason, person)

    def is_draft(self, document: int, extraction: int | None = None) -> bool:
        """Whether an export must say DRAFT: until every triple was checked and it is approved.

        Args:
            extraction: one of the document's extractions; its leading one by default.
        """
        with self._database.reading() as session:
            wanted = documents.document_row(session, document).leading if extraction is None else extraction
            row = None if wanted is None else extractions.extraction_row(session, wanted)
            return row is None or row.document_id != document or workflow.is_draft(row)

    def export(self, document: int) -> dict[str, Any]:
        """All that is known of a document, as `document_export` tells."""
        with self._database.reading() as session:
            return document_export(session, document)

    # trail

    def trail(
        self, document: int | None = None, passage: int | None = None, after: int = 0, limit: int | None = 1000
    ) -> list[TrailEntry]:
        """The entries behind number `after`, of one document or passage where it is named."""
        with self._database.reading() as session:
            return audit.entries(session, Subject(document, None, passage), after, limit)

    def receipt(self) -> Receipt:
        """What to keep elsewhere, to show later that the trail up to now was not changed."""
        with self._database.reading() as session:
            return audit.receipt(session)

    def verify(self, receipt: Receipt | None = None) -> Verification:
        """Whether trail and store are as they were written, and continue what the receipt tells of."""
        with self._database.reading() as session:
            return verify(session, receipt)

    @contextmanager
    def _writing(self, who: str, needed: PersonRole) -> Iterator[tuple[Session, str]]:
        with self._database.writing() as session:
            yield session, people.person_with(session, who, needed)
