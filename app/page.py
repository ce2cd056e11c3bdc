"""The page: a guideline in, its decision trees beside the words they came from, and files to take along.

A script that Streamlit runs from top to bottom on every change; `text2mdt app` starts it. Reading, extracting and
exporting are text2mdt's.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pilora.errors import CodedError
from text2mdt.adapters import NONE
from text2mdt.documents import READERS
from text2mdt.export import export
from text2mdt.export.passage_html import PassageView, passage_style, passage_views
from text2mdt.extract import MAX_CHARACTERS, Extractor
from text2mdt.models import embedded_state, shipped_adapters
from text2mdt.samples import shipped_samples
from text2mdt.schema import Extraction, Passage

DEFAULT = "default"
UPLOAD_MEGABYTES = 8  # MAX_CHARACTERS of at most four bytes
# Less empty space than Streamlit's own; text and tree one above the other where the window is narrow.
LAYOUT = """<style>
.stMainBlockContainer { padding: 3rem clamp(1rem, 3vw, 3rem); }
@media (max-width: 75rem) { .stMain .stColumn { min-width: 100%; } }
</style>"""
SAMPLE, UPLOAD, PASTE = "A sample", "Upload a file", "Paste text"

Source = tuple[bytes, str]  # the bytes of a document and its file name


@dataclass(frozen=True)
class Result:
    """An extraction, and what the page shows and offers of it."""

    extraction: Extraction
    views: list[PassageView]
    json: str
    html: str


@st.cache_resource(max_entries=2, show_spinner=False)
def shared_extractor(model: str, adapter: str) -> tuple[Extractor, Lock]:
    """An extractor for all visitors, and the lock that lets one of them use it at a time."""
    return Extractor.from_pretrained(model, adapter), Lock()


def main() -> None:
    st.set_page_config(page_title="text2mdt", page_icon="🌳", layout="wide")
    st.html(LAYOUT)
    st.title("Decision trees from clinical guidelines")
    st.write(
        "text2mdt finds the passages of a guideline that hold decisions and draws each as a tree, "
        "with every piece traced to the words it came from."
    )
    st.warning("Drafts by a language model: not for clinical use without review.", icon="⚠️")
    model, adapter = choose_model()
    source = choose_source()
    if st.button("Extract", type="primary", disabled=source is None) and source is not None:
        st.session_state.pop("result", None)
        result = extract(*source, model, adapter)
        if result is not None:
            st.session_state["result"] = result
    if "result" in st.session_state:
        show(st.session_state["result"])


def choose_model() -> tuple[str, str]:
    """The names of a model and an adapter, from the sidebar."""
    with st.sidebar:
        st.header("Model")
        model = st.text_input(
            "Model",
            DEFAULT,
            key="model",
            on_change=suit_adapter,
            help="`default` (SmolLM2-135M-Instruct), a folder, or a hub id.",
        )
        adapters = [*shipped_adapters(), NONE]
        adapter = st.selectbox(
            "Adapter",
            adapters,
            index=adapters.index(DEFAULT) if DEFAULT in adapters else 0,
            key="adapter",
            accept_new_options=True,
            help=f"One that comes with text2mdt, the folder of another one, or `{NONE}` for the bare model. "
            "It must have been trained for this model.",
        )
        if model == DEFAULT and embedded_state().converted is None:
            st.info("The default model is fetched on first use (93 MB) and converted once.")
    return model.strip(), str(adapter).strip()


def suit_adapter() -> None:
    """Chooses the adapter that suits a newly named model: those shipped were trained for the default model alone."""
    st.session_state["adapter"] = DEFAULT if st.session_state["model"].strip() == DEFAULT else NONE


def choose_source() -> Source | None:
    """The document to read, once there is one."""
    samples = shipped_samples()
    kinds = [SAMPLE, UPLOAD, PASTE] if samples else [UPLOAD, PASTE]
    kind = st.radio("Guideline", kinds, key="kind", horizontal=True)
    if kind == SAMPLE:
        name = st.selectbox("Sample", list(samples), key="sample", format_func=title)
        data = samples[name].read_bytes()
        with st.expander("Show its text"):
            st.text(data.decode())
        return data, samples[name].name
    if kind == UPLOAD:
        file = st.file_uploader(
            "Text or Markdown file",
            list(READERS),
            key="file",
            max_upload_size=UPLOAD_MEGABYTES,
            help=f"At most {MAX_CHARACTERS:,} characters. The file stays on the machine that serves this page.",
        )
        return None if file is None else (file.getvalue(), file.name)
    text = st.text_area("Text of the guideline", key="text", height=240, max_chars=MAX_CHARACTERS)
    return (text.encode(), "pasted.txt") if text.strip() else None


def extract(data: bytes, name: str, model: str, adapter: str) -> Result | None:
    """Extracts with a progress bar; an error is shown as a message, and there is no result."""
    bar = st.empty()
    try:
        with st.spinner("Loading the model …", show_time=True):
            extractor, lock = shared_extractor(model, adapter)
        bar.progress(0.0, "Reading …")
        with lock:
            extraction = extractor.extract(data, name, progress=on(bar))
        with st.spinner("Drawing …"):
            return Result(
                extraction,
                passage_views(extraction),
                json=export(extraction, "json")[".json"],
                html=export(extraction, "html")[".html"],
            )
    except CodedError as error:
        st.error(plain(str(error)), icon="🛑")
    except Exception as error:
        logging.getLogger(__name__).exception("extraction failed")
        st.error(plain(f"Unexpected {type(error).__name__}: {error}: the log of the server tells more"), icon="🛑")
    finally:
        bar.empty()
    return None


def on(bar: DeltaGenerator) -> Callable[[int, int], None]:
    """Draws the progress (passages done, in all) into a place of the page."""

    def draw(done: int, total: int) -> None:
        if total:
            bar.progress(done / total, f"Extracting: {done} of {total} passages")

    return draw


def show(result: Result) -> None:
    """The result: what it is, its files, and its passages in the order of the document."""
    extraction = result.extraction
    st.divider()
    st.subheader(f"Result: {plain(extraction.document.name)}", anchor=False)
    st.caption(
        f"{counted(len(result.views), 'passage')}, {counted(len(extraction.trees), 'tree')} · "
        f"model {plain(extraction.model)}, adapter {plain(extraction.adapter or NONE)}"
    )
    if extraction.reason:
        st.info(f"No tree: {plain(extraction.reason)}.")
    if extraction.notes:
        st.warning("Seen and not read: " + plain("; ".join(note.text for note in extraction.notes)), icon="🖼️")
    downloads(result)
    if extraction.trees:
        st.caption(
            "Marked words carry the relation they stand for; broken line: a condition, full line: part of a decision."
        )
    st.html(f"<style>{passage_style()}</style>")
    for number, view in enumerate(result.views, start=1):
        show_passage(number, view)


def downloads(result: Result) -> None:
    stem = Path(result.extraction.document.name).stem
    with st.container(horizontal=True):
        st.download_button("Download JSON", result.json, f"{stem}.json", "application/json", on_click="ignore")
        st.download_button("Download HTML", result.html, f"{stem}.html", "text/html", on_click="ignore")


def show_passage(number: int, view: PassageView) -> None:
    """A passage beside its trees; folded where nothing was found in it and nothing went wrong."""
    heading = f"Passage {number} · {plain(view.heading)}"
    if not view.trees and not view.warnings:
        with st.expander(f"{heading} – no decision found"):
            st.html(view.words)
        return
    with st.container(border=True):
        st.markdown(f"#### {heading}")
        place = place_of(view.result.passage)
        if place:
            st.caption(plain(place))
        st.markdown(f"**Population:** {plain(view.result.population)}")
        for warning in view.warnings:
            st.warning(plain(warning), icon="⚠️")
        left, right = st.columns([3, 5], gap="medium")
        left.html(view.words)
        with right:
            for tree in view.trees:
                if tree.svg:
                    st.image(tree.svg)
                with st.expander("As a list", expanded=not tree.svg):
                    st.html(tree.rows)


def place_of(passage: Passage) -> str:
    """Where a passage stands: its headings, where there are several, and its pages."""
    path = " › ".join(passage.heading_path) if len(passage.heading_path) > 1 else ""
    pages = " and ".join(map(str, passage.pages))
    return " · ".join(filter(None, [path, f"page {pages}" if pages else ""]))


def title(name: str) -> str:
    """A file's stem for people."""
    return name.replace("-", " ").capitalize()


def counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def plain(text: str) -> str:
    """Text that Streamlit, which reads its labels as Markdown, shows as it is."""
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", " ".join(text.split()))


main()
