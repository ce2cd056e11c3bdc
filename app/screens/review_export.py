"""Taking along: the reviewed trees in every format, marked as a draft until they are signed, and corpus records."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

import streamlit as st

from app.uploaded_text import decoded
from app.visit import attempt, errors_as_messages, show_messages, store
from text2mdt.export import FORMATS, export, takes_codes
from text2mdt.file_stem import file_stem
from text2mdt.review.reviewing import reviewed_extraction, reviewed_records
from text2mdt.review.stored import StoredExtraction
from text2mdt.terminology import NO_CODES, Codes, accepted_codes, read_answers

LABELS = {
    "json": "JSON (own, with all provenance)",
    "html": "Web page",
    "svg": "Pictures (SVG)",
    "png": "Pictures (PNG)",
    "pdf": "Pictures (PDF)",
    "dot": "Graphviz",
    "fhir": "FHIR PlanDefinition (R4B)",
    "fhir-r4b": "FHIR PlanDefinition (R4B), named by its release",
    "fhir-r5": "FHIR PlanDefinition (R5)",
    "fhir-r4b-rules": "FHIR rules under a strategy (R4B)",
    "fhir-r5-rules": "FHIR rules under a strategy (R5)",
    "mermaid": "Mermaid flowcharts",
    "markdown": "Markdown page with flowcharts",
    "graphml": "GraphML",
    "csv": "CSV, a row for each way to a decision",
    "dmn": "DMN decision tables",
}
CODES_MEGABYTES = 16
CORPUS = "corpus"


def show_exports(extraction: StoredExtraction) -> None:
    """One format is made when it is asked for: some take seconds."""
    with st.expander("Export", icon=":material/download:"):
        names = [*FORMATS, CORPUS]
        name = st.selectbox(
            "Format",
            names,
            key="export-format",
            format_func=lambda name: "Corpus records (training)" if name == CORPUS else LABELS.get(name, name),
        )
        codes = _codes() if name in FORMATS and takes_codes(name) else NO_CODES
        draft = store().is_draft(extraction.document, extraction.id)
        if draft:
            st.caption(
                "The files are marked DRAFT, in their names and in themselves: not every triple is checked, or no "
                "second person has approved."
            )
        asked = (extraction.id, extraction.version, name)
        st.button("Make the files", key="make-export", on_click=_ask, args=asked)
        wanted, made = st.session_state.get("export", (None, None))
        if wanted == asked:
            _offer(asked, made, lambda: _archive(extraction, name, draft, codes))


def _ask(*asked: int | str) -> None:
    """Only notes what is wanted: a click elsewhere may end this run, and what had been made by then was lost."""
    st.session_state["export"] = (asked, None)


def _offer(asked: tuple[int | str, ...], made: tuple[str, bytes] | None, make: Callable[[], tuple[str, bytes]]) -> None:
    """A button for what is wanted, made by the first run that comes so far."""
    if made is None:
        made = attempt(make)
        st.session_state["export"] = (asked if made else None, made)
        show_messages()
    if made is not None:
        file_name, content = made
        st.download_button("Download", content, file_name, key="download-export", on_click="ignore", type="primary")


def _codes() -> Codes:
    """The codes of a file that a person filled in; none without one, or with one that cannot be read."""
    file = st.file_uploader(
        "Accepted codes (optional)",
        ["csv"],
        key="export-codes",
        max_upload_size=CODES_MEGABYTES,
        help="The file of `text2mdt terminology`, with yes beside the codes that fit. text2mdt chooses none itself.",
    )
    if file is None:
        return NO_CODES
    with errors_as_messages():
        return accepted_codes(read_answers(decoded(file.getvalue(), file.name), file.name))
    return NO_CODES


def _archive(extraction: StoredExtraction, name: str, draft: bool, codes: Codes) -> tuple[str, bytes]:
    """The file's name and content; several files come as a ZIP archive."""
    stem = file_stem(store().document(extraction.document).name) + ("-DRAFT" if draft else "")
    if name == CORPUS:
        lines = [record.model_dump_json() for record in reviewed_records(store(), extraction.id)]
        return f"{stem}.jsonl", ("\n".join(lines) + "\n" if lines else "").encode()
    reviewed = reviewed_extraction(store(), extraction.id).model_copy(update={"draft": draft})
    files = export(reviewed, name, codes)
    if len(files) == 1:
        ending, content = next(iter(files.items()))
        return stem + ending, _bytes(content)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for ending, content in files.items():
            archive.writestr(stem + ending, _bytes(content))
    return f"{stem}-{name}.zip", packed.getvalue()


def _bytes(content: str | bytes) -> bytes:
    return content.encode() if isinstance(content, str) else content
