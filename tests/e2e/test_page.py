"""The page in a real browser: a document in, its trees reviewed and taken along, and no other machine asked."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser_pages import CHROMIUM, FLAGS, ROOT, started, watched_page

SAMPLE = ROOT / "data" / "samples" / "hyperkalaemia-adults.md"

pytestmark = [
    pytest.mark.e2e,
    # Continuous integration must not pass because the browser is missing.
    pytest.mark.skipif(CHROMIUM is None and not os.environ.get("CI"), reason="no Chromium on this machine"),
]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where `text2mdt app` serves the page."""
    folder = tmp_path_factory.mktemp("server")
    words = [sys.executable, "-c", "from text2mdt.cli import main; main()", "app", "--headless", "--port"]
    with started(words, folder / "log.txt", TEXT2MDT_STORE=str(folder / "reviews.sqlite")) as url:
        yield url


ADAPTER_IS_NONE = """() => [...document.querySelectorAll('[data-testid=stSelectbox]')].some(
    box => box.innerText.includes('Adapter') && (box.innerText + box.querySelector('input').value).includes('none'))"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    assert CHROMIUM is not None, "no Chromium on this machine"
    with sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture
def view(browser: Any, address: str, tiny_model_folder: Path) -> Iterator[Any]:
    """The page with the tiny model chosen; at the end no script failed and no other machine was asked."""
    # Below a screen's own path Streamlit looks for its server there first, in vain, and then at the root.
    with watched_page(browser, address, tolerated="the server responded with a status of 404") as opened:
        opened.goto(address)
        field = opened.get_by_label("Model", exact=True)
        field.fill(str(tiny_model_folder))
        field.press("Enter")
        # The page answers by choosing no adapter; what is clicked before that is seen would bring the old choice back.
        opened.wait_for_function(ADAPTER_IS_NONE)
        yield opened


def upload(view: Any, name: str, data: bytes) -> None:
    view.get_by_text("Upload files").click()
    view.locator("input[type=file]").set_input_files({"name": name, "mimeType": "text/plain", "buffer": data})
    view.get_by_role("button", name="Extract", exact=True).click()


def review(view: Any) -> None:
    view.get_by_role("button", name="Review", exact=True).first.click()
    view.get_by_text("triples checked").first.wait_for()


def test_an_uploaded_guideline_is_reviewed_and_taken_along(view: Any) -> None:
    upload(view, SAMPLE.name, SAMPLE.read_bytes())
    review(view)
    view.get_by_role("tree").first.wait_for()
    assert view.get_by_role("treeitem").count() >= 3
    view.get_by_role("button", name="Accept", exact=True).first.click()
    view.get_by_text("✓ accepted").first.wait_for()
    view.reload()
    view.get_by_text("✓ accepted").first.wait_for()
    view.get_by_role("button", name="Undo").click()
    view.get_by_text("✓ accepted").first.wait_for(state="detached")

    view.get_by_text("Export", exact=True).click()
    view.get_by_role("button", name="Make the files").click()
    with view.expect_download() as waiting:
        view.get_by_role("button", name="Download", exact=True).click()
    assert waiting.value.suggested_filename == f"{SAMPLE.stem}-DRAFT.json"
    written = json.loads(Path(waiting.value.path()).read_text(encoding="utf-8"))
    assert written["text"] == SAMPLE.read_text(encoding="utf-8")
    assert any(passage["tree"] for passage in written["passages"])


def test_a_hostile_document_is_shown_and_not_run(view: Any) -> None:
    evil = "<img src=x onerror=\"document.title='run'\">"
    upload(view, "a<b>.md", f"# Care \\{evil}\n\nIf the fever persists, give \\{evil} rest.\n".encode())
    review(view)
    view.get_by_role("heading", name="a<b>.md").wait_for()
    view.get_by_text("all passages", exact=True).click()  # the tiny model finds no decision in it
    view.get_by_text("Care <img").first.wait_for()
    assert view.locator("img[src='x']").count() == 0
    assert view.title() == "text2mdt"


def test_a_binary_file_gives_a_message(view: Any) -> None:
    upload(view, "picture.txt", b"\x89PNG\r\n" + bytes(500))
    view.get_by_text("T2M012").wait_for()
    assert view.get_by_text("Traceback").count() == 0
    assert view.get_by_text("picture.txt").count() <= 2  # the uploader's own line, and the message
