"""Reviews in the store: extractions go in with nothing checked, edits make new versions, results come out."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from text2mdt.errors import Text2MDTError
from text2mdt.review.canonical import canonical
from text2mdt.review.corpus_records import Skipped, corpus_records
from text2mdt.review.edits import Edit, apply_edit
from text2mdt.review.passage_review import progress, result_of, review_of
from text2mdt.review.review_tree import PassageReview
from text2mdt.review.store import ReviewStore
from text2mdt.review.stored import NewPassage, PassageState, StoredPassage
from text2mdt.schema import Extraction, PassageResult, Record


def state_of(review: PassageReview) -> PassageState:
    """A review as the store keeps and counts it."""
    checked, total = progress(review)
    warnings = tuple(warning.kind for node in review.nodes() for warning in node.warnings)
    return PassageState(canonical(review.model_dump(mode="json")), total, checked, warnings, review.population)


def review_in(stored: StoredPassage) -> PassageReview:
    """The review that a stored passage holds."""
    return PassageReview.model_validate(stored.state.content)


def new_passages(results: Sequence[PassageResult], first: int = 0) -> list[NewPassage]:
    """Results as they come from the model, from position `first`, with nothing checked."""
    return [
        NewPassage(position, result, state_of(review_of(result)))
        for position, result in enumerate(results, start=first)
    ]


def add_extraction(store: ReviewStore, document: int, extraction: Extraction, who: str) -> int:
    """A whole extraction, to be reviewed; gives its number."""
    states = [state_of(review_of(result)) for result in extraction.passages]
    return store.add_extraction(document, extraction, states, who)


def save_edit(store: ReviewStore, stored: StoredPassage, edit: Edit, who: str) -> StoredPassage:
    """The passage with an edit more; an edit that changes nothing is not saved.

    Raises:
        Text2MDTError: as `apply_edit` and `ReviewStore.save`.
    """
    before = review_in(stored)
    after = apply_edit(before, edit)
    if after == before:
        return stored
    return store.save(stored.id, state_of(after), edit.model_dump(mode="json"), stored.version, who)


def reviewed_extraction(store: ReviewStore, extraction: int) -> Extraction:
    """An extraction with the trees as people left them.

    A passage whose trees are unfinished (a condition without a triple that counts) has no tree, and an error that says
    what is missing.
    """
    made = store.extracted(extraction)
    results = {stored.key: _result_in(stored) for stored in store.passages(extraction)}
    passages = tuple(results.get(result.id, result) for result in made.passages)
    return made.model_copy(update={"passages": passages})


def _result_in(stored: StoredPassage) -> PassageResult:
    review = review_in(stored)
    try:
        return result_of(review)
    except Text2MDTError as error:
        empty = review.model_copy(update={"trees": (), "recommendations": ()})
        return result_of(empty).model_copy(update={"error": str(error)})


def reviewed_records(
    store: ReviewStore,
    extraction: int,
    specialty: str = "",
    *,
    negatives: bool = False,
    on_skip: Callable[[Skipped], None] | None = None,
) -> list[Record]:
    """The finished passages of an extraction as records, under "<topic>-d<number of the document>-<passage>".

    The document's number keeps two files of one name apart; records of one document have one topic.

    Args:
        specialty, negatives: as `corpus_records`.
        on_skip: hears of each passage that is left out, and why.
    """
    number = store.extraction(extraction).document
    source = store.document(number).name
    reviews = [review_in(stored) for stored in store.passages(extraction)]
    tell = on_skip or (lambda skipped: None)
    records = corpus_records(reviews, specialty=specialty, source=source, negatives=negatives, on_skip=tell)
    return [record.model_copy(update={"id": _numbered(record, number)}) for record in records]


def _numbered(record: Record, document: int) -> str:
    topic, _, passage = record.id.rpartition("-")
    return f"{topic or 'passage'}-d{document}-{passage}"
