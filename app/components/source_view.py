"""The source view: a text with the words of its triples marked, to choose a mark or any range of words in."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from app.components.browser_view import BrowserView, Event
from app.components.source_marks import MarkData

_VIEW = BrowserView(
    "source",
    scripts=("elements.js", "text_pieces.js", "text_places.js", "text_caret.js", "source_view.js"),
    styles=("colours.css", "toolbar.css", "source_view.css"),
    isolated=False,
)


@dataclass(frozen=True)
class TextRange:
    """Words of a text; `start` and `end` count characters (code points), half-open, without blanks around them."""

    start: int
    end: int
    text: str


@dataclass(frozen=True)
class SourceSelection:
    """The selected triples, the mark they were chosen by (if it was here), and the chosen words."""

    triples: tuple[str, ...] = ()
    mark: str | None = None
    range: TextRange | None = None


def source_view(
    text: str,
    marks: Sequence[MarkData],
    selected: Collection[str] = (),
    *,
    key: str,
    chosen: TextRange | None = None,
    label: str = "Text of the passage",
    height: int = 620,
    on_select: Callable[[SourceSelection], None] | None = None,
) -> SourceSelection:
    """Shows the text and returns what is selected: what a person has just chosen, else `selected` and `chosen`.

    Choosing a mark selects its triples and drops the range; choosing a range leaves the triples as they are. Not for
    use inside `st.form`, where Streamlit keeps events back.

    Args:
        text: of a passage or of a whole document.
        marks: see `passage_marks` and `document_marks`; they may nest and overlap.
            Those outside of the text are left out.
        selected: ids of the triples whose marks are emphasised; the first of them is scrolled to.
        key: of the view on the page.
        chosen: the range that is shown as chosen.
        label: the name of the text for screen readers.
        height: the most that the text takes on the page, in pixels; it scrolls inside.
        on_select: called with a new choice before the script runs anew, so that views above can follow it.
    """
    usable = [mark for mark in marks if 0 <= mark["start"] < mark["end"] <= len(text)]
    held = SourceSelection(tuple(selected), None, chosen)

    def taken(event: Event) -> SourceSelection:
        return _selection(event, text, usable, held)

    event = _VIEW.event(key)
    now = taken(event) if event is not None else held
    _VIEW.show(
        key,
        {
            "text": text,
            "marks": usable,
            "selected": sorted(now.triples),
            "range": {"start": now.range.start, "end": now.range.end} if now.range else None,
            "label": label,
            "height": height,
        },
        lambda event: on_select(taken(event)) if on_select else None,
    )
    return now


def text_range(text: str, start: object, end: object) -> TextRange | None:
    """The words between two offsets, without blanks around them; None where there are none."""
    if not (isinstance(start, int) and isinstance(end, int) and 0 <= start < end <= len(text)):
        return None
    words = text[start:end]
    start += len(words) - len(words.lstrip())
    words = words.strip()
    return TextRange(start, start + len(words), words) if words else None


def _selection(event: Event, text: str, marks: Sequence[MarkData], held: SourceSelection) -> SourceSelection:
    """What an event says; what comes from a browser may be anything."""
    if event.get("kind") == "range":
        return SourceSelection(held.triples, None, text_range(text, event.get("start"), event.get("end")))
    mark = next((mark for mark in marks if mark["id"] == event.get("mark")), None)
    return SourceSelection(tuple(mark["triples"]), mark["id"]) if mark else SourceSelection()
