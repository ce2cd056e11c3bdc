"""The rules of a decision table → a tree that decides the same."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from text2mdt.errors import Text2MDTError
from text2mdt.imports.branches import tree_of
from text2mdt.imports.dmn.read_table import ReadRule, ReadTable
from text2mdt.imports.imported import MOST_NODES
from text2mdt.node_text import read_node_line, read_triple
from text2mdt.schema import DecisionTree, Logic, Node, Role


class _Branch(NamedTuple):
    """A condition over inputs, by index; `yes` and `no` are numbers of parts."""

    logic: Logic
    inputs: tuple[int, ...]
    yes: int
    no: int


class _Waiting(NamedTuple):
    """A rule with the inputs that are still to be asked."""

    rule: ReadRule
    answers: dict[int, bool]


class _Parts:
    """The parts of a tree, each different one once: outputs and branches."""

    def __init__(self, table: ReadTable, where: object) -> None:
        self._table = table
        self._where = where
        self._numbers: dict[str | _Branch, int] = {}
        self.parts: list[str | _Branch] = []
        self._made = 0

    def below(self, waiting: Sequence[_Waiting]) -> int:
        """The part that decides between these rules; where none fits, nothing is recommended."""
        self._made += 1
        if self._made > MOST_NODES:
            raise Text2MDTError("T2M121", self._where, detail=f"the limit is {MOST_NODES:,} nodes")
        ending = next((index for index, one in enumerate(waiting) if not one.answers), None)
        if not waiting:
            return self._number("")
        if ending is not None and (not self._table.first_counts or ending == 0):
            self._refuse_others(waiting[ending].rule, waiting)
            return self._number(waiting[ending].rule.output)
        asked = self._next(waiting)
        yes, no = (self.below(_given(waiting, asked, answer)) for answer in (True, False))
        return yes if yes == no else self._number(self._joined(_Branch(Logic.NULL, (asked,), yes, no)))

    def _refuse_others(self, ending: ReadRule, waiting: Sequence[_Waiting]) -> None:
        if self._table.first_counts:
            return
        other = next((one.rule for one in waiting if one.rule.output != ending.output), None)
        if other is not None:
            detail = f"rules {ending.name} and {other.name} fit the same case"
            place = f"{self._where}, {self._table.decision}" if self._where else self._table.decision
            raise Text2MDTError("T2M122", place, detail=detail)

    def _next(self, waiting: Sequence[_Waiting]) -> int:
        """The input that most rules ask for, of several the first."""
        counts: dict[int, int] = {}
        for one in waiting:
            for index in one.answers:
                counts[index] = counts.get(index, 0) + 1
        return min(counts, key=lambda index: (-counts[index], index))

    def _joined(self, branch: _Branch) -> _Branch:
        """With the condition below in one node, where it leads to the same: "A or B", "A and B"."""
        below = self.parts[branch.no]
        if isinstance(below, _Branch) and below.yes == branch.yes and below.logic is not Logic.AND:
            return _Branch(Logic.OR, branch.inputs + below.inputs, branch.yes, below.no)
        below = self.parts[branch.yes]
        if isinstance(below, _Branch) and below.no == branch.no and below.logic is not Logic.OR:
            return _Branch(Logic.AND, branch.inputs + below.inputs, below.yes, branch.no)
        return branch

    def _number(self, part: str | _Branch) -> int:
        if part not in self._numbers:
            self._numbers[part] = len(self.parts)
            self.parts.append(part)
        return self._numbers[part]


def _given(waiting: Sequence[_Waiting], asked: int, answer: bool) -> list[_Waiting]:
    """The rules that still fit after an answer."""
    return [
        _Waiting(one.rule, {index: wanted for index, wanted in one.answers.items() if index != asked})
        for one in waiting
        if one.answers.get(asked, answer) == answer
    ]


def rebuilt_tree(table: ReadTable, population: str, where: object) -> DecisionTree:
    """A tree for a table; cases that no rule fits get no recommendation.

    Raises:
        Text2MDTError: T2M122 where rules with different outputs fit one case, T2M121 for too many nodes.
        ValueError: for an output that `read_node_line` does not read.
    """
    found = _Parts(table, where)
    root = found.below([_Waiting(rule, rule.answers) for rule in table.rules])
    branches = {number: (part.yes, part.no) for number, part in enumerate(found.parts) if isinstance(part, _Branch)}

    def node(number: int, is_condition: bool) -> Node:
        part = found.parts[number]
        if isinstance(part, str):
            return read_node_line(part, Role.DECISION, population)
        triples = tuple(read_triple(table.labels[index], Role.CONDITION, population) for index in part.inputs)
        return Node(role=Role.CONDITION, triples=triples, logical_rel=part.logic)

    return tree_of(root, branches, node, str)
