"""The right side of a review: the selected node, its triples one by one, and what can be done with them."""

from __future__ import annotations

import streamlit as st

from app import editing
from app.components.source_view import TextRange
from app.components.tree_view import TreeSelection
from app.screens.review_source import chosen_words
from app.screens.review_structure import show_structure, show_tree_actions
from app.wording import plain, spoken
from text2mdt.relations import ENGLISH
from text2mdt.review.edits import AcceptAll, AddTriple, CommentOn, DeleteTriple, FixTriple, NewTriple, SetVerdict
from text2mdt.review.review_tree import PassageReview, ReviewNode, ReviewTriple, Verdict
from text2mdt.schema import Logic, Role, Span

SIGNS = {
    Verdict.OPEN: "○ open",
    Verdict.ACCEPTED: "✓ accepted",
    Verdict.FIXED: "✎ corrected",
    Verdict.REJECTED: "✗ rejected",
}
COLOURS = {Verdict.OPEN: "gray", Verdict.ACCEPTED: "green", Verdict.FIXED: "blue", Verdict.REJECTED: "red"}


def show_node(review: PassageReview, selected: TreeSelection | None, writes: bool) -> None:
    """The node that is selected, and for who `writes` below it what can be done with the trees of the passage."""
    node = next((one for one in review.nodes() if selected is not None and one.id == selected.node), None)
    if node is not None and selected is not None:
        _heading(node, writes)
        for warning in node.warnings:
            st.warning(plain(warning.text), icon=":material/warning:")
        for triple in node.triples:
            _triple(review, node, triple, triple.id == selected.triple, writes)
        if not node.triples:
            st.caption("Nothing is recommended here." if not node.is_condition else "A condition needs a triple.")
        if writes:
            _add_triple(review, node)
            _comment("Comment on the node", node.id, node.comment)
            show_structure(review, node)
    if writes:
        show_tree_actions(review, node)


def _heading(node: ReviewNode, writes: bool) -> None:
    kind = "Condition" if node.is_condition else "Decision"
    together = f" · triples joined by **{node.logical_rel}**" if len(node.counted) > 1 else ""
    st.markdown(f"#### {kind}{together}")
    open_ones = [triple for triple in node.triples if triple.verdict is Verdict.OPEN]
    if len(open_ones) > 1 and writes:
        st.button(
            f"Accept all {len(open_ones)}",
            key=f"accept-all-{node.id}",
            icon=":material/done_all:",
            on_click=editing.make,
            args=(AcceptAll(node=node.id),),
        )


def _triple(review: PassageReview, node: ReviewNode, triple: ReviewTriple, selected: bool, writes: bool) -> None:
    with st.container(border=True, key=f"triple-{'selected-' if selected else ''}{triple.id}"):
        st.badge(SIGNS[triple.verdict], color=COLOURS[triple.verdict])  # type: ignore[arg-type]
        words = f"~~{plain(triple.object)}~~" if triple.verdict is Verdict.REJECTED else f"**{plain(triple.object)}**"
        about = "" if triple.subject == review.population else f" of {plain(triple.subject)}"
        st.markdown(f"{spoken(triple.relation)}{about}: {words}")
        if triple.object_span is None:
            st.caption("⚠ These words do not stand in the text.")
        if triple.comment:
            st.caption(f"Comment: {plain(triple.comment)}")
        if writes:
            _verdicts(triple)
            with st.container(horizontal=True):
                _fix(review, node, triple)
                _comment("Comment", triple.id, triple.comment)
                st.button(
                    "Delete",
                    key=f"delete-{triple.id}",
                    type="tertiary",
                    on_click=editing.make,
                    args=(DeleteTriple(triple=triple.id),),
                )


def _verdicts(triple: ReviewTriple) -> None:
    """Accept and reject; the button of the verdict that stands takes it back."""
    with st.container(horizontal=True):
        for verdict, label, icon in (
            (Verdict.ACCEPTED, "Accept", ":material/check:"),
            (Verdict.REJECTED, "Reject", ":material/close:"),
        ):
            stands = triple.verdict is verdict
            st.button(
                f"Take back {label.lower()}" if stands else label,
                key=f"{verdict}-{triple.id}",
                icon=icon,
                type="primary" if verdict is Verdict.ACCEPTED and triple.verdict is Verdict.OPEN else "secondary",
                on_click=editing.make,
                args=(SetVerdict(triple=triple.id, verdict=Verdict.OPEN if stands else verdict),),
            )


def _fix(review: PassageReview, node: ReviewNode, triple: ReviewTriple) -> None:
    with st.popover("Fix", icon=":material/edit:"), st.form(f"fix-{triple.id}", border=False):
        names = _relations(node.role)
        st.selectbox(
            "Relation",
            names,
            index=names.index(triple.relation) if triple.relation in names else 0,
            format_func=spoken,
            key=f"fix-relation-{triple.id}",
        )
        chosen = _words(review, triple.object, f"fix-object-{triple.id}")
        st.text_input("Subject", triple.subject, key=f"fix-subject-{triple.id}", max_chars=500)
        st.form_submit_button("Save", type="primary", on_click=_save_fix, args=(triple, chosen))


def _save_fix(triple: ReviewTriple, chosen: TextRange | None) -> None:
    relation, subject = (st.session_state[f"fix-{name}-{triple.id}"] for name in ("relation", "subject"))
    words, span = _given_words(f"fix-object-{triple.id}", chosen)
    edit = FixTriple(
        triple=triple.id,
        relation=relation if relation != triple.relation else None,
        object=words if words != triple.object or span else None,
        object_span=span,
        subject=subject if subject != triple.subject else None,
    )
    editing.make(edit)


def _add_triple(review: PassageReview, node: ReviewNode) -> None:
    with st.popover("Add a triple", icon=":material/add:"), st.form(f"add-{node.id}", border=False):
        st.selectbox("Relation", _relations(node.role), format_func=spoken, key=f"add-relation-{node.id}")
        chosen = _words(review, "", f"add-object-{node.id}")
        if len(node.counted) == 1:
            st.radio(
                "Together with the triple that is there", ["and", "or"], horizontal=True, key=f"add-logic-{node.id}"
            )
        st.form_submit_button("Add", type="primary", on_click=_save_new, args=(node, chosen))


def _save_new(node: ReviewNode, chosen: TextRange | None) -> None:
    words, span = _given_words(f"add-object-{node.id}", chosen)
    new = NewTriple(relation=st.session_state[f"add-relation-{node.id}"], object=words or None, object_span=span)
    logic = Logic(st.session_state[f"add-logic-{node.id}"]) if len(node.counted) == 1 else None
    editing.make(AddTriple(node=node.id, triple=new, logical_rel=logic))


def _words(review: PassageReview, present: str, key: str) -> TextRange | None:
    """A field for an object's words; those chosen in the text, which it returns, are offered."""
    chosen = chosen_words(review.passage.id)
    if chosen is not None:
        st.checkbox(f"Take the words chosen in the text: “{plain(chosen.text)}”", value=True, key=f"{key}-take")
    st.text_input(
        "Words of the text",
        present,
        key=key,
        max_chars=1000,
        help="Choose words in the text with the mouse or Shift and arrows to take them over.",
    )
    return chosen


def _given_words(key: str, chosen: TextRange | None) -> tuple[str, Span | None]:
    """What the person has left in the fields of `_words`."""
    if chosen is not None and st.session_state[f"{key}-take"]:
        return chosen.text, Span(start=chosen.start, end=chosen.end)
    return str(st.session_state[key]).strip(), None


def _comment(label: str, target: str, present: str) -> None:
    with st.popover(label, icon=":material/comment:"), st.form(f"comment-form-{target}", border=False):
        st.text_area("Comment", present, key=f"comment-{target}", max_chars=2000)
        st.form_submit_button("Save", on_click=_save_comment, args=(target,))


def _save_comment(target: str) -> None:
    editing.make(CommentOn(target=target, comment=st.session_state[f"comment-{target}"].strip()))


def _relations(role: Role) -> list[str]:
    return [relation.name for relation in ENGLISH.relations if relation.role == role.value]
