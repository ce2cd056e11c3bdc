"""Extractions in the forms that people and other programs read."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from text2mdt.errors import Text2MDTError
from text2mdt.export.csv import csv_files
from text2mdt.export.dmn import dmn_files, tree_dmn
from text2mdt.export.dot import dot_files, tree_dot
from text2mdt.export.fhir import Release, fhir_files
from text2mdt.export.graphml import graphml_files, tree_graphml
from text2mdt.export.html import html_files, page
from text2mdt.export.json import json_files
from text2mdt.export.mermaid import markdown_files, mermaid_files, tree_mermaid
from text2mdt.export.picture import pdf_files, png_files, tree_pdf, tree_png
from text2mdt.export.svg import svg_files, tree_svg
from text2mdt.schema import Extraction

Content = str | bytes
"""Text to be written as UTF-8, or the bytes of a picture."""

FORMATS: dict[str, Callable[[Extraction], Mapping[str, Content]]] = {
    "json": json_files,
    "html": html_files,
    "svg": svg_files,
    "dot": dot_files,
    "fhir": fhir_files(".fhir.json", Release.R4B, "tree"),
    "fhir-r4b": fhir_files(".fhir-r4b.json", Release.R4B, "tree"),
    "fhir-r5": fhir_files(".fhir-r5.json", Release.R5, "tree"),
    "fhir-r4b-rules": fhir_files(".fhir-r4b-rules.json", Release.R4B, "rules"),
    "fhir-r5-rules": fhir_files(".fhir-r5-rules.json", Release.R5, "rules"),
    "png": png_files,
    "pdf": pdf_files,
    "mermaid": mermaid_files,
    "markdown": markdown_files,
    "graphml": graphml_files,
    "csv": csv_files,
    "dmn": dmn_files,
}
"""For each format the function that writes it."""

__all__ = [
    "FORMATS",
    "Content",
    "export",
    "page",
    "tree_dmn",
    "tree_dot",
    "tree_graphml",
    "tree_mermaid",
    "tree_pdf",
    "tree_png",
    "tree_svg",
]


def export(extraction: Extraction, format: str) -> Mapping[str, Content]:
    """The files of an extraction in one format.

    Returns:
        For each file what to put behind the document's name (".html", or "-003-1.svg" for the first tree of the third
        passage), and its content: text, or bytes for "png" and "pdf". Formats other than json, html, markdown and csv
        have a file for each tree, so none where there is no tree.

    Raises:
        Text2MDTError: T2M040 for an unknown format, T2M048 for a picture that needs Graphviz, T2M049 for a tree that
            is too large for a decision table.
    """
    try:
        write = FORMATS[format]
    except KeyError:
        raise Text2MDTError("T2M040", name=format, known=", ".join(FORMATS)) from None
    return write(extraction)
