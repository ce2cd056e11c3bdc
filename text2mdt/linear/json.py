"""The JSON format: a compact list of the nodes in pre-order, subjects included.

[{"role":"C","triples":[["Adults with asthma","clinical_feature","wheeze"]],"logical_rel":"null"},…]
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from text2mdt.linear.read_json import read_json
from text2mdt.linear.segments import Segment, Step, join
from text2mdt.relations import RelationSet
from text2mdt.schema import DecisionTree, Node, join_forest


class JsonFormat:
    """Writes and reads the JSON format."""

    name = "json"
    earlier: tuple[Step, ...] = ()

    def segments(
        self, trees: Sequence[DecisionTree], population: str, relations: RelationSet, text: str = ""
    ) -> list[Segment]:
        """The target text in pieces; raises T2M004 for a relation that the set does not hold."""
        pieces: list[Segment] = []
        structure = "["
        for index, node in enumerate(join_forest(trees)):
            structure += "," if index else ""
            structure = _add_node(pieces, structure, node, relations)
        return [*pieces, Segment(structure + "]", is_span=False)]

    def write(self, trees: Sequence[DecisionTree], population: str, relations: RelationSet) -> str:
        """The target text: the segments joined."""
        return join(self.segments(trees, population, relations))

    def read(self, text: str, population: str, relations: RelationSet) -> tuple[list[DecisionTree], tuple[str, ...]]:
        """The trees of a text and what had to be mended; raises T2M002 where nothing can be read."""
        return read_json(text, relations)


def _add_node(pieces: list[Segment], structure: str, node: Node, relations: RelationSet) -> str:
    """Adds a node's pieces; takes and returns the structure that is still to be added."""
    structure += f'{{"role":"{node.role.value}","triples":['
    for index, (subject, relation, value) in enumerate(node.triples):
        structure += "," if index else ""
        pieces += [
            Segment(f'{structure}["', is_span=False),
            Segment(_inside_quotes(subject), is_span=True),
            Segment(f'","{_inside_quotes(relations.named(relation).name)}","', is_span=False),
            Segment(_inside_quotes(value), is_span=True),
        ]
        structure = '"]'
    return f'{structure}],"logical_rel":"{node.logical_rel.value}"}}'


def _inside_quotes(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)[1:-1]
