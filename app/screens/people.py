"""People and trail: who may do what, everything that was done, and whether the record of it is whole."""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from app.links import chosen_extraction
from app.visit import attempt, errors_as_messages, may, store, who
from app.wording import plain
from text2mdt.review.stored import PersonRole

SHOWN = 200
_NAME, _ROLE = "role-name", "role-role"


def show() -> None:
    st.title("People and trail")
    with errors_as_messages():
        show_people()
        show_trail()


def show_people() -> None:
    """The people of the store and their roles; an approver may change them."""
    st.subheader("People", anchor=False)
    st.dataframe([{"name": one.name, "role": str(one.role)} for one in store().people()], hide_index=True)
    if not may(PersonRole.APPROVER):
        st.caption("An approver can change roles.")
        return
    with (
        st.form("role", clear_on_submit=True, border=False),
        st.container(horizontal=True, vertical_alignment="bottom"),
    ):
        st.text_input("Name", max_chars=200, key=_NAME)
        st.selectbox("Role", list(PersonRole), index=1, key=_ROLE)
        st.form_submit_button("Give the role", on_click=_give_role)


def _give_role() -> None:
    name = st.session_state[_NAME]
    if name.strip():
        attempt(lambda: store().set_role(name, st.session_state[_ROLE], by=who()))


def show_trail() -> None:
    """The newest entries, of the chosen document or of all, and the check of the whole chain."""
    st.subheader("Trail", anchor=False)
    number = chosen_extraction()
    document = store().extraction(number).document if number is not None else None
    if document is not None and not st.toggle("Of the chosen document only", value=True):
        document = None
    receipt = store().receipt()
    before = 0 if document is not None else max(0, receipt.count - SHOWN)
    entries = store().trail(document=document, after=before, limit=None)
    total = before + len(entries)
    st.caption(f"{total:,} entries" + (f", the newest {SHOWN} shown" if total > SHOWN else ""))
    st.dataframe(
        [
            {
                "number": entry.sequence,
                "when (UTC)": datetime.fromisoformat(entry.at),
                "who": entry.who,
                "what": entry.what,
                "content": entry.content,
            }
            for entry in reversed(entries[-SHOWN:])
        ],
        hide_index=True,
        width="stretch",
        column_config={"when (UTC)": st.column_config.DatetimeColumn(format="YYYY-MM-DD HH:mm:ss")},
    )
    if st.button("Check the trail", key="verify"):
        found = store().verify()
        if found.intact:
            st.success(
                f"{found.entries:,} entries: nothing was changed, removed or put in another order.",
                icon=":material/check_circle:",
            )
        else:
            st.error("\n".join(f"- {plain(finding.text)}" for finding in found.findings), icon=":material/error:")
    st.code(receipt.line(), language=None, wrap_lines=True)
    st.caption(
        "Keep this line elsewhere: `text2mdt review verify --receipt` then also finds entries cut off at the end."
    )
