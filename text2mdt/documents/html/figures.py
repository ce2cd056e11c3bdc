"""Pictures and other things on a web page that are reported, not read."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lxml import etree

from text2mdt.documents.drafts import NoteDraft
from text2mdt.documents.html.boilerplate import name_of
from text2mdt.documents.typed_text import clean

PICTURES = frozenset(("img", "svg", "canvas", "video", "audio", "iframe", "object", "embed"))
_KINDS = {"video": "video", "audio": "sound", "iframe": "embedded page", "object": "embedded object"}
_SMALL = 48  # pixels: icons
_PIXELS = re.compile(r"\s*(\d{1,6})(?:\.\d*)?\s*(?:px)?\s*")


@dataclass
class OpenFigure:
    """A `figure` element while it is read."""

    pictures: int = 0
    text: str = ""
    kind: str = "figure"
    caption: str = ""

    def note(self) -> NoteDraft | None:
        """One note for the figure, by its caption or the text for those who cannot see it."""
        if not self.pictures:
            return None
        return NoteDraft("figure", f"{self.kind}, not read", self.caption or self.text, bool(self.caption))


def picture_note(element: etree._Element) -> NoteDraft | None:
    """The note about a picture, None for an icon or what only decorates."""
    name = name_of(element)
    text = _text(element, name)
    if name == "img" and element.get("alt") is not None and not text:
        return None
    if element.get("role") in ("presentation", "none") or _is_small(element):
        return None
    return NoteDraft("figure", f"{_KINDS.get(name, 'figure')}, not read", text)


def symbol_of(element: etree._Element) -> str:
    """The character that a picture of one stands for ("≥"); "" for other pictures."""
    text = (element.get("alt") or "").strip()
    return text if len(text) == 1 and not text.isalnum() and not text.isspace() else ""


def _text(element: etree._Element, name: str) -> str:
    words = element.get("alt") or element.get("aria-label") or element.get("title") or ""
    if not words and name == "svg":
        title = next((child for child in element if name_of(child) in ("title", "desc")), None)
        words = "" if title is None else "".join(title.itertext())
    return clean(words)[:500]


def _is_small(element: etree._Element) -> bool:
    sizes = [_PIXELS.fullmatch(element.get(name) or "") for name in ("width", "height")]
    return any(size is not None and int(size[1]) <= _SMALL for size in sizes)
