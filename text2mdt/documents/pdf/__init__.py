"""PDF → blocks."""

from __future__ import annotations

from text2mdt.documents.pdf.reader import read_pdf

__all__ = ["read_pdf"]
