"""Triples → the words of the passage that they came from."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from text2mdt.relations import ENGLISH, RelationSet
from text2mdt.schema import DecisionTree, Grounding, Passage, Span, Triple, join_forest

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
_BEAM = 48

_SENTENCE_END = re.compile(r"[.!?;](?=\s|$)|[。！？；]")


@dataclass(frozen=True)
class _Object:
    """An object to be found, and the earlier one (by index) that it stands close to; -1 where there is none."""

    node: int
    triple: int
    words: str
    places: tuple[Place, ...]
    near: int
    is_dose: bool


def ground(passage: Passage, trees: Sequence[DecisionTree], relations: RelationSet = ENGLISH) -> tuple[Grounding, ...]:
    """Where the objects of the trees, and the drugs that are subjects of a dose, stand in the passage.

    Of several mentions, those are chosen that together keep what belongs together close: a dose behind its drug, the
    triples of a node side by side, a node near the condition above it, two nodes at different mentions of the same
    words. Whole words in the same case are preferred, then parts of words, then other case. Any other subject (the
    population) is given only where it stands in the text; what is not found is left out.

    Returns:
        Groundings in the order of the triples, a subject before its object, with `node` counted over all trees (as in
        `PassageResult.tree`) and `triple` within its node.
    """
    nodes = [node.triples for node in join_forest(trees)]
    objects = _objects(passage.text, nodes, _parents(trees), relations)
    places = _closest(passage.text, objects)
    chosen = {(item.node, item.triple): place for item, place in zip(objects, places, strict=True)}
    groundings = []
    for number, triples in enumerate(nodes):
        for index, triple in enumerate(triples):
            drug = _drug_of(index, triples, relations)
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
    whole = rf"(?<!\w){pattern}(?!\w)"
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


def _parents(trees: Sequence[DecisionTree]) -> list[int]:
    """For each node of the forest the one above it; for a root the root of the tree before, -1 for the first."""
    parents: list[int] = []
    root = -1
    for tree in trees:
        first = len(parents)
        parents += [root] * len(tree)
        for node, children in enumerate(tree.children()):
            for child in children or ():
                parents[first + child] = first + node
        root = first
    return parents


def _objects(
    text: str, nodes: Sequence[tuple[Triple, ...]], parents: Sequence[int], relations: RelationSet
) -> list[_Object]:
    """The objects that occur in the text, in the order of the trees."""
    objects: list[_Object] = []
    numbers: dict[tuple[int, int], int] = {}
    last_of: list[int] = []  # of each node its last object, or that of the nodes above it
    for node, triples in enumerate(nodes):
        last_of.append(last_of[parents[node]] if parents[node] >= 0 else -1)
        for index, triple in enumerate(triples):
            places = mentions(text, triple.object)
            if not places:
                continue
            drug = _drug_of(index, triples, relations)
            near = last_of[node] if drug is None else numbers.get((node, drug), last_of[node])
            numbers[node, index] = last_of[node] = len(objects)
            objects.append(_Object(node, index, triple.object, places, near, triple.relation == relations.dosage))
    return objects


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
    sole = {item.places[0] for item in objects if len(item.places) == 1}
    beam: list[tuple[float, list[Place]]] = [(0.0, [])]
    for item in objects:
        longer = []
        for cost, chosen in beam:
            used = {
                place
                for other, place in zip(objects, chosen, strict=False)
                if other.words == item.words and other.node != item.node
            }
            for place in item.places:
                extra = _INSIDE * _is_inside(place, sole) + _USED * (place in used)
                if item.near >= 0:
                    extra += _step(chosen[item.near], place, stops, item, objects[item.near].node == item.node)
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
