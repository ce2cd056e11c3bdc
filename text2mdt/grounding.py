"""Triples → the words of the passage that they came from."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from text2mdt.mention_context import is_gloss, is_negated, is_passed_over, is_stopped
from text2mdt.relations import ENGLISH, RelationSet
from text2mdt.schema import DecisionTree, Grounding, Node, Passage, Span, Triple, join_forest

Place = tuple[int, int]

# Costs of a step from one place to the next, in characters of the way forward.
_BACK = 1.3
"""A character back, from a condition to what follows from it: "X is given; if it fails, Y"."""
_BACK_IN_NODE = 2.0
_BACK_TO_DOSE = 8.0
_IN_NODE = 3.0
"""How much closer the triples of one node stand together than those of two."""
_SENTENCE = 60.0
_USED = 250.0
"""A mention that another node has taken for the same words."""
_INSIDE = 300.0
"""A mention inside a longer object, as "amoxicillin" is in "amoxicillin is not tolerated"."""
_AT_ODDS = 600.0
"""A mention whose own words speak against it: a feature said to be absent, a drug to give that has failed."""
_BEAM = 48

_SENTENCE_END = re.compile(r"[.!?;](?=\s|$)|[。！？；]")


class _Position(NamedTuple):
    """The node above one (-1: none), the nearest condition that holds at it, and whether it follows all before it.

    The text tells the trees one after the other, and what is done otherwise behind what is done.
    """

    parent: int
    holds: int
    follows: bool


@dataclass(frozen=True)
class _Object:
    """An object to be found.

    Attributes:
        places, costs: its mentions, and what the words around each say against it.
        near: the earlier objects (by index) to one of which it stands close, unless it `follows` all of them.
    """

    node: int
    triple: int
    words: str
    places: tuple[Place, ...]
    costs: tuple[float, ...]
    near: tuple[int, ...]
    follows: bool
    is_dose: bool


def ground(passage: Passage, trees: Sequence[DecisionTree], relations: RelationSet = ENGLISH) -> tuple[Grounding, ...]:
    """Where the objects of the trees, and the drugs that are subjects of a dose, stand in the passage.

    Of several mentions, those are chosen that together keep what belongs together close: a dose behind its drug, the
    triples of a node side by side, a node near the condition above it, a tree or a no-branch behind what was before,
    two nodes at different mentions of the same words; and those that the words around them do not speak against
    ("without fever", "if the drug fails"). Whole words in the same case are preferred, then parts of words, then other
    case. Any other subject (the population) is given only where it stands in the text; what is not found is left out.

    Returns:
        Groundings in the order of the triples, a subject before its object, with `node` counted over all trees (as in
        `PassageResult.tree`) and `triple` within its node.
    """
    nodes = join_forest(trees)
    objects = _objects(passage.text, nodes, _positions(trees), relations)
    places = _closest(passage.text, objects)
    chosen = {(item.node, item.triple): place for item, place in zip(objects, places, strict=True)}
    groundings = []
    for number, node in enumerate(nodes):
        for index, triple in enumerate(node.triples):
            drug = _drug_of(index, node.triples, relations)
            place = chosen.get((number, index))
            subject = chosen.get((number, drug)) if drug is not None else _before(passage.text, triple.subject, place)
            for part, found in (("subject", subject), ("object", place)):
                if found:
                    groundings.append(_grounding(passage, number, index, part, found))
    return tuple(groundings)


def mentions(text: str, words: str) -> tuple[Place, ...]:
    """All places of `words` in `text` of the best kind that occurs: whole words, parts of words, other case."""
    parts = words.split()
    pattern = r"\s+".join(re.escape(part) for part in parts)
    whole = rf"(?<!\w)(?<!\d[.,]){pattern}(?!\w|[.,]\d)"  # "5 mg" is no part of "2.5 mg"
    for expression, flags in ((whole, 0), (pattern, 0), (whole, re.IGNORECASE), (pattern, re.IGNORECASE)):
        found = tuple(match.span() for match in re.finditer(expression, text, flags)) if parts else ()
        if found:
            return found
    return ()


def _grounding(passage: Passage, node: int, triple: int, part: str, place: Place) -> Grounding:
    span = Span(start=place[0], end=place[1])
    return Grounding(
        node=node,
        triple=triple,
        part=part,
        passage_span=span,
        document_spans=tuple(passage.document_spans(span)),
    )


def _positions(trees: Sequence[DecisionTree]) -> list[_Position]:
    """Where each node of the forest stands."""
    positions: list[_Position] = []
    for tree in trees:
        first = len(positions)
        positions += [_Position(-1, -1, True)] * len(tree)
        for node, children in enumerate(tree.children(), start=first):
            if children:
                positions[first + children[0]] = _Position(node, node, False)
                positions[first + children[1]] = _Position(node, positions[node].holds, True)
    return positions


def _objects(text: str, nodes: Sequence[Node], positions: Sequence[_Position], relations: RelationSet) -> list[_Object]:
    """The objects that occur in the text, in the order of the trees."""
    objects: list[_Object] = []
    numbers: dict[tuple[int, int | None], int] = {}
    last_of: list[int] = []  # of each node its last object, or that of the nodes above it
    uses = Counter(words for node in nodes for words in {triple.object for triple in node.triples})
    for number, node in enumerate(nodes):
        parent, holds, follows = positions[number]
        last_of.append(last_of[parent] if parent >= 0 else -1)
        above = (parent,) if node.is_condition else (parent, holds)
        near = tuple({last_of[other] for other in above if other >= 0 and last_of[other] >= 0})
        for index, triple in enumerate(node.triples):
            places = mentions(text, triple.object)
            if not places:
                continue
            drug = _drug_of(index, node.triples, relations)
            beside, is_first = ((numbers[number, drug],), False) if (number, drug) in numbers else (near, follows)
            numbers[number, index] = len(objects)
            if len(places) > 1 or uses[triple.object] == 1:  # what several branches share may stand far from them
                last_of[number], near, follows = len(objects), (len(objects),), False
            costs = tuple(_AT_ODDS * _is_at_odds(text, place, triple.relation, relations) for place in places)
            is_dose = triple.relation == relations.dosage
            objects.append(_Object(number, index, triple.object, places, costs, beside, is_first, is_dose))
    return objects


def _is_at_odds(text: str, place: Place, relation: str, relations: RelationSet) -> bool:
    """Whether the words around a mention say that a triple of this relation was taken from another one."""
    known = relations.by_name.get(relation)
    if known is None or relation == relations.dosage:
        return False
    if is_gloss(text, *place):
        return True
    if known.role == "C":
        return is_negated(text, place[0])
    return not is_stopped(text, *place) if known.keyword == "avoid" else is_passed_over(text, *place)


def _drug_of(index: int, triples: Sequence[Triple], relations: RelationSet) -> int | None:
    """Which triple of the node names the drug of this dose: the last one before it, else the first after it."""
    if triples[index].relation != relations.dosage:
        return None
    named = [
        other
        for other, triple in enumerate(triples)
        if triple.relation in relations.drugs and triple.object == triples[index].subject
    ]
    return max((other for other in named if other < index), default=min(named, default=None))


def _before(text: str, words: str, place: Place | None) -> Place | None:
    """The last mention of a subject before its object, or the first one at all."""
    places = mentions(text, words)
    earlier = [other for other in places if place and other[1] <= place[0]]
    return earlier[-1] if earlier else next(iter(places), None)


def _closest(text: str, objects: Sequence[_Object]) -> list[Place]:
    """One place for each object, so that the sum of all costs is small (beam search in the order of the trees)."""
    stops = [match.start() for match in _SENTENCE_END.finditer(text)]
    taken = {place for item in objects for place in item.places}
    beam: list[tuple[float, list[Place]]] = [(0.0, [])]
    for item in objects:
        longer = []
        for cost, chosen in beam:
            used = {
                place
                for other, place in zip(objects, chosen, strict=False)
                if other.words == item.words and other.node != item.node
            }
            for place, own in zip(item.places, item.costs, strict=True):
                extra = own + _INSIDE * _is_inside(place, taken) + _USED * (place in used)
                steps = [_step(chosen[near], place, stops, item, objects[near].node == item.node) for near in item.near]
                if chosen and item.follows:
                    steps.append(_step(max(chosen), place, stops, item, False))
                extra += min(steps, default=0.0)
                longer.append((cost + extra, [*chosen, place]))
        beam = sorted(longer, key=lambda way: way[0])[:_BEAM]
    return beam[0][1]


def _is_inside(place: Place, others: set[Place]) -> bool:
    return any(start <= place[0] and place[1] <= end and (start, end) != place for start, end in others)


def _step(start: Place, end: Place, stops: Sequence[int], item: _Object, in_node: bool) -> float:
    """The cost of going from one place to that of `item`."""
    if end[0] >= start[1]:
        length = float(end[0] - start[1])
    else:
        back = _BACK_TO_DOSE if item.is_dose else _BACK_IN_NODE if in_node else _BACK
        length = abs(start[0] - end[0]) * back
    first, last = min(start[0], end[0]), max(start[0], end[0])
    sentences = bisect_left(stops, last) - bisect_left(stops, first)
    return (length + _SENTENCE * sentences) * (_IN_NODE if in_node else 1.0)
