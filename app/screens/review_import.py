"""Bringing trees back that were edited elsewhere: files in, what they change shown, taken or left."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from app.uploaded_text import decoded
from app.visit import attempt, errors_as_messages, may, store, who
from app.wording import counted, plain
from text2mdt.imports import READERS, ImportedTree, heading, read_text, sentences
from text2mdt.review.offered_trees import Offer, offered_trees
from text2mdt.review.reviewing import save_edit
from text2mdt.review.stored import PersonRole, StoredExtraction

MEGABYTES = 16
_ROUND, _TAKEN = "import-round", "import-taken"


def show_import(extraction: StoredExtraction) -> None:
    """For those who may review: nothing changes before they say so."""
    if not may(PersonRole.REVIEWER):
        return
    with st.expander("Import edited trees", icon=":material/upload:"):
        if told := st.session_state.pop(_TAKEN, None):
            st.success(plain(told), icon=":material/check_circle:")
        files = st.file_uploader(
            "JSON (own or FHIR), CSV, DMN, Mermaid or Markdown that was exported here and edited since",
            [ending.removeprefix(".") for ending in READERS],
            # A new key empties it.
            key=f"import-files-{st.session_state.setdefault(_ROUND, 0)}",
            accept_multiple_files=True,
            max_upload_size=MEGABYTES,
        )
        if files:
            with errors_as_messages():
                show_offers(extraction, [tree for file in files for tree in _read(file)])


def show_offers(extraction: StoredExtraction, trees: Sequence[ImportedTree]) -> None:
    """What the trees would change, passage by passage, and the buttons."""
    offered = offered_trees(store(), extraction.id, trees)
    if offered.unchanged:
        st.caption(f"{counted(offered.unchanged, 'tree')} came back unchanged.")
    if offered.unplaced:
        st.caption(f"{counted(offered.unplaced, 'tree')} cannot be taken: the file does not say of which passage.")
    chosen = [offer for offer in offered.offers if _wanted(offer)]
    if not offered.offers:
        st.info("Nothing differs from the trees here.")
    with st.container(horizontal=True):
        st.button(
            f"Take {counted(len(chosen), 'passage')}",
            key="import-take",
            type="primary",
            disabled=not chosen,
            on_click=_take,
            args=(chosen,),
        )
        st.button("Leave", key="import-leave", on_click=_next_round)


def _wanted(offer: Offer) -> bool:
    """Shows what changes in a passage; whether the person wants it."""
    wanted = st.checkbox(f"Passage {plain(offer.stored.key)}", value=True, key=f"import-{offer.stored.key}")
    for one in offer.differences:
        lines = "\n".join(f"- {plain(said)}" for said in sentences(one))
        st.markdown(f"**{plain(heading(one))}**\n{lines}")
    return wanted


def _take(chosen: Sequence[Offer]) -> None:
    """Stores one edit a passage, of the version that was shown; undo takes each back."""
    taken = [attempt(lambda offer=offer: save_edit(store(), offer.stored, offer.edit, who())) for offer in chosen]  # type: ignore[misc]
    done = sum(one is not None for one in taken)
    st.session_state[_TAKEN] = (
        f"Taken into {done} of {counted(len(chosen), 'passage')}. What is new is to be checked; undo takes it back."
    )
    _next_round()


def _next_round() -> None:
    st.session_state[_ROUND] += 1


def _read(file: UploadedFile) -> list[ImportedTree]:
    name = Path(file.name).name
    return read_text(decoded(file.getvalue(), name), name)
