"""The page: guidelines in, their decision trees checked against the text, corrected, signed and exported.

A script that Streamlit runs from top to bottom on every change; `text2mdt app` starts it. The screens are in
`app.screens`; reading, extracting, storing and exporting are text2mdt's.
"""

from __future__ import annotations

import sys
from pathlib import Path

import streamlit as st

if str(Path(__file__).parents[1]) not in sys.path:  # Streamlit puts only the folder of the script there
    sys.path.insert(0, str(Path(__file__).parents[1]))

from app.remembered_name import remember_name
from app.screens import case, comparison, guideline, library, people, register, reports, review, upload
from app.visit import jobs, role, show_messages, signs_in, who
from app.wording import DRAFT_NOTICE, PRIVACY_NOTICE, plain

# Less empty space than Streamlit's own, columns one above the other where the window is narrow, small grey words
# that stand out enough to be read (WCAG AA), and a ring around whatever has the focus.
LAYOUT = """<style>
.stMainBlockContainer { padding: 2.5rem clamp(1rem, 2vw, 2.5rem) 1rem; max-width: none; }
@media (max-width: 60rem) { .stMain .stColumn { min-width: 100%; } }
[data-testid=stCaptionContainer], [data-testid=stCaptionContainer] * { color: inherit; opacity: 1; }
[data-testid=stCaptionContainer] { opacity: .82; }
[data-testid^=stBaseButton-segmented_control]:not([data-testid$=Active]) * { color: inherit; opacity: 1; }
[data-testid^=stBaseButton-segmented_control] { color: inherit; }
.stApp :is(a, button, input, textarea, summary, [tabindex], [role=radio], [role=option]):focus-visible {
  outline: 3px solid #1f5f99; outline-offset: 2px;
}
</style>"""


def main() -> None:
    st.set_page_config(page_title="text2mdt", page_icon="🌳", layout="wide")
    st.html(LAYOUT)
    screens = {
        "new": st.Page(
            upload.show, title="New extraction", icon=":material/upload_file:", url_path="new", default=True
        ),
        "library": st.Page(library.show, title="Library", icon=":material/library_books:", url_path="library"),
        "review": st.Page(review.show, title="Review", icon=":material/fact_check:", url_path="review"),
        "guideline": st.Page(guideline.show, title="Guideline", icon=":material/account_tree:", url_path="guideline"),
        "case": st.Page(case.show, title="Try a case", icon=":material/route:", url_path="case"),
        "compare": st.Page(comparison.show, title="Compare", icon=":material/compare:", url_path="compare"),
        "reports": st.Page(reports.show, title="Reports", icon=":material/bar_chart:", url_path="reports"),
        "people": st.Page(people.show, title="People and trail", icon=":material/group:", url_path="people"),
    }
    register(screens)
    chosen = st.navigation(list(screens.values()))
    if not ask_who():
        return
    st.warning(f"{DRAFT_NOTICE} {PRIVACY_NOTICE}", icon=":material/warning:")
    show_messages()
    jobs()  # goes on with what an earlier server left, whichever screen comes first
    chosen.run()


def ask_who() -> bool:
    """Says in the sidebar who is here; False while somebody has to sign in first."""
    with st.sidebar:
        if not signs_in():
            st.text_input("Your name", who(), key="who", max_chars=200, help="What you do is stored under this name.")
            remember_name(who())
            st.caption(f"Role: {role()}")
            return True
        if st.user.is_logged_in:
            st.caption(f"Signed in as {plain(who())}, role: {role()}")
            st.button("Sign out", on_click=st.logout)
            return True
    st.title("text2mdt")
    st.write("Decision trees from clinical guidelines, checked by experts.")
    st.button("Sign in", type="primary", on_click=st.login)
    return False


main()
