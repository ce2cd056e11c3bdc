"""One browser for all; the page of the views, and the whole page with the embedded model behind it."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from browser_pages import CHROMIUM, FLAGS, Opened, served, started, watched_page
from page_steps import ANNA, BEN, ServedPage, upload

from text2mdt.models import embedded_state
from text2mdt.review.reviewing import add_extraction
from text2mdt.review.store import open_store
from text2mdt.review.stored import PersonRole
from text2mdt.schema import Extraction

SCRIPT = Path(__file__).with_name("tree_view_script.py")
SAMPLE = (
    "# Acute otitis media in children\n\n## Treatment\n\n"
    "If the fever persists after 48 hours, give amoxicillin. Otherwise, offer paracetamol.\n"
)
SECONDS = 180


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    assert CHROMIUM is not None, "no Chromium on this machine"
    with sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def opened(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    """Opens the page of the views with a passage: `with opened("11") as view`."""
    with served(SCRIPT, tmp_path_factory.mktemp("server") / "log.txt") as address:

        @contextmanager
        def shown(show: str, query: str = "", **options: Any) -> Iterator[Any]:
            with watched_page(browser, address, **options) as view:
                view.goto(f"{address}/?show={show}{query}")
                view.locator("svg.drawing, .none").first.wait_for()
                view.locator("#state").wait_for()
                yield view

        yield shown


@pytest.fixture(scope="session")
def page(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedPage]:
    """The page that `text2mdt app` serves, over an empty store."""
    folder = tmp_path_factory.mktemp("page")
    place = str(folder / "reviews.sqlite")
    words = [sys.executable, "-c", "from text2mdt.cli import main; main()", "app", "--headless", "--port"]
    with started(words, folder / "log.txt", TEXT2MDT_STORE=place) as address:
        store = open_store(place)
        for name in (ANNA, BEN):
            store.set_role(name, PersonRole.APPROVER, by=ANNA)
        yield ServedPage(address, store, browser)


@pytest.fixture(scope="session")
def sample(page: ServedPage) -> Extraction:
    """What the embedded model makes of a short guideline, uploaded to the page; the model is loaded here, once."""
    if embedded_state().converted is None:
        pytest.skip("the embedded model is not in the cache")
    with page.visit() as view:
        upload(view, ("otitis.md", SAMPLE.encode()))
        end = time.monotonic() + SECONDS
        while not (rows := page.store.library().rows) or rows[0].stage != "finished":
            assert time.monotonic() < end
            time.sleep(0.2)
    return page.store.extracted(rows[0].extraction)


@pytest.fixture
def number(page: ServedPage, sample: Extraction, request: pytest.FixtureRequest) -> int:
    """The sample once more, under a number of its own, with nothing checked."""
    name = request.node.name[:80]
    document = page.store.add_document(f"{name}.md", f"{SAMPLE}{name}".encode(), ANNA)
    return add_extraction(page.store, document, sample, ANNA)
