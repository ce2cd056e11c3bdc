"""The lock of pdfium, which is not made for threads."""

from __future__ import annotations

from threading import Lock

PDFIUM = Lock()
"""Held by whoever calls pdfium, to read a page or to draw it; taken for a page at a time, so that none waits for a
whole document. Objects of pypdfium2 are closed under it too, not left to be collected in some thread."""
