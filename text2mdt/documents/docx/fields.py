"""Fields of a Word file: which of their characters are instructions or a table of contents, and not read."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lxml import etree

from text2mdt.documents.docx.names import W

_LEFT_OUT = re.compile(r"\s*(?:TOC|INDEX|TOA|TOF)\b", re.IGNORECASE)


@dataclass
class _Field:
    instruction: str = ""
    result: bool = False

    @property
    def hides(self) -> bool:
        return not self.result or is_left_out(self.instruction)


def is_left_out(instruction: str) -> bool:
    """Whether a field's result is a table of contents or an index."""
    return bool(_LEFT_OUT.match(instruction))


def hidden_by_fields(body: etree._Element) -> set[etree._Element]:
    """The children of runs (texts, tabs, pictures) that stand in a field and are not read."""
    closed = _closed(body)
    hidden: set[etree._Element] = set()
    fields: list[_Field] = []
    for run in body.iter(f"{W}r"):
        for child in run:
            if child.tag == f"{W}fldChar":
                kind = child.get(f"{W}fldCharType")
                if kind == "begin" and child in closed:
                    fields.append(_Field())
                elif kind == "separate" and fields:
                    fields[-1].result = True
                elif kind == "end" and fields and child in closed:
                    fields.pop()
            elif child.tag == f"{W}instrText":
                if fields:
                    fields[-1].instruction += child.text or ""
            elif any(field.hides for field in fields):
                hidden.add(child)
    return hidden


def _closed(body: etree._Element) -> set[etree._Element]:
    """The marks where fields begin and end, without those that have no partner (they would hide all that follows)."""
    open_marks: list[etree._Element] = []
    closed: set[etree._Element] = set()
    for mark in body.iter(f"{W}fldChar"):
        kind = mark.get(f"{W}fldCharType")
        if kind == "begin":
            open_marks.append(mark)
        elif kind == "end" and open_marks:
            closed |= {mark, open_marks.pop()}
    return closed
