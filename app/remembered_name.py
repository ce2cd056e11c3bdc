"""The name of a visitor, kept in a cookie of their browser: what they do after a reload is stored under it too."""

from __future__ import annotations

from urllib.parse import quote, unquote

import streamlit as st

COOKIE = "text2mdt-name"

_KEEPER = st.components.v2.component(
    "text2mdt.name-keeper",
    js="""export default ({data}) => {
        document.cookie = `${data.cookie}=${data.name}; path=/; max-age=31536000; SameSite=Strict`;
    };""",
)


def remembered_name() -> str:
    """The name that this browser was last used under; "" where it keeps none."""
    return unquote(st.context.cookies.get(COOKIE, "")).strip()


def remember_name(name: str) -> None:
    """Has the browser keep the name."""
    _KEEPER(data={"cookie": COOKIE, "name": quote(name)}, key="name-keeper")
