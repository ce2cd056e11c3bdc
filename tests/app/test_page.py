"""The page, run by Streamlit's own test driver with a tiny random model."""

import html
import json
import re
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from text2mdt.extract import Extractor
from text2mdt.models import embedded_state, shipped_adapters
from text2mdt.samples import shipped_samples
from text2mdt.schema import Extraction

PAGE = Path(__file__).parents[2] / "app" / "page.py"
SAMPLE = "hyperkalaemia-adults"
HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture
def page() -> AppTest:
    return AppTest.from_file(str(PAGE), default_timeout=120).run()


def extract(page: AppTest, model: object, adapter: str = "none") -> AppTest:
    page.text_input(key="model").set_value(str(model)).run()  # alone, as a person would: it sets the adapter
    page.selectbox(key="adapter").set_value(adapter)
    return page.button[0].click().run()


def upload(page: AppTest, name: str, data: bytes) -> None:
    page.radio(key="kind").set_value("Upload a file").run()
    page.file_uploader(key="file").set_value((name, data, "text/plain")).run()


def without_tags(markup: str) -> str:
    return html.unescape(re.sub(r"<[^>]*>", "", re.sub(r'<span class="tag[^>]*>[^<]*</span>', "", markup))).strip()


def test_the_start_page_says_what_it_is_and_offers_the_samples(page):
    assert not page.exception
    assert not page.error
    assert "not for clinical use without review" in page.warning[0].value
    assert len(page.selectbox(key="sample").options) == len(shipped_samples()) >= 3
    assert set(shipped_adapters()) < set(page.selectbox(key="adapter").options)
    assert not page.button[0].disabled
    assert not page.download_button


def test_without_a_document_there_is_nothing_to_extract(page):
    page.radio(key="kind").set_value("Upload a file").run()
    assert page.button[0].disabled
    page.radio(key="kind").set_value("Paste text").run()
    assert page.button[0].disabled
    page.text_area(key="text").set_value("If the fever persists, give paracetamol.").run()
    assert not page.button[0].disabled


def test_a_sample_gives_its_passages_and_trees(page, tiny_model_folder):
    page.selectbox(key="sample").set_value(SAMPLE)
    extract(page, tiny_model_folder)
    assert not page.exception
    assert not page.error
    extraction: Extraction = page.session_state["result"].extraction
    assert extraction.document.name == f"{SAMPLE}.md"
    assert extraction.adapter is None
    with_trees = [result for result in extraction.passages if result.trees]
    assert with_trees
    folded = [block.label for block in page.expander if block.label.endswith("no decision found")]
    assert len(folded) == len(extraction.passages) - len(with_trees)
    assert len(page.image) == len(extraction.trees)
    shown = [without_tags(block.value) for block in page.html]
    assert all(result.text.strip() in shown for result in extraction.passages)
    markup = "".join(block.value for block in page.html)
    triples = [triple for result in with_trees for node in result.tree for triple in node.triples]
    assert triples
    assert all(f"<i>{triple.relation.replace('_', ' ')}" in markup for triple in triples)


def test_the_files_hold_the_extraction_and_the_result_outlives_other_choices(page, tiny_model_folder):
    extract(page, tiny_model_folder)
    result = page.session_state["result"]
    assert Extraction.model_validate_json(result.json) == result.extraction
    assert result.html.startswith("<!DOCTYPE html>")
    page.radio(key="kind").set_value("Paste text").run()
    assert [button.label for button in page.download_button] == ["Download JSON", "Download HTML"]
    assert len(page.image) == len(result.extraction.trees) > 0


def test_the_model_is_loaded_once(page, tiny_model_folder, monkeypatch):
    st.cache_resource.clear()
    loaded = []
    load = Extractor.from_pretrained
    monkeypatch.setattr(Extractor, "from_pretrained", lambda *names: loaded.append(names) or load(*names))
    page.radio(key="kind").set_value("Paste text").run()
    for drug in ("paracetamol", "ibuprofen"):
        page.text_area(key="text").set_value(f"If the fever persists, give {drug}.").run()
        extract(page, tiny_model_folder)
        assert drug in page.session_state["result"].extraction.text
    assert loaded == [(str(tiny_model_folder), "none")]


def test_a_text_without_a_decision_says_why_there_is_nothing(page, tiny_model_folder):
    page.radio(key="kind").set_value("Paste text").run()
    page.text_area(key="text").set_value("The kidney has a cortex and a medulla.").run()
    extract(page, tiny_model_folder)
    assert not page.error
    assert page.info[0].value.startswith("No tree: ")
    assert page.session_state["result"].extraction.reason is not None


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("empty.txt", b"", "T2M011"),
        ("picture.md", b"\x89PNG\r\n" + bytes(range(256)) * 4, "T2M012"),
        ("unclear.txt", b"\xff\xa0\x81", "T2M013"),
        ("long.txt", b"If it hurts, rest. " * 110_000, "T2M014"),
    ],
)
def test_a_file_that_cannot_be_read_gives_a_message(page, tiny_model_folder, name, data, code):
    upload(page, name, data)
    extract(page, tiny_model_folder)
    assert not page.exception
    assert [error.value[:6] for error in page.error] == [code]
    assert "result" not in page.session_state


def test_an_unknown_model_gives_a_message(page):
    extract(page, "/none/at/all")
    assert not page.exception
    assert [error.value[:6] for error in page.error] == ["T2M022"]


def test_a_model_of_ones_own_starts_without_the_adapter_of_the_default_model(page):
    page.text_input(key="model").set_value("some-folder").run()
    assert page.selectbox(key="adapter").value == "none"
    page.text_input(key="model").set_value("default").run()
    assert page.selectbox(key="adapter").value == "default"


def test_an_adapter_that_is_gone_gives_a_message(page, tiny_model_folder, monkeypatch):
    monkeypatch.setattr("text2mdt.models.shipped_adapters", lambda: {"default": Path("/none"), "gone": Path("/none")})
    page.run()
    extract(page, tiny_model_folder, "gone")
    assert not page.exception
    assert [error.value[:6] for error in page.error] == ["T2M023"]


def test_an_unforeseen_error_gives_a_message_without_traceback(page, monkeypatch):
    monkeypatch.setattr(Extractor, "from_pretrained", lambda *names: 1 / 0)
    extract(page, "a-model-that-is-not-in-the-cache")
    assert not page.exception
    assert page.error[0].value.startswith("Unexpected ZeroDivisionError")


def test_names_and_headings_are_shown_as_they_are(page, tiny_model_folder):
    words = f"\\{HOSTILE}"  # Markdown drops a tag that is not escaped
    document = f"# Care {words} !\\[x](http://example.org/x.png)\n\nIf the fever persists, give {words} rest.\n"
    upload(page, f"{HOSTILE} $x$ :red[a].md", document.encode())
    extract(page, tiny_model_folder)
    assert not page.exception
    labels = [block.value for block in (*page.markdown, *page.subheader, *page.caption)]
    labels += [block.label for block in page.expander]
    for label in labels:
        assert not re.search(r"(?<!\\)<img|(?<!\\)!\[|(?<!\\)\$x|(?<!\\):red", label), label
    assert any(r"\<img" in label for label in labels)
    markup = "".join(block.value for block in page.html)
    assert "<img" not in markup
    assert "&lt;img" in markup


@pytest.mark.model
@pytest.mark.skipif(
    embedded_state().converted is None or "default" not in shipped_adapters(),
    reason="the embedded model is not in the cache, or its adapter is missing",
)
def test_the_embedded_model_reads_a_pasted_passage(page):
    page.radio(key="kind").set_value("Paste text").run()
    page.text_area(key="text").set_value("If the fever persists after 48 hours, give amoxicillin.").run()
    extract(page, "default", "default")
    assert not page.exception
    assert not page.error
    written = json.loads(page.session_state["result"].json)
    assert written["model"] == "default"
    assert len(written["passages"]) == 1
