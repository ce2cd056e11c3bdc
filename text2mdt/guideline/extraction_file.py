"""Reads the JSON file of an extraction."""

from __future__ import annotations

import json
from pathlib import Path

from pydantic import ValidationError

from text2mdt.bounded_file import read_bounded
from text2mdt.errors import Text2MDTError
from text2mdt.schema import Extraction

SCHEMA_VERSION = 1
LARGEST = 256 * 1024 * 1024
"""Bytes of the longest file read; the extraction of the longest document is smaller."""


def read_extraction(path: str | Path) -> Extraction:
    """The extraction that `text2mdt extract --format json` wrote.

    Raises:
        Text2MDTError: T2M010, T2M011, T2M013, T2M016 or T2M053 for a file that cannot be read, T2M060 for one that is
            no extraction, T2M124 where it is FHIR, T2M061 for an extraction of another schema version.
    """
    path = Path(path)
    content = read_bounded(path, LARGEST)
    try:
        extraction = Extraction.model_validate_json(content)
    except ValidationError as error:
        value = _parsed(content)
        if "resourceType" in value:
            raise Text2MDTError("T2M124", path) from None
        if {"document", "passages", "schema_version"} <= value.keys():
            _check_version(value["schema_version"], path)
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"]))
        detail = f"{where}: {first['msg']}" if where else first["msg"]
        raise Text2MDTError("T2M060", path, detail=detail) from None
    _check_version(extraction.schema_version, path)
    return extraction


def _parsed(content: str) -> dict[str, object]:
    """The JSON object in a text; an empty one where there is none."""
    try:
        value = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _check_version(found: object, path: Path) -> None:
    if found != SCHEMA_VERSION:
        raise Text2MDTError("T2M061", path, found=found, known=SCHEMA_VERSION)
