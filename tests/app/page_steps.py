"""Steps of the browser tests through the whole page: a visit under a name, a document uploaded, a review opened."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from browser_pages import watched_page

from text2mdt.review.store import ReviewStore

ANNA, BEN = "Anna Weiß", "Ben"
# Below a screen's own path Streamlit looks for its server there first, in vain, and then at the root.
TOLERATED = "the server responded with a status of 404"


@dataclass(frozen=True)
class ServedPage:
    """The page as `text2mdt app` serves it, the store behind it, and a browser to visit it with."""

    address: str
    store: ReviewStore
    browser: Any

    @contextmanager
    def visit(self, path: str = "/", who: str = ANNA, **options: Any) -> Iterator[Any]:
        """A visit of its own under a name; at its end no script failed and no other machine was asked."""
        with watched_page(self.browser, self.address, tolerated=TOLERATED, **options) as view:
            view.context.add_cookies([{"name": "text2mdt-name", "value": quote(who), "url": self.address}])
            view.goto(f"{self.address}{path}")
            view.get_by_label("Your name", exact=True).wait_for()
            yield view


_SETTLED = (
    "document.querySelector('[data-testid=stApp][data-test-script-state=notRunning]')"
    " && !document.querySelector('[data-stale=true]')"
)


def settled(view: Any) -> None:
    """Waits until Streamlit has nothing more to draw."""
    view.wait_for_function(f"() => {_SETTLED}")


def at_rest(view: Any) -> None:
    """Waits until nothing was drawn for a second: views that come late have the page drawn once more, its style too."""
    view.wait_for_function(
        f"""() => {{
            const settled = {_SETTLED};
            if (!settled || !window.restSince) window.restSince = Date.now();
            return settled && Date.now() - window.restSince > 1000;
        }}"""
    )


def upload(view: Any, *files: tuple[str, bytes]) -> None:
    """Uploads files by their names and has them extracted."""
    view.get_by_text("Upload files").click()
    view.locator("input[type=file]").set_input_files(
        [{"name": name, "mimeType": "application/octet-stream", "buffer": data} for name, data in files]
    )
    view.get_by_role("button", name="Extract", exact=True).click()


def to_review(view: Any) -> None:
    """From a finished extraction to its review."""
    view.get_by_role("button", name="Review", exact=True).first.click()
    view.get_by_text("triples checked").first.wait_for()


def triple(view: Any, name: str) -> Any:
    """A triple as the tree shows it."""
    return view.locator(f"[data-triple={name}]")


def card(view: Any, name: str) -> Any:
    """A triple as the right side of the review shows it, selected or not."""
    return view.locator(f".st-key-triple-{name}, .st-key-triple-selected-{name}")
