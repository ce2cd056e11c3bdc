"""Reads Text2DT, the Chinese data set of the task: a JSON list of `{"text": "population@passage", "tree": [nodes]}`.

The relations keep their Chinese names (`text2mdt.relations.TEXT2DT`), and the trees stand as they are in the file, so
that they count as the published scorer counts them; a few of its triples keep to no rule (a treatment in a condition, a
subject that is neither the population nor a drug).

Source: Zhu et al., "Text2MDT: Extracting Medical Decision Trees from Medical Texts", 2024 (arXiv 2401.02034).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from text2mdt.errors import Text2MDTError
from text2mdt.json_problem import json_problem, validation_problem
from text2mdt.schema import Record

POPULATION_END = "@"
"""What parts the population from the passage."""


def is_text2dt(content: str) -> bool:
    """Whether the content of a corpus file is a JSON list; one of our own has an object on each line."""
    return content.lstrip().startswith("[")


def parse_text2dt(content: str, path: str | Path) -> list[Record]:
    """The records of a file, their ids made of the file's name and their place in it (`Text2DT_dev-001`).

    Raises:
        Text2MDTError: T2M171 for what is not in this form, with the place of the record; T2M033 where there is none.
    """
    try:
        items = json.loads(content)
    except (json.JSONDecodeError, RecursionError) as error:
        raise Text2MDTError("T2M171", path, detail=json_problem(error)) from error
    if not items:
        raise Text2MDTError("T2M033", path)
    digits = max(3, len(str(len(items))))
    return [
        _record(item, f"{Path(path).stem}-{number:0{digits}d}", f"{path}: record {number}")
        for number, item in enumerate(items, 1)
    ]


def _record(item: Any, name: str, where: str) -> Record:
    if not isinstance(item, dict):
        raise Text2MDTError("T2M171", where, detail="it is no JSON object")
    text = item.get("text")
    if not isinstance(text, str) or POPULATION_END not in text:
        raise Text2MDTError("T2M171", where, detail=f'"text" is not "population{POPULATION_END}passage"')
    population, _, passage = text.partition(POPULATION_END)
    try:
        return Record.model_validate({"id": name, "population": population, "text": passage, "tree": item.get("tree")})
    except ValidationError as error:
        raise Text2MDTError("T2M171", where, detail=validation_problem(error)) from error
