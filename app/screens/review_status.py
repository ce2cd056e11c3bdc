"""The head of a review: document, status, progress, and the signatures of two people."""

from __future__ import annotations

import streamlit as st

from app.visit import attempt, jobs, may, store, who
from app.wording import counted, plain
from text2mdt.review.stored import PersonRole, Stage, Status, StoredExtraction

COLOURS = {Status.DRAFT: "orange", Status.REVIEWED: "blue", Status.APPROVED: "green"}
ICONS = {Status.DRAFT: "✎", Status.REVIEWED: "✓", Status.APPROVED: "✓✓"}


def show_status(extraction: StoredExtraction) -> None:
    """Title, status and what can be done about it."""
    document = store().document(extraction.document)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"### {plain(document.title or document.name)}", width="content")
        st.badge(f"{ICONS[extraction.status]} {extraction.status}", color=COLOURS[extraction.status])  # type: ignore[arg-type]
        st.markdown(f"{extraction.checked:,} of {counted(extraction.triples, 'triple')} checked", width="content")
        if extraction.warnings:
            st.markdown(f"⚠ {counted(extraction.warnings, 'warning')}", width="content")
        st.caption(f"model {plain(extraction.model)}, adapter {plain(extraction.adapter or 'none')}")
        _sign(extraction)
    if extraction.stage is Stage.RUNNING:
        state = jobs().state(extraction.id)
        done = f"{state.done} of {state.total}" if state else f"{extraction.passages} of {extraction.expected}"
        st.info(
            f"The extraction is running: {done} passages are there. Reload the page to see more.",
            icon=":material/hourglass_top:",
        )
    elif extraction.stage is Stage.ABANDONED:
        st.warning("The extraction was stopped before its end: passages are missing.", icon=":material/warning:")


def _sign(extraction: StoredExtraction) -> None:
    number, version = extraction.id, extraction.version
    if extraction.status is Status.DRAFT:
        left = extraction.triples - extraction.checked
        st.button(
            "Mark reviewed",
            key="mark-reviewed",
            disabled=not may(PersonRole.REVIEWER) or left > 0 or extraction.stage is not Stage.FINISHED,
            help=f"{counted(left, 'triple')} left to check" if left else "All triples are checked",
            on_click=lambda: attempt(lambda: store().mark_reviewed(number, version, who())),
        )
        return
    if extraction.status is Status.REVIEWED:
        st.caption(f"reviewed by {plain(extraction.reviewed_by or '')}")
        st.button(
            "Approve",
            key="approve",
            type="primary",
            disabled=not may(PersonRole.APPROVER),
            help="By a second person: neither who marked it reviewed nor who changed it last",
            on_click=lambda: attempt(lambda: store().approve(number, version, who())),
        )
    else:
        st.caption(
            f"reviewed by {plain(extraction.reviewed_by or '')}, approved by {plain(extraction.approved_by or '')}"
        )
    with st.popover("Reopen", disabled=not may(PersonRole.REVIEWER)):
        reason = st.text_input("Why", key="reopen-reason", max_chars=500)
        st.button(
            "Reopen as a draft",
            key="reopen",
            disabled=not reason.strip(),
            on_click=lambda: attempt(lambda: store().reopen(number, version, who(), reason)),
        )
