"""Applies PlanDefinitions by the rules of the standard, on its own: it knows nothing of how they were written."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]
Truth = bool | None
APPLICABILITY = "http://hl7.org/fhir/StructureDefinition/cqf-applicabilityBehavior"
_TOKEN = re.compile(r'\s*(?:"([^"]*)"|(and|or|not|\(|\)|null as Boolean))')


@dataclass
class Applied:
    """An action that applies, with those of its children that do."""

    action: Json
    children: list[Applied] = field(default_factory=list)


class PlanInterpreter:
    """Applies the PlanDefinitions of a Bundle.

    Args:
        knows_behavior: whether the engine honours the extension for `applicabilityBehavior`; one that does not takes
            every child that applies ("all", the standard's default).
    """

    def __init__(self, bundle: Json, knows_behavior: bool = True) -> None:
        resources = [entry["resource"] for entry in bundle["entry"]]
        self.plans = {one["url"]: one for one in resources if one["resourceType"] == "PlanDefinition"}
        self.knows_behavior = knows_behavior
        self.sources: dict[str, str] = {}
        self.comments: dict[str, str] = {}
        for library in (one for one in resources if one["resourceType"] == "Library"):
            self._read_library(base64.b64decode(library["content"][0]["data"]).decode())

    def apply(self, url: str, truth: dict[str, Truth]) -> list[Applied]:
        """What applies of a plan; `truth` is by the define's name of each define that is to be implemented."""
        self._truth, self._known = truth, {}
        return self._children(self.plans[url])

    def _children(self, parent: Json) -> list[Applied]:
        found = []
        for action in parent.get("action", ()):
            if all(self._holds(one) for one in action.get("condition", ())):
                children = self._children(action)
                if "definitionCanonical" in action:
                    children += self._children(self.plans[action["definitionCanonical"].partition("|")[0]])
                found.append(Applied(action, children))
                if self.knows_behavior and self._behavior(parent) == "any":
                    break
        return found

    @staticmethod
    def _behavior(action: Json) -> str:
        found = [one["valueCode"] for one in action.get("extension", ()) if one["url"] == APPLICABILITY]
        return found[0] if found else "all"

    def _holds(self, condition: Json) -> bool:
        assert condition["kind"] == "applicability"
        assert condition["expression"]["language"] == "text/cql-identifier"
        return self._value(condition["expression"]["expression"]) is True  # null counts as false

    def _value(self, name: str) -> Truth:
        if name not in self._known:
            source = self.sources[name]
            self._known[name] = self._truth[name] if source.startswith("null as Boolean") else self._evaluated(source)
        return self._known[name]

    def _evaluated(self, source: str) -> Truth:
        """The value of an expression of one operator, in CQL's three-valued logic."""
        tokens = _TOKEN.findall(source)
        assert "".join(_TOKEN.findall(source)[0]) and not _TOKEN.sub("", source).strip(), source
        operators = {word for _, word in tokens if word}
        values = [self._value(name) for name, word in tokens if not word]
        if operators == {"not"}:
            (value,) = values
            return None if value is None else not value
        if operators == {"or"}:
            return True if True in values else None if None in values else False
        assert operators == {"and"}, source
        return False if False in values else None if None in values else True

    def _read_library(self, cql: str) -> None:
        for comment, name, source in re.findall(r'(?:// (.*)\n)?define "(.*)":\n  (.*)\n', cql):
            assert name not in self.sources
            self.sources[name], self.comments[name] = source, comment


def leaves(applied: list[Applied]) -> list[Json]:
    """The innermost actions that apply."""
    found = []
    for one in applied:
        found += leaves(one.children) if one.children else [one.action]
    return found


def chain(applied: list[Applied]) -> list[Json]:
    """The actions that apply from the outermost inwards, as long as there is one only."""
    found = []
    while len(applied) == 1:
        found.append(applied[0].action)
        applied = applied[0].children
    return found
