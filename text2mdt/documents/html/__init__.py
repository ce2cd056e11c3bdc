"""HTML → blocks."""

from __future__ import annotations

from text2mdt.documents.html.reader import read_html

__all__ = ["read_html"]
