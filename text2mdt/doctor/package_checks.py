"""Python and the packages: those that are required, and the optional ones by the extra that brings them."""

from __future__ import annotations

import platform
import sys
from collections.abc import Iterator
from importlib import import_module
from importlib.metadata import PackageNotFoundError, requires, version

from packaging.requirements import Requirement

from text2mdt.doctor.finding import Finding, State

_OLDEST_PYTHON = (3, 11)
_EXTRAS = {
    "app": ("streamlit", "the page in the browser"),
    "postgresql": ("pg8000", "the store of reviews in PostgreSQL"),
    "openai": ("httpx", "extraction by an inference server"),
    "llamacpp": ("llama-cpp-python", "extraction by llama.cpp"),
    "nf4": ("bitsandbytes", "weights in 4 bits, for large models"),
    "vllm": ("vllm", "extraction by vLLM on a GPU"),
    "ray": ("ray", "batches on a cluster"),
    "layout": ("docling-slim", "reading PDFs by a layout model"),
    "peft": ("peft", "training by PEFT's methods"),
    "mlflow": ("mlflow-skinny", "tracking of trainings by MLflow"),
    "tensorboard": ("tensorboard", "tracking of trainings by TensorBoard"),
}
"""Extra → the distribution that it brings, and what for."""
_NO_EXTRA = ("vllm",)
"""Installed by its own name: it pins a torch of its own."""


def check_python() -> Iterator[Finding]:
    found = platform.python_version()
    if sys.version_info < _OLDEST_PYTHON:
        yield Finding("system", "Python", State.MISSING, f"{found}, needed is 3.11", "install Python 3.11", True)
    else:
        yield Finding("system", "Python", State.OK, f"{found} on {platform.platform()}", needed=True)
    installed = installed_version("text2mdt")
    if installed is None:
        yield Finding("system", "text2mdt", State.ABSENT, "not installed, run from a checkout", "pip install -e .")
    else:
        yield Finding("system", "text2mdt", State.OK, installed, needed=True)


def check_packages() -> Iterator[Finding]:
    """One line where all required packages are there, else one for each that is not, or is too old."""
    wanted = _required()
    faults = [fault for requirement in wanted if (fault := _fault(requirement)) is not None]
    yield from faults
    if wanted and not faults:
        yield Finding("packages", "required", State.OK, f"all {len(wanted)} are installed", needed=True)


def _required() -> list[Requirement]:
    try:
        lines = requires("text2mdt") or []
    except PackageNotFoundError:
        return []
    parsed = [Requirement(line) for line in lines]
    return [one for one in parsed if one.marker is None or one.marker.evaluate({"extra": ""})]


def _fault(requirement: Requirement) -> Finding | None:
    found, name = installed_version(requirement.name), f"{requirement.name}{requirement.specifier}"
    if found is None:
        return Finding("packages", requirement.name, State.MISSING, "not installed", f"pip install '{name}'", True)
    if not requirement.specifier.contains(found, prereleases=True):
        detail = f"{found}, needed is {requirement.specifier}"
        return Finding("packages", requirement.name, State.BROKEN, detail, f"pip install '{name}'", True)
    return None


def check_torch() -> Iterator[Finding]:
    """Imports what is most often installed and does not load."""
    for name in ("torch", "transformers", "llguidance"):
        try:
            import_module(name)
        except Exception as error:  # ImportError, OSError of a shared library, or what a half-installed package raises
            mend = f"pip install --force-reinstall {name}"
            yield Finding("packages", name, State.BROKEN, f"does not load: {error}", mend, True)
        else:
            yield Finding("packages", name, State.OK, installed_version(name) or "of unknown version", needed=True)


def check_extras() -> Iterator[Finding]:
    for extra, (distribution, purpose) in _EXTRAS.items():
        found = installed_version(distribution)
        if found is None:
            mend = f"pip install {extra}" if extra in _NO_EXTRA else f"pip install 'text2mdt[{extra}]'"
            yield Finding("extras", extra, State.ABSENT, purpose, mend)
        else:
            yield Finding("extras", extra, State.OK, f"{purpose}: {distribution} {found}")


def installed_version(distribution: str) -> str | None:
    """Its version, or None where it is not installed."""
    try:
        return version(distribution)
    except PackageNotFoundError:
        return None
