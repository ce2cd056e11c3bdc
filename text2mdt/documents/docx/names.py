"""Names and small look-ups in the XML of Word files."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
ALTERNATE = "{http://schemas.openxmlformats.org/markup-compatibility/2006}AlternateContent"
_CONTAINERS = frozenset(
    [*(f"{W}{name}" for name in ("sdt", "sdtContent", "customXml", "ins", "moveTo", "smartTag")), ALTERNATE]
)
_OFF = frozenset(("0", "false", "off", "none"))


def value(parent: etree._Element | None, *path: str) -> str | None:
    """`w:val` of the element at a path of names below `parent`; None without that element or value."""
    for name in path:
        parent = None if parent is None else parent.find(W + name)
    return None if parent is None else parent.get(f"{W}val")


def number(text: str | None) -> int | None:
    """A whole number, or None for anything else."""
    try:
        parsed = int(text) if text else None
    except ValueError:
        return None
    return parsed if parsed is not None and -(10**6) < parsed < 10**6 else None


def switch(properties: etree._Element | None, name: str) -> bool | None:
    """A property that is on or off ("bold"); None where nothing is said."""
    element = None if properties is None else properties.find(W + name)
    return None if element is None else element.get(f"{W}val", "1").lower() not in _OFF


def children(parent: etree._Element) -> Iterator[etree._Element]:
    """The children in order, with those of content controls and tracked insertions in their place.

    Of alternatives for newer and older programs the first is taken; tables of contents are left out.
    """
    stack = [iter(parent)]
    while stack:
        element = next(stack[-1], None)
        if element is None:
            stack.pop()
        elif element.tag == ALTERNATE:
            stack.append(iter(element[0] if len(element) else ()))
        elif element.tag == f"{W}sdt" and _is_left_out(element):
            continue
        elif element.tag in _CONTAINERS:
            stack.append(iter(element))
        elif isinstance(element.tag, str):
            yield element


def _is_left_out(control: etree._Element) -> bool:
    """A content control that holds a table of contents, or only asks for words ("Click here to enter text")."""
    properties = control.find(f"{W}sdtPr")
    gallery = value(properties, "docPartObj", "docPartGallery") or ""
    return "table of contents" in gallery.lower() or bool(switch(properties, "showingPlcHdr"))
