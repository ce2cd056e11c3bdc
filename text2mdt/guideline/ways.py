"""The answers that lead to a decision, in a form in which those of two passages can be compared."""

from __future__ import annotations

import math
import re
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import NamedTuple

from text2mdt.guideline.normal_triples import triple_key
from text2mdt.schema import Logic, Node, Triple

_DENIED = re.compile(r"^(?:no|not|without|non)[\s-]+", re.IGNORECASE)
_MOST_WAYS = 32
"""Ways to one decision; where there are more, "A or B" stays one condition."""

Known = tuple[Hashable, bool]
"""A condition in comparable form, and whether it holds."""


class Answer(NamedTuple):
    """An answer on the way to a decision.

    Attributes:
        known: "not A" holds reads as A does not hold; of "A and B" that does not hold, the whole is one condition.
        by_absence: it is a mere no-branch, so that another passage may leave it unsaid.
        node, triple: where the tree asks it, counted from its root; triple is None for a whole node.
        asked: the triple without its "not"; None for a whole node.
    """

    known: Known
    by_absence: bool
    node: int
    triple: int | None
    asked: Triple | None


@dataclass(frozen=True)
class Way:
    """The answers from the root of a tree to a decision."""

    answers: tuple[Answer, ...]

    @cached_property
    def known(self) -> frozenset[Known]:
        return frozenset(answer.known for answer in self.answers)

    @cached_property
    def said(self) -> frozenset[Known]:
        """What is known without the mere no-branches."""
        return frozenset(answer.known for answer in self.answers if not answer.by_absence)

    @cached_property
    def key(self) -> Hashable:
        """What holds, or all that does not where nothing does; only ways of one key are compared."""
        return frozenset(condition for condition, holds in self.known if holds) or self.known

    def agrees(self, other: Way) -> bool:
        """Whether both ask the same: equal answers, where one may leave out no-branches of the other.

        Ways of nothing but no-branches ("otherwise") must be equal.
        """
        if self.known == other.known:
            return True
        if not self.said or not other.said or not (self.said <= other.known and other.said <= self.known):
            return False
        return self.known <= other.known or other.known <= self.known

    def without(self, answers: Iterable[Answer]) -> Way:
        """The way with some answers left out."""
        left_out = set(answers)
        return Way(tuple(answer for answer in self.answers if answer not in left_out))

    def in_words(self, nodes: Sequence[Node]) -> str:
        """For people: "where 'fever' holds, 'rash' does not hold"; `nodes` are those of the tree."""
        said = []
        for answer in self.answers:
            node = nodes[answer.node]
            triples = node.triples if answer.triple is None else (node.triples[answer.triple],)
            what = f" {node.logical_rel} ".join(f"'{triple.object}'" for triple in triples)
            said.append(f"{what} {'does not hold' if answer.by_absence else 'holds'}")
        return f"where {', '.join(said)}" if said else "without a condition"


def ways(nodes: Sequence[Node], steps: Sequence[tuple[int, bool]]) -> Iterator[Way]:
    """The ways that the steps of a path stand for: below "A or B" one by A and one by B."""
    choices = [_choices(index, nodes[index], yes) for index, yes in steps]
    if math.prod(map(len, choices)) > _MOST_WAYS:
        choices = [
            choice if len(choice) == 1 else [(_whole(index, nodes[index], yes),)]
            for choice, (index, yes) in zip(choices, steps, strict=True)
        ]
    for chosen in product(*choices):
        yield Way(tuple(answer for answers in chosen for answer in answers))


def _choices(index: int, node: Node, yes: bool) -> list[tuple[Answer, ...]]:
    """What an answered node can mean: one of its triples, all of them, or the whole where it is not told which."""
    if len(node.triples) > 1 and node.logical_rel is Logic.AND and not yes:
        return [(_whole(index, node, yes),)]
    answers = []
    for number, triple in enumerate(node.triples):
        denied = _DENIED.match(triple.object)
        asked = triple._replace(object=triple.object[denied.end() :]) if denied else triple
        answers.append(Answer((triple_key(asked), yes != bool(denied)), not yes, index, number, asked))
    return [(answer,) for answer in answers] if node.logical_rel is Logic.OR and yes else [tuple(answers)]


def _whole(index: int, node: Node, yes: bool) -> Answer:
    whole = (str(node.logical_rel), frozenset(triple_key(triple) for triple in node.triples))
    return Answer((whole, yes), not yes, index, None, None)
