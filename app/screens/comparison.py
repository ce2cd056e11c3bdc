"""Compare: two extractions of a document, or one before and after its review; and how two reviewers agree."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from app.chosen_document import extraction_or_hint
from app.visit import errors_as_messages, store
from app.wording import counted, plain, spoken
from text2mdt.review.differences import NodeDifference, PassageDifference, TripleDifference, agreement, differences
from text2mdt.review.passage_review import review_of
from text2mdt.review.review_tree import PassageReview
from text2mdt.review.reviewing import review_in
from text2mdt.review.stored import StoredExtraction
from text2mdt.schema import Triple

BEFORE = "as extracted"
AFTER = "as reviewed"
SIGNS = {"same": "=", "changed": "≠", "added": "+", "removed": "−"}
COLOURS = {"same": "gray", "changed": "blue", "added": "green", "removed": "red"}


def show() -> None:
    number = extraction_or_hint("Compare")
    if number is None:
        return
    st.title("Compare")
    with errors_as_messages():
        document = store().document(store().extraction(number).document)
        st.markdown(f"### {plain(document.title or document.name)}")
        sides = [(one, state) for one in store().extractions(document.id) for state in (BEFORE, AFTER)]
        names = [_name(one, state) for one, state in sides]
        left_column, right_column = st.columns(2)
        first = next(index for index, (one, state) in enumerate(sides) if one.id == number and state == BEFORE)
        left = left_column.selectbox(
            "Left", range(len(sides)), index=first, format_func=names.__getitem__, key="compare-left"
        )
        right = right_column.selectbox(
            "Right", range(len(sides)), index=first + 1, format_func=names.__getitem__, key="compare-right"
        )
        one, other = _reviews(*sides[left]), _reviews(*sides[right])
        show_agreement(one, other)
        show_differences(one, other)


def show_agreement(left: Sequence[PassageReview], right: Sequence[PassageReview]) -> None:
    """The figures of the two sides against each other."""
    found = agreement(left, right)
    figures = [("triple F1", found.triple_f1), ("tree accuracy", found.tree_accuracy)]
    if found.verdicts.triples:
        figures += [("same verdict", found.verdicts.same), ("Cohen's kappa", found.verdicts.kappa)]
    for column, (name, value) in zip(st.columns(len(figures)), figures, strict=True):
        column.metric(name, "–" if value is None else f"{value:.2f}")
    if found.left_out:
        st.caption(f"{counted(len(found.left_out), 'passage')} with unfinished trees or another text left out.")


def show_differences(left: Sequence[PassageReview], right: Sequence[PassageReview]) -> None:
    """The passages that differ, node by node."""
    others = {review.passage.text: review for review in right}
    pairs = [(review, others[review.passage.text]) for review in left if review.passage.text in others]
    found = [(one, other, differences(one, other)) for one, other in pairs]
    differing = [item for item in found if not item[2].is_same]
    st.markdown(f"**{counted(len(differing), 'passage')} of {len(found)} differ**")
    for one, other, difference in differing:
        with st.expander(f"{plain(one.passage.id)} · {plain(other.population)}", expanded=len(differing) <= 3):
            st.caption(plain(one.passage.text))
            _passage(difference)


def _passage(difference: PassageDifference) -> None:
    for tree in difference.trees:
        rows = [row for node in tree.nodes for row in _rows(node)]
        for sign, colour, before, after in rows:
            mark, left, right = st.columns([2, 7, 7], vertical_alignment="center")
            mark.badge(sign, color=colour)  # type: ignore[arg-type]
            left.markdown(before or "–")
            right.markdown(after or "–")


def _rows(node: NodeDifference) -> list[tuple[str, str, str, str]]:
    rows = [_row(triple) for triple in node.triples]
    if node.logic is not None:
        rows.append(
            (
                f"{SIGNS['changed']} logic",
                COLOURS["changed"],
                f"joined by {node.logic[0]}",
                f"joined by {node.logic[1]}",
            )
        )
    if node.swapped:
        rows.append((f"{SIGNS['changed']} branches", COLOURS["changed"], "", "yes and no swapped"))
    return rows


def _row(triple: TripleDifference) -> tuple[str, str, str, str]:
    return (
        f"{SIGNS[triple.change]} {triple.change}",
        COLOURS[triple.change],
        _said(triple.left_triple),
        _said(triple.right_triple),
    )


def _said(triple: Triple | None) -> str:
    return "" if triple is None else f"{spoken(triple.relation)}: {plain(triple.object)}"


def _name(extraction: StoredExtraction, state: str) -> str:
    adapter = f" + {extraction.adapter}" if extraction.adapter else ""
    return f"{extraction.created:%Y-%m-%d %H:%M}, {extraction.model}{adapter}, {state}"


def _reviews(extraction: StoredExtraction, state: str) -> list[PassageReview]:
    if state == AFTER:
        return [review_in(stored) for stored in store().passages(extraction.id)]
    return [review_of(result) for result in store().extracted(extraction.id).passages]
