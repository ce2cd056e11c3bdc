"""New extraction: documents in, the model chosen, progress passage by passage, and the trees as they come."""

from __future__ import annotations

import os
from dataclasses import dataclass

import streamlit as st

from app.links import choose
from app.screens import screen
from app.visit import attempt, errors_as_messages, jobs, may, show_messages, store, take_messages, who
from app.wording import counted, plain
from text2mdt.adapters import NONE
from text2mdt.chosen_engine import chosen_engine
from text2mdt.documents import READERS
from text2mdt.extract import MAX_CHARACTERS
from text2mdt.extractor_settings import ExtractorSettings
from text2mdt.models import embedded_state, shipped_adapters
from text2mdt.review.extraction_jobs import JobState
from text2mdt.review.stored import PersonRole
from text2mdt.samples import shipped_samples
from text2mdt.voting.settings import VotingSettings, shipped_voters

DEFAULT = "default"
ENDPOINT = "TEXT2MDT_ENDPOINT"
"""The environment variable with the address, up to /v1, of an OpenAI-compatible server."""
SERVED = "text2mdt"
"""The adapter's name on a server as compose.yaml starts it."""
THERE, HERE = "Model server", "This machine"
UPLOAD_MEGABYTES = 50
SAMPLE, UPLOAD, PASTE = "A sample", "Upload files", "Paste text"


@dataclass(frozen=True)
class Source:
    """The bytes of a document and its file name."""

    content: bytes
    name: str


def show() -> None:
    st.title("Decision trees from clinical guidelines")
    st.write(
        "text2mdt finds the passages of a guideline that hold decisions and draws each as a tree, "
        "with every piece traced to the words it came from. You check each piece against the text."
    )
    if not may(PersonRole.REVIEWER):
        st.info("Your role is reader: open the library to look at documents. A reviewer can add new ones.")
        return
    settings = choose_extractor()
    sources = choose_sources()
    ready = bool(sources) and settings is not None
    st.button("Extract", type="primary", disabled=not ready, on_click=submit, args=(sources, settings))
    show_messages(st.session_state.get("refused", []))
    show_running()


def choose_extractor() -> ExtractorSettings | None:
    """The model and the adapter, here or on the server that whoever runs this page has named."""
    with st.sidebar:
        st.header("Model")
        address = os.environ.get(ENDPOINT, "").strip()
        if address and st.radio("Runs on", [THERE, HERE], key="place", captions=[address, ""]) == THERE:
            return _on_server(address)
        model = st.text_input(
            "Model",
            DEFAULT,
            key="model",
            on_change=suit_adapter,
            help="`default` (SmolLM2-135M-Instruct), a folder, or a hub id.",
        )
        adapter = _choose_adapter(
            f"One that comes with text2mdt, the folder of another one, or `{NONE}` for the bare model. "
            "It must have been trained for this model."
        )
        voting = _choose_vote() if (model.strip(), adapter) == (DEFAULT, DEFAULT) and shipped_voters() else None
        if model == DEFAULT and embedded_state().converted is None:
            st.info("The default model is fetched on first use (93 MB) and converted once.")
    return ExtractorSettings(model=model.strip(), adapter=adapter, voting=voting)


def _choose_vote() -> VotingSettings | None:
    """Whether the shipped adapters vote on each passage, or the default one reads it alone."""
    number = 1 + len(shipped_voters())
    told = f"Up to {number} adapters read each passage, and the trees that agree best are taken: more are wholly right."
    if st.toggle(f"Thorough (up to {number} times slower)", key="thorough", help=told):
        return VotingSettings(adapters=shipped_voters())
    return None


def _on_server(address: str) -> ExtractorSettings | None:
    """A model of the server; nobody but whoever runs this page says which server, for it is sent the key."""
    model = st.text_input("Model", SERVED, key="served-model", help="Its name on that server.").strip()
    adapter = _choose_adapter("The server has the adapter; this one tells in what form its answers are.")
    with errors_as_messages():
        return chosen_engine("openai", address, [], model=model, adapter=adapter)
    return None


def _choose_adapter(told: str) -> str:
    names = [*shipped_adapters(), NONE]
    place = names.index(DEFAULT) if DEFAULT in names else 0
    return str(st.selectbox("Adapter", names, place, key="adapter", accept_new_options=True, help=told)).strip()


def suit_adapter() -> None:
    """Chooses the adapter that suits a newly named model: those shipped were trained for the default model alone."""
    st.session_state["adapter"] = DEFAULT if st.session_state["model"].strip() == DEFAULT else NONE


def choose_sources() -> list[Source]:
    """The documents to read, once there are any."""
    samples = shipped_samples()
    kinds = [SAMPLE, UPLOAD, PASTE] if samples else [UPLOAD, PASTE]
    kind = st.radio("Guideline", kinds, key="kind", horizontal=True)
    if kind == SAMPLE:
        name = st.selectbox("Sample", list(samples), key="sample", format_func=_title)
        content = samples[name].read_bytes()
        with st.expander("Show its text"):
            st.text(content.decode())
        return [Source(content, samples[name].name)]
    if kind == UPLOAD:
        files = st.file_uploader(
            "PDF, Word, HTML, Markdown or text",
            list(READERS),
            key="files",
            accept_multiple_files=True,
            max_upload_size=UPLOAD_MEGABYTES,
            help=f"At most {MAX_CHARACTERS:,} characters each. Files stay on the machine that serves this page.",
        )
        return [Source(file.getvalue(), file.name) for file in files or ()]
    text = st.text_area("Text of the guideline", key="text", height=240, max_chars=MAX_CHARACTERS)
    return [Source(text.encode(), "pasted.txt")] if text.strip() else []


def submit(sources: list[Source], settings: ExtractorSettings) -> None:
    """Puts the documents into the queue; one that cannot be read gives a message and does not hold up the others.

    The messages stay until the next documents: the page is drawn anew while these are extracted.
    """
    shown: list[int] = st.session_state.setdefault("extractions", [])
    for source in sources:
        number = attempt(lambda source=source: jobs().submit(source.content, source.name, settings, who()))  # type: ignore[misc]
        if number is not None:
            shown.append(number)
    st.session_state["refused"] = take_messages()


def show_running() -> None:
    """The extractions of this visit, and others that run on this server; what was seen running stays to its end."""
    numbers: list[int] = st.session_state.setdefault("extractions", [])
    numbers.extend(number for number in jobs().running() if number not in numbers)
    if not numbers:
        return
    st.divider()
    st.subheader("Extractions", anchor=False)
    states = {number: jobs().state(number) for number in numbers}
    busy = any(state is not None and state.stage in ("waiting", "running") for state in states.values())
    st.fragment(_progress, run_every=1.0 if busy else None)(numbers, busy)


def _progress(numbers: list[int], was_busy: bool) -> None:
    """Drawn anew every second while something runs; at its end the whole page once more, which stops that."""
    show_messages()
    busy = False
    for number in reversed(numbers):
        state = jobs().state(number)
        if state is not None:
            busy |= state.stage in ("waiting", "running")
            with st.container(border=True):
                _one(number, state)
    if was_busy and not busy:
        st.rerun()


def _one(number: int, state: JobState) -> None:
    extraction = store().extraction(number)
    document = store().document(extraction.document)
    left, middle, right = st.columns([5, 3, 2], vertical_alignment="center")
    left.markdown(f"**{plain(document.title or document.name)}**")
    left.caption(f"model {plain(extraction.model)}, adapter {plain(extraction.adapter or NONE)}")
    share = state.done / state.total if state.total else 1.0
    if state.stage in ("waiting", "running"):
        words = "waiting" if state.stage == "waiting" else "extracting"
        middle.progress(min(share, 1.0), f"{words}: {state.done} of {state.total} passages")
        right.button("Cancel", key=f"cancel-{number}", on_click=jobs().cancel, args=(number,))
    elif state.stage == "failed":
        middle.error(plain(state.problem), icon=":material/error:")
    else:
        trees = counted(extraction.triples, "triple")
        middle.markdown(f"{state.stage}: {counted(extraction.passages, 'passage')}, {trees}")
    if extraction.passages and state.stage != "failed":
        finished = state.stage == "finished"
        label = "Review" if finished else "Review what is there"
        # Not by on_click: a callback runs the fragment anew, not the page that would switch.
        if right.button(label, key=f"open-{number}", type="primary" if finished else "secondary"):
            choose(number)
            st.switch_page(screen("review"))


def _title(name: str) -> str:
    """A file's stem for people."""
    return name.replace("-", " ").capitalize()
