"""Words for people: names of documents, counts, and text that Streamlit shows as it is."""

from __future__ import annotations

import re

DRAFT_NOTICE = "Drafts by a language model for expert review: not advice for a patient."
PRIVACY_NOTICE = "Do not upload or write anything about a patient."


def plain(text: str) -> str:
    """Text that Streamlit, which reads its labels as Markdown, shows as it is."""
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", " ".join(text.split()))


def counted(count: int, noun: str) -> str:
    """ "1 tree", "2 trees"."""
    plural = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
    return f"{count:,} {noun if count == 1 else plural}"


def shortened(text: str, limit: int = 80) -> str:
    """The text on one line, cut at a word."""
    line = " ".join(text.split())
    return line if len(line) <= limit else line[:limit].rsplit(" ", 1)[0] + " …"


def spoken(name: str) -> str:
    """ "clinical_feature" → "clinical feature"."""
    return name.replace("_", " ")
