"""The real server is killed while it extracts: what was there stays, and the next server goes on."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psutil
import pytest
from browser_pages import NEEDS_BROWSER, started, watched_page
from page_steps import TOLERATED, upload

from text2mdt.review.edit_kinds import AcceptAll, CommentOn
from text2mdt.review.reviewing import review_in, save_edit
from text2mdt.review.store import ReviewStore, open_store
from text2mdt.review.stored import PersonRole, Stage

PASSAGES = 12
ANNA = "Anna"
TEXT = "# Fever\n\n" + "".join(
    f"## Kind {number}\n\nIf fever of kind {number} persists for 3 days, give drug{number} daily, else wait.\n\n"
    for number in range(PASSAGES)
)
SECONDS = 900
ADAPTER_IS_NONE = """() => [...document.querySelectorAll('[data-testid=stSelectbox]')].some(
    box => box.innerText.includes('Adapter') && (box.innerText + box.querySelector('input').value).includes('none'))"""

pytestmark = [*NEEDS_BROWSER, pytest.mark.slow, pytest.mark.timeout(3600)]


def until(condition: Callable[[], object]) -> None:
    end = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


def kill(address: str) -> None:
    """SIGKILL to the process that listens there."""
    port = urlsplit(address).port
    listening = [one for one in psutil.net_connections("tcp") if one.status == "LISTEN" and one.laddr.port == port]
    for process in {one.pid for one in listening}:
        os.kill(process, signal.SIGKILL)
        psutil.wait_procs([psutil.Process(process)], timeout=30)


def test_a_killed_server_loses_nothing_and_the_next_one_goes_on(
    browser: Any, tmp_path: Path, tiny_model_folder: Path
) -> None:
    place = tmp_path / "reviews.sqlite"
    words = [sys.executable, "-c", "from text2mdt.cli import main; main()", "app", "--headless", "--port"]

    def server(log: str) -> AbstractContextManager[str]:
        return started(words, tmp_path / log, TEXT2MDT_STORE=str(place))

    with server("first.txt") as address:
        page = browser.new_page()
        page.set_default_timeout(SECONDS * 1000)
        page.goto(address)
        submit(page, str(tiny_model_folder))
        store = open_store(place)
        until(store.unfinished)
        until(lambda: store.passages(1))
        edited = edit(store)
        kill(address)
        page.close()
    written, receipt = store.extracted(1).passages, store.receipt()
    assert 0 < len(written) < PASSAGES
    assert store.extraction(1).stage is Stage.RUNNING

    with server("second.txt") as address, watched_page(browser, address, tolerated=TOLERATED) as page:
        page.goto(address)
        page.get_by_text(f"of {PASSAGES} passages").wait_for()
        until(lambda: store.extraction(1).stage is Stage.FINISHED)
        page.get_by_text(f"finished: {PASSAGES} passages").wait_for()
    finished = store.extracted(1).passages
    assert len(finished) == PASSAGES
    assert finished[: len(written)] == written
    assert {number: store.passage(number).state for number in edited} == edited
    assert store.verify(receipt).intact


def submit(page: Any, model: str) -> None:
    field = page.get_by_label("Model", exact=True)
    field.fill(model)
    field.press("Enter")
    # The page answers by choosing no adapter.
    page.wait_for_function(ADAPTER_IS_NONE)
    upload(page, ("fever.md", TEXT.encode()))


def edit(store: ReviewStore) -> dict[int, object]:
    """What two people do while the server extracts; the states by passage."""
    giver = next(person.name for person in store.people() if person.role is PersonRole.APPROVER)
    store.set_role(ANNA, PersonRole.REVIEWER, giver)
    states = {}
    for one in store.passages(1)[:2]:
        saved = save_edit(store, one, AcceptAll(), ANNA)
        nodes = list(review_in(saved).nodes())
        if nodes:
            saved = save_edit(store, saved, CommentOn(target=nodes[0].id, comment="read twice"), giver)
        states[saved.id] = saved.state
    return states
