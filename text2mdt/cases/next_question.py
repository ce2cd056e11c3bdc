"""Which question to ask next."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from text2mdt.cases.case import Answer, Case
from text2mdt.cases.possible import Leaf, possible_leaves
from text2mdt.cases.questions import distinct_questions, question_key
from text2mdt.guideline.normal_triples import NodeKey, node_key
from text2mdt.schema import DecisionTree, Triple


class Question(NamedTuple):
    """A question to ask.

    Attributes:
        tree: index of the tree that needs it, 0 where there is only one.
        node, triple: where it stands in that tree.
        asked: the triple.
    """

    tree: int
    node: int
    triple: int
    asked: Triple


def next_question(trees: DecisionTree | Sequence[DecisionTree], answers: Case) -> Question | None:
    """The question that brings a case on; None where no open question can change what is decided.

    It stands in the first tree that is not settled, in the first open condition on the way. Where a condition above
    stays open for good (its questions are answered with "unknown"), the open conditions of both branches come into
    question. Of these it is the one after whose answer the fewest decisions are possible, over yes and no and over all
    trees that ask it; of equals the first.
    """
    forest = [trees] if isinstance(trees, DecisionTree) else list(trees)
    for index, tree in enumerate(forest):
        leaves = possible_leaves(tree, answers)
        if len(_said(tree, leaves)) > 1 and (found := _open_questions(index, tree, leaves, answers)):
            if len(found) == 1:
                return found[0]
            return min(found, key=lambda question: _left_over(question.asked, forest, answers))
    return None


def _said(tree: DecisionTree, leaves: Sequence[Leaf]) -> set[NodeKey]:
    return {node_key(tree.nodes[leaf.node]) for leaf in leaves}


def _open_questions(index: int, tree: DecisionTree, leaves: Sequence[Leaf], answers: Case) -> list[Question]:
    """The unasked triples of the first open condition of each way, where what is decided hangs on it."""
    below: dict[int, list[Leaf]] = {}
    for leaf in leaves:
        first = next((step.node for step in leaf.steps if step.open and _unasked(tree, step.node, answers)), None)
        if first is not None:
            below.setdefault(first, []).append(leaf)
    return [
        Question(index, node, number, tree.nodes[node].triples[number])
        for node, own in sorted(below.items())
        if len(_said(tree, own)) > 1
        for number in _unasked(tree, node, answers)
    ]


def _unasked(tree: DecisionTree, node: int, answers: Case) -> list[int]:
    """The triples of a node without an answer, each question once."""
    first: dict[object, int] = {}
    for number, triple in enumerate(tree.nodes[node].triples):
        if answers.answer(triple) is None:
            first.setdefault(question_key(triple), number)
    return list(first.values())


def _left_over(asked: Triple, forest: Sequence[DecisionTree], answers: Case) -> int:
    """How many different decisions stay possible after a yes and after a no, together."""
    key = question_key(asked)
    asking = [tree for tree in forest if key in distinct_questions([tree])]
    after = [answers.with_answer(asked, answer) for answer in (Answer.YES, Answer.NO)]
    return sum(len(_said(tree, possible_leaves(tree, case))) for tree in asking for case in after)
