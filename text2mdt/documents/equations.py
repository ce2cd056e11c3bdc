"""Equations (of Word, or MathML) → a line of text."""

from __future__ import annotations

from lxml import etree

_MOST_LEVELS = 40
_FRACTIONS: dict[str, tuple[str | int, str | int]] = {"f": ("num", "den"), "mfrac": (0, 1)}
_POWERS: dict[str, tuple[str | int, str | int]] = {"sSup": ("e", "sup"), "msup": (0, 1)}
_ROOTS: dict[str, str | int | None] = {"rad": "e", "msqrt": None, "mroot": 0}
_LEFT_OUT = frozenset(("annotation", "annotation-xml", "ctrlPr", "rPr"))


def line_of(element: etree._Element, level: int = 0) -> str:
    """The equation in a line: fractions as "a/b", powers as "a^b", roots as "√a"."""
    if not isinstance(element.tag, str):
        return ""
    name = _name(element)
    if name in _LEFT_OUT:
        return ""
    if level > _MOST_LEVELS:
        return "".join(element.itertext())
    if name in _FRACTIONS:
        above, below = (_grouped(_child(element, key), level) for key in _FRACTIONS[name])
        return f"{above}/{below}"
    if name in _POWERS:
        base, power = (_grouped(_child(element, key), level) for key in _POWERS[name])
        return f"{base}^{power}"
    if name in _ROOTS:
        key = _ROOTS[name]
        return f"√{_grouped(element if key is None else _child(element, key), level + 1, inside=key is None)}"
    return _inside(element, level)


def _inside(element: etree._Element, level: int) -> str:
    parts = [(element.text or "").strip(" \n\t") if len(element) else element.text or ""]
    parts += [line_of(child, level + 1) for child in element]
    words = "".join(parts)
    return f" {words.strip()} " if _name(element) == "mo" and words.strip() in ("=", "+", "−", "×", "÷") else words


def _grouped(element: etree._Element | None, level: int, inside: bool = False) -> str:
    """A part, in brackets where it is more than one word or number."""
    if element is None:
        return ""
    words = (_inside(element, level) if inside else line_of(element, level + 1)).strip()
    simple = all(character.isalnum() or character in ".,_^ ()" for character in words) and " " not in words
    return words if simple else f"({words})"


def _child(element: etree._Element, key: str | int) -> etree._Element | None:
    elements = [child for child in element if isinstance(child.tag, str)]
    if isinstance(key, int):
        return elements[key] if key < len(elements) else None
    return next((child for child in elements if _name(child) == key), None)


def _name(element: etree._Element) -> str:
    return str(element.tag).rpartition("}")[2].rpartition(":")[2]
