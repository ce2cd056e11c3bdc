"""The text and the page of a PDF in a real browser: marks, words and boxes, by mouse and by keys alone."""

from __future__ import annotations

import pytest
from browser_pages import NEEDS_BROWSER, Opened, press, told
from view_examples import forest

pytestmark = NEEDS_BROWSER


def test_words_chosen_with_the_mouse_reach_python_also_behind_an_emoji(opened: Opened) -> None:
    with opened("forest") as view:
        view.locator("mark", has_text="ibuprofen").scroll_into_view_if_needed()
        ends = view.evaluate(
            """() => [['Without', 0], ['pain, ', 5]].map(([words, offset]) => {
                const pieces = [...document.querySelectorAll('.t2m-piece')];
                const text = pieces.find(piece => piece.textContent.includes('. Without')).firstChild;
                const range = document.createRange();
                range.setStart(text, text.data.indexOf(words) + offset);
                range.collapse(true);
                const box = range.getBoundingClientRect();
                return [box.left, (box.top + box.bottom) / 2];
            })"""
        )
        view.mouse.move(*ends[0])
        view.mouse.down()
        view.mouse.move(*ends[1], steps=5)
        view.mouse.up()
        state = told(view, range="Without pain,")
        found = state["source"]["range"]
        assert forest().text[found["start"] : found["end"]] == "Without pain,"
        assert "".join(view.locator(".chosen").all_text_contents()) == "Without pain,"


def test_words_chosen_by_keys_begin_at_a_mark_and_leave_its_triple_selected(opened: Opened) -> None:
    with opened("forest") as view:
        view.locator(".t2m-text").focus()
        assert press(view, "Tab")["mark"] == "m1"
        assert press(view, "ArrowRight", "ArrowRight")["word"] == "drug"
        press(view, "Enter")
        told(view, triples=["t2", "t6"], mark="m3")
        view.keyboard.down("Shift")
        press(view, "ArrowRight", "ArrowRight")
        view.keyboard.up("Shift")
        told(view, range="paracetamol. Without pain", triples=["t2", "t6"])
        assert view.locator(".chosen").first.text_content() == "paracetamol"
        press(view, "Escape")
        told(view, range=None, triples=["t2", "t6"])
        press(view, "Escape")
        told(view, range=None, triples=[])


def test_the_cursor_walks_through_the_text_by_letters_words_and_lines(opened: Opened) -> None:
    with opened("11") as view:
        view.locator(".t2m-text").focus()
        press(view, "Control+Home", "Control+ArrowRight", "Control+ArrowRight", "ArrowRight")
        view.keyboard.down("Shift")
        press(view, "Control+ArrowRight")
        view.keyboard.up("Shift")
        told(view, range="is")
        press(view, "Control+Home", "Shift+End")
        line = told(view)["source"]["range"]
        view.wait_for_function(
            "before => !document.querySelector('#state').textContent.includes(before)", arg='"text": "is"'
        )
        line = told(view)["source"]["range"]
        assert line["start"] == 0
        assert 20 < line["end"] < 90
        press(view, "Control+Home", "ArrowDown", "Shift+Control+ArrowRight")
        view.wait_for_function("() => JSON.parse(document.querySelector('#state').textContent).source.range.start > 0")
        below = told(view)["source"]["range"]
        assert line["end"] - 2 <= below["start"] <= line["end"] + 12
        assert view.locator(".t2m-cursor").is_visible()
        mark = view.locator("mark").first
        view.locator(".t2m-text").focus()
        press(view, "Control+Home", *["Control+ArrowRight"] * 4, "Enter")
        told(view, mark="m1")
        assert "selected" in mark.get_attribute("class")


def test_a_second_click_selects_the_mark_around(opened: Opened) -> None:
    with opened("hostile") as view:
        words = view.locator("mark.several").first
        words.click()
        first = told(view)["source"]
        view.wait_for_function("() => JSON.parse(document.querySelector('#state').textContent).source.mark")
        first = told(view)["source"]["mark"]
        words.click()
        view.wait_for_function(
            "before => JSON.parse(document.querySelector('#state').textContent).source.mark !== before", arg=first
        )
        assert told(view)["source"]["mark"] not in (None, first)


# The page of a PDF


def test_boxes_on_the_page_and_the_tree_select_each_other(opened: Opened) -> None:
    with opened("5", "&source=page") as view:
        picture = view.locator(".sheet img")
        assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") == 1190
        view.locator("[data-triple=t1]").click()
        told(view, triples=["t1"])
        view.locator(".box.selected").first.wait_for()
        assert view.locator(".box.selected").first.get_attribute("data-word") == "feature"
        view.locator(".box").last.click()
        told(view, tree=["n5", "t9"])
        wide = view.locator(".sheet").bounding_box()["width"]
        press(view, "+")
        assert view.locator(".sheet").bounding_box()["width"] == pytest.approx(wide * 1.25, abs=20)
        press(view, "0", "ArrowLeft", "ArrowLeft", "Enter")
        told(view, tree=["n5", "t8"])
        press(view, "Escape")
        told(view, tree=None, triples=[])
