"""Extractions behind the page: queued, cancelled, failed; and gone on with after the server was killed."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from multiprocessing import get_context

import pytest
from stored_reviews import ANNA, BEN, staffed
from written_engine import WrittenEngine

from text2mdt.documents import read_document
from text2mdt.engines.endpoint_settings import EndpointSettings
from text2mdt.errors import Text2MDTError
from text2mdt.extract import Extractor, header
from text2mdt.extractor_settings import ExtractorSettings
from text2mdt.passages import find_passages
from text2mdt.predictor import Predictor
from text2mdt.review.edit_kinds import AcceptAll, FixTriple
from text2mdt.review.extraction_jobs import BATCH, FIRST_BATCH, ExtractionJobs
from text2mdt.review.reviewing import review_in, save_edit
from text2mdt.review.store import ReviewStore, open_store
from text2mdt.review.stored import Stage, StoredPassage
from text2mdt.schema import PassageResult

PASSAGES = 30
SECONDS = 60
TEXT = "# Fever\n\n" + "".join(
    f"## Kind {number}\n\nIf fever of kind {number} persists, give drug{number} daily.\n\n"
    for number in range(PASSAGES)
)


class Answers(dict[str, str]):
    """The tree of any passage of the text; the model hangs once it has read so many."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self.left = most

    def __getitem__(self, passage: str) -> str:
        if not self.left:
            time.sleep(SECONDS)
        self.left -= 1
        number = passage.partition("kind ")[2].partition(" ")[0]
        return f"1 if feature: fever of kind {number}\n1 yes drug: drug{number}\n1 no none"


SETTINGS = ExtractorSettings(model="model", adapter="none")


def load(most: int = 10_000) -> Callable[[ExtractorSettings], Extractor]:
    return lambda asked: Extractor(Predictor(WrittenEngine(Answers(most))), asked.model, asked.adapter_name)


def until(condition: Callable[[], object]) -> None:
    end = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def submit(jobs: ExtractionJobs, name: str = "fever.md", text: str = TEXT) -> int:
    return jobs.submit(text.encode(), name, SETTINGS, ANNA)


@pytest.fixture
def store(store_place: str) -> ReviewStore:
    return staffed(store_place)


def test_the_text_of_these_tests_has_its_passages():
    found = find_passages(read_document(TEXT.encode(), "fever.md"))
    assert len(found.passages) == PASSAGES > FIRST_BATCH + 2 * BATCH


def test_documents_are_extracted_one_after_another(store):
    jobs = ExtractionJobs(store, load())
    one, other = submit(jobs), submit(jobs, "other.md", TEXT + "\n")
    until(lambda: not jobs.running())
    jobs.close()
    for number in (one, other):
        assert (jobs.state(number).stage, jobs.state(number).done) == ("finished", PASSAGES)
        assert store.extraction(number).triples == 2 * PASSAGES
    assert store.unfinished() == []


class Cancelling(Extractor):
    """Somebody cancels while the second batch is read."""

    jobs: ExtractionJobs

    def __init__(self) -> None:
        super().__init__(load()(SETTINGS).predictor, "model", None)

    def passage_results(self, passages, layout=None, progress=None):
        if len(passages) > FIRST_BATCH:
            self.jobs.cancel(next(iter(self.jobs.running())))
        return super().passage_results(passages, layout, progress)


def test_an_extraction_is_gone_on_with_as_it_was_begun(store, monkeypatch):
    asked: list[ExtractorSettings] = []

    def noted(settings: ExtractorSettings) -> Extractor:
        asked.append(settings)
        return load()(settings)

    wanted = ExtractorSettings(
        engine="openai", model="served", endpoint=EndpointSettings(url="http://localhost:8000/v1"), min_confidence=0.25
    )
    monkeypatch.setattr(ExtractionJobs, "_run", lambda self, job: None)  # the server dies at once
    ExtractionJobs(store, noted).submit(TEXT.encode(), "fever.md", wanted, ANNA)
    # One of before settings were kept.
    document = read_document(TEXT.encode(), "fever.md")
    number = store.add_document("fever.md", TEXT.encode(), ANNA)
    store.start_extraction(number, header(document, "old", None, None), PASSAGES, ANNA)
    monkeypatch.undo()

    jobs = ExtractionJobs(store, noted)
    assert len(jobs.resume()) == 2
    until(lambda: not jobs.running())
    jobs.close()
    assert asked == [wanted, ExtractorSettings(model="old", adapter="none")]


def test_a_cancelled_extraction_keeps_what_is_there(store):
    cancelling = Cancelling()
    jobs = cancelling.jobs = ExtractionJobs(store, lambda settings: cancelling)
    number = submit(jobs)
    until(lambda: not jobs.running())
    jobs.close()
    found = store.extraction(number)
    assert (jobs.state(number).stage, found.stage) == ("cancelled", Stage.ABANDONED)
    assert found.passages == FIRST_BATCH + BATCH
    assert ExtractionJobs(store, load()).resume() == []


def test_a_model_that_fails_ends_its_extraction_and_not_the_worker(store):
    def fail(settings: ExtractorSettings) -> Extractor:
        if settings.model == "bad":
            raise Text2MDTError("T2M023", "bad", known="none")
        return load()(settings)

    jobs = ExtractionJobs(store, fail)
    bad = jobs.submit(TEXT.encode(), "a.md", ExtractorSettings(model="bad", adapter="none"), ANNA)
    good = submit(jobs, "b.md")
    until(lambda: not jobs.running())
    assert (jobs.state(bad).stage, "T2M023" in jobs.state(bad).problem) == ("failed", True)
    assert jobs.state(good).stage == "finished"
    assert (store.extraction(bad).stage, store.extracted(bad).reason) == (Stage.ABANDONED, jobs.state(bad).problem)
    jobs.close()


def _serve(place: str, start: int) -> None:
    """A server: the first takes a document, the others go on with it; the model hangs within a batch."""
    jobs = ExtractionJobs(open_store(place), load(HANGS[start]))
    jobs.resume()
    if start == 0:
        submit(jobs)
    time.sleep(SECONDS)


HANGS = (FIRST_BATCH + 3, BATCH + 1, 2 * BATCH - 1)
"""After so many passages the model of each server hangs."""
WHOLE = (FIRST_BATCH, FIRST_BATCH + BATCH, FIRST_BATCH + 2 * BATCH)
"""So many stand in the store then: those of whole batches."""


def work_until_killed(place: str, start: int) -> StoredPassage:
    """Starts a server, waits until its whole batches are there, edits the newest passage, and kills the server.

    Returns:
        The edited passage.
    """
    server = get_context("fork").Process(target=_serve, args=(place, start))
    server.start()
    store = open_store(place)
    until(lambda: store.unfinished() and len(store.passages(1)) == WHOLE[start])
    # Two people edit what is there while the others are still being extracted.
    one = save_edit(store, store.passages(1)[-1], AcceptAll(), BEN)
    drug = next(triple for triple in review_in(one).triples() if triple.relation == "therapeutic_drug")
    one = save_edit(store, one, FixTriple(triple=drug.id, object="daily"), ANNA)
    store.close()
    os.kill(server.pid, signal.SIGKILL)
    server.join(30)
    assert server.exitcode == -signal.SIGKILL
    return one


def test_a_server_killed_again_and_again_loses_no_passage_and_no_edit(store, store_place):
    edited: dict[int, StoredPassage] = {}
    there: tuple[PassageResult, ...] = ()
    receipt = store.receipt()
    for start, whole in enumerate(WHOLE):
        store.close()
        one = work_until_killed(store_place, start)
        edited[one.id] = one
        store = open_store(store_place)
        written = store.extracted(1).passages
        assert len(written) == whole
        assert written[: len(there)] == there
        there = written
        assert {one.id: one for one in store.passages(1) if one.id in edited} == edited
        assert store.verify(receipt).intact
        receipt = store.receipt()

    jobs = ExtractionJobs(store, load())
    assert jobs.resume() == [1]
    until(lambda: not jobs.running())
    jobs.close()
    assert store.extraction(1).stage is Stage.FINISHED
    at_once = load()(SETTINGS).extract(TEXT.encode(), "fever.md")
    assert store.extracted(1) == at_once, "the trees are those of a server that nobody killed"
    assert {one.id: one for one in store.passages(1) if one.id in edited} == edited
    assert len(edited) == 3
    assert store.extraction(1).checked == 2 * len(edited)
    assert store.verify(receipt).intact
