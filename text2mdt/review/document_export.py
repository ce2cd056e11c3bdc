"""All that the store knows of a document, as JSON."""

from __future__ import annotations

import dataclasses
from typing import Any

from sqlalchemy.orm import Session

from text2mdt.review import audit, documents, extractions, passages
from text2mdt.review.audit import Subject
from text2mdt.review.stored import StoredExtraction
from text2mdt.review.workflow import is_draft


def document_export(session: Session, document: int) -> dict[str, Any]:
    """The document, its extractions with their passages as they are now and all their versions, and its trail.

    `draft` of the whole is that of its leading extraction. Times are `datetime` values still.
    """
    row = documents.document_row(session, document)
    found = [_extraction(session, one) for one in extractions.extractions_of(session, document)]
    return {
        "document": dataclasses.asdict(documents.stored_document(row)),
        "draft": all(one["draft"] for one in found if one["id"] == row.leading),
        "extractions": found,
        "trail": [dataclasses.asdict(entry) for entry in audit.entries(session, Subject(document), limit=None)],
    }


def _extraction(session: Session, extraction: StoredExtraction) -> dict[str, Any]:
    return dataclasses.asdict(extraction) | {
        "draft": is_draft(extractions.extraction_row(session, extraction.id)),
        "extracted": extractions.extracted(session, extraction.id).model_dump(mode="json"),
        "passages": [
            dataclasses.asdict(passage)
            | {"history": [dataclasses.asdict(revision) for revision in passages.history(session, passage.id)]}
            for passage in passages.passages(session, extraction.id)
        ],
    }
