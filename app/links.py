"""Which extraction and passage the screens show: kept in the address, so that a reload or a link finds it again."""

from __future__ import annotations

import streamlit as st

EXTRACTION, PASSAGE = "extraction", "passage"


def choose(extraction: int, passage: str | None = None) -> None:
    """Makes an extraction (and one of its passages) the one that the screens show."""
    st.session_state[EXTRACTION] = extraction
    st.session_state[PASSAGE] = passage


def chosen_extraction() -> int | None:
    """The number of the extraction to show: what was chosen in this visit, else what the address says."""
    if EXTRACTION not in st.session_state:
        asked = st.query_params.get(EXTRACTION, "")
        st.session_state[EXTRACTION] = int(asked) if asked.isdecimal() and len(asked) < 10 else None
        st.session_state[PASSAGE] = st.query_params.get(PASSAGE)
    number: int | None = st.session_state[EXTRACTION]
    if number is not None:
        st.query_params[EXTRACTION] = str(number)
    return number


def chosen_passage() -> str | None:
    """The id of the passage to show."""
    passage: str | None = st.session_state.get(PASSAGE)
    if passage is not None:
        st.query_params[PASSAGE] = passage
    return passage
