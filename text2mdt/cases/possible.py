"""Which decisions of a tree are still possible: those that some answers to the open questions lead to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from text2mdt.cases.case import Case
from text2mdt.cases.questions import QuestionKey, question_key
from text2mdt.schema import DecisionTree, Logic, Node


class Literal(NamedTuple):
    """A question and the answer that is wanted."""

    question: QuestionKey
    holds: bool

    @property
    def opposite(self) -> Literal:
        return Literal(self.question, not self.holds)


Clause = frozenset[Literal]
"""At least one of these answers must be given."""


class Step(NamedTuple):
    """A condition on the way to a decision, the answer that leads there, and whether the case leaves it open."""

    node: int
    holds: bool
    open: bool


class Leaf(NamedTuple):
    """A decision that is possible, and the way to it."""

    node: int
    steps: tuple[Step, ...]


def possible_leaves(tree: DecisionTree, case: Case) -> list[Leaf]:
    """The decisions that at least one completion of the case leads to, in pre-order.

    Questions are independent of one another; one that stands in several nodes has one answer. A step is open where
    both branches are possible.
    """
    known = {key: answer.truth for key, answer in case.by_question.items()}
    told = {key: truth for key, truth in known.items() if truth is not None}
    children = tree.children()
    found: list[Leaf] = []
    waiting: list[tuple[int, tuple[Step, ...], tuple[Clause, ...]]] = [(0, (), ())]
    while waiting:
        index, steps, clauses = waiting.pop()
        pair = children[index]
        if pair is None:
            found.append(Leaf(index, steps))
            continue
        ways = [
            (child, holds, more)
            for child, holds in ((pair[1], False), (pair[0], True))
            if satisfiable(more := (*clauses, *_required(tree.nodes[index], holds)), told)
        ]
        waiting += [(child, (*steps, Step(index, holds, len(ways) == 2)), more) for child, holds, more in ways]
    return found


def _required(node: Node, holds: bool) -> list[Clause]:
    """What an answered condition demands of its triples."""
    keys = {question_key(triple): None for triple in node.triples}
    settling = node.logical_rel is Logic.OR
    if holds == settling:
        return [frozenset(Literal(key, settling) for key in keys)]
    return [frozenset({Literal(key, not settling)}) for key in keys]


def satisfiable(clauses: tuple[Clause, ...], known: Mapping[QuestionKey, bool]) -> bool:
    """Whether answers exist that agree with the known ones and meet all clauses (Davis, Putnam, Logemann, Loveland)."""
    true = {Literal(question, holds) for question, holds in known.items()}
    left = [*clauses]
    while True:
        left = [_without_false(clause, true) for clause in left if not clause & true]
        if not all(left):
            return False
        literals = frozenset[Literal]().union(*left)
        certain = {next(iter(clause)) for clause in left if len(clause) == 1}
        if any(literal.opposite in certain for literal in certain):
            return False
        certain = certain or {literal for literal in literals if literal.opposite not in literals}
        if not left:
            return True
        if not certain:
            break
        true |= certain
    sizes = [len(clause) for clause in left]
    tried = next(iter(left[sizes.index(min(sizes))]))
    return any(satisfiable((*left, frozenset({literal})), {}) for literal in (tried, tried.opposite))


def _without_false(clause: Clause, true: set[Literal]) -> Clause:
    return frozenset(literal for literal in clause if literal.opposite not in true)
