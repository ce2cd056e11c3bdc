"""Check: trees that give and forbid the same drug, or ask what is answered already."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import product

from text2mdt.safety.placed_forest import Item, PlacedForest, Step, warning
from text2mdt.schema import Logic, NodeWarning

KIND = "contradiction"
EXPLANATION = (
    "The same drug is given and forbidden to the same patient, or a condition is asked that is answered above it."
)
_NEGATION = re.compile(r"^(?:no|not|without|non-)\s?|(?<= )not ", re.IGNORECASE)

Answers = frozenset[tuple[str, bool]]
"""Conditions in words, each with its answer; "not A" holds is written as A does not hold."""


def contradiction(forest: PlacedForest) -> Iterator[NodeWarning]:
    yield from _given_and_forbidden(forest)
    for node, path in enumerate(forest.paths):
        if not forest.nodes[node].is_condition:
            continue
        own = _answers(forest, ((node, True),)), _answers(forest, ((node, False),))
        for step in path:
            above = _answers(forest, (step,))
            if above and above in own:
                item = next(forest.of_node(node))
                answer = "holds" if step[1] else "does not hold"
                text = f"'{item.triple.object}' is asked again; the branch above says already whether it {answer}."
                yield warning(KIND, item, text, item.place)
                break


def _given_and_forbidden(forest: PlacedForest) -> Iterator[NodeWarning]:
    drugs = [item for item in forest.items if forest.is_drug(item)]
    given = [item for item in drugs if not forest.forbids(item)]
    for stopped, item in product((item for item in drugs if forest.forbids(item)), given):
        if item.words != stopped.words or not _same_patient(forest, item, stopped):
            continue
        where = (
            "in one decision" if item.node == stopped.node else "to a patient who meets the conditions of both trees"
        )
        text = f"'{item.triple.object}' is given and forbidden {where}."
        yield warning(KIND, max(item, stopped, key=lambda found: (found.node, found.index)), text, stopped.place)


def _same_patient(forest: PlacedForest, one: Item, other: Item) -> bool:
    """Whether all who come to one decision come to the other: the same one, or that of another tree asks no more."""
    if one.node == other.node:
        return True
    if forest.tree_of[one.node] == forest.tree_of[other.node]:
        return False
    paths = _answers(forest, forest.paths[one.node]), _answers(forest, forest.paths[other.node])
    return paths[0] <= paths[1] or paths[1] <= paths[0]


def _answers(forest: PlacedForest, path: tuple[Step, ...]) -> Answers:
    """What is known on a path, one entry a node; of "A or B" that it holds, or does not, as a whole."""
    known = set()
    for node, answer in path:
        triples = forest.nodes[node].triples
        words = sorted(" ".join(triple.object.lower().split()) for triple in triples)
        logic = forest.nodes[node].logical_rel
        if logic is Logic.NULL and (positive := _NEGATION.sub("", words[0], count=1)) != words[0]:
            words, answer = [positive], not answer
        known.add((f" {logic} ".join(words), answer))
    return frozenset(known)
