"""Reads the outline format: strict where the text is as written, else mended, each repair noted."""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import NamedTuple

from text2mdt.errors import Text2MDTError
from text2mdt.linear.outline_triples import BodyReader
from text2mdt.linear.repairs import Repairs
from text2mdt.linear.segments import make_node
from text2mdt.relations import RelationSet
from text2mdt.schema import DecisionTree, Node, Role, split_forest

_STRICT = re.compile(r"([1-9][0-9]{0,8}) (yes|no|if|do) (?:([1-9][0-9]{0,8}) if )?+(.*+)")
# Possessive quantifiers keep this linear on long runs of blanks or digits.
_LOOSE = re.compile(
    r"[-*]?\s*+([0-9]{1,9}+)?[.):]?\s*+(yes|no|if|do)\b:?[ \t]*+(?:([0-9]{1,9}+)?[ \t]*+(if)\b[ \t]*+)?+(.*+)",
    re.IGNORECASE,
)
_EMPTY = Node(role=Role.DECISION)
_NO_SKIP = 10**9


class _Row(NamedTuple):
    """A line taken apart."""

    number: int
    label: int | None
    """The depth of the question that the line answers, or of the root question itself."""
    answer: str
    """`yes` or `no`; `if` or `do` at a root."""
    child: int | None
    """The depth of the question that the line asks; 0 where it asks one without saying its depth."""
    body: str

    @property
    def asks(self) -> bool:
        return self.child is not None or self.answer == "if"


def read_outline(text: str, population: str, relations: RelationSet) -> tuple[list[DecisionTree], tuple[str, ...]]:
    """The trees of an outline and what had to be mended; raises T2M002 where nothing can be read.

    Linear in the length of the text, without recursion.
    """
    if text == "none":
        return [], ()
    reader = _Reader(population, relations)
    if "\r" in text:
        reader.repairs.note("carriage returns read as line ends")
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    for number, line in enumerate(text.split("\n"), start=1):
        reader.add_line(number, line)
    trees = reader.finish()
    if not trees and not reader.said_none:
        raise Text2MDTError("T2M002", detail="no line of it is part of a tree")
    return trees, reader.repairs.messages()


class _Reader:
    """Builds a pre-order forest line by line.

    `_open` holds the questions that still wait for an answer, outermost first, as (depth, next answer);
    depths rise strictly.
    """

    def __init__(self, population: str, relations: RelationSet) -> None:
        self.repairs = Repairs()
        self.said_none = False
        self._bodies = BodyReader(population, relations, self.repairs)
        self._nodes: list[Node] = []
        self._open: list[tuple[int, str]] = []
        self._skip_from = _NO_SKIP  # lines that answer a dropped question at this depth or below go with it

    def finish(self) -> list[DecisionTree]:
        self._close_all()
        return split_forest(self._nodes)

    def add_line(self, number: int, line: str) -> None:
        row = self._row(number, line)
        if row is None:
            return
        is_root = row.label in (1, None) and row.answer in ("if", "do")
        if not is_root and row.label is not None and row.label >= self._skip_from:
            self.repairs.note("line under a dropped question dropped", f"line {number}")
        elif row.answer == "do" or (row.answer == "if" and not self._is_orphan_child(row)):
            self._start_tree(row)
        elif self._find_place(row):
            self._attach(row)

    def _row(self, number: int, line: str) -> _Row | None:
        where = f"line {number}"
        if match := _STRICT.fullmatch(line):
            label, answer, child, body = match.groups()
            if not (child and answer in ("if", "do")):
                return _Row(number, int(label), answer, int(child) if child else None, body)
        stripped = line.strip()
        match = _LOOSE.fullmatch(stripped)
        if match:
            self.repairs.note("malformed line head read loosely", where)
            label, answer, child, asks, body = match.groups()
            depth = int(child or 0) if asks else None
            return _Row(number, int(label) if label else None, answer.lower(), depth, body)
        if stripped == "none":
            self.said_none = True
        self.repairs.note("line without a label dropped" if stripped else "empty line dropped", where)
        return None

    def _is_orphan_child(self, row: _Row) -> bool:
        """Whether an `E if …` line is the next branch of the innermost question, its `D yes`/`D no` missing."""
        return bool(self._open) and row.label == self._open[-1][0] + 1

    def _start_tree(self, row: _Row) -> None:
        self._close_all()
        self._skip_from = _NO_SKIP
        where = f"line {row.number}"
        if row.label != 1:
            self.repairs.note("wrong label taken by position", where)
        triples, logic = self._bodies.read(row.body, Role.CONDITION if row.asks else Role.DECISION, where)
        if not row.asks:
            self._nodes.append(make_node(Role.DECISION, triples, logic))
        elif triples:
            self._nodes.append(make_node(Role.CONDITION, triples, logic))
            self._open.append((1, "yes"))
        else:
            self.repairs.note("tree with an empty root condition dropped", where)
            self._skip_from = 1

    def _find_place(self, row: _Row) -> bool:
        """Makes the top of `_open` the question that the row answers; False where the row has no place."""
        where = f"line {row.number}"
        self._skip_from = _NO_SKIP
        if not self._open:
            self.repairs.note("left-over line dropped", where)
            return False
        if row.answer == "if":
            self.repairs.note("missing yes/no taken by position", where)
            return True
        if self._answers(row):
            return True
        if row.answer == self._open[-1][1] and not self._is_open(row.label):
            self.repairs.note("wrong label taken by position", where)
            return True
        self.repairs.note("left-over line dropped", where)
        if row.asks:
            self._skip_from = (row.child or 0) or (row.label or 0) + 1
        return False

    def _is_open(self, label: int | None) -> bool:
        """Whether a question of this depth still waits for an answer: then the label means that one, no other."""
        if label is None or label > self._open[-1][0]:
            return False
        return self._open[bisect_left(self._open, (label, ""))][0] == label

    def _answers(self, row: _Row) -> bool:
        """Finds the open question by label; closes what is left open below it, and its yes before a no."""
        if row.label is None or not self._is_open(row.label):
            return False
        place = bisect_left(self._open, (row.label, ""))
        awaited = self._open[place][1]
        if row.answer != awaited and not (row.answer == "no" and awaited == "yes"):
            return False
        while len(self._open) > place + 1:
            self._close_innermost()
        if row.answer != awaited:
            self.repairs.note("missing yes-branch closed with an empty decision", f"line {row.number}")
            self._nodes.append(_EMPTY)
            self._open[-1] = (row.label, "no")
        return True

    def _attach(self, row: _Row) -> None:
        where = f"line {row.number}"
        depth, answer = self._open[-1]
        if answer == "yes":
            self._open[-1] = (depth, "no")
        else:
            self._open.pop()
        role = Role.CONDITION if row.asks else Role.DECISION
        triples, logic = self._bodies.read(row.body, role, where)
        if not row.asks:
            self._nodes.append(make_node(role, triples, logic))
            return
        child = row.label if row.answer == "if" else row.child
        if child != depth + 1:
            self.repairs.note("wrong label taken by position", where)
        if triples:
            self._nodes.append(make_node(role, triples, logic))
            self._open.append((depth + 1, "yes"))
        else:
            self.repairs.note("empty condition replaced by an empty decision", where)
            self._nodes.append(_EMPTY)
            self._skip_from = depth + 1

    def _close_innermost(self) -> None:
        _, answer = self._open.pop()
        self.repairs.note("missing branches closed with empty decisions")
        self._nodes.extend([_EMPTY] * (2 if answer == "yes" else 1))

    def _close_all(self) -> None:
        while self._open:
            self._close_innermost()
