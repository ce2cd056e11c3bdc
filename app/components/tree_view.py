"""The tree view: the decision trees of one passage, drawn, to look through and to choose a node or a triple in."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from app.components.browser_view import BrowserView, Event
from app.components.relation_looks import relation_looks
from app.components.tree_data import NodeData, nodes_of

LOW_CONFIDENCE = 0.6

_VIEW = BrowserView(
    "tree",
    scripts=(
        "elements.js",
        *("tree_boxes.js", "tree_layout.js", "tree_walk.js"),
        *("tree_icons.js", "tree_drawing.js", "tree_legend.js", "tree_zoom.js", "tree_view.js"),
    ),
    styles=("colours.css", "toolbar.css", "tree_view.css"),
)


@dataclass(frozen=True)
class TreeSelection:
    """A node, or one triple of it."""

    node: str
    triple: str | None = None


def tree_view(
    trees: Sequence[NodeData],
    selected: TreeSelection | None = None,
    *,
    key: str,
    related: Collection[str] = (),
    label: str = "Decision trees",
    height: int = 620,
    low_confidence: float = LOW_CONFIDENCE,
    on_select: Callable[[TreeSelection | None], None] | None = None,
) -> TreeSelection | None:
    """Draws the trees and returns what is selected: what a person has just chosen, else `selected`.

    Not for use inside `st.form`, where Streamlit keeps events back.

    Args:
        trees: see `tree_data`.
        selected: what the page holds as selected; an unknown node counts as none.
        key: of the view on the page.
        related: ids of triples to emphasise besides, for instance those that share their words with the selected one.
        label: the name of the view for screen readers.
        height: the most that the drawing takes on the page, in pixels; it scrolls inside.
        low_confidence: nodes below it have a broken line and show their confidence.
        on_select: called with a new choice before the script runs anew, so that views above can follow it.
    """
    triples = {node["id"]: [triple["id"] for triple in node["triples"]] for node in nodes_of(trees)}

    def chosen(event: Event) -> TreeSelection | None:
        return _known(event.get("node"), event.get("triple"), triples)

    event = _VIEW.event(key)
    now = chosen(event) if event is not None else selected
    now = _known(now.node, now.triple, triples) if now else None
    _VIEW.show(
        key,
        {
            "trees": list(trees),
            "relations": relation_looks(triple["relation"] for node in nodes_of(trees) for triple in node["triples"]),
            "selected": {"node": now.node, "triple": now.triple} if now else None,
            "related": sorted(related),
            "label": label,
            "height": height,
            "lowConfidence": low_confidence,
        },
        lambda event: on_select(chosen(event)) if on_select else None,
    )
    return now


def triples_of(trees: Sequence[NodeData], selection: TreeSelection | None) -> tuple[str, ...]:
    """The ids of the selected triple, or of all triples of the selected node."""
    if selection is None:
        return ()
    if selection.triple is not None:
        return (selection.triple,)
    return tuple(triple["id"] for node in nodes_of(trees) if node["id"] == selection.node for triple in node["triples"])


def selection_of(trees: Sequence[NodeData], triples: Collection[str]) -> TreeSelection | None:
    """The first of these triples with its node; None where no tree has any of them."""
    for node in nodes_of(trees):
        for triple in node["triples"]:
            if triple["id"] in triples:
                return TreeSelection(node["id"], triple["id"])
    return None


def _known(node: object, triple: object, triples: dict[str, list[str]]) -> TreeSelection | None:
    """A selection of ids that exist; what comes from a browser may be anything."""
    if not isinstance(node, str) or node not in triples:
        return None
    return TreeSelection(node, triple if isinstance(triple, str) and triple in triples[node] else None)
