"""A review in a real browser: tree and text linked, triples corrected, two people, signatures, exports, a case."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from browser_pages import NEEDS_BROWSER
from page_steps import ANNA, BEN, ServedPage, at_rest, card, settled, triple

from text2mdt.review.edits import SetVerdict
from text2mdt.review.review_tree import PassageReview, Verdict
from text2mdt.review.reviewing import review_in, save_edit
from text2mdt.review.stored import TrailEntry

pytestmark = [*NEEDS_BROWSER, pytest.mark.model]


def review(page: ServedPage, number: int) -> PassageReview:
    return review_in(page.store.passages(number)[0])


def trail(page: ServedPage, number: int) -> list[TrailEntry]:
    return page.store.trail(document=page.store.extraction(number).document)


def accept_all(page: ServedPage, number: int) -> None:
    """What Anna would do by hand."""
    for one in list(review(page, number).triples()):
        save_edit(page.store, page.store.passages(number)[0], SetVerdict(triple=one.id, verdict=Verdict.ACCEPTED), ANNA)


def pressed(view: Any, name: str) -> None:
    view.locator(f"[data-triple={name}][aria-pressed=true]").wait_for()


def test_what_is_chosen_in_the_tree_is_shown_in_the_text_and_the_other_way(page: ServedPage, number: int) -> None:
    triples = list(review(page, number).triples())
    first, last = triples[0], triples[-1]
    with page.visit(f"/review?extraction={number}") as view:
        triple(view, last.id).wait_for()
        settled(view)  # a click while the page is drawn once more would be lost
        triple(view, last.id).click()
        view.locator("mark.marked.selected", has_text=last.object).wait_for()
        assert view.locator("mark.marked.selected").all_text_contents() == [last.object]
        card(view, last.id).get_by_text(last.object).wait_for()

        view.locator("mark.marked", has_text=first.object).click()
        pressed(view, first.id)
        card(view, first.id).get_by_text(first.object).wait_for()
        assert card(view, last.id).count() == 0


def test_a_corrected_triple_is_there_after_a_reload(page: ServedPage, number: int) -> None:
    one = next(iter(review(page, number).triples()))
    with page.visit(f"/review?extraction={number}") as view:
        card(view, one.id).get_by_role("button", name="Fix").click()
        view.get_by_label("Words of the text", exact=True).locator("visible=true").fill("fever")
        view.get_by_role("button", name="Save").locator("visible=true").click()
        card(view, one.id).get_by_text("corrected").wait_for()
        view.reload()
        card(view, one.id).get_by_text("corrected").wait_for()
        card(view, one.id).get_by_text("fever", exact=True).wait_for()
        assert triple(view, one.id).locator("title").text_content().find("fever") >= 0
    fixed = next(iter(review(page, number).triples()))
    assert (fixed.object, fixed.verdict) == ("fever", Verdict.FIXED)
    assert trail(page, number)[-1].who == ANNA


def test_a_verdict_is_undone_and_redone(page: ServedPage, number: int) -> None:
    one = next(iter(review(page, number).triples()))
    with page.visit(f"/review?extraction={number}") as view:
        card(view, one.id).get_by_role("button", name="Accept", exact=True).click()
        card(view, one.id).get_by_text("✓ accepted").wait_for()
        view.get_by_role("button", name="Undo").click()
        card(view, one.id).get_by_text("○ open").wait_for()
        view.get_by_role("button", name="Redo").click()
        card(view, one.id).get_by_text("✓ accepted").wait_for()
    assert [entry.who for entry in trail(page, number)[-3:]] == [ANNA] * 3


def test_the_second_of_two_browsers_is_told_and_overwrites_nothing(page: ServedPage, number: int) -> None:
    one = next(iter(review(page, number).triples()))
    path = f"/review?extraction={number}"
    with page.visit(path) as first, page.visit(path, who=BEN) as second:
        card(second, one.id).wait_for()
        card(first, one.id).get_by_role("button", name="Reject", exact=True).click()
        card(first, one.id).get_by_text("✗ rejected").wait_for()
        card(second, one.id).get_by_role("button", name="Accept", exact=True).click()
        second.get_by_text(f"{ANNA} changed this").wait_for()
        card(second, one.id).get_by_text("✗ rejected").wait_for()
        assert next(iter(review(page, number).triples())).verdict is Verdict.REJECTED
        card(second, one.id).get_by_role("button", name="Accept", exact=True).click()
        card(second, one.id).get_by_text("✓ accepted").wait_for()


def exported(view: Any) -> tuple[str, dict[str, Any]]:
    """Name and content of the JSON that is taken along."""
    at_rest(view)
    view.get_by_text("Export", exact=True).click()
    view.get_by_role("button", name="Make the files").click()
    with view.expect_download() as waiting:
        view.get_by_role("button", name="Download", exact=True).click()
    return waiting.value.suggested_filename, json.loads(Path(waiting.value.path()).read_text(encoding="utf-8"))


def test_a_draft_is_exported_as_one_and_a_second_person_approves(page: ServedPage, number: int) -> None:
    path = f"/review?extraction={number}"
    with page.visit(path) as view:
        name, content = exported(view)
        assert name.endswith("-DRAFT.json")
        assert content["draft"] is True
        assert content["passages"][0]["tree"]
        assert view.get_by_role("button", name="Mark reviewed").is_disabled()
    accept_all(page, number)
    with page.visit(path) as view:
        view.get_by_role("button", name="Mark reviewed").click()
        view.get_by_text(f"reviewed by {ANNA}").wait_for()
        settled(view)
        view.get_by_role("button", name="Approve").click()
        view.get_by_role("alert").filter(has_text="T2M107").wait_for()
    with page.visit(path, who=BEN) as view:
        view.get_by_role("button", name="Approve").click()
        view.get_by_text(f"approved by {BEN}").wait_for()
        name, content = exported(view)
        assert "DRAFT" not in name
        assert content["draft"] is False
    assert page.store.verify().intact


def test_a_click_is_not_lost_where_another_one_has_the_page_drawn_anew(page: ServedPage, number: int) -> None:
    with page.visit(f"/review?extraction={number}") as view:
        view.get_by_text("Export", exact=True).click()
        at_rest(view)
        view.evaluate(
            """async () => {
                document.querySelector('.st-key-make-export button').click();
                await new Promise(done => setTimeout(done, 60));
                [...document.querySelectorAll('.st-key-passage-filter button')]
                    .find(one => one.textContent === 'all passages').click();
            }"""
        )
        view.get_by_role("button", name="Download", exact=True).wait_for()


def test_a_case_is_walked_to_its_decision_and_its_words(page: ServedPage, number: int) -> None:
    asked = next(iter(review(page, number).triples()))
    with page.visit(f"/case?extraction={number}") as view:
        view.get_by_role("heading", name=asked.object).wait_for()
        view.get_by_role("button", name="Unknown").click()
        view.get_by_text("Still possible: 2 decisions").wait_for()
        view.get_by_role("button", name="Back").click()
        view.get_by_role("button", name="Yes", exact=True).click()
        view.get_by_text("➜ therapeutic drug: amoxicillin").wait_for()
        view.get_by_text("Source: “amoxicillin”").wait_for()


def test_the_name_outlives_a_reload(page: ServedPage) -> None:
    with page.visit() as view:
        field = view.get_by_label("Your name", exact=True)
        field.fill("Cleo Ö.")
        field.press("Enter")
        view.wait_for_function("() => document.cookie.includes('Cleo')")
        settled(view)
        view.reload()
        view.get_by_label("Your name", exact=True).wait_for()
        assert view.get_by_label("Your name", exact=True).input_value() == "Cleo Ö."
