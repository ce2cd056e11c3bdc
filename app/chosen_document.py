"""The document that was chosen, as people have reviewed it so far; what several screens begin with."""

from __future__ import annotations

import streamlit as st

from app.links import chosen_extraction
from app.visit import store
from text2mdt.guideline import Guideline, build_guideline
from text2mdt.review.reviewing import reviewed_extraction
from text2mdt.schema import Extraction


def extraction_or_hint(title: str) -> int | None:
    """The number of the chosen extraction; where there is none, the page says under `title` how to get one."""
    number = chosen_extraction()
    if number is None:
        st.title(title)
        st.info("Choose a document in the library, or begin with a new extraction.")
    return number


@st.cache_data(max_entries=8, show_spinner="Joining the trees …")
def reviewed_guideline(number: int, version: int) -> tuple[Extraction, Guideline]:
    """An extraction as reviewed, and its forest; its `version` makes them anew after every edit."""
    extraction = reviewed_extraction(store(), number)
    return extraction, build_guideline(extraction)
