"""Review: the text beside the trees, triple by triple accepted, corrected or rejected, then signed and exported."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from app import editing
from app.chosen_document import extraction_or_hint
from app.components.tree_data import NodeData, nodes_of
from app.components.tree_view import TreeSelection, selection_of, tree_view, triples_of
from app.links import choose, chosen_extraction, chosen_passage
from app.review_data import review_trees
from app.screens.review_export import show_exports
from app.screens.review_import import show_import
from app.screens.review_node import show_node
from app.screens.review_source import show_source
from app.screens.review_status import show_status
from app.visit import errors_as_messages, may, store
from app.wording import counted, plain, shortened
from text2mdt.review.problems import problems_of
from text2mdt.review.review_tree import PassageReview
from text2mdt.review.reviewing import review_in
from text2mdt.review.stored import PersonRole, StoredExtraction, StoredPassage

FILTERS = {
    "with trees": lambda stored: stored.state.triples > 0,
    "unchecked": lambda stored: stored.state.checked < stored.state.triples,
    "with warnings": lambda stored: bool(stored.state.warnings),
    "all passages": lambda stored: True,
}
SELECTED = "selected-node"


def show() -> None:
    number = extraction_or_hint("Review")
    if number is None:
        return
    with errors_as_messages():
        extraction = store().extraction(number)
        show_status(extraction)
        stored = choose_passage(store().passages(number))
        if stored is not None:
            editing.remember(stored)
            editing.was_tried()  # before this run, which shows it
            show_passage(extraction, stored, may(PersonRole.REVIEWER))
        show_exports(extraction)
        show_import(extraction)


def choose_passage(passages: Sequence[StoredPassage]) -> StoredPassage | None:
    """The passage to review, and the controls to go from one to another."""
    if not passages:
        st.info("No passage is there yet. Passages appear as the model writes them.")
        return None
    kinds, picker, back, on = st.columns([6, 8, 2, 2], vertical_alignment="center")
    wanted = kinds.segmented_control(
        "Show", list(FILTERS), default="with trees", key="passage-filter", label_visibility="collapsed"
    )
    fitting = [stored for stored in passages if FILTERS[wanted or "all passages"](stored)]
    asked = chosen_passage()
    asked_for = next((stored for stored in passages if stored.key == asked), None)
    if asked_for is not None and asked_for not in fitting:  # a link, or its last triple was just checked
        fitting = sorted([*fitting, asked_for], key=lambda stored: stored.position)
    if not fitting:
        st.info(f"None of the {counted(len(passages), 'passage')} is so.")
        return None
    keys = [stored.key for stored in fitting]
    place = keys.index(asked) if asked in keys else 0
    by_key = {stored.key: stored for stored in fitting}
    st.session_state["passage-picker"] = keys[place]
    picker.selectbox(
        "Passage",
        keys,
        key="passage-picker",
        format_func=lambda key: _label(by_key[key]),
        label_visibility="collapsed",
        on_change=lambda: _go(st.session_state["passage-picker"]),
    )
    back.button(
        "Previous",
        key="previous",
        icon=":material/arrow_back:",
        disabled=place == 0,
        on_click=_go,
        args=(keys[place - 1],),
        width="stretch",
    )
    last = place == len(keys) - 1
    on.button(
        "Next",
        key="next",
        icon=":material/arrow_forward:",
        disabled=last,
        on_click=_go,
        args=(keys[0 if last else place + 1],),
        width="stretch",
    )
    if asked != keys[place]:
        choose(passages[0].extraction, keys[place])
        chosen_passage()
    return fitting[place]


@st.fragment
def show_passage(extraction: StoredExtraction, stored: StoredPassage, writes: bool) -> None:
    """Source on the left, trees in the middle, the selected node on the right.

    A fragment: a choice of a node runs this function alone, which asks nothing of the store.
    """
    if editing.was_tried():
        st.rerun()
    with errors_as_messages():
        review = review_in(stored)
        trees = review_trees(review)
        selected = _selected(trees)
        tool_bar(stored, review, writes)
        left, middle, right = st.columns([4, 5, 3], gap="medium")
        with left:
            show_source(
                extraction, review, triples_of(trees, selected), lambda triples: _select(selection_of(trees, triples))
            )
        with middle:
            if trees:
                tree_view(trees, selected, key=f"tree-{stored.id}", on_select=_select)
            else:
                st.info("No tree in this passage. If it holds a decision, add one.")
        with right:
            show_node(review, selected, writes)


def tool_bar(stored: StoredPassage, review: PassageReview, writes: bool) -> None:
    """Undo and redo, how far the passage is, and what is wrong with it."""
    state = stored.state
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Undo", icon=":material/undo:", disabled=not (writes and stored.can_undo), on_click=editing.undo, key="undo"
        )
        st.button(
            "Redo", icon=":material/redo:", disabled=not (writes and stored.can_redo), on_click=editing.redo, key="redo"
        )
        st.markdown(f"**{state.checked} of {counted(state.triples, 'triple')} checked**")
        st.caption(f"Population: {plain(review.population)}")
    blocking = [
        problem for problem in problems_of(review) if problem.code != "T2M092"
    ]  # open triples are counted above
    if blocking:
        with st.expander(
            f"{counted(len(blocking), 'thing')} to mend before this passage is complete", icon=":material/build:"
        ):
            for problem in blocking:
                st.markdown(f"- {plain(problem.text)}: {plain(problem.mend)}")


def _selected(trees: Sequence[NodeData]) -> TreeSelection | None:
    """What is selected; the first node where nothing is, so that a reviewer can begin."""
    selected: TreeSelection | None = st.session_state.get(SELECTED)
    known = {node["id"] for node in nodes_of(trees)}
    if selected is not None and selected.node in known:
        return selected
    return TreeSelection(trees[0]["id"]) if trees else None


def _select(selection: TreeSelection | None) -> None:
    st.session_state[SELECTED] = selection


def _go(passage: str) -> None:
    extraction = chosen_extraction()
    if extraction is not None:
        choose(extraction, passage)
        st.session_state.pop(SELECTED, None)
        chosen_passage()


def _label(stored: StoredPassage) -> str:
    """Number, progress and population of a passage, in words and signs."""
    state = stored.state
    done = (
        "no tree"
        if not state.triples
        else f"{'✓' if state.checked == state.triples else '○'} {state.checked}/{state.triples}"
    )
    doubts = f" · ⚠ {len(state.warnings)}" if state.warnings else ""
    return f"{stored.position + 1}. {shortened(state.population, 70)} · {done}{doubts}"
