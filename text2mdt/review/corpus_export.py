"""What people checked, of many documents → records of the corpus, to train on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from text2mdt.review.corpus_records import Skipped
from text2mdt.review.library import LARGEST_PAGE, Order, Query
from text2mdt.review.reviewing import reviewed_records
from text2mdt.review.store import ReviewStore
from text2mdt.review.stored import Status, StoredExtraction
from text2mdt.schema import Record


def records_of_documents(
    store: ReviewStore,
    documents: Sequence[int] = (),
    least: Status = Status.DRAFT,
    specialty: str = "",
    *,
    negatives: bool = False,
    on_skip: Callable[[Skipped], None] | None = None,
) -> list[Record]:
    """The records of the leading extractions of these documents, or of all documents.

    Args:
        least: documents that have not come so far are left out.
        specialty, negatives, on_skip: as `reviewed_records`.

    Raises:
        Text2MDTError: T2M104 for a document that is not there.
    """
    records: list[Record] = []
    for extraction in _leading(store, documents):
        if list(Status).index(extraction.status) >= list(Status).index(least):
            records += reviewed_records(store, extraction.id, specialty, negatives=negatives, on_skip=on_skip)
    return records


def _leading(store: ReviewStore, documents: Sequence[int]) -> Iterator[StoredExtraction]:
    for document in documents or _all(store):
        leading = store.document(document).leading
        if leading is not None:
            yield store.extraction(leading)


def _all(store: ReviewStore) -> Iterator[int]:
    offset = 0
    while rows := store.library(Query(order=Order.CREATED, descending=False, limit=LARGEST_PAGE, offset=offset)).rows:
        yield from (row.id for row in rows)
        offset += len(rows)
