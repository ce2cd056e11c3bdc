"""Writes docs/schema/extraction-1.json, the JSON Schema of an extraction, from the data model (`make docs`)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from text2mdt.guideline.extraction_file import SCHEMA_VERSION
from text2mdt.schema import Extraction

PAGE = Path(__file__).parent / "schema" / f"extraction-{SCHEMA_VERSION}.json"
_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def extraction_schema() -> dict[str, Any]:
    """The schema as JSON values; it allows what this release reads, and what it writes is part of that."""
    head = {
        "$schema": _DIALECT,
        "$id": f"urn:text2mdt:schema:extraction:{SCHEMA_VERSION}",
        "title": f"text2mdt extraction, schema version {SCHEMA_VERSION}",
    }
    body = Extraction.model_json_schema()
    body["properties"]["schema_version"] |= {"const": SCHEMA_VERSION}
    return head | {name: value for name, value in body.items() if name not in head}


def schema_page() -> str:
    """The schema as text."""
    return json.dumps(extraction_schema(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(schema_page(), encoding="utf-8")
