"""The embedded model and the shipped adapters: there, whole, and made for one another."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from text2mdt.calibration import read_calibration
from text2mdt.doctor.finding import Finding, State
from text2mdt.models import embedded
from text2mdt.models.shipped import shipped_adapters

if TYPE_CHECKING:
    from text2mdt.models import Backbone

_FETCH = "text2mdt models fetch"
_AGAIN = "text2mdt models fetch --again"
_REINSTALL = "pip install --force-reinstall --no-deps text2mdt"
_MB = 10**6


def check_model() -> Iterator[Finding]:
    """The GGUF file by its checksum, the converted model by loading it."""
    state = embedded.embedded_state()
    given = os.environ.get("TEXT2MDT_MODEL_FILE")
    if given:
        yield _checked(Path(given), "unset TEXT2MDT_MODEL_FILE", needed=True)
    if state.gguf is not None:
        # Once it is converted, only llama.cpp reads it.
        yield _checked(state.gguf, _AGAIN, needed=state.converted is None)
    if state.converted is not None:
        yield _loaded(state.converted)
    elif state.gguf is None and not given:
        yield Finding("model", "embedded model", State.MISSING, f"not in {state.cache} yet", _FETCH, True)
    else:
        yield Finding("model", "embedded model", State.MISSING, "fetched, not converted yet", _FETCH, True)


def _checked(path: Path, mend: str, needed: bool) -> Finding:
    if not path.is_file():
        return Finding("model", "GGUF file", State.MISSING, f"{path} is no file", mend, needed)
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != embedded.GGUF_SHA256:
        return Finding("model", "GGUF file", State.BROKEN, f"{path}: the checksum is wrong", mend, needed)
    return Finding("model", "GGUF file", State.OK, f"{path}, {path.stat().st_size / _MB:.0f} MB", needed=needed)


def _loaded(folder: Path) -> Finding:
    begin = time.perf_counter()
    try:
        _embedded_backbone()
    except Exception as error:  # whatever a damaged folder makes the loaders raise
        return Finding("model", "embedded model", State.BROKEN, f"{folder}: {_reason(error)}", _AGAIN, True)
    detail = f"{embedded.NAME} loads in {time.perf_counter() - begin:.1f} s"
    return Finding("model", "embedded model", State.OK, detail, needed=True)


def check_adapters() -> Iterator[Finding]:
    """Each adapter is put on the embedded model where that is there; where it is not, its files alone are read."""
    adapters = shipped_adapters()
    if "default" not in adapters:
        yield Finding("model", "adapter default", State.MISSING, "not in this installation", _REINSTALL, True)
    for name, folder in adapters.items():
        needed = name == "default"
        try:
            fits = _put_on(folder)
        except Exception as error:  # as above
            yield Finding("model", f"adapter {name}", State.BROKEN, f"{folder}: {_reason(error)}", _REINSTALL, needed)
        else:
            detail = "fits the embedded model" if fits else "its files are whole; the model to try it on is not there"
            yield Finding("model", f"adapter {name}", State.OK, f"{folder}: {detail}", needed=needed)


def _put_on(folder: Path) -> bool:
    """Whether it could be put on the model; raises what is wrong with it."""
    from pilora import load
    from pilora.checkpoint import read_adapter_config, stored_parameters

    read_adapter_config(folder)
    stored_parameters(folder)
    read_calibration(folder)
    try:
        backbone = _embedded_backbone()
    except Exception:  # that is the model's own finding
        return False
    load(backbone.model, folder)
    return True


def _embedded_backbone() -> Backbone:
    """The converted model, from its folder and hence never fetched."""
    from text2mdt.models import load_backbone

    return load_backbone(str(embedded.embedded_state().converted), "cpu", progress=False)


def _reason(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__
