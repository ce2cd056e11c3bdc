"""Takes the pictures of docs/screenshots/: every screen of the page, in a wide and in a narrow window.

    python docs/make_screenshots.py [--store FILE]

Reads two samples and a PDF with the embedded model, reviews them in part, serves the page over them and visits it with
Chromium.
With `--store` all that is kept there, and what is there already is shown as it is.
"""

from __future__ import annotations

import argparse
import io
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "app")]

from browser_pages import CHROMIUM, FLAGS, started  # noqa: E402
from page_steps import ANNA, BEN, ServedPage, settled  # noqa: E402

from text2mdt.extract import Extractor  # noqa: E402
from text2mdt.review.edits import AcceptAll, CommentOn, Edit, SetVerdict  # noqa: E402
from text2mdt.review.review_tree import PassageReview, Verdict  # noqa: E402
from text2mdt.review.reviewing import add_extraction, review_in, save_edit  # noqa: E402
from text2mdt.review.store import ReviewStore, open_store  # noqa: E402
from text2mdt.review.stored import PersonRole  # noqa: E402
from text2mdt.samples import shipped_samples  # noqa: E402

FOLDER = Path(__file__).with_name("screenshots")
SIZES = {"wide": (1440, 900), "narrow": (1024, 768)}
REVIEWED, APPROVED = "acute-otitis-media-children", "hyperkalaemia-adults"
PRINTED = ROOT / "data" / "documents" / "gallstone-disease.one-column.pdf"
COLOURS = 128


def fill(store: ReviewStore) -> None:
    """A document in review, an approved one, and a PDF that nobody has looked at."""
    for name in (ANNA, BEN):
        store.set_role(name, PersonRole.APPROVER, by=ANNA)
    extractor = Extractor.from_pretrained()
    samples = shipped_samples()
    for path in (samples[APPROVED], PRINTED, samples[REVIEWED]):
        document = store.add_document(path.name, path.read_bytes(), ANNA)
        add_extraction(store, document, extractor.extract(path), ANNA)
    approve(store, number_of(store, APPROVED))
    review_in_part(store, number_of(store, REVIEWED))


def number_of(store: ReviewStore, name: str) -> int:
    """The extraction of a document."""
    found = next(row.extraction for row in store.library().rows if row.name.startswith(name))
    if found is None:
        raise SystemExit(f"{name} has no extraction in this store")
    return found


def edit_all(store: ReviewStore, number: int, edits: Callable[[PassageReview], list[Edit]]) -> None:
    for stored in store.passages(number):
        for edit in edits(review_in(stored)):
            stored = save_edit(store, stored, edit, ANNA)


def approve(store: ReviewStore, number: int) -> None:
    edit_all(store, number, lambda review: [AcceptAll(node=node.id) for node in review.nodes() if node.triples])
    store.mark_reviewed(number, store.extraction(number).version, ANNA)
    store.approve(number, store.extraction(number).version, BEN)


def review_in_part(store: ReviewStore, number: int) -> None:
    """The first three passages: accepted, but for the last triple of each, which is rejected with a comment."""
    first = {stored.id for stored in [one for one in store.passages(number) if one.state.triples][:3]}

    def edits(review: PassageReview) -> list[Edit]:
        *most, last = list(review.triples())
        accepted: list[Edit] = [SetVerdict(triple=triple.id, verdict=Verdict.ACCEPTED) for triple in most]
        rejected = SetVerdict(triple=last.id, verdict=Verdict.REJECTED)
        return [*accepted, rejected, CommentOn(target=last.id, comment="The text says this of another group.")]

    for stored in store.passages(number):
        if stored.id in first:
            for edit in edits(review_in(stored)):
                stored = save_edit(store, stored, edit, ANNA)


def shoot(view: Any, name: str) -> None:
    """Keeps a picture of what the window shows, in few colours."""
    settled(view)
    view.wait_for_timeout(700)  # tables and drawings settle after the last answer of the server
    FOLDER.mkdir(exist_ok=True)
    picture = Image.open(io.BytesIO(view.screenshot())).convert("RGB")
    picture.quantize(COLOURS, dither=Image.Dither.NONE).save(FOLDER / f"{name}.png", optimize=True)


def take(page: ServedPage, size: str) -> None:
    """All screens in a window of this size."""
    width, height = SIZES[size]
    number, printed = number_of(page.store, REVIEWED), number_of(page.store, PRINTED.name)
    with page.visit(viewport={"width": width, "height": height}) as view:

        def go(screen: str, extraction: int, words: str) -> None:
            view.goto(f"{page.address}/{screen}?extraction={extraction}")
            view.get_by_text(words).first.wait_for()

        view.get_by_text("Show its text").wait_for()
        shoot(view, f"new-{size}")
        go("library", number, "Select a row")
        shoot(view, f"library-{size}")
        go("review", number, "triples checked")
        view.locator("[data-node]").nth(1).click()
        shoot(view, f"review-{size}")
        go("review", printed, "triples checked")
        view.get_by_role("radio", name="Page", exact=True).click()
        view.locator(".t2m-page-image [data-mark]").first.wait_for()
        shoot(view, f"review-pdf-{size}")
        go("guideline", number, "between passages")
        shoot(view, f"guideline-{size}")
        go("case", number, "An invented case")
        view.get_by_role("button", name="Yes", exact=True).click()
        shoot(view, f"case-{size}")
        go("compare", number, "triple F1")
        shoot(view, f"compare-{size}")
        go("people", number, "Check the trail")
        view.get_by_role("button", name="Check the trail").click()
        view.get_by_text("nothing was changed").wait_for()
        shoot(view, f"people-{size}")


def main() -> None:
    parser = argparse.ArgumentParser(description="Takes the pictures of docs/screenshots/.")
    parser.add_argument("--store", type=Path, help="a store to keep, or to show as it is")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
        place = parser.parse_args().store or Path(folder) / "reviews.sqlite"
        store = open_store(str(place))
        if not store.library().rows:
            fill(store)
        words = [sys.executable, "-c", "from text2mdt.cli import main; main()", "app", "--headless", "--port"]
        with started(words, Path(folder) / "log.txt", TEXT2MDT_STORE=str(place)) as address:
            browser = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            for size in SIZES:
                take(ServedPage(address, store, browser), size)
            browser.close()


if __name__ == "__main__":
    main()
