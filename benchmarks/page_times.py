"""How long the page takes in Chromium: the first tree, a click on a tree of 41 nodes, a verdict, a library of 5,000.

    python benchmarks/page_times.py [--documents 5000] [--clicks 15] [--uploads 6]

The first tree of an uploaded sample: from the click on Extract until there is a tree to review. The first upload finds
a server that has not loaded the model yet.

A click is timed in the browser, from the pointer going down: until the node is drawn as selected, until its words are
marked in the text, and until the right side shows its triples, which the server draws. A verdict: until it stands in
the tree, stored. The library: from the click on its link until its table is there, and as the first page of a visit.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "app"), str(ROOT / "tests" / "text2mdt")]

from browser_pages import CHROMIUM, FLAGS, started  # noqa: E402
from built_extractions import extraction  # noqa: E402
from page_steps import ANNA, ServedPage, settled  # noqa: E402
from stored_reviews import guideline  # noqa: E402
from view_examples import example  # noqa: E402

from text2mdt.review.reviewing import add_extraction  # noqa: E402
from text2mdt.review.store import ReviewStore, open_store  # noqa: E402
from text2mdt.review.stored import PersonRole  # noqa: E402

NODES = 41
SAMPLE = ROOT / "data" / "samples" / "acute-otitis-media-children.md"
WATCH = """([node, triple, words]) => {
    const views = [...document.querySelectorAll('[data-testid=stBidiComponentIsolated]')];
    const all = selector => [document, ...views.map(one => one.shadowRoot)]
        .flatMap(root => [...root.querySelectorAll(selector)]);
    const done = {
        drawn: () => all(`[data-node=${node}][aria-selected=true]`).length,
        marked: () => all('mark.marked.selected').some(mark => mark.textContent.startsWith(words)),
        shown: () => all(`.st-key-triple-${triple}, .st-key-triple-selected-${triple}`).length,
    };
    window.times = new Promise(finish => addEventListener('pointerdown', down => {
        const times = {};
        const look = () => {
            for (const name in done)
                if (!(name in times) && done[name]()) times[name] = performance.now() - down.timeStamp;
            Object.keys(times).length === 3 ? finish(times) : requestAnimationFrame(look);
        };
        look();
    }, {once: true, capture: true}));
}"""
VERDICT = """triple => {
    const root = [...document.querySelectorAll('[data-testid=stBidiComponentIsolated]')].map(one => one.shadowRoot)
        .find(one => one.querySelector('.t2m-tree'));
    window.times = new Promise(finish => addEventListener('pointerdown', down => {
        const look = () => root.querySelector(`.triple.accepted[data-triple=${triple}]`)
            ? finish({stored: performance.now() - down.timeStamp}) : requestAnimationFrame(look);
        look();
    }, {once: true, capture: true}));
}"""


def fill(store: ReviewStore, documents: int) -> int:
    """A store with so many documents, and the number of the extraction with the large tree."""
    store.set_role(ANNA, PersonRole.APPROVER, by=ANNA)
    for number in range(documents - 1):
        name = f"guideline-{number:04d}.md"
        document = store.add_document(name, name.encode(), ANNA, title=f"Treatment of gout, edition {number}")
        add_extraction(store, document, guideline(1, name=name), ANNA)
    large = store.add_document("pneumonia.md", b"pneumonia", ANNA)
    return add_extraction(store, large, extraction(example(NODES), name="pneumonia.md"), ANNA)


def clicks(page: ServedPage, number: int, count: int) -> dict[str, list[float]]:
    """Milliseconds of clicks on nodes one after another; the first, which fetches what is drawn, is left out."""
    times: dict[str, list[float]] = {}
    with page.visit(f"/review?extraction={number}") as view:
        view.locator("[data-node]").first.wait_for()
        settled(view)
        if view.locator("[data-node]").count() != NODES:
            raise SystemExit("the tree is not drawn whole")
        nodes = view.locator("[data-node]:has([data-triple])")
        for turn in range(count + 1):
            group = nodes.nth(1 + turn * 2 % (nodes.count() - 1))
            triple = group.locator("[data-triple]").first
            label = triple.get_attribute("aria-label").partition(": ")[2].partition(",")[0]
            view.evaluate(WATCH, [group.get_attribute("data-node"), triple.get_attribute("data-triple"), label])
            group.locator(".role").click(force=True)
            for name, value in view.evaluate("window.times").items():
                if turn:
                    times.setdefault(name, []).append(value)
            settled(view)
    return times


def verdicts(page: ServedPage, number: int, count: int) -> list[float]:
    """Milliseconds from a click on Accept until the tree shows the stored verdict."""
    times = []
    with page.visit(f"/review?extraction={number}") as view:
        view.locator("[data-node]").first.wait_for()
        settled(view)
        nodes = view.locator("[data-node]:has([data-triple])")
        for turn in range(count):
            group = nodes.nth(turn + 1)
            group.locator(".role").click(force=True)
            name = group.locator("[data-triple]").first.get_attribute("data-triple")
            button = view.locator(f".st-key-accepted-{name} button")
            button.wait_for()
            settled(view)
            view.evaluate(VERDICT, name)
            button.click()
            times.append(view.evaluate("window.times")["stored"])
            settled(view)
    return times


def library(page: ServedPage, documents: int, count: int) -> dict[str, list[float]]:
    """Milliseconds until the table of the library is there, from another screen and as the first one."""
    times: dict[str, list[float]] = {"from another screen": [], "as the first screen": []}
    words = f"{documents:,} documents"
    for _ in range(count):
        with page.visit() as view:
            settled(view)
            start = time.perf_counter()
            view.get_by_role("link", name="Library").click()
            _table(view, words)
            times["from another screen"].append(1000 * (time.perf_counter() - start))
            start = time.perf_counter()
            view.goto(f"{page.address}/library")
            _table(view, words)
            times["as the first screen"].append(1000 * (time.perf_counter() - start))
    return times


def _table(view: Any, words: str) -> None:
    view.get_by_text(words).wait_for()
    view.locator("[data-testid=stDataFrame] canvas").first.wait_for()


def first_trees(page: ServedPage, count: int) -> list[float]:
    """Milliseconds from the click on Extract until the first tree of a document can be opened, upload by upload."""
    times = []
    content = SAMPLE.read_text(encoding="utf-8")
    for number in range(count):
        with page.visit() as view:
            view.get_by_text("Upload files").click()
            file = {"name": f"sample {number}.md", "mimeType": "text/markdown", "buffer": content.encode()}
            view.locator("input[type=file]").set_input_files(file)
            button = view.locator("button:enabled", has_text="Extract")
            button.wait_for()  # enabled once the file is there
            settled(view)
            start = time.perf_counter()
            button.click()
            view.get_by_role("button", name="Review").first.wait_for()
            times.append(1000 * (time.perf_counter() - start))
            view.get_by_role("button", name="Review", exact=True).wait_for()
    return times


def told(name: str, times: Sequence[float]) -> str:
    return f"{name:34} median {statistics.median(times):6.0f} ms   worst {max(times):6.0f} ms   of {len(times)}"


def main() -> None:
    parser = argparse.ArgumentParser(description="Times the page in Chromium.")
    parser.add_argument("--documents", type=int, default=5000)
    parser.add_argument("--clicks", type=int, default=15)
    parser.add_argument("--uploads", type=int, default=6)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
        place = Path(folder) / "reviews.sqlite"
        store = open_store(str(place))
        number = fill(store, chosen.documents)
        words = [sys.executable, "-c", "from text2mdt.cli import main; main()", "app", "--headless", "--port"]
        with started(words, Path(folder) / "log.txt", TEXT2MDT_STORE=str(place)) as address:
            page = ServedPage(address, store, driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS))
            cold, *warm = first_trees(page, chosen.uploads)
            print(told("first tree, model not loaded", [cold]), flush=True)
            print(told("first tree, model loaded", warm), flush=True)
            for name, times in clicks(page, number, chosen.clicks).items():
                print(told(f"click, {name}", times), flush=True)
            print(told("verdict, stored and drawn", verdicts(page, number, chosen.clicks)), flush=True)
            for name, times in library(page, store.library().total, 5).items():
                print(told(f"library, {name}", times), flush=True)
            page.browser.close()


if __name__ == "__main__":
    main()
