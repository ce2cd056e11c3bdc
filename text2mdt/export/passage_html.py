"""The parts of the HTML export, passage by passage, for a page that arranges them itself."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from text2mdt.export.html import asset, cards_of, environment, looks_of
from text2mdt.schema import Extraction, PassageResult

_SCOPE = "t2m"  # the class of the elements that the templates make
_VARIABLES = "color-scheme: light; --ink: #1b1f24; --soft: #57606a; --line: #d0d7de; --paper: #fff; --ground: #f4f6f8;"


@dataclass(frozen=True)
class TreeView:
    """One tree.

    Attributes:
        svg: the drawing; None where Graphviz fails.
        rows: the same as an HTML list whose entries lead to the words in the passage.
    """

    svg: str | None
    rows: str


@dataclass(frozen=True)
class PassageView:
    """What there is to show of a passage.

    Attributes:
        result: the passage with its trees, as extracted.
        heading: the innermost heading above it.
        words: its text as HTML, the words of the triples marked.
        trees: in the order of the text.
        warnings: sentences on what went wrong with it; plain text.
    """

    result: PassageResult
    heading: str
    words: str
    trees: tuple[TreeView, ...]
    warnings: tuple[str, ...]


def passage_views(extraction: Extraction) -> list[PassageView]:
    """The views of all passages; their HTML holds no script and needs `passage_style` on the page."""
    parts = environment().get_template("passage.html.j2").make_module()
    words, rows = parts.words, parts.rows  # type: ignore[attr-defined]
    looks = looks_of(extraction)
    views = []
    for card in cards_of(extraction, looks):
        trees = tuple(TreeView(_plain(picture.svg), str(rows(picture.rows))) for picture in card.pictures)
        views.append(PassageView(card.result, card.heading, str(words(card.pieces)), trees, tuple(card.warnings)))
    return views


def passage_style() -> str:
    """The style sheet of the views; it touches nothing else on the page."""
    # Dark pages keep dark words on the light marks.
    words = "mark.rel { color: var(--ink); }"
    return f".{_SCOPE} {{ {_VARIABLES} }}\n.{_SCOPE} {{\n{asset('page.css')}\n{words}\n}}"


def _plain(svg: Markup | None) -> str | None:
    return None if svg is None else str(svg)
