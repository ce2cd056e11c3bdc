"""The page image view: a page of the PDF as it was printed, with boxes over the words of the triples."""

from __future__ import annotations

import base64
from collections.abc import Callable, Collection, Sequence

from app.components.browser_view import BrowserView, Event
from app.components.page_picture import page_picture
from app.components.source_marks import BoxData
from app.components.source_view import SourceSelection

_VIEW = BrowserView(
    "page-image",
    scripts=("elements.js", "page_image_view.js"),
    styles=("colours.css", "toolbar.css", "page_image_view.css"),
)


def page_image_view(
    pdf: bytes,
    page: int,
    boxes: Sequence[BoxData],
    selected: Collection[str] = (),
    *,
    key: str,
    height: int = 620,
    on_select: Callable[[SourceSelection], None] | None = None,
) -> SourceSelection:
    """Shows the page and returns what is selected: what a person has just chosen, else `selected`.

    Raises T2M050 or T2M052 for a file or page that cannot be drawn. Not for use inside `st.form`.

    Args:
        pdf: the bytes of the file.
        page: its number, from 1.
        boxes: see `page_boxes`.
        selected: ids of the triples whose boxes are emphasised; the first of them is scrolled to.
        key: of the view on the page.
        height: the most that the picture takes on the page, in pixels; it scrolls inside.
        on_select: called with a new choice before the script runs anew, so that views above can follow it.
    """
    picture = page_picture(pdf, page)

    def taken(event: Event) -> SourceSelection:
        box = next((box for box in boxes if box["id"] == event.get("mark")), None)
        return SourceSelection(tuple(box["triples"]), box["id"]) if box else SourceSelection()

    event = _VIEW.event(key)
    now = taken(event) if event is not None else SourceSelection(tuple(selected))
    _VIEW.show(
        key,
        {
            "image": "data:image/png;base64," + base64.b64encode(picture.png).decode(),
            "width": picture.width,
            "height": height,
            "pageHeight": picture.height,
            "page": page,
            "boxes": list(boxes),
            "selected": sorted(now.triples),
        },
        lambda event: on_select(taken(event)) if on_select else None,
    )
    return now
