"""Words, ids and names in the forms that FHIR allows."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass

from text2mdt.schema import DocumentInfo

NO_WORDS = "(no words)"
"""Stands where FHIR wants words and there are none."""

_NOT_FHIR = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_MARKDOWN = re.compile(r"([\\`*_\[\]#|~])")


def words(text: str) -> str:
    """A FHIR string: characters that it cannot hold become U+FFFD, and there is something to read."""
    text = _NOT_FHIR.sub("\ufffd", text)
    return text if text.strip() else NO_WORDS


def markdown(text: str) -> str:
    """Words that Markdown shows as they are, HTML included."""
    return html.escape(_MARKDOWN.sub(r"\\\1", words(text)), quote=False)


def shortened(text: str, limit: int) -> str:
    """The words in one line, cut at `limit` characters."""
    line = " ".join(words(text).split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


@dataclass(frozen=True)
class DocumentNames:
    """What the resources of a document are called.

    Attributes:
        stem: begins each id, at most 39 characters of [a-z0-9-]; differs where the document's content does.
    """

    stem: str

    @classmethod
    def of(cls, document: DocumentInfo) -> DocumentNames:
        told = re.sub(r"[^a-z0-9]+", "-", document.name.rpartition(".")[0].lower() or document.name.lower())
        digest = re.sub(r"[^a-z0-9]", "", document.sha256.lower())[:8]
        return cls(f"{told.strip('-')[:30].strip('-') or 'document'}-{digest or 'x'}")

    @property
    def library(self) -> str:
        """Name and id of the Library: a CQL library is found by the last part of its address."""
        return self._identifier(self.stem.replace("-", ""))

    def plan_id(self, place: str, rule: str = "") -> str:
        """Of the tree at a place ("-003-1"), or of one of its rules ("n4")."""
        return self.stem + place + (f"-{rule}" if rule else "")

    def plan_name(self, place: str, rule: str = "") -> str:
        """The same as a name for programs, [A-Z][A-Za-z0-9_]*."""
        return self._identifier(self.plan_id(place, rule).replace("-", "_"))

    @staticmethod
    def _identifier(name: str) -> str:
        return name[0].upper() + name[1:] if name[0].isalpha() else f"Plan{name}"
