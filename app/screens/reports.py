"""Reports: comparisons of fine-tuning methods that `text2mdt compare` has written, each shown as its file says."""

from __future__ import annotations

import os
from pathlib import Path

import streamlit as st

from app.visit import errors_as_messages
from app.wording import counted, plain
from text2mdt.compare.report_folder import (
    HTML_FILE,
    MARKDOWN_FILE,
    RESULTS_FILE,
    FoundReport,
    find_reports,
    framed_report,
)

FOLDER = "TEXT2MDT_REPORTS"
"""Environment variable with the folder of the reports."""
DEFAULT_FOLDER = "runs/compare"
HEIGHT = 900
MIME = {HTML_FILE: "text/html", MARKDOWN_FILE: "text/markdown", RESULTS_FILE: "application/json"}


def show() -> None:
    st.title("Reports")
    folder = Path(os.environ.get(FOLDER) or DEFAULT_FOLDER)
    found = {report.name: report for report in find_reports(folder)}
    if not found:
        st.info("There is no report yet.")
        st.caption(f"`text2mdt compare CONFIG` writes one; the page looks in {plain(str(folder))} (or in `{FOLDER}`).")
        return
    name = st.selectbox("Report", list(found), format_func=lambda name: _title(found[name]), key="report")
    if name is None:
        return
    report = found[name]
    if report.missing:
        st.warning(
            f"{counted(report.missing, 'unit')} not finished: figures may still change.", icon=":material/pending:"
        )
    with errors_as_messages():
        st.iframe(framed_report(report), height=HEIGHT)
        downloads(report)


def downloads(report: FoundReport) -> None:
    """The files of a report, to be taken along."""
    with st.container(horizontal=True):
        for name, kind in MIME.items():
            path = report.folder / name
            if path.is_file():
                st.download_button(
                    name, path.read_bytes, f"{report.name}-{name}", mime=kind, key=f"download-{report.name}-{name}"
                )


def _title(report: FoundReport) -> str:
    return f"{plain(report.title)} · {plain(report.date[:10])} · {plain(report.name)}"
