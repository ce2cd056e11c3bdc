"""The kinds of conflict: which decisions to compare, and what must differ."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from itertools import product
from typing import NamedTuple

from text2mdt.guideline.decision_cases import DecisionCase
from text2mdt.guideline.dose_difference import doses_differ
from text2mdt.guideline.guideline import ConflictKind
from text2mdt.guideline.limits import Spot
from text2mdt.guideline.normal_triples import TripleKey
from text2mdt.relations import ENGLISH
from text2mdt.safety.quantities import quantities
from text2mdt.token_overlap import token_f1

KINDS: dict[ConflictKind, str] = {
    "given_and_forbidden": "a drug is given and forbidden under the same conditions",
    "different_dose": "the same drug has different doses under the same conditions",
    "different_threshold": "the same decision is taken at different values of the same measure",
    "different_decision": "the same conditions lead to different decisions",
}
"""What each kind means, gravest first."""

_GIVEN, _FORBIDDEN = ENGLISH.drugs
_SINGLE = ("treatment_plan", "referral")
"""Relations of which one alone makes a decision that another one alone contradicts; tests and drugs add up."""
_SAME_ACTION = 0.5
"""Token F1 from which two actions of one relation may be one in other words."""


class Difference(NamedTuple):
    """What two cases do not agree in."""

    first: Spot
    second: Spot
    text: str


class Finder(NamedTuple):
    """How a kind is found: only cases that share one of their `keys` are compared, under that key."""

    keys: Callable[[DecisionCase], Iterable[Hashable]]
    compare: Callable[[DecisionCase, DecisionCase, Hashable], Difference | None]


def _drug_keys(case: DecisionCase) -> Iterable[Hashable]:
    return [(key.object, case.way.key) for key in case.keys if key.relation in ENGLISH.drugs]


def _given_and_forbidden(one: DecisionCase, other: DecisionCase, key: Hashable) -> Difference | None:
    left, right = _drug(one, key), _drug(other, key)
    if one.keys[left].relation == other.keys[right].relation or not one.way.agrees(other.way):
        return None
    words = {_GIVEN: "given", _FORBIDDEN: "forbidden"}
    name = one.decision.triples[left].object
    text = (
        f"'{name}' is {words[one.keys[left].relation]} in {one.passage_id} and {words[other.keys[right].relation]} in "
        f"{other.passage_id}; both {one.in_words}."
    )
    return Difference((one.node, left), (other.node, right), text)


def _different_dose(one: DecisionCase, other: DecisionCase, key: Hashable) -> Difference | None:
    left, right = _drug(one, key), _drug(other, key)
    if (one.keys[left].relation, other.keys[right].relation) != (_GIVEN, _GIVEN):
        return None
    doses, others = one.doses(one.keys[left]), other.doses(other.keys[right])
    if not doses_differ((words for _, words in doses), (words for _, words in others)):
        return None
    if not one.way.agrees(other.way):
        return None
    name = one.decision.triples[left].object
    text = (
        f"'{name}' has the dose '{_listed(doses)}' in {one.passage_id} and '{_listed(others)}' in {other.passage_id}; "
        f"both {one.in_words}."
    )
    return Difference((one.node, doses[0][0]), (other.node, others[0][0]), text)


def _listed(doses: list[tuple[int, str]]) -> str:
    return ", ".join(words for _, words in doses)


def _drug(case: DecisionCase, key: Hashable) -> int:
    """The triple of the drug that a key of `_drug_keys` names."""
    words = key[0]  # type: ignore[index]
    return next(i for i, found in enumerate(case.keys) if found.relation in ENGLISH.drugs and found.object == words)


def _limit_keys(case: DecisionCase) -> Iterable[Hashable]:
    actions = [key for key in case.keys if key.relation != ENGLISH.dosage]
    return [(action, limit.asked.measure, limit.rest.key) for action in actions for limit in case.limits]


def _different_threshold(one: DecisionCase, other: DecisionCase, key: Hashable) -> Difference | None:
    action: TripleKey = key[0]  # type: ignore[index]
    measure = key[1]  # type: ignore[index]
    for left, right in product(one.limits, other.limits):
        spots = left.differing_end(right) if left.asked.measure == measure else None
        if spots is None or not left.rest.agrees(right.rest) or _doses_differ(one, other, action):
            continue
        first, second = one.words(spots[0]), other.words(spots[1])
        if [(q.low, q.high) for q in quantities(first)] == [(q.low, q.high) for q in quantities(second)]:
            continue  # "below 30" and "30 or below"
        name = one.decision.triples[one.keys.index(action)].object
        text = (
            f"'{name}' ({action.relation.replace('_', ' ')}) depends on '{first}' in {one.passage_id} "
            f"and on '{second}' in {other.passage_id}."
        )
        return Difference(*spots, text)
    return None


def _doses_differ(one: DecisionCase, other: DecisionCase, action: TripleKey) -> bool:
    doses, others = one.doses(action), other.doses(action)
    return doses_differ((words for _, words in doses), (words for _, words in others))


def _way_key(case: DecisionCase) -> Iterable[Hashable]:
    return [case.way.key] if case.way.answers else []


def _different_decision(one: DecisionCase, other: DecisionCase, key: Hashable) -> Difference | None:
    actions, others = _actions(one), _actions(other)
    if set(actions.values()) & set(others.values()) or _denies(actions, others) or not one.way.agrees(other.way):
        return None
    left, right = _of(actions, _GIVEN), _of(others, _GIVEN)
    if not left or not right:
        if len(actions) != 1 or len(others) != 1:
            return None
        left, right = list(actions), list(others)
        if actions[left[0]].relation != others[right[0]].relation or actions[left[0]].relation not in _SINGLE:
            return None
    first, second = _names(one, left), _names(other, right)
    if any(_alike(a, b) for a in first for b in second):
        return None
    text = (
        f"{one.passage_id} says '{', '.join(first)}' and {other.passage_id} says '{', '.join(second)}'; "
        f"both {one.in_words}."
    )
    return Difference((one.node, left[0]), (other.node, right[0]), text)


def _actions(case: DecisionCase) -> dict[int, TripleKey]:
    return {index: key for index, key in enumerate(case.keys) if key.relation != ENGLISH.dosage}


def _denies(actions: dict[int, TripleKey], others: dict[int, TripleKey]) -> bool:
    """Whether one gives a drug that the other forbids: a graver conflict, which is named on its own."""
    drugs = [{(key.relation, key.object) for key in side.values()} for side in (actions, others)]
    reversed_drugs = {
        (_GIVEN if relation == _FORBIDDEN else _FORBIDDEN, name)
        for relation, name in drugs[0]
        if relation in ENGLISH.drugs
    }
    return bool(reversed_drugs & drugs[1])


def _of(actions: dict[int, TripleKey], relation: str) -> list[int]:
    return [index for index, key in actions.items() if key.relation == relation]


def _names(case: DecisionCase, triples: list[int]) -> list[str]:
    return [case.decision.triples[index].object for index in triples]


def _alike(one: str, other: str) -> bool:
    """Whether two names may mean the same ("amoxicillin", "oral amoxicillin")."""
    left, right = set(one.lower().split()), set(other.lower().split())
    return left <= right or right <= left or token_f1(one, other) >= _SAME_ACTION


FINDERS: dict[ConflictKind, Finder] = {
    "given_and_forbidden": Finder(_drug_keys, _given_and_forbidden),
    "different_dose": Finder(_drug_keys, _different_dose),
    "different_threshold": Finder(_limit_keys, _different_threshold),
    "different_decision": Finder(_way_key, _different_decision),
}
"""In the order of `KINDS`."""
