"""The decisions of a tree, each with a way that leads to it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from text2mdt.graph import decision_paths
from text2mdt.guideline.folding import FoldedTree
from text2mdt.guideline.limits import Limit, limits
from text2mdt.guideline.normal_triples import TripleKey, triple_key
from text2mdt.guideline.ways import Way, ways
from text2mdt.relations import ENGLISH
from text2mdt.schema import Node


@dataclass(frozen=True)
class DecisionCase:
    """A decision that is not empty, and a way to it; `group` is the number of its population."""

    group: int
    folded: FoldedTree
    node: int
    way: Way

    @property
    def passage_id(self) -> str:
        return self.folded.copies[0].passage_id

    @property
    def decision(self) -> Node:
        return self.folded.tree.nodes[self.node]

    @cached_property
    def keys(self) -> list[TripleKey]:
        """Of the triples of the decision."""
        return [triple_key(triple) for triple in self.decision.triples]

    @cached_property
    def limits(self) -> list[Limit]:
        return limits(self.way)

    @property
    def in_words(self) -> str:
        return self.way.in_words(self.folded.tree.nodes)

    def words(self, spot: tuple[int, int]) -> str:
        """The object of a triple of the tree."""
        return self.folded.tree.nodes[spot[0]].triples[spot[1]].object

    def doses(self, drug: TripleKey) -> list[tuple[int, str]]:
        """The doses of a drug of this decision, each with the index of its triple."""
        return [
            (index, triple.object)
            for index, (triple, key) in enumerate(zip(self.decision.triples, self.keys, strict=True))
            if key.relation == ENGLISH.dosage and key.drug == drug.object
        ]


def cases(group: int, folded: FoldedTree) -> Iterator[DecisionCase]:
    """The decisions of a tree that hold anything, one case a way."""
    for steps, decision in decision_paths(folded.tree):
        if folded.tree.nodes[decision].triples:
            for way in ways(folded.tree.nodes, steps):
                yield DecisionCase(group, folded, decision, way)
