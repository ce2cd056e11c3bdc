"""Extraction → JSON, the form that `Extraction.model_validate_json` reads back."""

from __future__ import annotations

from text2mdt.schema import Extraction


def json_files(extraction: Extraction) -> dict[str, str]:
    """One file with everything in it, UTF-8, indented."""
    return {".json": extraction.model_dump_json(indent=2, ensure_ascii=False) + "\n"}
