"""Reads the answers of a case from JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from text2mdt.bounded_file import read_bounded
from text2mdt.cases.case import Answer, Case, GivenAnswer
from text2mdt.cases.questions import QuestionKey, question_key
from text2mdt.errors import Text2MDTError
from text2mdt.export.dot import relation_label
from text2mdt.guideline.normal_words import normal_words
from text2mdt.schema import Triple

LARGEST = 4 * 1024 * 1024
"""Bytes of the longest file read."""
_MOST_NAMED = 5
_ANSWERS = {True: Answer.YES, False: Answer.NO, None: Answer.UNKNOWN} | {answer.value: answer for answer in Answer}


def read_answers(path: str | Path, questions: dict[QuestionKey, Triple]) -> Case:
    """The case that a file describes.

    Either an object from words to answers (`{"fever": "yes", "clinical feature: rash": "unknown"}`, also true, false,
    null), or what `Case.model_dump_json` writes, alone or under "case".

    Args:
        path: of the file.
        questions: what the trees ask, as `distinct_questions` gives it.

    Raises:
        Text2MDTError: T2M010, T2M011, T2M013, T2M016, T2M053 for a file that cannot be read, T2M070 for one without
            answers, T2M071 for words that no question has, T2M072 for words that several have.
    """
    path = Path(path)
    content = read_bounded(path, LARGEST)
    try:
        value = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise Text2MDTError("T2M070", path, detail=str(error)) from None
    if isinstance(value, dict) and isinstance(value.get("case"), dict):
        value = value["case"]
    if not isinstance(value, dict):
        raise Text2MDTError("T2M070", path, detail="it is not a JSON object")
    if isinstance(value.get("answers"), list):
        return _listed(value["answers"], questions, path)
    return Case.of([(_asked(words, questions, path), _answer(words, said, path)) for words, said in value.items()])


def _listed(values: list[Any], questions: dict[QuestionKey, Triple], path: Path) -> Case:
    try:
        case = Case(answers=tuple(GivenAnswer.model_validate(value) for value in values))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise Text2MDTError("T2M070", path, detail=f"{where}: {first['msg']}") from None
    for given in case.answers:
        if question_key(given.triple) not in questions:
            raise Text2MDTError("T2M071", path, words=given.object, known=_named(questions.values()))
    return case


def _answer(words: str, said: object, path: Path) -> Answer:
    try:
        return _ANSWERS[said.strip().casefold() if isinstance(said, str) else said]  # type: ignore[index]
    except (KeyError, TypeError):
        raise Text2MDTError("T2M070", path, detail=f"'{words}' is neither yes, no nor unknown") from None


def _asked(words: str, questions: dict[QuestionKey, Triple], path: Path) -> Triple:
    """The question that some words mean: those of its object, with its relation in front where it takes that."""
    found = [triple for key, triple in questions.items() if any(words in form for form in _exact(triple))]
    if not found:
        wanted = normal_words(words)
        found = [triple for key, triple in questions.items() if wanted in _forms(triple)]
    if not found:
        raise Text2MDTError("T2M071", path, words=words, known=_named(questions.values()))
    if len(found) > 1:
        raise Text2MDTError("T2M072", path, words=words, known=_named(found, full=True))
    return found[0]


def _exact(triple: Triple) -> Iterator[tuple[str, ...]]:
    label = relation_label(triple.relation)
    yield triple.object, f"{label}: {triple.object}", f"{triple.relation}: {triple.object}"
    yield (f"{label} of {triple.subject}: {triple.object}",)


def _forms(triple: Triple) -> list[tuple[str, ...]]:
    return [normal_words(form) for forms in _exact(triple) for form in forms]


def _named(triples: Iterable[Triple], full: bool = False) -> str:
    """The first few questions, for a message."""
    said = [
        f"'{relation_label(triple.relation)} of {triple.subject}: {triple.object}'" if full else f"'{triple.object}'"
        for triple in triples
    ]
    return ", ".join(said[:_MOST_NAMED]) + (", …" if len(said) > _MOST_NAMED else "")
