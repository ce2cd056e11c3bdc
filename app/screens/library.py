"""The library: all documents with their status, searched, filtered and sorted."""

from __future__ import annotations

import streamlit as st

from app.links import choose
from app.screens import screen
from app.visit import store
from app.wording import counted, spoken
from text2mdt.review.library import Order, Query
from text2mdt.review.stored import LibraryRow, Status

PAGE_SIZE = 50
ANY = "any"
ORDERS = {
    Order.CHANGED: "last changed",
    Order.CREATED: "newest",
    Order.NAME: "file name",
    Order.STATUS: "status",
    Order.UNCHECKED: "most unchecked",
    Order.WARNINGS: "most warnings",
}


def show() -> None:
    st.title("Library")
    query = ask()
    found = store().library(query)
    st.caption(
        f"{counted(found.total, 'document')}" + (f", {len(found.rows)} shown" if found.total > len(found.rows) else "")
    )
    if not found.rows:
        st.info(
            "Nothing here yet. Begin with a new extraction." if query == Query(limit=PAGE_SIZE) else "No document fits."
        )
        return
    picked = st.dataframe(
        [_row(row) for row in found.rows],
        hide_index=True,
        width="stretch",
        on_select="rerun",
        selection_mode="single-row",
        key="library-table",
        column_config={
            "checked": st.column_config.ProgressColumn("checked", min_value=0.0, max_value=1.0, format="percent"),
            "changed": st.column_config.DatetimeColumn("changed", format="YYYY-MM-DD HH:mm"),
        },
    )
    rows = picked["selection"]["rows"]
    if rows and found.rows[rows[0]].extraction is not None:
        act_on(found.rows[rows[0]])
    else:
        st.caption("Select a row to open the document.")
    if found.total > PAGE_SIZE:
        st.number_input("Page", 1, -(-found.total // PAGE_SIZE), key="library-page")


def ask() -> Query:
    """What of the library to show."""
    search, status, warning, order = st.columns([4, 2, 2, 2])
    words = search.text_input(
        "Search", key="library-search", placeholder="name, title, population or words of the text"
    )
    wanted = status.selectbox("Status", [ANY, *Status], key="library-status")
    doubt = warning.selectbox(
        "Warning", ["all", ANY, *store().warning_kinds()], key="library-warning", format_func=spoken
    )
    by = order.selectbox("Order", list(ORDERS), key="library-order", format_func=ORDERS.__getitem__)
    page = int(st.session_state.get("library-page") or 1)
    return Query(
        search=words.strip(),
        status=None if wanted == ANY else Status(wanted),
        warning=None if doubt == "all" else doubt,
        order=by,
        limit=PAGE_SIZE,
        offset=(page - 1) * PAGE_SIZE,
    )


def act_on(row: LibraryRow) -> None:
    """What can be done with a document."""
    if row.extraction is None:
        return
    with st.container(horizontal=True):
        for name, label in (
            ("review", "Review"),
            ("guideline", "Guideline"),
            ("case", "Try a case"),
            ("compare", "Compare"),
        ):
            if st.button(label, key=f"library-{name}", type="primary" if name == "review" else "secondary"):
                choose(row.extraction)
                st.switch_page(screen(name))


def _row(row: LibraryRow) -> dict[str, object]:
    return {
        "document": row.title or row.name,
        "status": "no extraction"
        if row.status is None
        else f"{row.status}"
        if row.stage == "finished"
        else f"{row.stage}",
        "checked": round(row.checked / row.triples, 2) if row.triples else 0.0,
        "passages": row.passages,
        "triples": row.triples,
        "warnings": row.warnings,
        "extractions": row.extractions,
        "model": row.model or "",
        "adapter": row.adapter or "",
        "changed": row.changed,
    }
