"""Actions read back as trees: from nested actions, or from the rules of a strategy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from text2mdt.export.fhir.systems import APPLICABILITY_BEHAVIOR
from text2mdt.imports.fhir.elements import Element, shown
from text2mdt.imports.fhir.triples import EMPTY, Answer, ReadNode, read_answer, read_condition, read_decision

DEEPEST = 200
"""Most conditions on one way that are read."""


@dataclass(frozen=True)
class Rule:
    """A decision and the answers that lead to it; `checked` has each answer as often as it is written down."""

    answers: tuple[Answer, ...]
    checked: tuple[Answer, ...]
    decision: ReadNode


def nested_nodes(action: Element, population: str, depth: int = 0) -> list[ReadNode]:
    """The nodes below an action, in pre-order."""
    if depth > DEEPEST:
        raise action.refuse(f"there are more than {DEEPEST} conditions on one way")
    branches = action.children("action")
    if not any(branch.children("condition") for branch in branches):
        return [read_decision(action, population)]
    answers: dict[bool, Answer] = {}
    below: dict[bool, Element] = {}
    for branch in branches:
        answer = _branch_answer(action, branch, branches, population)
        holds = answer.holds if answer else not next(iter(answers), True)
        if holds in below:
            raise branch.refuse("there are two branches for the same answer")
        below[holds] = branch
        if answer:
            answers[holds] = answer
    if len({answer.name for answer in answers.values()}) > 1:
        raise action.refuse("its branches do not ask the same: the conditions do not exclude each other")
    nodes = [read_condition(list(answers.values()))]
    for holds in (True, False):
        nodes += nested_nodes(below[holds], population, depth + 1) if holds in below else [EMPTY]
    return nodes


def _branch_answer(action: Element, branch: Element, branches: Sequence[Element], population: str) -> Answer | None:
    """The answer that a branch is for; None for an else-branch, which is clear only after another and under "any"."""
    conditions = branch.children("condition")
    if len(conditions) == 1:
        return read_answer(conditions[0], population, branch.text("title") or "")
    behavior = action.only_extension(APPLICABILITY_BEHAVIOR)
    first_only = behavior is not None and behavior.text("valueCode") == "any"
    if not conditions and first_only and len(branches) == 2 and branch == branches[1]:
        return None
    raise branch.refuse(f"a branch has {len(conditions)} conditions, not one")


def read_rule(action: Element, outer: Element, population: str) -> Rule:
    """A rule from its action and from the action of the strategy that refers to it."""
    answers = tuple(read_answer(one, population) for one in action.children("condition"))
    again = tuple(read_answer(one, population) for one in outer.children("condition"))
    if [(one.name, one.holds) for one in answers] != [(one.name, one.holds) for one in again]:
        raise outer.refuse("its conditions are not those of the rule that it refers to")
    if len(answers) > DEEPEST:
        raise action.refuse(f"there are more than {DEEPEST} conditions on one way")
    return Rule(answers, answers + again, read_decision(action, population))


def joined_rules(rules: Sequence[Rule], strategy: Element, depth: int = 0) -> list[ReadNode]:
    """The nodes of the tree whose ways to a decision the rules are, in pre-order; a way without a rule ends empty."""
    if not rules:
        return [EMPTY]
    if any(len(rule.answers) == depth for rule in rules):
        if len(rules) > 1:
            raise strategy.refuse("two rules apply to the same case")
        return [rules[0].decision]
    asked = rules[0].answers[depth].name
    for rule in rules:
        if rule.answers[depth].name != asked:
            other = rule.answers[depth].name
            raise strategy.refuse(f"its rules ask '{shown(asked)}' and '{shown(other)}' at the same place")
    same = [one for rule in rules for one in (rule.answers[depth], rule.checked[len(rule.answers) + depth])]
    nodes = [read_condition(same)]
    for holds in (True, False):
        nodes += joined_rules([rule for rule in rules if rule.answers[depth].holds is holds], strategy, depth + 1)
    return nodes
