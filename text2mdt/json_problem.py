"""What is wrong with a piece of JSON, in words."""

from __future__ import annotations

import json

from pydantic import ValidationError


def json_problem(error: Exception) -> str:
    """What is wrong with a text that is no JSON."""
    if isinstance(error, json.JSONDecodeError):
        line = f"line {error.lineno}, " if error.lineno > 1 else ""
        return f"{error.msg} at {line}column {error.colno}"
    return "it is nested too deeply"


def validation_problem(error: ValidationError) -> str:
    """The first thing that is wrong with a record, with its place in the record."""
    first = error.errors(include_url=False)[0]
    place = ".".join(str(part) for part in first["loc"])
    message = first["msg"].removeprefix("Value error, ")
    return f"{place}: {message}" if place else message
