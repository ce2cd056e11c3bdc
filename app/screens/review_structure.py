"""Changes of a tree's structure: logic, role, conditions put in or taken out, branches swapped, subtrees moved."""

from __future__ import annotations

import streamlit as st

from app import editing
from app.components.source_view import TextRange
from app.screens.review_source import chosen_words
from app.wording import plain, shortened, spoken
from text2mdt.relations import ENGLISH
from text2mdt.review.edits import (
    AddNode,
    AddTree,
    DeleteNode,
    DeleteTree,
    Edit,
    MoveSubtree,
    NewTriple,
    SetLogic,
    SetPopulation,
    SetRole,
    SplitTree,
    SwapBranches,
)
from text2mdt.review.review_tree import PassageReview, ReviewNode
from text2mdt.schema import Logic, Role, Span

CONDITIONS = [relation.name for relation in ENGLISH.relations if relation.role == "C"]


def show_structure(review: PassageReview, node: ReviewNode) -> None:
    """What can be done with the selected node and what hangs below it."""
    with st.expander("Change the structure", icon=":material/account_tree:"):
        if len(node.triples) > 1:
            other = Logic.OR if node.logical_rel is Logic.AND else Logic.AND
            _button(f"Join the triples by “{other}”", f"logic-{node.id}", SetLogic(node=node.id, logical_rel=other))
        if node.is_condition:
            _button("Swap yes and no", f"swap-{node.id}", SwapBranches(node=node.id))
            may_drop = st.checkbox("What is below may be lost", key=f"drop-{node.id}")
            for branch in ("yes", "no"):
                edit = DeleteNode(node=node.id, keep=branch, may_drop=may_drop)
                _button(f"Delete, keep the {branch}-branch", f"keep-{branch}-{node.id}", edit)
            _button(
                "Make it a decision", f"role-{node.id}", SetRole(node=node.id, role=Role.DECISION, may_drop=may_drop)
            )
        else:
            _button("Empty this decision", f"empty-{node.id}", DeleteNode(node=node.id, may_drop=True))
            _button("Make it a condition", f"role-{node.id}", SetRole(node=node.id, role=Role.CONDITION))
        if node.id not in {tree.id for tree in review.trees}:
            _button("Make it a tree of its own", f"split-{node.id}", SplitTree(node=node.id))
        _move(review, node)
        _insert(review, node)


def show_tree_actions(review: PassageReview, node: ReviewNode | None) -> None:
    """What can be done with the trees and the population of the passage."""
    with st.expander("Trees and population", icon=":material/forest:"):
        if node is not None and node.id in {tree.id for tree in review.trees}:
            _button("Delete this tree", f"delete-tree-{node.id}", DeleteTree(node=node.id))
        with st.form("new-tree", border=False, clear_on_submit=True):
            st.markdown("**New tree, by its first condition**")
            chosen = _condition(review, "new-tree")
            st.form_submit_button("Add tree", on_click=_add_tree, args=(chosen,))
        with st.form("population-form", border=False):
            key = f"population-{review.passage.id}"
            st.text_input("Population", review.population, key=key, max_chars=500)
            st.form_submit_button("Change the population", on_click=_set_population, args=(key,))


def _add_tree(chosen: TextRange | None) -> None:
    editing.make(AddTree(triples=_given_condition("new-tree", chosen)))


def _set_population(key: str) -> None:
    editing.make(SetPopulation(population=st.session_state[key].strip()))


def _insert(review: PassageReview, node: ReviewNode) -> None:
    with st.form(f"insert-{node.id}", border=False):
        st.markdown("**Put a condition above this node**")
        chosen = _condition(review, f"insert-{node.id}")
        st.radio(
            "This node then applies if the condition is", ["yes", "no"], horizontal=True, key=f"insert-branch-{node.id}"
        )
        st.form_submit_button("Put it in", on_click=_put_in, args=(node, chosen))


def _put_in(node: ReviewNode, chosen: TextRange | None) -> None:
    triples = _given_condition(f"insert-{node.id}", chosen)
    editing.make(AddNode(node=node.id, branch=st.session_state[f"insert-branch-{node.id}"], triples=triples))


def _move(review: PassageReview, node: ReviewNode) -> None:
    below = {one.id for one in node.subtree()}
    targets = {
        one.id: one for one in review.nodes() if one.id not in below and not one.is_condition and not one.triples
    }
    if not targets:
        return
    target = st.selectbox(
        "Move it to the empty decision",
        [None, *targets],
        format_func=lambda name: "…" if name is None else _place(review, name),
        key=f"move-{node.id}",
    )
    if target is not None:
        _button("Move", f"move-go-{node.id}", MoveSubtree(node=node.id, target=target))


def _condition(review: PassageReview, key: str) -> TextRange | None:
    """Fields for a condition's first triple; the words chosen in the text, which it returns, are filled in."""
    chosen = chosen_words(review.passage.id)
    st.selectbox("Relation", CONDITIONS, format_func=spoken, key=f"{key}-relation")
    st.text_input("Words of the text", chosen.text if chosen else "", key=f"{key}-words", max_chars=1000)
    return chosen


def _given_condition(key: str, chosen: TextRange | None) -> tuple[NewTriple, ...]:
    """The triple that the person has left in the fields of `_condition`; none without words."""
    words = st.session_state[f"{key}-words"]
    if not words.strip():
        return ()
    span = Span(start=chosen.start, end=chosen.end) if chosen and words == chosen.text else None
    return (NewTriple(relation=st.session_state[f"{key}-relation"], object=words.strip(), object_span=span),)


def _place(review: PassageReview, name: str) -> str:
    """Where an empty decision hangs: "no-branch of: severe pain"."""
    for node in review.nodes():
        for branch, child in (("yes", node.yes), ("no", node.no)):
            if child is not None and child.id == name:
                words = ", ".join(triple.object for triple in node.counted) or "a condition without triples"
                return f"{branch}-branch of: {shortened(words, 60)}"
    return f"the tree {name}"


def _button(label: str, key: str, edit: Edit) -> None:
    st.button(
        plain(label) if "“" not in label else label, key=key, on_click=editing.make, args=(edit,), width="stretch"
    )
