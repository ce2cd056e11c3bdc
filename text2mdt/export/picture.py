"""Decision tree → PNG or PDF, drawn by the program `dot` of Graphviz."""

from __future__ import annotations

from text2mdt.export.dot import numbered_trees, tree_dot
from text2mdt.export.graphviz_program import drawn_by_program
from text2mdt.schema import DecisionTree, Extraction


def tree_png(tree: DecisionTree, title: str = "") -> bytes:
    """One tree as a PNG picture, 96 dots an inch, on white; raises T2M048 without Graphviz, T2M043 where it fails."""
    return drawn_by_program([tree_dot(tree, title)], "png", title)[0]


def tree_pdf(tree: DecisionTree, title: str = "") -> bytes:
    """One tree as a PDF page; raises T2M048 without Graphviz, T2M043 where it fails."""
    return drawn_by_program([tree_dot(tree, title)], "pdf", title)[0]


def png_files(extraction: Extraction) -> dict[str, bytes]:
    """A file for each tree."""
    return _files(extraction, "png")


def pdf_files(extraction: Extraction) -> dict[str, bytes]:
    """A file for each tree."""
    return _files(extraction, "pdf")


def _files(extraction: Extraction, format: str) -> dict[str, bytes]:
    trees = list(numbered_trees(extraction))
    pictures = drawn_by_program([tree_dot(tree, title) for _, title, tree in trees], format, extraction.document.name)
    return {f"{place}.{format}": picture for (place, _, _), picture in zip(trees, pictures, strict=True)}
