"""Styles and numbering of a Word file: what a paragraph's style says of it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from lxml import etree

from text2mdt.documents.docx.names import W, number, switch, value

_HEADING = re.compile(r"(?:.*\W)?heading\s*(\d)\b", re.IGNORECASE)
_LIST = re.compile(r"list(?: (?:bullet|number|continue))?(?: (\d))?", re.IGNORECASE)
_DROPPED = re.compile(r"(?:toc|index) (?:\d|heading)|table of figures|table of authorities", re.IGNORECASE)
_SWITCHES = ("b", "vanish", "strike", "dstrike")
_BODY_LEVEL = 9  # of outline levels from 0: running text


@dataclass(frozen=True)
class Style:
    """A style with all that it takes from the styles it is based on.

    Attributes:
        heading: level from 1 of a heading, 0 for other text.
        title: of the document.
        list_level: level from 1 that the name tells ("List Bullet 2"), 0 for none.
        numbering: number of a list and level from 0 in it.
        dropped: a line of a table of contents.
        run: what is switched on or off for its characters ("b", "vanish", …), and "vertAlign", "sz", "font".
    """

    heading: int = 0
    title: bool = False
    list_level: int = 0
    numbering: tuple[int, int] | None = None
    indent: int = 0
    dropped: bool = False
    run: dict[str, bool | str] = field(default_factory=dict)


def run_properties(properties: etree._Element | None) -> dict[str, bool | str]:
    """What `w:rPr` says, in the form of `Style.run`."""
    found: dict[str, bool | str] = {}
    if properties is None:
        return found
    for name in _SWITCHES:
        on = switch(properties, name)
        if on is not None:
            found[name] = on
    for name in ("vertAlign", "sz"):
        text = value(properties, name)
        if text is not None:
            found[name] = text
    fonts = properties.find(f"{W}rFonts")
    font = None if fonts is None else fonts.get(f"{W}ascii") or fonts.get(f"{W}hAnsi")
    if font:
        found["font"] = font
    return found


def numbering_of(properties: etree._Element | None) -> tuple[int, int] | None:
    """Number of the list and level from 0 that `w:pPr` gives; (0, …) takes a paragraph out of the list of its style."""
    list_number = number(value(properties, "numPr", "numId"))
    if list_number is None:
        return None
    return list_number, min(max(number(value(properties, "numPr", "ilvl")) or 0, 0), 8)


def indent_of(properties: etree._Element | None) -> int | None:
    """How far `w:pPr` sets a paragraph to the right, in twentieths of a point."""
    indent = None if properties is None else properties.find(f"{W}ind")
    return None if indent is None else number(indent.get(f"{W}left") or indent.get(f"{W}start"))


class Styles:
    """The styles of a file by their ids.

    Args:
        root: of the part with the styles, None without one.
    """

    def __init__(self, root: etree._Element | None) -> None:
        self._elements: dict[str, etree._Element] = {}
        self._found: dict[str, Style] = {}
        self._defaults: dict[str, str] = {}
        defaults = None if root is None else root.find(f"{W}docDefaults/{W}rPrDefault/{W}rPr")
        self._base = Style(run=run_properties(defaults))
        for element in [] if root is None else root.iter(f"{W}style"):
            name = element.get(f"{W}styleId", "")
            self._elements.setdefault(name, element)
            if element.get(f"{W}default") in ("1", "true", "on"):
                self._defaults.setdefault(element.get(f"{W}type", ""), name)

    def paragraph(self, style_id: str | None) -> Style:
        """The style of a paragraph; without an id, or with one that the file lacks, the default one."""
        default = self._defaults.get("paragraph")
        if style_id is None or (style_id not in self._elements and not _HEADING.match(style_id)):
            style_id = default
        return self._base if style_id is None else self._resolved(style_id)

    def character(self, style_id: str | None) -> dict[str, bool | str]:
        """What a style says of the characters of a run."""
        return {} if style_id is None else self._resolved(style_id, base=Style()).run

    def _resolved(self, style_id: str, base: Style | None = None) -> Style:
        key = f"{style_id}\n{base is None}"
        if key not in self._found:
            style = self._base if base is None else base
            for name in reversed(self._line(style_id)):
                style = _extended(style, self._elements.get(name), name)
            self._found[key] = style
        return self._found[key]

    def _line(self, style_id: str) -> list[str]:
        """A style and those it is based on, nearest first."""
        line: list[str] = []
        name: str | None = style_id
        while name and name not in line and len(line) < 50:
            line.append(name)
            name = value(self._elements.get(name), "basedOn")
        return line


def _extended(below: Style, element: etree._Element | None, style_id: str) -> Style:
    """A style that is based on another one."""
    name = value(element, "name") or style_id
    properties = None if element is None else element.find(f"{W}pPr")
    runs = None if element is None else element.find(f"{W}rPr")
    heading = _HEADING.match(name)
    level = int(heading[1]) if heading else below.heading
    outline = number(value(properties, "outlineLvl"))
    if outline is not None and not heading:
        level = outline + 1 if 0 <= outline < _BODY_LEVEL else 0
    listed = _LIST.fullmatch(name)
    indent = indent_of(properties)
    return Style(
        heading=level,
        title=below.title or name.lower() == "title",
        list_level=int(listed[1] or 1) if listed else below.list_level,
        numbering=numbering_of(properties) or below.numbering,
        indent=below.indent if indent is None else indent,
        dropped=below.dropped or bool(_DROPPED.fullmatch(name)),
        run={**below.run, **run_properties(runs)},
    )


class Numbering:
    """The lists of a file.

    Args:
        root: of the part with the numbering, None without one.
    """

    def __init__(self, root: etree._Element | None) -> None:
        self._abstract: dict[str, etree._Element] = {}
        self._lists: dict[int, etree._Element] = {}
        if root is None:
            return
        for element in root.iter(f"{W}abstractNum"):
            self._abstract.setdefault(element.get(f"{W}abstractNumId", ""), element)
        for element in root.iter(f"{W}num"):
            list_number = number(element.get(f"{W}numId"))
            if list_number is not None:
                self._lists.setdefault(list_number, element)

    def mark(self, list_number: int, level: int) -> str | None:
        """What stands before the items of a level ("%1.%2", "•"); "" for nothing, None where it is not known."""
        element = self._lists.get(list_number)
        abstract = self._abstract.get(value(element, "abstractNumId") or "")
        for holder in [] if element is None else element.iter(f"{W}lvlOverride"):
            if holder.get(f"{W}ilvl") == str(level) and holder.find(f"{W}lvl") is not None:
                return _mark(holder.find(f"{W}lvl"))
        for candidate in [] if abstract is None else abstract.iter(f"{W}lvl"):
            if candidate.get(f"{W}ilvl") == str(level):
                return _mark(candidate)
        return None


def _mark(level: etree._Element | None) -> str | None:
    picture = level is not None and level.find(f"{W}lvlPicBulletId") is not None
    if not picture and value(level, "numFmt") == "none":
        return ""
    return "•" if picture else value(level, "lvlText")
