"""The page of the views, served and opened."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from browser_pages import CHROMIUM, FLAGS, Opened, served, watched_page

SCRIPT = Path(__file__).with_name("tree_view_script.py")


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    """Opens the script's page with a passage: `with opened("11") as view`."""
    from playwright.sync_api import sync_playwright

    assert CHROMIUM is not None, "no Chromium on this machine"
    with served(SCRIPT, tmp_path_factory.mktemp("server") / "log.txt") as address, sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)

        @contextmanager
        def shown(show: str, query: str = "", **options: Any) -> Iterator[Any]:
            with watched_page(browser, address, **options) as view:
                view.goto(f"{address}/?show={show}{query}")
                view.locator("svg.drawing, .none").first.wait_for()
                view.locator("#state").wait_for()
                yield view

        yield shown
        browser.close()
