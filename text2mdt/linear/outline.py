"""The outline format, the model's default target text.

Pre-order, one node a line. The label in front is the depth (1 = root) of the question that the node answers:

    1 if feature: otorrhoea | basic: younger than 6 months
    1 yes drug: amoxicillin & dose: 45 mg/kg twice daily for 7 days
    1 no 2 if feature: severe symptoms
    2 yes drug: amoxicillin
    2 no none

`&` is and, `|` is or; a tree of one decision reads `1 do …`; no tree at all reads `none`. The subject is
the population (for the dosage relation: the nearest drug before it in the node) unless it stands in brackets,
`dose [amoxicillin]: …`.
"""

from __future__ import annotations

from collections.abc import Sequence

from text2mdt.linear.escape import escape_field
from text2mdt.linear.read_outline import read_outline
from text2mdt.linear.segments import Segment, join
from text2mdt.relations import RelationSet
from text2mdt.schema import DecisionTree, Logic, Node

_SEPARATORS = {Logic.AND: " & ", Logic.OR: " | "}


class OutlineFormat:
    """Writes and reads the outline format."""

    name = "outline"

    def segments(self, trees: Sequence[DecisionTree], population: str, relations: RelationSet) -> list[Segment]:
        """The target text in pieces; raises T2M004 for a relation that the set does not hold."""
        writer = _Writer(population, relations)
        for tree in trees:
            writer.add_tree(tree)
        return writer.finish()

    def write(self, trees: Sequence[DecisionTree], population: str, relations: RelationSet) -> str:
        """The target text: the segments joined."""
        return join(self.segments(trees, population, relations))

    def read(self, text: str, population: str, relations: RelationSet) -> tuple[list[DecisionTree], tuple[str, ...]]:
        """The trees of a text and what had to be mended; raises T2M002 where nothing can be read."""
        return read_outline(text, population, relations)


class _Writer:
    """Collects segments; neighbouring pieces of structure become one."""

    def __init__(self, population: str, relations: RelationSet) -> None:
        self._population = population
        self._relations = relations
        self._segments: list[Segment] = []
        self._structure = ""

    def add_tree(self, tree: DecisionTree) -> None:
        awaited: list[tuple[int, str]] = []  # questions and the answer that each still waits for
        for node in tree.nodes:
            if self._segments or self._structure:
                self._structure += "\n"
            depth = 0
            if awaited:
                depth, answer = awaited.pop()
                self._structure += f"{depth} {answer} "
                if answer == "yes":
                    awaited.append((depth, "no"))
            if node.is_condition:
                self._structure += f"{depth + 1} if "
                awaited.append((depth + 1, "yes"))
            elif depth == 0:
                self._structure += "1 do "
            self._add_triples(node)

    def _add_triples(self, node: Node) -> None:
        if not node.triples:
            self._structure += "none"
        drug: str | None = None
        for index, (subject, relation, value) in enumerate(node.triples):
            if index:
                self._structure += _SEPARATORS[node.logical_rel]
            self._structure += self._relations.named(relation).keyword
            default = self._population
            if relation == self._relations.dosage and drug is not None:
                default = drug
            if subject != default:
                self._structure += " ["
                self._add_span(escape_field(subject))
                self._structure += "]"
            self._structure += ":"
            self._add_span(" " + escape_field(value))
            if relation in self._relations.drugs:
                drug = value

    def _add_span(self, text: str) -> None:
        self._flush()
        self._segments.append(Segment(text, is_span=True))

    def _flush(self) -> None:
        if self._structure:
            self._segments.append(Segment(self._structure, is_span=False))
            self._structure = ""

    def finish(self) -> list[Segment]:
        if not self._segments and not self._structure:
            self._structure = "none"
        self._flush()
        return self._segments
