"""A file of PlanDefinitions, one by one or in a Bundle, read back as trees."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from text2mdt.bounded_file import named_errors
from text2mdt.errors import Text2MDTError
from text2mdt.export.fhir.systems import PASSAGE, TREE_NUMBER, TRIPLE
from text2mdt.imports.fhir.actions import joined_rules, nested_nodes, read_rule
from text2mdt.imports.fhir.elements import Element, shown
from text2mdt.imports.fhir.triples import ReadNode
from text2mdt.imports.imported import Citation, ImportedTree
from text2mdt.schema import DecisionTree

LARGEST = 64 * 1024 * 1024
"""Bytes of the longest file read."""


def read_plan_file(path: str | Path) -> list[ImportedTree]:
    """The trees of a JSON file; raises T2M010, T2M013, T2M016 or T2M053 too, for a file that cannot be read."""
    path = Path(path)
    with named_errors(path), path.open("rb") as file:
        content = file.read(LARGEST + 1)
    return read_plan_definitions(content, str(path))


def read_plan_definitions(content: str | bytes, name: str = "") -> list[ImportedTree]:
    """The trees of a PlanDefinition, or of all PlanDefinitions in a Bundle, in its order.

    The words of an action come from its title, those of a condition from the description of its expression; both may
    have been edited. Other titles and descriptions, the narrative and the library are for people and are not read, and
    nothing in the file is ever executed.

    Args:
        content: JSON.
        name: of the file, for errors.

    Raises:
        Text2MDTError: T2M013 or T2M053 for content that is no UTF-8 or too long, T2M075 where no PlanDefinition is in
            it, T2M076 for one that is no tree of text2mdt (any more), T2M077 where edited words are not clear.
    """
    plans = _plans(_parsed(content, name), name)
    by_url = {plan.text("url"): plan for plan in plans}
    rules = {id(rule.values) for plan in plans for _, rule in _rules(plan, by_url)}
    trees = [_tree(plan, by_url) for plan in plans if id(plan.values) not in rules]
    if not trees:
        raise Text2MDTError("T2M075", name, detail="its PlanDefinitions refer to each other")
    return trees


def _parsed(content: str | bytes, name: str) -> Any:
    if len(content) > LARGEST:
        raise Text2MDTError("T2M053", name, detail=f"the limit is {LARGEST // 1024**2} MiB")
    try:
        return json.loads(content.decode("utf-8-sig") if isinstance(content, bytes) else content.removeprefix("\ufeff"))
    except UnicodeDecodeError:
        raise Text2MDTError("T2M013", name) from None
    except (ValueError, RecursionError) as error:
        detail = "nested too deep" if isinstance(error, RecursionError) else f"no JSON: {error}"
        raise Text2MDTError("T2M075", name, detail=detail) from None


def _plans(parsed: Any, name: str) -> list[Element]:
    """The PlanDefinitions of a parsed file."""
    kind = parsed.get("resourceType") if isinstance(parsed, dict) else None
    if kind == "PlanDefinition":
        return [Element(parsed, _named(parsed, name))]
    if kind != "Bundle":
        raise Text2MDTError("T2M075", name, detail=f"it is {'a ' + shown(kind) if kind else 'no FHIR resource'}")
    entries = (entry.child("resource") for entry in Element(parsed, name or "Bundle").children("entry"))
    plans = [one for one in entries if one is not None and one.values.get("resourceType") == "PlanDefinition"]
    if not plans:
        raise Text2MDTError("T2M075", name, detail="the Bundle has none")
    return [Element(plan.values, _named(plan.values, name)) for plan in plans]


def _named(plan: dict[str, Any], name: str) -> str:
    return ": ".join(filter(None, (name, f"PlanDefinition {shown(plan.get('id', ''))}".strip())))


def _start(plan: Element) -> Element:
    """The one action that the tree begins with."""
    actions = plan.children("action")
    if len(actions) != 1:
        raise plan.refuse(f"it has {len(actions)} actions at the top, not one")
    return actions[0]


def _rules(plan: Element, by_url: dict[str | None, Element]) -> list[tuple[Element, Element]]:
    """Of a strategy its actions, each with the rule that it refers to; nothing for another PlanDefinition."""
    found = []
    for start in plan.children("action")[:1]:
        for action in _referring(start):
            rule = by_url.get(action.needed("definitionCanonical").partition("|")[0])
            if rule is not None and rule.values is not plan.values:
                found.append((action, rule))
    return found


def _referring(start: Element) -> list[Element]:
    """The actions that stand for a rule; what a person made of the single actions of a decision does not count."""
    return [one for one in start.children("action") if one.text("definitionCanonical") and not one.extensions(TRIPLE)]


def _tree(plan: Element, by_url: dict[str | None, Element]) -> ImportedTree:
    population = _population(plan)
    start = _start(plan)
    if start.children("condition"):
        raise start.refuse("all of it stands under conditions, like a rule that no strategy in the file refers to")
    pairs = _rules(plan, by_url)
    if len(pairs) < len(_referring(start)):
        raise start.refuse("it refers to a rule that is not in the file")
    if pairs:
        if len(pairs) < len(start.children("action")):
            raise start.refuse("some of its actions refer to a rule, and others do not")
        rules = [read_rule(_start(rule), action, population) for action, rule in pairs]
        nodes = joined_rules(rules, start)
    else:
        nodes = nested_nodes(start, population)
    number = (_identifier(plan, TREE_NUMBER) or "")[:9]
    return ImportedTree(
        tree=DecisionTree(nodes=tuple(one.node for one in nodes)),
        population=population,
        title=plan.text("title") or "",
        document=_document(plan),
        passage=_identifier(plan, PASSAGE),
        number=int(number) if number.isdecimal() and int(number) > 0 else None,
        where=plan.where,
        citations=tuple(_citations(nodes)),
    )


def _citations(nodes: Sequence[ReadNode]) -> list[Citation]:
    return [
        citation.model_copy(update={"node": index, "triple": count})
        for index, read in enumerate(nodes)
        for count, citation in enumerate(read.citations)
        if citation is not None
    ]


def _population(plan: Element) -> str:
    for context in plan.children("useContext"):
        code, value = context.child("code"), context.child("valueCodeableConcept")
        if code is not None and code.text("code") == "focus" and value is not None and value.text("text"):
            return value.needed("text")
    raise plan.refuse("useContext no longer says whom it is for")


def _identifier(plan: Element, system: str) -> str | None:
    for identifier in plan.children("identifier"):
        if identifier.text("system") == system:
            return identifier.text("value")
    return None


def _document(plan: Element) -> str | None:
    for artifact in plan.children("relatedArtifact"):
        if artifact.text("type") == "derived-from":
            return artifact.text("display")
    return None
