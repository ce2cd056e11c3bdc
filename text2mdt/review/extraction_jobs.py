"""Extractions that run behind the page: passages are stored as they come, and a server that was killed goes on."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from text2mdt.adapters import NONE
from text2mdt.documents import Document, read_document
from text2mdt.extract import Extractor, header, why_empty
from text2mdt.extractor_settings import ExtractorSettings
from text2mdt.passages import FoundPassages, find_passages
from text2mdt.review.reviewing import new_passages
from text2mdt.review.store import ReviewStore
from text2mdt.review.stored import Stage, StoredExtraction

_LOG = logging.getLogger(__name__)

FIRST_BATCH = 2
"""Passages of the first batch: few, so that the first tree is there soon."""
BATCH = 8
"""Passages of the batches after it. Batches are fixed by the document, so that a resumed run computes the same."""


@dataclass(frozen=True)
class JobState:
    """How far an extraction is.

    Attributes:
        stage: "waiting", "running", "finished", "cancelled" or "failed".
        done, total: passages.
        problem: why it failed.
    """

    stage: str
    done: int
    total: int
    problem: str = ""


@dataclass(frozen=True)
class _Job:
    extraction: int
    name: str
    who: str


class ExtractionJobs:
    """One worker that extracts what is given to it, in the order given.

    Args:
        store: passages go there.
        load: the extractor of these settings.
    """

    def __init__(self, store: ReviewStore, load: Callable[[ExtractorSettings], Extractor]) -> None:
        self._store = store
        self._load = load
        self._waiting: queue.Queue[_Job | None] = queue.Queue()
        self._states: dict[int, JobState] = {}
        self._cancelled: set[int] = set()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._work, name="extraction", daemon=True)
        self._thread.start()

    def submit(self, content: bytes, name: str, settings: ExtractorSettings, who: str, title: str = "") -> int:
        """Reads a document and puts it into the queue; gives the number of its extraction.

        Raises:
            Text2MDTError: for a document that cannot be read, and as the store.
        """
        document = read_document(content, name)
        found = find_passages(document)
        number = self._store.add_document(name, content, who, title=title)
        total = len(found.passages)
        begun = header(document, settings.model, settings.adapter_name, settings.min_confidence)
        kept = settings.model_dump(mode="json", exclude_defaults=True)
        extraction = self._store.start_extraction(number, begun, total, who, kept)
        self._enqueue(_Job(extraction, name, who), 0, total)
        return extraction

    def resume(self) -> list[int]:
        """Goes on with what a server left unfinished; gives the numbers of those extractions."""
        resumed = []
        for item in self._store.unfinished():
            found = item.extraction
            if found.id not in self._states:
                self._enqueue(_Job(found.id, item.document.name, found.created_by), len(item.done), found.expected)
                resumed.append(found.id)
        return resumed

    def state(self, extraction: int) -> JobState | None:
        """How far an extraction is; None where this server knows nothing of it."""
        return self._states.get(extraction)

    def running(self) -> dict[int, JobState]:
        """The extractions that are not at their end."""
        return {number: state for number, state in self._states.items() if state.stage in ("waiting", "running")}

    def cancel(self, extraction: int) -> None:
        """Ends an extraction after the batch that is being written; its passages stay."""
        self._cancelled.add(extraction)

    def close(self) -> None:
        """Ends the worker after the batch that it is at; what is not done is left to `resume`."""
        self._closing.set()
        self._waiting.put(None)
        self._thread.join()

    def _enqueue(self, job: _Job, done: int, total: int) -> None:
        self._states[job.extraction] = JobState("waiting", done, total)
        self._waiting.put(job)

    def _work(self) -> None:
        while (job := self._waiting.get()) is not None and not self._closing.is_set():
            try:
                self._run(job)
            except Exception as error:  # the worker must outlive any document
                _LOG.exception("extraction %s failed", job.extraction)
                self._end(job, "failed", str(error) or type(error).__name__)

    def _run(self, job: _Job) -> None:
        # Read again rather than kept from `submit`: a long queue must not hold every document in memory.
        stored = self._store.extraction(job.extraction)
        document = read_document(self._store.source(stored.document), job.name)
        found = find_passages(document)
        there = {passage.position for passage in self._store.passages(job.extraction)}
        extractor = self._load(settings_of(stored)) if len(there) < len(found.passages) else None
        for batch in _batches(len(found.passages)):
            if self._closing.is_set():
                return
            if job.extraction in self._cancelled:
                return self._end(job, "cancelled")
            if extractor is not None and set(batch) - there:
                self._extract(job, extractor, document, found, batch)
            self._states[job.extraction] = JobState("running", batch.stop, len(found.passages))
        results = self._store.extracted(job.extraction).passages
        self._store.finish_extraction(job.extraction, job.who, why_empty(found, results))
        self._states[job.extraction] = JobState("finished", len(results), len(results))

    def _extract(self, job: _Job, extractor: Extractor, document: Document, found: FoundPassages, batch: range) -> None:
        results = extractor.passage_results(found.passages[batch.start : batch.stop], document.layout)
        self._store.add_passages(job.extraction, new_passages(results, first=batch.start), job.who)

    def _end(self, job: _Job, stage: str, problem: str = "") -> None:
        before = self._states[job.extraction]
        try:
            if self._store.extraction(job.extraction).stage is Stage.RUNNING:
                self._store.abandon_extraction(job.extraction, job.who, problem or stage)
        except Exception:  # nothing more can be noted where the store itself is the problem
            _LOG.exception("the end of extraction %s was not stored", job.extraction)
        self._states[job.extraction] = JobState(stage, before.done, before.total, problem)


def settings_of(extraction: StoredExtraction) -> ExtractorSettings:
    """The settings that it was begun with; model and adapter alone where it was begun before settings were kept."""
    named = {"model": extraction.model, "adapter": extraction.adapter or NONE}
    return ExtractorSettings.model_validate(extraction.settings or named)


def _batches(total: int) -> Iterator[range]:
    """The positions of each batch."""
    edges = [0, *range(FIRST_BATCH, total, BATCH), total] if total > FIRST_BATCH else [0, total]
    for start, stop in pairwise(edges):
        if start < stop:
            yield range(start, stop)
