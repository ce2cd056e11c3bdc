"""A page that mounts the views side by side, for the tests and for looking at them: `?show=41`, `forest`, `hostile`."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path

import streamlit as st

# As Streamlit runs a script, only its own folder is on the path.
TESTS = Path(__file__).parents[1]
sys.path[:0] = [str(TESTS / "app"), str(TESTS / "text2mdt"), str(TESTS.parent)]

from view_examples import example, forest, hostile, printed  # noqa: E402

from app.components.page_image_view import page_image_view  # noqa: E402
from app.components.source_marks import page_boxes, passage_marks  # noqa: E402
from app.components.source_view import SourceSelection, source_view  # noqa: E402
from app.components.tree_data import Verdict, nodes_of, tree_data  # noqa: E402
from app.components.tree_view import TreeSelection, selection_of, tree_view, triples_of  # noqa: E402

st.set_page_config(layout="wide")
st.html("<style>@media (max-width: 75rem) { .stMain .stColumn { min-width: 100%; } }</style>")  # as the page has it
show = st.query_params.get("show", "11")
result = {"forest": forest, "hostile": hostile}.get(show, lambda: example(int(show)))()
verdicts: list[Verdict] = ["accepted", "open", "fixed", "open", "rejected"]
plain = list(nodes_of(tree_data(result)))
trees = tree_data(
    result,
    verdicts={triple["id"]: verdicts[index % 5] for index, triple in enumerate(t for n in plain for t in n["triples"])},
    confidences={node["id"]: 0.42 if index % 4 == 2 else 0.93 for index, node in enumerate(plain)},
    comments={"n2": "Ask the pharmacist."},
)


def from_tree(selection: TreeSelection | None) -> None:
    st.session_state["tree"] = selection
    st.session_state["triples"] = triples_of(trees, selection)


def from_source(selection: SourceSelection) -> None:
    if selection.triples != st.session_state.get("triples", ()):
        st.session_state["triples"] = selection.triples
        st.session_state["tree"] = selection_of(trees, selection.triples)
    st.session_state["range"] = selection.range


st.session_state["runs"] = st.session_state.get("runs", 0) + 1
triples = st.session_state.get("triples", ())
left, right = st.columns([3, 5], gap="medium")
with left:
    st.button("Run again")
    if st.query_params.get("source") == "page":
        pdf, placed = printed(result)
        picked = page_image_view(pdf, 1, page_boxes(placed, 1), triples, key="page", on_select=from_source)
    else:
        chosen = st.session_state.get("range")
        picked = source_view(
            result.text, passage_marks(result), triples, key="source", chosen=chosen, on_select=from_source
        )
with right:
    selected = tree_view(
        trees,
        st.session_state.get("tree"),
        key="tree-view",
        related=triples if len(triples) > 1 else (),
        on_select=from_tree,
    )
state = {
    "runs": st.session_state["runs"],
    "tree": asdict(selected) if selected else None,
    "source": {"triples": picked.triples, "mark": picked.mark, "range": asdict(picked.range) if picked.range else None},
}
text = json.dumps(state).replace("&", "&amp;").replace("<", "&lt;")
st.html(f'<pre id="state" style="font-size: 11px; overflow: hidden">{text}</pre>')
