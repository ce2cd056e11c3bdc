"""The screens of the page, one file each."""

from __future__ import annotations

from typing import Any

import streamlit as st

KEY = "screens"


def register(screens: dict[str, Any]) -> None:
    """Keeps the screens of this run, so that one can lead to another."""
    st.session_state[KEY] = screens


def screen(name: str) -> Any:
    """The screen of this name, for `st.switch_page`."""
    return st.session_state[KEY][name]
