"""Extractions in the forms that people and other programs read."""

from __future__ import annotations

from collections.abc import Callable

from text2mdt.errors import Text2MDTError
from text2mdt.export.dot import dot_files, tree_dot
from text2mdt.export.fhir import Release, fhir_files
from text2mdt.export.html import html_files, page
from text2mdt.export.json import json_files
from text2mdt.export.svg import svg_files, tree_svg
from text2mdt.schema import Extraction

FORMATS: dict[str, Callable[[Extraction], dict[str, str]]] = {
    "json": json_files,
    "html": html_files,
    "svg": svg_files,
    "dot": dot_files,
    "fhir": fhir_files(".fhir.json", Release.R4B, "tree"),
    "fhir-r4b": fhir_files(".fhir-r4b.json", Release.R4B, "tree"),
    "fhir-r5": fhir_files(".fhir-r5.json", Release.R5, "tree"),
    "fhir-r4b-rules": fhir_files(".fhir-r4b-rules.json", Release.R4B, "rules"),
    "fhir-r5-rules": fhir_files(".fhir-r5-rules.json", Release.R5, "rules"),
}
"""For each format the function that writes it."""

__all__ = ["FORMATS", "export", "page", "tree_dot", "tree_svg"]


def export(extraction: Extraction, format: str) -> dict[str, str]:
    """The files of an extraction in one format.

    Returns:
        For each file what to put behind the document's name (".html", or "-003-1.svg" for the first tree of the third
        passage), and its content. The picture formats have a file for each tree, so none where there is no tree.

    Raises:
        Text2MDTError: T2M040 for an unknown format.
    """
    try:
        write = FORMATS[format]
    except KeyError:
        raise Text2MDTError("T2M040", name=format, known=", ".join(FORMATS)) from None
    return write(extraction)
