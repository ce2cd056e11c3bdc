"""The JSON of an extraction, edited elsewhere → trees."""

from __future__ import annotations

import json

from pydantic import ValidationError

from text2mdt.errors import Text2MDTError
from text2mdt.imports.imported import MOST_NODES, ImportedTree, refuse_long
from text2mdt.schema import Extraction
from text2mdt.sourced_tree import sourced_trees


def read_own_json(content: str, where: object = "") -> list[ImportedTree]:
    """All trees of an extraction, as `text2mdt extract --format json` writes it.

    Raises:
        Text2MDTError: T2M120 naming line or element, T2M121 for a file that is too big, T2M001 for nodes that are no
            trees.
    """
    refuse_long(content, where)
    try:
        extraction = Extraction.model_validate(json.loads(content))
    except json.JSONDecodeError as error:
        place = f"{where}, line {error.lineno}" if where else f"line {error.lineno}"
        raise Text2MDTError("T2M120", place, kind="JSON", detail=error.msg) from None
    except (RecursionError, ValueError) as error:
        raise Text2MDTError("T2M120", where, kind="JSON", detail=_element(error)) from None
    if sum(len(result.tree) for result in extraction.passages) > MOST_NODES:
        raise Text2MDTError("T2M121", where, detail=f"the limit is {MOST_NODES:,} nodes")
    return [
        ImportedTree(
            tree=one.tree,
            population=one.result.population,
            document=one.document,
            passage=one.result.id,
            number=one.number,
            where=f"passages.{one.passage_number - 1}",
        )
        for one in sourced_trees(extraction)
    ]


def _element(error: Exception) -> str:
    """The first element that is wrong, and how."""
    if not isinstance(error, ValidationError):
        return "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
    first = error.errors(include_url=False, include_input=False)[0]
    where = ".".join(map(str, first["loc"]))
    return f"{where}: {first['msg']}" if where else str(first["msg"])
