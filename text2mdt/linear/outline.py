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

from collections.abc import Iterator, Sequence

from text2mdt.linear.escape import escape_field
from text2mdt.linear.read_outline import read_outline
from text2mdt.linear.segments import Segment, Step, join, merged, structure
from text2mdt.relations import RelationSet
from text2mdt.schema import DecisionTree, Logic, Node

_SEPARATORS = {Logic.AND: " & ", Logic.OR: " | "}


class OutlineFormat:
    """Writes and reads the outline format."""

    name = "outline"
    earlier: tuple[Step, ...] = ()

    def segments(
        self, trees: Sequence[DecisionTree], population: str, relations: RelationSet, text: str = ""
    ) -> list[Segment]:
        """The target text in pieces; raises T2M004 for a relation that the set does not hold."""
        pieces: list[Segment] = []
        for tree in trees:
            for label, node in zip(_labels(tree), tree.nodes, strict=True):
                pieces += [structure(("\n" if pieces else "") + label), *node_segments(node, population, relations)]
        return merged(pieces) or [structure("none")]

    def write(self, trees: Sequence[DecisionTree], population: str, relations: RelationSet) -> str:
        """The target text: the segments joined."""
        return join(self.segments(trees, population, relations))

    def read(self, text: str, population: str, relations: RelationSet) -> tuple[list[DecisionTree], tuple[str, ...]]:
        """The trees of a text and what had to be mended; raises T2M002 where nothing can be read."""
        return read_outline(text, population, relations)


def _labels(tree: DecisionTree) -> Iterator[str]:
    """What stands in front of each node."""
    awaited: list[tuple[int, str]] = []  # questions and the answer that each still waits for
    for node in tree.nodes:
        label, depth = "", 0
        if awaited:
            depth, answer = awaited.pop()
            label = f"{depth} {answer} "
            if answer == "yes":
                awaited.append((depth, "no"))
        if node.is_condition:
            label += f"{depth + 1} if "
            awaited.append((depth + 1, "yes"))
        elif depth == 0:
            label = "1 do "
        yield label


def node_segments(node: Node, population: str, relations: RelationSet) -> Iterator[Segment]:
    """What a node holds, without its label; raises T2M004 for a relation that the set does not hold."""
    if not node.triples:
        yield structure("none")
    drug: str | None = None
    for index, (subject, relation, value) in enumerate(node.triples):
        yield structure((_SEPARATORS[node.logical_rel] if index else "") + relations.named(relation).keyword)
        default = population
        if relation == relations.dosage and drug is not None:
            default = drug
        if subject != default:
            yield from (structure(" ["), Segment(escape_field(subject), is_span=True), structure("]"))
        yield from (structure(":"), Segment(" " + escape_field(value), is_span=True))
        if relation in relations.drugs:
            drug = value
