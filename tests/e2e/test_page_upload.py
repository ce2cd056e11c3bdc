"""Documents into the page in a real browser: every format, hostile files, and an extraction that is cancelled."""

from __future__ import annotations

import re
from typing import Any

import pytest
from browser_pages import NEEDS_BROWSER
from guideline_files import FILES
from page_steps import ServedPage, settled, to_review, upload
from word_files import paragraph, word_file

from text2mdt.schema import Extraction

pytestmark = [*NEEDS_BROWSER, pytest.mark.model]

EVIL = "<img src=x onerror=\"document.title='run'\">"


def shows_the_tree(view: Any) -> None:
    """The tree of the short guideline, and its words marked in the text."""
    view.locator("[data-node]").first.wait_for()
    assert view.locator("[data-node]").count() == 3
    assert "amoxicillin" in view.locator("[data-node]").nth(1).text_content()
    assert "amoxicillin" in view.locator("mark.marked").all_text_contents()


@pytest.mark.parametrize("ending", FILES)
def test_a_document_of_each_format_becomes_a_tree_beside_its_text(
    page: ServedPage, sample: Extraction, ending: str
) -> None:
    with page.visit() as view:
        upload(view, (f"short guideline.{ending}", FILES[ending]()))
        to_review(view)
        shows_the_tree(view)
        if ending == "pdf":
            view.get_by_role("radio", name="Page", exact=True).click()
            boxes = view.locator(".t2m-page-image [data-box]")
            boxes.first.wait_for()
            assert boxes.count() >= 2


def test_unreadable_files_give_messages_and_do_not_hold_up_a_good_one(page: ServedPage, sample: Extraction) -> None:
    hostile = {
        "nothing.txt": (b"", "T2M011"),
        "picture.pdf": (b"\x89PNG\r\n" + bytes(500), "T2M012"),
        "letter.docx": (FILES["pdf"](), "T2M012"),
        "bomb.docx": (word_file(paragraph("a" * 40_000_000)), "T2M053"),
    }
    with page.visit() as view:
        upload(view, *((name, data) for name, (data, _) in hostile.items()), ("good.md", FILES["md"]()))
        view.get_by_role("button", name="Review", exact=True).wait_for()
        for name, (_, code) in hostile.items():
            message = view.get_by_role("alert").filter(has_text=name)
            assert code in message.text_content()
        assert view.get_by_text("Traceback").count() == 0
        to_review(view)
        shows_the_tree(view)


def test_a_file_of_another_type_is_refused_before_it_is_sent(page: ServedPage) -> None:
    with page.visit() as view:
        view.get_by_text("Upload files").click()
        view.locator("input[type=file]").set_input_files(
            {"name": "run.exe", "mimeType": "application/x-msdownload", "buffer": b"MZ" + bytes(100)}
        )
        view.get_by_text(re.compile("not allowed")).wait_for()
        settled(view)
        assert view.get_by_role("button", name="Extract", exact=True).is_disabled()


def test_a_hostile_document_is_shown_and_not_run(page: ServedPage, sample: Extraction) -> None:
    with page.visit() as view:
        text = f"# Care \\{EVIL}\n\nIf the fever persists, give \\{EVIL} rest.\n"
        upload(view, (f"a<b>{EVIL}.md".replace("/", ""), text.encode()))
        to_review(view)
        view.get_by_role("heading", name=re.compile("a<b><img")).wait_for()
        view.get_by_text("all passages", exact=True).click()
        view.get_by_text("Care <img").first.wait_for()
        for screen in ("library", "guideline", "case", "compare", "people"):
            view.get_by_role("link", name=re.compile(screen, re.IGNORECASE)).first.click()
            settled(view)
            assert view.locator("img[src='x']").count() == 0
            assert view.title() == "text2mdt"


def test_a_running_extraction_is_cancelled_and_keeps_what_is_there(page: ServedPage, sample: Extraction) -> None:
    many = "".join(
        f"## Step {number}\n\nIf the fever persists after {number} days, give drug {number}. Otherwise, wait.\n\n"
        for number in range(1, 61)
    )
    with page.visit() as view:
        upload(view, ("long.md", f"# Fever in adults\n\n{many}".encode()))
        view.get_by_role("button", name="Cancel", exact=True).click()
        view.get_by_text(re.compile("^cancelled: ")).wait_for()
        row = next(row for row in page.store.library().rows if row.name == "long.md")
        assert row.stage == "abandoned"
        assert row.passages < 60
        if row.passages:
            view.get_by_role("button", name="Review what is there").click()
            view.get_by_text("The extraction was stopped before its end").wait_for()
