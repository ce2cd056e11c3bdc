"""The three steps of FT-MDT, each an answer to a prompt of its own: triples, nodes, tree (our reading of the pipeline).

One adapter takes all steps; the heading at the end of the prompt says which. The nodes are grouped with the triples in
sight, the tree is built with the nodes in sight; what came before them is not shown again.
"""

from __future__ import annotations

from collections.abc import Sequence

from text2mdt.linear.outline import OutlineFormat
from text2mdt.linear.segments import Segment, Step, structure
from text2mdt.linear.thought_first import Thoughts, nodes, triples
from text2mdt.relations import RelationSet
from text2mdt.schema import DecisionTree


def _or_none(thoughts: Thoughts) -> Thoughts:
    def write(trees: Sequence[DecisionTree], population: str, relations: RelationSet, text: str) -> list[Segment]:
        return thoughts(trees, population, relations, text) if trees else [structure("none")]

    return write


class ThreeStepsFormat(OutlineFormat):
    """Triples and nodes as earlier steps, the outline as the last."""

    name = "three_steps"
    earlier = (Step("Triples", "step_triples", _or_none(triples)), Step("Nodes", "step_nodes", _or_none(nodes)))
