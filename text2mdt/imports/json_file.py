"""A JSON file → trees: of our own extraction, or of FHIR PlanDefinitions; what stands in it tells which."""

from __future__ import annotations

import json
from typing import Any

from text2mdt.errors import Text2MDTError
from text2mdt.imports.fhir import read_plan_definitions
from text2mdt.imports.imported import MOST_NODES, ImportedTree
from text2mdt.imports.own_json import read_own_json


def read_json(content: str, where: object = "") -> list[ImportedTree]:
    """The trees of either kind of file; an object with a "resourceType" is FHIR.

    Raises:
        Text2MDTError: as `read_own_json`, or T2M053, T2M075, T2M076, T2M077 as `read_plan_definitions`; T2M121 for too
            many nodes.
    """
    if not is_fhir(content):
        return read_own_json(content, where)
    trees = read_plan_definitions(content, str(where))
    if sum(len(one.tree) for one in trees) > MOST_NODES:
        raise Text2MDTError("T2M121", where, detail=f"the limit is {MOST_NODES:,} nodes")
    return trees


def is_fhir(content: str) -> bool:
    """Whether a JSON text is a FHIR resource, of whatever type; False for what is no JSON."""
    if '"resourceType"' not in content:
        return False
    try:
        value: Any = json.loads(content)
    except (ValueError, RecursionError):
        return content.lstrip("\ufeff \t\r\n").startswith('{"resourceType"')
    return isinstance(value, dict) and "resourceType" in value
