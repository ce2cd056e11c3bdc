"""Extractions in the forms that people and other programs read."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from text2mdt.errors import Text2MDTError
from text2mdt.export.csv import csv_files
from text2mdt.export.dmn import dmn_files, tree_dmn
from text2mdt.export.dot import dot_files, tree_dot
from text2mdt.export.fhir import FhirFiles, Release
from text2mdt.export.graphml import graphml_files, tree_graphml
from text2mdt.export.html import html_files, page
from text2mdt.export.json import json_files
from text2mdt.export.mermaid import markdown_files, mermaid_files, tree_mermaid
from text2mdt.export.picture import pdf_files, png_files, tree_pdf, tree_png
from text2mdt.export.svg import svg_files, tree_svg
from text2mdt.schema import Extraction
from text2mdt.terminology.accepted import NO_CODES, Codes

Content = str | bytes
"""Text to be written as UTF-8, or the bytes of a picture."""

FORMATS: dict[str, Callable[[Extraction], Mapping[str, Content]]] = {
    "json": json_files,
    "html": html_files,
    "svg": svg_files,
    "dot": dot_files,
    "fhir": FhirFiles(".fhir.json", Release.R4B, "tree"),
    "fhir-r4b": FhirFiles(".fhir-r4b.json", Release.R4B, "tree"),
    "fhir-r5": FhirFiles(".fhir-r5.json", Release.R5, "tree"),
    "fhir-r4b-rules": FhirFiles(".fhir-r4b-rules.json", Release.R4B, "rules"),
    "fhir-r5-rules": FhirFiles(".fhir-r5-rules.json", Release.R5, "rules"),
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
    "takes_codes",
    "tree_dmn",
    "tree_dot",
    "tree_graphml",
    "tree_mermaid",
    "tree_pdf",
    "tree_png",
    "tree_svg",
]


def takes_codes(format: str) -> bool:
    """Whether a format has a place for codes."""
    return isinstance(FORMATS.get(format), FhirFiles)


def export(extraction: Extraction, format: str, codes: Codes = NO_CODES) -> Mapping[str, Content]:
    """The files of an extraction in one format.

    Args:
        codes: that a person accepted (`text2mdt.terminology`); formats other than FHIR have no place for them.

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
    return write(extraction, codes) if isinstance(write, FhirFiles) else write(extraction)
