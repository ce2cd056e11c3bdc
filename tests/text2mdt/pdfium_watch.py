"""Watches who calls pdfium without its lock."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pypdfium2.raw as raw
import pytest

from text2mdt.documents.pdf.pdfium_lock import PDFIUM


def watch(patch: pytest.MonkeyPatch) -> tuple[list[str], list[str]]:
    """The names of the functions of pdfium that are called from now on: under the lock, and without it."""
    locked: list[str] = []
    unlocked: list[str] = []

    def watched(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any) -> Any:
            (locked if PDFIUM.locked() else unlocked).append(name)
            return function(*arguments)

        return call

    for name in dir(raw):
        if name.startswith("FPDF") and callable(function := getattr(raw, name)) and not isinstance(function, type):
            patch.setattr(raw, name, watched(name, function))
    return locked, unlocked
