"""Compares what the store keeps with the hashes in its audit trail."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Row, case, func, select
from sqlalchemy.orm import Session

from text2mdt.review.audit import content_of
from text2mdt.review.canonical import text_hash
from text2mdt.review.chain_check import Findings
from text2mdt.review.figures import Facts
from text2mdt.review.records import (
    EDITS,
    document_hash,
    extraction_hash,
    passage_content,
    person_hash,
    revision_hash,
)
from text2mdt.review.stored import TrailEntry
from text2mdt.review.tables import (
    DocumentRow,
    DocumentSourceRow,
    ExtractionRow,
    ExtractionTextRow,
    PassageRow,
    PersonRow,
    RevisionRow,
    TrailRow,
    WarningCountRow,
)

_ROWS = 200
"""Rows read at a time."""


def entries_with_revisions(session: Session) -> Iterator[tuple[TrailRow, RevisionRow | None, Row[Any]]]:
    """The trail by its numbers, each entry with the revision and the passage that belong to it."""
    result = case((TrailRow.what == "passage.add", PassageRow.result)).label("result")
    query = (
        select(TrailRow, RevisionRow, PassageRow.extraction_id, PassageRow.position, PassageRow.key, result)
        .outerjoin(RevisionRow, RevisionRow.sequence == TrailRow.sequence)
        .outerjoin(PassageRow, PassageRow.id == RevisionRow.passage_id)
        .order_by(TrailRow.sequence)
        .execution_options(yield_per=_ROWS)
    )
    for row in session.execute(query):
        yield row[0], row[1], row
        session.expunge_all()


class ContentCheck:
    """Follows the hashes of everything through the trail, then looks at what is there."""

    def __init__(self, session: Session, findings: Findings) -> None:
        self._session, self._findings = session, findings
        self._after: dict[tuple[str, object], str] = {}
        self._versions: dict[int, int] = {}
        self._entries: Counter[int] = Counter()
        self._edits: dict[int, tuple[str, str]] = {}
        self._revisions = 0

    def see(self, entry: TrailEntry, revision: RevisionRow | None, row: Row[Any]) -> None:
        content = content_of(entry)
        kind = entry.what.partition(".")[0]
        about = {"person": content.get("person"), "document": entry.document, "extraction": entry.extraction}
        name: object = about.get(kind, entry.passage)
        if entry.before != self._after.get((kind, name)):
            text = f"entry {entry.sequence} starts from another state of {kind} {name} than the entry before it left"
            self._findings.add("state", text, entry.sequence)
        self._after[kind, name] = entry.after
        if entry.extraction is not None:
            self._entries[entry.extraction] += 1
        if entry.what in EDITS and entry.extraction is not None:
            self._edits[entry.extraction] = (entry.who, entry.at)
        if kind == "passage":
            self._see_revision(entry, content, revision, row)

    def end(self) -> None:
        session, after = self._session, self._after
        for person in session.scalars(select(PersonRow)):
            self._compare("person", person.key, person_hash(person))
        for document in self._stream(select(DocumentRow)):
            self._compare("document", document.id, document_hash(document))
        self._check_sources()
        self._check_extractions()
        self._check_passages()
        for kind, name in after:
            self._findings.add("missing", f"{kind} {name} is in the trail and not in the store")
        if (session.scalar(select(func.count()).select_from(RevisionRow)) or 0) > self._revisions:
            self._findings.add("unknown", "there are versions of passages that the trail does not know")

    def _see_revision(
        self, entry: TrailEntry, content: dict[str, Any], revision: RevisionRow | None, row: Row[Any]
    ) -> None:
        number, passage = entry.sequence, entry.passage
        if revision is None:
            text = f"the version of passage {passage} that entry {number} made is missing"
            self._findings.add("missing", text, number)
            return
        self._revisions += 1
        if revision.passage_id != passage or revision_hash(revision) != entry.after:
            text = f"version {content.get('version')} of passage {passage} is not as entry {number} left it"
            self._findings.add("state", text, number)
        if row.key is None or row.extraction_id != entry.extraction:
            self._findings.add("missing", f"passage {passage} is not in its extraction", number)
        elif entry.what == "passage.add":
            told = passage_content(row.extraction_id, row.position, row.key, row.result)
            if any(content.get(name) != value for name, value in told.items()):
                self._findings.add("state", f"what the model made of passage {passage} is not as it was", number)
        self._versions[revision.passage_id] = revision.version

    def _compare(self, kind: str, name: object, found: str) -> None:
        written = self._after.pop((kind, name), None)
        if written is None:
            self._findings.add("unknown", f"{kind} {name} is in the store and not in the trail")
        elif written != found:
            self._findings.add("state", f"{kind} {name} is not as the trail left it")

    def _check_sources(self) -> None:
        for document, sha256 in self._session.execute(select(DocumentRow.id, DocumentRow.sha256)).all():
            query = select(DocumentSourceRow.content).where(DocumentSourceRow.document_id == document)
            content = self._session.scalar(query)
            if content is None or hashlib.sha256(content).hexdigest() != sha256:
                self._findings.add("state", f"the file of document {document} is not as it was")

    def _check_extractions(self) -> None:
        query = select(ExtractionRow, ExtractionTextRow.content).outerjoin(
            ExtractionTextRow, ExtractionTextRow.extraction_id == ExtractionRow.id
        )
        for row, content in self._session.execute(query.execution_options(yield_per=_ROWS)):
            self._compare("extraction", row.id, extraction_hash(row))
            if content is None or text_hash(content) != row.content_sha256:
                self._findings.add("state", f"the text of extraction {row.id} is not as it was")
            if (row.edited_by, row.edited_at) != self._edits.get(row.id, (None, None)):
                self._findings.add("state", f"extraction {row.id}: who changed it last is not as the trail tells")
            if row.version != self._entries[row.id]:
                self._findings.add("state", f"extraction {row.id} has another version than the trail tells")
            self._session.expunge(row)

    def _check_passages(self) -> None:
        query = (
            select(PassageRow.id, PassageRow.extraction_id, PassageRow.version, RevisionRow.facts)
            .outerjoin(
                RevisionRow, (RevisionRow.passage_id == PassageRow.id) & (RevisionRow.version == PassageRow.version)
            )
            .execution_options(yield_per=_ROWS)
        )
        counts: dict[int, Counter[str]] = {}
        kinds: dict[int, Counter[str]] = {}
        for passage, extraction, version, text in self._session.execute(query):
            if self._after.pop(("passage", passage), None) is None:
                self._findings.add("unknown", f"passage {passage} is in the store and not in the trail")
            elif text is None or version != self._versions.get(passage):
                self._findings.add("state", f"passage {passage} shows another version than its last one")
            facts = _facts(text)
            figures = {"passages": 1, "triples": facts.triples, "checked": facts.checked}
            counts.setdefault(extraction, Counter()).update(figures | {"warnings": len(facts.warnings)})
            kinds.setdefault(extraction, Counter()).update(facts.warnings)
        self._check_figures(counts, kinds)

    def _check_figures(self, counts: dict[int, Counter[str]], kinds: dict[int, Counter[str]]) -> None:
        names = ("passages", "triples", "checked", "warnings")
        figures = select(ExtractionRow.id, *(getattr(ExtractionRow, name) for name in names))
        for extraction, *found in self._session.execute(figures):
            if found != [counts.get(extraction, Counter())[name] for name in names]:
                self._findings.add("figures", f"the figures of extraction {extraction} are not those of its passages")
        stored: dict[int, Counter[str]] = {}
        for row in self._session.scalars(select(WarningCountRow).where(WarningCountRow.count != 0)):
            stored.setdefault(row.extraction_id, Counter())[row.kind] = row.count
        for extraction in stored.keys() | kinds.keys():
            if stored.get(extraction, Counter()) != kinds.get(extraction, Counter()):
                self._findings.add("figures", f"the warnings of extraction {extraction} are counted wrongly")

    def _stream(self, query: Any) -> Iterator[Any]:
        for row in self._session.scalars(query.execution_options(yield_per=_ROWS)):
            yield row
            self._session.expunge(row)


def _facts(text: str | None) -> Facts:
    """Without counts where they cannot be read, which is found elsewhere."""
    try:
        return Facts.read(text or "")
    except (ValueError, KeyError, TypeError, json.JSONDecodeError):
        return Facts(0, 0, (), "")
