"""Formats that think before they write: lines that prepare the tree, then the outline (chain of thought in one text).

`plan_outline` begins with the kinds of all nodes in pre-order (C a condition, D a decision, N an empty one),
`triples_outline` with every triple, in the order of the passage, `nodes_outline` with every node that holds something,
`steps_outline` with the triples and then the nodes:

    plan C D C D N                 triples                        groups
    1 if feature: otorrhoea        feature: otorrhoea             ? feature: otorrhoea
    …                              drug: amoxicillin              ! drug: amoxicillin & dose: 45 mg/kg
                                   1 if feature: otorrhoea        1 if feature: otorrhoea
                                   …                              …

A word stands in front, so that the first token says whether there is a tree at all (`text2mdt.calibrate`). What is
thought is not read back: where it differs from the outline, the outline counts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from text2mdt.linear.outline import OutlineFormat, node_segments
from text2mdt.linear.segments import Segment, Step, join, merged, structure
from text2mdt.relations import RelationSet
from text2mdt.schema import DecisionTree, Node, Role, Triple

Thoughts = Callable[[Sequence[DecisionTree], str, RelationSet, str], list[Segment]]
"""What is written ahead for (trees, population, relations, passage): whole lines."""

_OUTLINE = OutlineFormat()
_FIRST_LINE = re.compile(r"^\d", re.MULTILINE)


@dataclass(frozen=True)
class ThoughtFirstFormat:
    """Writes thoughts and the outline, reads the outline.

    Attributes:
        name: of the format.
        thoughts: what is written ahead.
        earlier: none.
    """

    name: str
    thoughts: Thoughts
    earlier: tuple[Step, ...] = ()

    def segments(
        self, trees: Sequence[DecisionTree], population: str, relations: RelationSet, text: str = ""
    ) -> list[Segment]:
        """The target text in pieces; raises T2M004 for a relation that the set does not hold.

        Args:
            text: the passage, whose order the thoughts follow; without it, that of the trees.
        """
        outline = _OUTLINE.segments(trees, population, relations)
        return merged([*self.thoughts(trees, population, relations, text), *outline]) if trees else outline

    def write(self, trees: Sequence[DecisionTree], population: str, relations: RelationSet) -> str:
        """The target text: the segments joined."""
        return join(self.segments(trees, population, relations))

    def read(self, text: str, population: str, relations: RelationSet) -> tuple[list[DecisionTree], tuple[str, ...]]:
        """The trees of a text and what had to be mended; raises T2M002 where nothing can be read."""
        start = _FIRST_LINE.search(text)
        return _OUTLINE.read(text[start.start() :] if start else text, population, relations)


def plan(trees: Sequence[DecisionTree], population: str, relations: RelationSet, text: str) -> list[Segment]:
    """One line: the kinds of the nodes."""
    kinds = ("C" if node.is_condition else "D" if node.triples else "N" for tree in trees for node in tree.nodes)
    return [structure(f"plan {' '.join(kinds)}\n")]


def triples(trees: Sequence[DecisionTree], population: str, relations: RelationSet, text: str) -> list[Segment]:
    """`triples`, then a line for each one, without its subject; those that say the same stand once."""
    every = (each for tree in trees for node in tree.nodes for each in node.triples)
    found = dict.fromkeys((each.relation, each.object) for each in every)
    alone = [Triple(population, *said) for said in found]
    lines = [Node(role=Role.DECISION, triples=(each,)) for each in sorted(alone, key=partial(_place, text))]
    pieces = [piece for line in lines for piece in (*node_segments(line, population, relations), structure("\n"))]
    return [structure("triples\n"), *pieces]


def nodes(trees: Sequence[DecisionTree], population: str, relations: RelationSet, text: str) -> list[Segment]:
    """`groups`, then a line for each one with triples: `?` a condition, `!` a decision."""
    found = [node for tree in trees for node in tree.nodes if node.triples]
    pieces = [structure("groups\n")]
    for node in sorted(found, key=lambda node: min(_place(text, each) for each in node.triples)):
        mark = structure("? " if node.is_condition else "! ")
        pieces += [mark, *node_segments(node, population, relations), structure("\n")]
    return pieces


def steps(trees: Sequence[DecisionTree], population: str, relations: RelationSet, text: str) -> list[Segment]:
    """The triples, then the nodes: with the outline, the three steps of FT-MDT in one text (our reading)."""
    return [piece for write in (triples, nodes) for piece in write(trees, population, relations, text)]


def _place(text: str, triple: Triple) -> int:
    found = text.find(triple.object)
    return found if found >= 0 else len(text)
