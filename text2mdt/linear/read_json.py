"""Reads the JSON format: strict where the text is one well-formed list of nodes, else mended and noted."""

from __future__ import annotations

import json
import re
from typing import Any

from text2mdt.errors import Text2MDTError
from text2mdt.linear.repairs import Repairs
from text2mdt.linear.segments import make_node
from text2mdt.relations import RelationSet
from text2mdt.schema import DecisionTree, Logic, Node, Role, Triple, split_forest, tree_ends

_DECODER = json.JSONDecoder()
_BETWEEN = re.compile(r"[\s,]*+")
_STRING = r'"(?:[^"\\]|\\.)*+"'
_ROLE = re.compile(r'\{\s*+"role"\s*+:\s*+"([CD])"\s*+,\s*+"triples"\s*+:\s*+\[')
_TRIPLE = re.compile(rf"[\s,]*+(\[\s*+{_STRING}\s*+,\s*+{_STRING}\s*+,\s*+{_STRING}\s*+\])", re.DOTALL)
_EMPTY = Node(role=Role.DECISION)


def read_json(text: str, relations: RelationSet) -> tuple[list[DecisionTree], tuple[str, ...]]:
    """The trees of a JSON list of nodes and what had to be mended; raises T2M002 where nothing can be read."""
    repairs = Repairs()
    whole = values = _whole(text)
    if values is None:
        repairs.note("text around or inside the list that is not JSON dropped")
        values = _pieces(text)
    reader = _NodeReader(relations, repairs)
    nodes = [node for number, value in enumerate(values, start=1) if (node := reader.node(value, number))]
    if not nodes and whole != []:
        raise Text2MDTError("T2M002", detail="it holds no list of nodes")
    ends = tree_ends(nodes)
    if nodes and (not ends or ends[-1] != len(nodes)):
        repairs.note("missing branches closed with empty decisions")
        nodes += [_EMPTY] * _missing(nodes[ends[-1] if ends else 0 :])
    return split_forest(nodes), repairs.messages()


def _missing(nodes: list[Node]) -> int:
    """How many leaves an open pre-order tree still needs."""
    return 1 + sum(1 if node.is_condition else -1 for node in nodes)


def _decode(text: str, start: int) -> tuple[Any, int] | None:
    """The JSON value at `start` and where it ends."""
    try:
        return _DECODER.raw_decode(text, start)
    except (ValueError, RecursionError):  # also integers of too many digits
        return None


def _whole(text: str) -> list[Any] | None:
    """The list that the text is, blanks around it aside."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, list) else None


def _pieces(text: str) -> list[Any]:
    """The values of the first list in the text up to the first that is not whole; what can be saved of that one."""
    start = text.find("[")
    head = text.find('{"role"')
    if 0 <= head < start:  # the opening bracket is missing
        start = head - 1
    if start < -1 or (start == -1 and head != 0):
        return []
    values: list[Any] = []
    position = _after_blanks(text, start + 1)
    while position < len(text) and text[position] != "]":
        found = _decode(text, position)
        if found is None:
            return [*values, *_torn_node(text, position)]
        value, end = found
        values.append(value)
        position = _after_blanks(text, end)
    return values


def _after_blanks(text: str, start: int) -> int:
    match = _BETWEEN.match(text, start)
    return match.end() if match else start


def _torn_node(text: str, start: int) -> list[dict[str, Any]]:
    """The node whose text breaks off: its role and its whole triples, where there are any."""
    head = _ROLE.match(text, start)
    if head is None:
        return []
    triples: list[Any] = []
    position = head.end()
    while match := _TRIPLE.match(text, position):
        found = _decode(text, match.start(1))
        if found is None:
            break
        triples.append(found[0])
        position = match.end()
    if not triples and head[1] == "C":
        return []
    return [{"role": head[1], "triples": triples, "logical_rel": "null" if len(triples) < 2 else "and"}]


class _NodeReader:
    """Turns JSON values into nodes; notes what it mends."""

    def __init__(self, relations: RelationSet, repairs: Repairs) -> None:
        self._relations = relations
        self._repairs = repairs

    def node(self, value: Any, number: int) -> Node | None:
        where = f"node {number}"
        if not isinstance(value, dict) or value.get("role") not in ("C", "D"):
            self._repairs.note("value that is no node dropped", where)
            return None
        if set(value) != {"role", "triples", "logical_rel"}:
            self._repairs.note("missing or unknown keys of a node", where)
        role = Role(value["role"])
        raw = value.get("triples")
        if not isinstance(raw, list):
            self._repairs.note("missing triples taken as none", where)
            raw = []
        triples = [triple for item in raw if (triple := self._triple(item, role, where))]
        if role is Role.CONDITION and not triples:
            self._repairs.note("empty condition replaced by an empty decision", where)
            return _EMPTY
        node = make_node(role, triples, self._logic(value.get("logical_rel"), where))
        if node.logical_rel.value != value.get("logical_rel"):
            self._repairs.note("logic mended to fit the triples", where)
        return node

    def _triple(self, value: Any, role: Role, where: str) -> Triple | None:
        if not (isinstance(value, list) and len(value) == 3 and all(isinstance(part, str) for part in value)):
            self._repairs.note("triple that is not three strings dropped", where)
            return None
        relation = self._relations.by_name.get(value[1])
        if relation is None:
            relation = self._relations.by_keyword.get(value[1])
            if relation is None:
                self._repairs.note("unknown relation dropped", where)
                return None
            self._repairs.note("relation named by its keyword", where)
        if relation.role != role:
            self._repairs.note("relation of the other role dropped", where)
            return None
        return Triple(value[0], relation.name, value[2])

    def _logic(self, value: Any, where: str) -> Logic:
        return Logic(value) if value in ("and", "or", "null") else Logic.NULL
