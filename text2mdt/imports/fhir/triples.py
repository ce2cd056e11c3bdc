"""Triples, conditions and decisions as they stand in the extensions of actions, with the words that were edited."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import ValidationError

from text2mdt.errors import Text2MDTError
from text2mdt.export.fhir import wording
from text2mdt.export.fhir.defines import negated
from text2mdt.export.fhir.systems import CQL_IDENTIFIER, NODE, TRIPLE
from text2mdt.imports.fhir.elements import Element, shown
from text2mdt.imports.imported import Citation
from text2mdt.relations import ENGLISH
from text2mdt.schema import Logic, Node, Role, Span, Triple

_EITHER = ("one-or-more", "exactly-one")
_MEND_TITLE = "write 'Label: words' as text2mdt did, with one wording throughout"
_MEND_CONDITION = "undo the edit, or edit a condition of one triple, with one wording throughout"


@dataclass(frozen=True)
class ReadTriple:
    """A triple as extracted, and where it stands; `citation` counts no node and no triple yet."""

    triple: Triple
    citation: Citation | None
    position: int


@dataclass(frozen=True)
class ReadNode:
    """A node with a citation, or none, for each triple."""

    node: Node
    citations: tuple[Citation | None, ...]


EMPTY = ReadNode(Node(role=Role.DECISION), ())


@dataclass(frozen=True)
class Answer:
    """One answer to a condition.

    Attributes:
        name: of the define that holds when the condition does.
        text: its words for people, which may have been edited.
        title: of the branch that it leads to; "" where that says nothing of it.
    """

    name: str
    holds: bool
    logic: Logic
    triples: tuple[ReadTriple, ...]
    text: str | None
    title: str
    element: Element


def read_answer(element: Element, population: str, title: str = "") -> Answer:
    """A condition of an action."""
    if element.text("kind") != "applicability":
        raise element.refuse("it is not an applicability condition")
    expression, extension = element.child("expression"), element.only_extension(NODE)
    if expression is None or expression.text("language") != CQL_IDENTIFIER or extension is None:
        raise element.refuse("the condition does not name a define, or its extension is lost")
    answer = extension.only_extension("holds")
    holds = None if answer is None else answer.values.get("valueBoolean")
    if not isinstance(holds, bool):
        raise extension.refuse("it does not say whether the condition has to hold")
    name = expression.needed("expression")
    if not holds:
        if not name.startswith(negated("")):
            raise expression.refuse(f"the define '{shown(name)}' of the no-branch is not a negated one")
        name = name.removeprefix(negated(""))
    elif name.startswith(negated("")):
        raise expression.refuse(f"the define '{shown(name)}' of the yes-branch is a negated one")
    try:
        logic = Logic(extension.part("logic", "valueCode") or "")
    except ValueError:
        raise extension.refuse("the logic is not one of and, or, null") from None
    triples = tuple(_read_triple(one, population) for one in extension.extensions("triple"))
    return Answer(name, holds, logic, triples, expression.text("description"), title, element)


def read_condition(answers: Sequence[Answer]) -> ReadNode:
    """The condition that these answers are of: one wording, edited in one way at most."""
    first = answers[0]
    triples = [one.triple for one in first.triples]
    for answer in answers:
        if [one.triple for one in answer.triples] != triples or answer.logic is not first.logic:
            raise answer.element.refuse(f"the answers to '{shown(first.name)}' have different triples")
    node = _node(Role.CONDITION, triples, first.logic, first.element)
    edited = dict.fromkeys(filter(None, (_edited(answer, node) for answer in answers)))
    if len(edited) > 1:
        detail = " or ".join(f"'{shown(told)}'" for told in edited)
        raise Text2MDTError("T2M077", first.element.where, detail=detail, mend=_MEND_CONDITION)
    meant = node
    if edited:
        meant = _node(Role.CONDITION, [triples[0]._replace(object=next(iter(edited)))], first.logic, first.element)
    for answer in answers:
        title = answer.title
        if all(wording.says_something_else(title, one, answer.holds) for one in (node, meant)):
            raise Text2MDTError(
                "T2M077", answer.element.where, detail=f"the title '{shown(title)}'", mend=_MEND_CONDITION
            )
    found = [[answer.triples[index].citation for answer in answers] for index in range(len(triples))]
    citations = [None if edited else next(filter(None, several), None) for several in found]
    return ReadNode(meant, tuple(citations))


def read_decision(action: Element, population: str) -> ReadNode:
    """The decision of an action: an action for each triple, a dose below its drug."""
    found = _actions_of(action, population)
    if not found:
        if action.text("definitionCanonical"):
            raise action.refuse("it refers to a definition that is not in the file")
        return EMPTY
    drugs = {
        read.triple.object: _told(one, read.triple) for read, one in found if read.triple.relation in ENGLISH.drugs
    }
    triples, citations = [], []
    for read, one in found:
        triple = read.triple
        if triple.relation == ENGLISH.dosage:
            triple = triple._replace(subject=drugs.get(triple.subject, triple.subject))
        triple = triple._replace(object=_told(one, read.triple, triple))
        triples.append(triple)
        citations.append(read.citation if triple.object == read.triple.object else None)
    return ReadNode(_node(Role.DECISION, triples, _selected(action, len(triples)), action), tuple(citations))


def _actions_of(action: Element, population: str) -> list[tuple[ReadTriple, Element]]:
    """The triples of a decision in their order, each with its action."""
    found = []
    waiting = list(reversed(action.children("action")))
    while waiting:
        one = waiting.pop()
        extension = one.only_extension(TRIPLE)
        if extension is None:
            raise one.refuse("the extension that says what kind of action it is, is lost")
        if one.children("condition"):
            raise one.refuse("a condition stands at a single action of a decision")
        found.append((_read_triple(extension, population), one))
        waiting += reversed(one.children("action"))
    return sorted(found, key=lambda item: item[0].position)


def _told(action: Element, *meant: Triple) -> str:
    """The words of an action from its title, by the label of one of these triples."""
    title = action.needed("title")
    told = next(filter(None, (wording.words_of_title(title, triple) for triple in meant)), None)
    if told is None:
        raise Text2MDTError("T2M077", action.where, detail=f"'{shown(title)}'", mend=_MEND_TITLE)
    return told


def _edited(answer: Answer, node: Node) -> str | None:
    """The new words of a condition, where its text has been edited."""
    if answer.text is None or answer.text == wording.condition_text(node, answer.holds):
        return None
    told = wording.words_of_text(answer.text, answer.holds) if len(node.triples) == 1 else None
    if told is None:
        where = answer.element.where
        raise Text2MDTError("T2M077", where, detail=f"'{shown(answer.text)}'", mend=_MEND_CONDITION)
    return told


def _selected(action: Element, count: int) -> Logic:
    if count < 2:
        return Logic.NULL
    selection = action.text("selectionBehavior")
    if selection == "all":
        return Logic.AND
    if selection in _EITHER:
        return Logic.OR
    raise action.refuse(f"selectionBehavior '{shown(selection)}' is neither 'all' nor one of {', '.join(_EITHER)}")


def _read_triple(extension: Element, population: str) -> ReadTriple:
    relation, told = extension.part("relation", "valueString"), extension.part("object", "valueString")
    if relation is None or told is None:
        raise extension.refuse("a triple has no relation or no object")
    subject = extension.part("subject", "valueString") or population
    return ReadTriple(Triple(subject, relation, told), _citation(extension), extension.number("position") or 0)


def _citation(extension: Element) -> Citation | None:
    """Where a triple stands; None where that is not, or not wholly, there any more."""
    span = extension.only_extension("span")
    if span is None:
        return None
    inside = _span(span)
    outside = [_span(one) for one in span.extensions("document")]
    pages = [one.values.get("valueInteger") for one in span.extensions("page")]
    if inside is None or None in outside or not all(type(page) is int and page > 0 for page in pages):
        return None
    return Citation(
        node=0, triple=0, passage_span=inside, document_spans=tuple(filter(None, outside)), pages=tuple(pages)
    )


def _span(element: Element) -> Span | None:
    start, end = element.number("start"), element.number("end")
    return Span(start=start, end=end) if start is not None and end is not None and start <= end else None


def _node(role: Role, triples: Sequence[Triple], logic: Logic, element: Element) -> Node:
    try:
        return Node(role=role, triples=tuple(triples), logical_rel=logic)
    except ValidationError as error:
        raise element.refuse(error.errors()[0]["msg"]) from None
