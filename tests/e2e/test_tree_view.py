"""The tree view in a real browser: what is chosen reaches Python and comes back, by mouse and by keys alone."""

from __future__ import annotations

import sys
from itertools import combinations
from random import Random
from typing import Any

import pytest
from browser_pages import NEEDS_BROWSER, ROOT, Opened, node, press, told
from view_examples import HOSTILE, example, hostile

from app.components.tree_data import nodes_of, tree_data

SCRIPTS = ROOT / "app" / "components" / "browser"
CLICK_MILLISECONDS = 150
"""From the click to the drawn selection, on a machine that does nothing else."""
PATIENCE = 10
"""How much slower a busy machine may be before the test fails."""

pytestmark = NEEDS_BROWSER


# Choosing


def test_a_click_on_a_node_or_triple_reaches_python_and_is_seen_in_the_text(opened: Opened) -> None:
    with opened("11") as view:
        node(view, "n2").locator(".role").click(force=True)
        told(view, tree=["n2", None], triples=["t2", "t3", "t4"])
        assert node(view, "n2").get_attribute("aria-selected") == "true"
        assert view.locator(".t2m-tag.selected").count() == 3
        view.locator("[data-triple=t3]").click()
        told(view, tree=["n2", "t3"], triples=["t3"])
        assert view.locator("[aria-pressed=true][data-triple]").count() == 1
        view.locator("mark.selected").wait_for()
        assert view.locator("mark.selected").text_content() == "200 mg on the first day, then 100 mg once daily"
        press(view, "Escape")
        told(view, tree=None, triples=[])
        assert view.locator("[aria-selected=true]").count() == 0


def test_a_click_on_marked_words_selects_their_triple_in_the_tree(opened: Opened) -> None:
    with opened("41", viewport={"width": 1024, "height": 768}) as view:
        last = view.locator("mark").last
        last.click()
        triple = [one["triples"][-1]["id"] for one in nodes_of(tree_data(example(41))) if one["triples"]][-1]
        told(view, triples=[triple])
        chosen = view.locator(f"[data-triple={triple}]")
        view.wait_for_function(
            "element => element.getAttribute('aria-pressed') === 'true'", arg=chosen.element_handle()
        )
        inside = """element => {
            const box = element.getBoundingClientRect(), frame = element.closest('.scroller').getBoundingClientRect();
            return box.top >= frame.top && box.bottom <= frame.bottom
                && box.left >= frame.left && box.right <= frame.right;
        }"""
        assert chosen.evaluate(inside), "the node is scrolled to"


def test_words_that_two_trees_share_are_emphasised_in_both(opened: Opened) -> None:
    with opened("forest") as view:
        view.locator("mark", has_text="paracetamol").click()
        told(view, tree=["n2", "t2"], triples=["t2", "t6"])
        view.locator(".triple.related").wait_for()
        assert view.locator(".triple.related").get_attribute("data-triple") == "t6"


def test_a_newer_choice_is_not_taken_back_by_a_slow_answer(opened: Opened) -> None:
    with opened("11") as view:
        view.evaluate(
            """() => {
                window.seen = [];
                const root = document.querySelector('[data-testid=stBidiComponentIsolated]').shadowRoot;
                new MutationObserver(() => window.seen.push(root.querySelector('[aria-selected=true]')?.dataset.node))
                    .observe(root, {attributes: true, subtree: true, attributeFilter: ['aria-selected']});
            }"""
        )
        for name in ("n1", "n2", "n4", "n5"):
            node(view, name).locator(".role").click(force=True)
        told(view, tree=["n5", None])
        view.wait_for_timeout(300)
        seen = view.evaluate("window.seen")
        order = [name for index, name in enumerate(seen) if not index or name != seen[index - 1]]
        assert order == ["n1", "n2", "n4", "n5"]


def test_selection_folding_and_zoom_outlive_a_run(opened: Opened) -> None:
    with opened("11") as view:
        view.locator("[data-triple=t3]").click()
        runs = told(view, tree=["n2", "t3"])["runs"]
        node(view, "n5").focus()
        press(view, "c", "+", "+")
        size = view.locator("svg.drawing").get_attribute("width")
        view.get_by_text("Run again").click()
        told(view, runs=runs + 1, tree=["n2", "t3"])
        assert view.locator("[data-triple=t3]").get_attribute("aria-pressed") == "true"
        assert node(view, "n5").get_attribute("aria-expanded") == "false"
        assert view.locator("svg.drawing").get_attribute("width") == size


# Keys


def test_the_tree_is_walked_and_chosen_from_by_keys_alone(opened: Opened) -> None:
    with opened("11") as view:
        view.get_by_role("button", name="Unfold all").or_(view.get_by_role("button", name="Fold all")).focus()
        assert press(view, "Tab", "Tab") == {"node": "n1"}
        assert press(view, "ArrowDown") == {"node": "n2"}
        assert press(view, "ArrowRight") == {"node": "n3"}
        assert press(view, "ArrowDown", "ArrowRight") == {"node": "n5"}
        assert press(view, "ArrowUp") == {"node": "n3"}
        assert press(view, "ArrowLeft", "ArrowLeft") == {"node": "n2"}, "there is nothing further left"
        assert press(view, "End") == {"node": "n11"}
        assert press(view, "Home") == {"node": "n1"}
        press(view, "ArrowDown", "Enter")
        told(view, tree=["n2", None])
        assert press(view, "t", "ArrowDown", "ArrowDown") == {"triple": "t4"}
        press(view, "Enter")
        told(view, tree=["n2", "t4"])
        assert press(view, "Escape") == {"node": "n2"}
        press(view, " ")
        told(view, tree=["n2", None])
        assert view.locator("svg.drawing [tabindex='0']").count() == 1, "one stop for Tab"


def test_keys_follow_the_drawing_when_it_is_turned(opened: Opened) -> None:
    with opened("forest") as view:
        view.get_by_role("button", name="Draw the trees left to right").click()
        node(view, "n1").focus()
        assert press(view, "ArrowRight") == {"node": "n2"}
        assert press(view, "ArrowDown") == {"node": "n3"}
        assert press(view, "ArrowLeft") == {"node": "n1"}
        assert press(view, "ArrowDown") == {"node": "n4"}, "the next tree"
        assert press(view, "PageDown") == {"node": "n7"}
        assert press(view, "PageUp", "PageUp") == {"node": "n1"}


def test_zoom_by_keys_and_buttons(opened: Opened) -> None:
    with opened("11") as view:
        width = lambda: float(view.locator("svg.drawing").get_attribute("width"))  # noqa: E731
        node(view, "n1").focus()
        first = width()
        press(view, "+")
        assert width() == pytest.approx(first * 1.2)
        press(view, "-", "-")
        assert width() == pytest.approx(first / 1.2)
        press(view, "0")
        assert width() == pytest.approx(
            view.locator(".t2m-tree .scroller").evaluate("frame => frame.clientWidth"), abs=4
        )
        view.get_by_role("button", name="Larger").click()
        assert view.locator(".t2m-tree .zoom").text_content().endswith("%")


def test_folding_hides_what_is_below_and_a_choice_in_the_text_brings_it_back(opened: Opened) -> None:
    with opened("11") as view:
        node(view, "n3").focus()
        assert press(view, "c") == {"node": "n3"}
        assert node(view, "n3").get_attribute("aria-expanded") == "false"
        assert view.locator("[data-node]").count() == 3
        assert "8 nodes hidden" in node(view, "n3").get_attribute("aria-label")
        view.locator("[data-mark]").last.click()
        told(view, tree=["n11", "t21"])
        node(view, "n11").wait_for()
        assert node(view, "n3").get_attribute("aria-expanded") == "true"
        view.locator("[data-fold=n3]").click()
        assert view.locator("[data-node]").count() == 3
        view.get_by_role("button", name="Unfold all").click()
        assert view.locator("[data-node]").count() == 11


# What may go wrong


def test_hostile_labels_stay_text(opened: Opened) -> None:
    with opened("hostile") as view:
        title = view.title()
        assert view.locator(".t2m-text").text_content() == hostile().text
        assert view.locator("img[src='x']").count() == 0
        assert view.locator("svg.drawing script, svg.drawing b, .t2m-source script, .t2m-source b").count() == 0
        titles = view.locator(".triple title").all_text_contents()
        assert all(any(words.strip() in one for one in titles) for words in HOSTILE)
        overflow = """groups => groups.filter(group => {
            const shape = group.querySelector('.shape').getBoundingClientRect();
            const texts = [...group.querySelectorAll('text')];
            return texts.some(text => text.getBoundingClientRect().right > shape.right + 1);
        }).length"""
        assert view.locator("[data-node]").evaluate_all(overflow) == 0
        view.locator("[data-triple=t1]").click()
        told(view, tree=["n1", "t1"])
        assert view.title() == title


def test_a_click_on_a_tree_of_41_nodes_is_drawn_at_once(opened: Opened, capsys: Any) -> None:
    with opened("41") as view:
        assert view.locator("[data-node]").count() == 41
        times = []
        for name in ("n1", "n2", "n3", "n5", "n6", "n2", "n3"):
            view.evaluate(
                """name => {
                    const root = document.querySelector('[data-testid=stBidiComponentIsolated]').shadowRoot;
                    const group = root.querySelector(`[data-node=${name}]`);
                    window.drawn = new Promise(done => root.addEventListener('pointerdown', down => {
                        const check = () => group.getAttribute('aria-selected') === 'true'
                            ? requestAnimationFrame(() => setTimeout(() => done(performance.now() - down.timeStamp), 0))
                            : requestAnimationFrame(check);
                        check();
                    }, {once: true, capture: true}));
                }""",
                name,
            )
            node(view, name).locator(".role").click(force=True)
            times.append(view.evaluate("window.drawn"))
            told(view, tree=[name, None])
        middle = sorted(times)[len(times) // 2]
        with capsys.disabled():
            sys.stdout.write(f"\nfrom click to drawn selection: {sorted(round(time) for time in times)} ms\n")
        assert middle < CLICK_MILLISECONDS * PATIENCE


def test_boxes_and_lines_of_any_tree_keep_clear_of_each_other(opened: Opened) -> None:
    random = Random(7)

    def box(depth: int) -> dict[str, Any]:
        deeper = depth < 9 and random.random() < 0.62
        size = {"width": random.randint(40, 260), "height": random.randint(30, 400)}
        return {**size, "children": [box(depth + 1), box(depth + 1)] if deeper else []}

    layout = (SCRIPTS / "tree_layout.js").read_text(encoding="utf-8")
    with opened("1") as view:
        for number in range(40):
            direction = "down" if number % 2 else "right"
            boxes, size = view.evaluate(
                f"([tree, direction]) => {{ {layout}; const size = placeTree(tree, direction);"
                " const all = one => [one, ...one.children.flatMap(all)];"
                " const from = all(tree); from.forEach((one, index) => { one.id = index; });"
                " return [from.map(one => ({...one, children: one.children.map(child => child.id)})), size]; }",
                [box(0), direction],
            )
            check_layout(boxes, size, direction)


def check_layout(boxes: list[dict[str, Any]], size: dict[str, float], direction: str) -> None:
    """No two boxes overlap, no line crosses a box, and a parent stands in the middle of its children."""
    along, across, long, wide = ("y", "x", "height", "width") if direction == "down" else ("x", "y", "width", "height")
    for one, other in combinations(boxes, 2):
        apart = any(
            one[axis] + one[side] <= other[axis] + 0.01 or other[axis] + other[side] <= one[axis] + 0.01
            for axis, side in (("x", "width"), ("y", "height"))
        )
        assert apart, (one, other)
    for one in boxes:
        assert one["x"] >= -0.01
        assert one["y"] >= -0.01
        assert one["x"] + one["width"] <= size["width"] + 0.01
        assert one["y"] + one["height"] <= size["height"] + 0.01
        if one["children"]:
            middle = [boxes[child][across] + boxes[child][wide] / 2 for child in one["children"]]
            assert one[across] + one[wide] / 2 == pytest.approx(sum(middle) / 2)
            end = one[along] + one[long]
            starts = {boxes[child][along] for child in one["children"]}
            assert len(starts) == 1
            start = starts.pop()
            for other in boxes:
                in_gap = other[along] < start - 0.01 and other[along] + other[long] > end + 0.01
                between = other[across] < middle[1] and other[across] + other[wide] > middle[0]
                assert not (in_gap and between), (one, other)
