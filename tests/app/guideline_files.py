"""One short guideline in every format that can be uploaded."""

from __future__ import annotations

import html
import io
from collections.abc import Callable

TITLE, HEADING = "Acute otitis media in children", "Treatment"
TEXT = "If the fever persists after 48 hours, give amoxicillin. Otherwise, offer paracetamol."


def markdown() -> bytes:
    return f"# {TITLE}\n\n## {HEADING}\n\n{TEXT}\n".encode()


def plain_text() -> bytes:
    return f"{TITLE.upper()}\n\n1 {HEADING}\n\n{TEXT}\n".encode()


def web_page() -> bytes:
    title, heading, text = map(html.escape, (TITLE, HEADING, TEXT))
    return f"<!DOCTYPE html><html><body><h1>{title}</h1><h2>{heading}</h2><p>{text}</p></body></html>".encode()


def word() -> bytes:
    from docx import Document

    document = Document()
    document.add_heading(TITLE, 1)
    document.add_heading(HEADING, 2)
    document.add_paragraph(TEXT)
    target = io.BytesIO()
    document.save(target)
    return target.getvalue()


def pdf() -> bytes:
    from reportlab.lib.styles import getSampleStyleSheet
    from reportlab.platypus import Paragraph, SimpleDocTemplate

    styles = getSampleStyleSheet()
    target = io.BytesIO()
    parts = ((TITLE, "Title"), (HEADING, "Heading2"), (TEXT, "BodyText"))
    SimpleDocTemplate(target, invariant=1).build([Paragraph(words, styles[name]) for words, name in parts])
    return target.getvalue()


FILES: dict[str, Callable[[], bytes]] = {"md": markdown, "txt": plain_text, "html": web_page, "docx": word, "pdf": pdf}
"""For each ending of a file name the function that makes the file."""
