"""Edits of the passage under review: made with the version that the person saw, stored at once."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from app.visit import attempt, store, who
from text2mdt.review.edits import Edit
from text2mdt.review.reviewing import save_edit
from text2mdt.review.stored import StoredPassage

_SEEN = "seen-passage"
_TRIED = "edit-tried"


def remember(stored: StoredPassage) -> None:
    """Notes what the person sees: an edit must be of this version."""
    st.session_state[_SEEN] = stored


def seen() -> StoredPassage:
    """The passage as the person sees it."""
    stored: StoredPassage = st.session_state[_SEEN]
    return stored


def make(edit: Edit) -> None:
    """Stores an edit; a message says why where that fails."""
    _try(lambda: save_edit(store(), seen(), edit, who()))


def undo() -> None:
    _try(lambda: store().undo(seen().id, seen().version, who()))


def redo() -> None:
    _try(lambda: store().redo(seen().id, seen().version, who()))


def was_tried() -> bool:
    """Whether an edit was tried since this was last asked: what the person sees is then no longer what is stored."""
    return bool(st.session_state.pop(_TRIED, False))


def _try(change: Callable[[], StoredPassage]) -> None:
    st.session_state[_TRIED] = True
    attempt(change)
