"""New extractions, run by Streamlit's own test driver with a tiny random model."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
import streamlit as st
from answering_server import server
from streamlit.testing.v1 import AppTest

from app import visit
from text2mdt.extract import Extractor
from text2mdt.extractor_settings import ExtractorSettings
from text2mdt.models import embedded_state, shipped_adapters
from text2mdt.review.stored import StoredExtraction
from text2mdt.samples import shipped_samples
from text2mdt.voting.settings import VotingSettings, shipped_voters

pytestmark = pytest.mark.usefixtures("own_store")

PAGE = Path(__file__).parents[2] / "app" / "page.py"
SAMPLE = "hyperkalaemia-adults"
HOSTILE = "<img src=x onerror=alert(1)>"
SECONDS = 120


@pytest.fixture
def page(own_store: None) -> AppTest:
    return AppTest.from_file(str(PAGE), default_timeout=SECONDS).run()


def extract(page: AppTest, model: object, adapter: str = "none") -> AppTest:
    """Starts the extraction, waits for its end, and draws the page once more."""
    page.text_input(key="model").set_value(str(model)).run()  # alone, as a person would: it sets the adapter
    page.selectbox(key="adapter").set_value(adapter)
    next(button for button in page.button if button.label == "Extract").click().run()
    end = time.monotonic() + SECONDS
    while visit.jobs().running() and time.monotonic() < end:
        time.sleep(0.05)
    messages = [error.value for error in page.error]
    page.run()
    page.session_state["first-messages"] = messages
    return page


def only_extraction() -> StoredExtraction:
    (row,) = visit.store().library().rows
    assert row.extraction is not None
    return visit.store().extraction(row.extraction)


def paste(page: AppTest, text: str) -> None:
    page.radio(key="kind").set_value("Paste text").run()
    page.text_area(key="text").set_value(text).run()


def upload(page: AppTest, *files: tuple[str, bytes]) -> None:
    page.radio(key="kind").set_value("Upload files").run()
    page.file_uploader(key="files").set_value([(name, data, "text/plain") for name, data in files]).run()


def test_the_start_page_says_what_it_is_and_offers_the_samples(page):
    assert not page.exception
    assert not page.error
    assert "not advice for a patient" in page.warning[0].value
    assert "anything about a patient" in page.warning[0].value
    assert len(page.selectbox(key="sample").options) == len(shipped_samples()) >= 3
    assert set(shipped_adapters()) < set(page.selectbox(key="adapter").options)
    assert not next(button for button in page.button if button.label == "Extract").disabled


def test_thorough_is_the_vote_of_all_shipped_adapters(page, monkeypatch):
    asked = []
    monkeypatch.setattr(visit.jobs(), "submit", lambda content, name, settings, by: asked.append(settings) or 1)
    monkeypatch.setattr("app.screens.upload.show_running", lambda: None)
    for thorough in (False, True):
        page.toggle(key="thorough").set_value(thorough).run()
        next(button for button in page.button if button.label == "Extract").click().run()
    assert [settings.voting for settings in asked] == [None, VotingSettings(adapters=shipped_voters())]
    assert set(shipped_voters()) == set(shipped_adapters()) - {"default"}
    page.selectbox(key="adapter").set_value("none").run()
    assert not page.toggle, "other adapters have no voters that are known to go with them"


def test_without_a_document_there_is_nothing_to_extract(page):
    def disabled() -> bool:
        return next(button for button in page.button if button.label == "Extract").disabled

    page.radio(key="kind").set_value("Upload files").run()
    assert disabled()
    page.radio(key="kind").set_value("Paste text").run()
    assert disabled()
    page.text_area(key="text").set_value("If the fever persists, give paracetamol.").run()
    assert not disabled()


def test_a_sample_becomes_a_stored_extraction_to_review(page, tiny_model_folder):
    page.selectbox(key="sample").set_value(SAMPLE)
    extract(page, tiny_model_folder)
    assert not page.exception
    assert not page.error
    extraction = only_extraction()
    made = visit.store().extracted(extraction.id)
    assert made.document.name == f"{SAMPLE}.md"
    assert extraction.adapter is None
    assert extraction.triples == sum(len(node.triples) for result in made.passages for node in result.tree) > 0
    assert any(button.label == "Review" for button in page.button)


def test_the_stored_passages_are_those_of_an_extraction_at_once(page, tiny_model_folder):
    page.selectbox(key="sample").set_value(SAMPLE)
    extract(page, tiny_model_folder)
    stored = visit.store().extracted(only_extraction().id)
    at_once = Extractor.from_pretrained(str(tiny_model_folder), None).extract(shipped_samples()[SAMPLE])
    assert [result.text for result in stored.passages] == [result.text for result in at_once.passages]
    assert stored.text == at_once.text


def test_the_model_is_loaded_once(page, tiny_model_folder, monkeypatch):
    st.cache_resource.clear()
    loaded = []
    load = ExtractorSettings.load
    monkeypatch.setattr(ExtractorSettings, "load", lambda settings: loaded.append(settings) or load(settings))
    for drug in ("paracetamol", "ibuprofen"):
        paste(page, f"If the fever persists, give {drug}.")
        extract(page, tiny_model_folder)
    assert visit.store().library().total == 2
    assert loaded == [ExtractorSettings(model=str(tiny_model_folder), adapter="none")]


def test_a_text_without_a_decision_is_finished_with_its_reason(page, tiny_model_folder):
    paste(page, "The kidney has a cortex and a medulla.")
    extract(page, tiny_model_folder)
    assert not page.error
    assert visit.store().extracted(only_extraction().id).reason is not None


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("empty.txt", b"", "T2M011"),
        ("picture.md", b"\x89PNG\r\n" + bytes(range(256)) * 4, "T2M012"),
        ("unclear.txt", b"\xff\xa0\x81", "T2M013"),
        ("long.txt", b"If it hurts, rest. " * 110_000, "T2M014"),
    ],
)
def test_a_file_that_cannot_be_read_gives_a_message_and_does_not_hold_up_others(
    page, tiny_model_folder, name, data, code
):
    upload(page, (name, data), ("good.txt", b"If the fever persists, give paracetamol."))
    extract(page, tiny_model_folder)
    assert not page.exception
    assert [message[:6] for message in page.session_state["first-messages"]] == [code]
    assert visit.store().extracted(only_extraction().id).document.name == "good.txt"


def test_an_unknown_model_gives_a_message(page):
    extract(page, "/none/at/all")
    assert not page.exception
    assert [error.value[:6] for error in page.error] == ["T2M022"]
    assert only_extraction().stage == "abandoned"


def test_a_model_of_ones_own_starts_without_the_adapter_of_the_default_model(page):
    page.text_input(key="model").set_value("some-folder").run()
    assert page.selectbox(key="adapter").value == "none"
    page.text_input(key="model").set_value("default").run()
    assert page.selectbox(key="adapter").value == "default"


def test_an_unforeseen_error_gives_a_message_without_traceback(page, monkeypatch):
    monkeypatch.setattr(ExtractorSettings, "load", lambda settings: 1 / 0)
    extract(page, "a-model-that-is-not-in-the-cache")
    assert not page.exception
    assert "division by zero" in page.error[0].value.replace("\\", "")


def test_names_are_shown_as_they_are(page, tiny_model_folder):
    upload(page, (f"{HOSTILE} $x$ :red[a].md", b"# Care\n\nIf the fever persists, give rest.\n"))
    extract(page, tiny_model_folder)
    assert not page.exception
    labels = [block.value for block in (*page.markdown, *page.subheader, *page.caption)]
    for label in labels:
        assert not re.search(r"(?<!\\)<img|(?<!\\)\$x|(?<!\\):red", label), label
    assert any(r"\<img" in label for label in labels)


def test_what_a_killed_server_left_is_gone_on_with(page, tiny_model_folder, monkeypatch):
    monkeypatch.setattr("text2mdt.review.extraction_jobs.ExtractionJobs._run", lambda self, job: None)
    paste(page, "If the fever persists, give paracetamol.")
    page.text_input(key="model").set_value(str(tiny_model_folder)).run()
    page.selectbox(key="adapter").set_value("none")
    next(button for button in page.button if button.label == "Extract").click().run()
    assert [item.extraction.id for item in visit.store().unfinished()] == [only_extraction().id]
    monkeypatch.undo()
    visit.jobs.clear()  # the new server
    worker = visit.ExtractionJobs(visit.store(), visit.extractor)
    assert worker.resume() == [only_extraction().id]
    end = time.monotonic() + SECONDS
    while worker.running() and time.monotonic() < end:
        time.sleep(0.05)
    worker.close()
    assert only_extraction().stage == "finished"


def test_a_model_server_is_offered_where_one_is_named(own_store, monkeypatch):
    answer = "1 if feature: the fever persists\n1 yes drug: paracetamol\n1 no none"
    with server(lambda request: request.text(answer)) as (url, got):
        monkeypatch.setenv("TEXT2MDT_ENDPOINT", f"{url}/")
        page = AppTest.from_file(str(PAGE), default_timeout=SECONDS).run()
        paste(page, "If the fever persists, give paracetamol.")
        next(button for button in page.button if button.label == "Extract").click().run()
        end = time.monotonic() + SECONDS
        while visit.jobs().running() and time.monotonic() < end:
            time.sleep(0.05)
    assert not page.exception
    found = only_extraction()
    assert (found.stage, found.model, found.settings["endpoint"]["url"]) == ("finished", "text2mdt", url)
    (result,) = visit.store().extracted(found.id).passages
    assert [triple.object for node in result.tree for triple in node.triples] == ["the fever persists", "paracetamol"]
    assert {request.body["model"] for request in got} == {"text2mdt"}


def test_an_address_that_is_none_gives_a_message(own_store, monkeypatch):
    monkeypatch.setenv("TEXT2MDT_ENDPOINT", "ftp://somewhere")
    page = AppTest.from_file(str(PAGE), default_timeout=SECONDS).run()
    assert not page.exception
    assert [error.value[:6] for error in page.error] == ["T2M157"]
    assert next(button for button in page.button if button.label == "Extract").disabled
    page.radio(key="place").set_value("This machine").run()
    assert not page.error


@pytest.mark.model
@pytest.mark.skipif(
    embedded_state().converted is None or "default" not in shipped_adapters(),
    reason="the embedded model is not in the cache, or its adapter is missing",
)
def test_the_embedded_model_reads_a_pasted_passage(page):
    paste(page, "If the fever persists after 48 hours, give amoxicillin.")
    extract(page, "default", "default")
    assert not page.exception
    assert not page.error
    assert only_extraction().model == "default"
    assert only_extraction().passages == 1
