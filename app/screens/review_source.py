"""The left side of a review: the passage's text with its marked words, or the page of the PDF with boxes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from app.components.page_image_view import page_image_view
from app.components.source_view import SourceSelection, TextRange, source_view
from app.review_data import review_boxes, review_marks
from app.visit import errors_as_messages, store
from app.wording import plain
from text2mdt.review.review_tree import PassageReview
from text2mdt.review.stored import StoredExtraction

RANGE = "chosen-words"
TEXT, PAGE = "Text", "Page"
_KIND = "source-kind"


def show_source(
    extraction: StoredExtraction,
    review: PassageReview,
    selected: Sequence[str],
    on_triples: Callable[[tuple[str, ...]], None],
) -> None:
    """The source of the selected triples; `on_triples` hears of those that are chosen here."""
    passage = review.passage
    place = " › ".join(passage.heading_path)
    if place:
        st.caption(plain(place) + (f" · page {', '.join(map(str, passage.pages))}" if passage.pages else ""))

    def picked(selection: SourceSelection) -> None:
        st.session_state[RANGE] = (passage.id, selection.range) if selection.range else None
        if selection.triples and selection.triples != tuple(selected):
            on_triples(selection.triples)

    if _is_printed(extraction, review):
        st.segmented_control("Source", [TEXT, PAGE], default=TEXT, key=_KIND, label_visibility="collapsed")
    if not shows_page(extraction, review):
        source_view(
            passage.text,
            review_marks(review),
            selected,
            key=f"source-{extraction.id}-{passage.id}",
            chosen=chosen_words(passage.id),
            on_select=picked,
        )
        return
    with errors_as_messages():
        page = passage.pages[0]
        if len(passage.pages) > 1:
            page = st.segmented_control("Page", passage.pages, default=page, key="source-page") or page
        pdf = store().source(extraction.document)
        boxes = review_boxes(review, page)
        page_image_view(pdf, page, boxes, selected, key=f"page-{extraction.id}-{passage.id}-{page}", on_select=picked)


def shows_page(extraction: StoredExtraction, review: PassageReview) -> bool:
    """Whether the page of a PDF is shown, as the person has chosen, and not the text."""
    return st.session_state.get(_KIND) == PAGE and _is_printed(extraction, review)


def _is_printed(extraction: StoredExtraction, review: PassageReview) -> bool:
    return bool(review.passage.pages) and store().document(extraction.document).name.lower().endswith(".pdf")


def chosen_words(passage: str) -> TextRange | None:
    """The words that the person has chosen in this passage, for a new or corrected triple."""
    kept: tuple[str, TextRange] | None = st.session_state.get(RANGE)
    return kept[1] if kept and kept[0] == passage else None
