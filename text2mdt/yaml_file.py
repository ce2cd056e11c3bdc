"""Reads a table of keys from YAML that somebody wrote, in bounded time and memory; what is wrong is told by name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from text2mdt.bounded_file import read_bounded
from text2mdt.errors import Text2MDTError

_LARGEST = 1024**2
_MOST_VALUES = 100_000
"""What stands at an alias counts each time: a few lines of aliases of aliases may stand for more than memory holds."""


def read_yaml_table(path: Path) -> dict[Any, Any]:
    """The top-level table of a YAML file of at most 1 MiB.

    Raises:
        Text2MDTError: T2M010 when it is missing, T2M053 when it is too big, T2M032 when it is no such table.
    """
    if not path.is_file():
        raise Text2MDTError("T2M010", path)
    try:
        values = parse_yaml(read_bounded(path, _LARGEST), path)
    except Text2MDTError as error:
        if error.code in ("T2M011", "T2M013", "T2M016"):
            raise Text2MDTError("T2M032", path, detail=error.what) from error
        raise
    if not isinstance(values, dict):
        raise Text2MDTError("T2M032", path, detail="not a table of keys")
    return values


def parse_yaml(content: str, where: object) -> Any:
    """Plain values of a YAML text; raises T2M032 where it is none, or its aliases go round in a circle or too far."""
    try:
        values = yaml.safe_load(content)
        if _count(values, {}, set()) > _MOST_VALUES:
            raise Text2MDTError("T2M032", where, detail=f"more than {_MOST_VALUES:,} values")
    # ValueError: of a date that there is not, or a number of too many digits
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise Text2MDTError("T2M032", where, detail=" ".join(str(error).split())[:500]) from error
    return values


def _count(value: Any, known: dict[int, int], open_values: set[int]) -> int:
    """How many values there are, each as often as it stands there; raises ValueError for a circle."""
    if not isinstance(value, dict | list | set | tuple):
        return 1
    if id(value) in open_values:
        raise ValueError("an alias stands within its own anchor")
    if id(value) not in known:
        open_values.add(id(value))
        inner = [*value.keys(), *value.values()] if isinstance(value, dict) else value
        known[id(value)] = 1 + sum(_count(one, known, open_values) for one in inner)
        open_values.discard(id(value))
    return known[id(value)]
