"""Decisions → the strength and the grade with which their sentence recommends them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

from text2mdt.grounding import Place
from text2mdt.recommendations.clauses import Clauses
from text2mdt.recommendations.evidence_grades import find_grades, printed_strength
from text2mdt.recommendations.grade_scope import GradeScope
from text2mdt.recommendations.strength_scope import StrengthScope
from text2mdt.relations import ENGLISH, RelationSet
from text2mdt.schema import DecisionTree, Grounding, Passage, Recommendation, Role, Span, join_forest

_NONE_OF = re.compile(r"\b(no|not|neither|nor|without|never|against)\b(?: \w+)? $", re.IGNORECASE)
_STOP_MARKS = ".:;!?"


class _Action(NamedTuple):
    """A grounded object of a decision: its node, its place, and whether it is a drug to avoid."""

    node: int
    place: Place
    is_forbidden: bool


class _Found(NamedTuple):
    node: int
    kind: Literal["strength", "grade"]
    value: str
    place: Place


def find_recommendations(
    passage: Passage,
    trees: Sequence[DecisionTree],
    groundings: Sequence[Grounding],
    relations: RelationSet = ENGLISH,
) -> tuple[Recommendation, ...]:
    """The strength of every decision with a grounded triple, and the grade that closes its sentence or list item.

    The strength is that of the words that govern the decision in its clause ("offer …", "… should be considered"), else
    in the lead-in of its list ("Consider one of:"), else the one that the grade names ("strong recommendation");
    without such words there is none. A drug to avoid is always "against". A decision with parts of different strength
    has one of each. Words inside a condition ("if A is contraindicated") govern nothing.

    Args:
        passage, trees: as in `ground`.
        groundings: what `ground` gave for them; only the objects of decisions, doses apart, are used.

    Returns:
        Recommendations by node, strengths before grades, each in the order of the text. `boxes` are left empty.
    """
    conditions, actions = _places(trees, groundings, relations)
    text = passage.text
    grades = [grade for grade in find_grades(text) if not _overlaps(grade, conditions)]
    clauses = Clauses(text, grades, _line_starts(passage))
    strengths, scopes = StrengthScope(clauses, conditions, grades), GradeScope(clauses, grades)
    found: list[_Found] = []
    for action in actions:
        its_grades = scopes.closing(action.place)
        strength = _strength(text, strengths, action, its_grades)
        if strength and not any(
            (other.node, other.kind, other.value) == (action.node, "strength", strength[0]) for other in found
        ):
            found.append(_Found(action.node, "strength", *strength))
        found += [_Found(action.node, "grade", text[slice(*grade)], grade) for grade in its_grades]
    found = sorted(set(found), key=lambda item: (item.node, item.kind == "grade", item.place))
    return tuple(_recommendation(passage, item) for item in found)


def _places(
    trees: Sequence[DecisionTree], groundings: Iterable[Grounding], relations: RelationSet
) -> tuple[list[Place], list[_Action]]:
    """Where the conditions stand, and the actions in the order of the text."""
    nodes = join_forest(trees)
    conditions: list[Place] = []
    actions: list[_Action] = []
    for item in groundings:
        node = nodes[item.node]
        relation = node.triples[item.triple].relation
        place = (item.passage_span.start, item.passage_span.end)
        if item.part != "object" or relation == relations.dosage:
            continue
        if node.role is Role.CONDITION:
            conditions.append(place)
        else:
            known = relations.by_name.get(relation)
            actions.append(_Action(item.node, place, known is not None and known.keyword == "avoid"))
    return conditions, sorted(actions, key=lambda action: action.place)


def _strength(text: str, scope: StrengthScope, action: _Action, grades: Sequence[Place]) -> tuple[str, Place] | None:
    cue = scope.governing(action.place, forbids=action.is_forbidden)
    if cue:
        return cue.strength, (cue.start, cue.end)
    if action.is_forbidden:
        negation = _NONE_OF.search(text, max(0, action.place[0] - 40), action.place[0])
        return "against", negation.span(1) if negation else action.place
    return next((named for grade in grades if (named := printed_strength(text, grade))), None)


def _line_starts(passage: Passage) -> list[int]:
    """Where a new line of the document begins that the line before does not run on into."""
    starts = (segment.passage_start for segment in passage.segments)
    return [start for start in starts if passage.text[:start].rstrip().endswith(tuple(_STOP_MARKS))]


def _overlaps(place: Place, others: Iterable[Place]) -> bool:
    return any(start < place[1] and place[0] < end for start, end in others)


def _recommendation(passage: Passage, item: _Found) -> Recommendation:
    span = Span(start=item.place[0], end=item.place[1])
    return Recommendation(
        node=item.node,
        kind=item.kind,
        value=item.value,
        passage_span=span,
        document_spans=tuple(passage.document_spans(span)),
    )
