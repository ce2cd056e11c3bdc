"""The decision tables of a DMN file, as they stand."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lxml import etree

from text2mdt.errors import Text2MDTError
from text2mdt.export.dmn.carried import TAG as CARRIED
from text2mdt.imports.safe_xml import local_name, parse_xml, place

MOST_INPUTS = 200
MOST_RULES = 10_000
_POLICIES = ("UNIQUE", "ANY", "FIRST")
_ENTRIES = {"": None, "-": None, "true": True, '"yes"': True, "not(false)": True}
_ENTRIES |= {"false": False, '"no"': False, "not(true)": False}
_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_ESCAPED = re.compile(r"\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{6})|(.))", re.DOTALL)
_BACK = {"n": "\n", "r": "\r", "t": "\t", "\\": "\\", '"': '"', "'": "'"}


@dataclass(frozen=True)
class ReadRule:
    """A row: for some inputs, by index, the answer it asks for; and the text of its output."""

    answers: dict[int, bool]
    output: str
    name: str


@dataclass(frozen=True)
class ReadTable:
    """A decision with its table.

    Attributes:
        decision: its name and line, for messages.
        names, labels: of the inputs: their expression, and what people read.
        first_counts: of several rules that fit, the first one counts.
        carried: what text2mdt put beside the table; empty where it is not there any more.
    """

    decision: str
    names: tuple[str, ...]
    labels: tuple[str, ...]
    rules: tuple[ReadRule, ...]
    first_counts: bool
    carried: dict[str, Any]


def read_tables(content: str, where: object) -> Iterator[ReadTable]:
    """Every decision that has a table.

    Raises:
        Text2MDTError: T2M120 naming element and line, T2M121 for a table that is too big.
    """
    for decision in parse_xml(content, "DMN", where).iter():
        if local_name(decision) == "decision":
            for table in _children(decision, "decisionTable"):
                yield _read(decision, table, where)


def wrong(where: object, element: etree._Element, detail: str) -> Text2MDTError:
    """T2M120 for an element."""
    name = element.get("id")
    said = f"{local_name(element)} '{name}'" if name else local_name(element)
    return Text2MDTError("T2M120", place(where, element.sourceline), kind="DMN", detail=f"{said}: {detail}")


def _children(parent: etree._Element, name: str) -> list[etree._Element]:
    return [child for child in parent if local_name(child) == name]


def _text(parent: etree._Element) -> str:
    """The words in the `text` element of an entry or expression."""
    return "".join("".join(map(str, child.itertext())) for child in _children(parent, "text")).strip()


def _read(decision: etree._Element, table: etree._Element, where: object) -> ReadTable:
    policy = table.get("hitPolicy", "UNIQUE").upper()
    if policy not in _POLICIES:
        raise wrong(where, table, f"hit policy {policy}; only {', '.join(_POLICIES)} lead to one decision")
    inputs, rules = _children(table, "input"), _children(table, "rule")
    if len(inputs) > MOST_INPUTS or len(rules) > MOST_RULES:
        limit = f"the limits are {MOST_INPUTS} inputs and {MOST_RULES:,} rules"
        raise Text2MDTError("T2M121", place(where, table.sourceline), detail=limit)
    outputs = len(_children(table, "output"))
    names = tuple(_expression(asked) for asked in inputs)
    return ReadTable(
        decision=f"decision '{decision.get('name') or decision.get('id') or ''}', line {decision.sourceline}",
        names=names,
        labels=tuple(_label(asked, name, where) for asked, name in zip(inputs, names, strict=True)),
        rules=tuple(_rule(rule, len(inputs), outputs, where) for rule in rules),
        first_counts=policy == "FIRST",
        carried=_carried(decision),
    )


def _expression(asked: etree._Element) -> str:
    return next((_text(one) for one in _children(asked, "inputExpression")), "")


def _label(asked: etree._Element, name: str, where: object) -> str:
    label = (asked.get("label") or name).strip()
    if not label:
        raise wrong(where, asked, "an input without label and expression")
    return label


def _rule(rule: etree._Element, inputs: int, outputs: int, where: object) -> ReadRule:
    asked, said = _children(rule, "inputEntry"), _children(rule, "outputEntry")
    if len(asked) != inputs or len(said) != outputs:
        raise wrong(where, rule, f"{len(asked)} and {len(said)} entries for {inputs} inputs and {outputs} outputs")
    answers: dict[int, bool] = {}
    for index, entry in enumerate(asked):
        text = "".join(_text(entry).split())
        if text.casefold() not in _ENTRIES:
            raise wrong(where, entry, f"'{text[:60]}' is neither true, false nor -")
        if (answer := _ENTRIES[text.casefold()]) is not None:
            answers[index] = answer
    texts = [_string(entry, where) for entry in said]
    name = f"'{rule.get('id')}' (line {rule.sourceline})" if rule.get("id") else f"in line {rule.sourceline}"
    return ReadRule(answers, "\nAND\n".join(text for text in texts if text), name)


def _string(entry: etree._Element, where: object) -> str:
    """The value of an output entry, a string literal or nothing."""
    text = _text(entry)
    if text in ("", "-", "null"):
        return ""
    match = _STRING.fullmatch(text)
    if match is None:
        raise wrong(where, entry, f"'{text[:60]}' is not a string in quotes (\"…\")")
    return _ESCAPED.sub(_sign, match[1])


def _sign(match: re.Match[str]) -> str:
    if code := match[1] or match[2]:
        number = int(code, 16)
        return chr(number) if number < 0x110000 else match[0]
    return _BACK.get(match[3], match[0])


def _carried(decision: etree._Element) -> dict[str, Any]:
    for extensions in _children(decision, "extensionElements"):
        for element in extensions:
            if element.tag == CARRIED:
                try:
                    value = json.loads(element.text or "")
                except (ValueError, RecursionError):
                    return {}
                return value if isinstance(value, dict) else {}
    return {}
