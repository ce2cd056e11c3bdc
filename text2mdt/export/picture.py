"""Decision tree → PNG or PDF, drawn by the program `dot` of Graphviz."""

from __future__ import annotations

from collections.abc import Collection

from text2mdt.export.dot import tree_dot
from text2mdt.export.graphviz_program import drawn_by_program
from text2mdt.schema import DecisionTree, Extraction
from text2mdt.sourced_tree import sourced_trees


def tree_png(tree: DecisionTree, title: str = "", doubtful: Collection[int] = ()) -> bytes:
    """One tree as a PNG picture, 96 dots an inch, on white; raises T2M048 without Graphviz, T2M043 where it fails."""
    return drawn_by_program([tree_dot(tree, title, doubtful)], "png", title)[0]


def tree_pdf(tree: DecisionTree, title: str = "", doubtful: Collection[int] = ()) -> bytes:
    """One tree as a PDF page; raises T2M048 without Graphviz, T2M043 where it fails."""
    return drawn_by_program([tree_dot(tree, title, doubtful)], "pdf", title)[0]


def png_files(extraction: Extraction) -> dict[str, bytes]:
    """A file for each tree."""
    return _files(extraction, "png")


def pdf_files(extraction: Extraction) -> dict[str, bytes]:
    """A file for each tree."""
    return _files(extraction, "pdf")


def _files(extraction: Extraction, format: str) -> dict[str, bytes]:
    trees = list(sourced_trees(extraction))
    sources = [tree_dot(one.tree, one.title, one.doubtful) for one in trees]
    pictures = drawn_by_program(sources, format, extraction.document.name)
    return {f"{one.place}.{format}": picture for one, picture in zip(trees, pictures, strict=True)}
