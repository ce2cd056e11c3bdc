"""Word → blocks."""

from __future__ import annotations

from text2mdt.documents.docx.reader import read_docx

__all__ = ["read_docx"]
