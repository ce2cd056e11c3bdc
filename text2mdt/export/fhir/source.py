"""A tree with all that its resources are written from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from text2mdt.export.fhir.defines import Defines, library_url
from text2mdt.export.fhir.legal import DocumentNames
from text2mdt.export.fhir.systems import VERSION, Release
from text2mdt.schema import DecisionTree, Extraction, Grounding, PassageResult, Recommendation


@dataclass(frozen=True)
class TreeSource:
    """One tree of an extraction.

    Attributes:
        place: where it stands ("-003-1": third passage, first tree).
        first: index of its root within the passage's forest.
        day: date of the export, ISO 8601.
    """

    extraction: Extraction
    result: PassageResult
    tree: DecisionTree
    place: str
    first: int
    names: DocumentNames
    defines: Defines
    release: Release
    base: str
    day: str

    @property
    def title(self) -> str:
        return f"{self.result.population} ({self.result.id}, tree {self.number})"

    @property
    def number(self) -> str:
        """Which tree of its passage, from 1."""
        return self.place.rpartition("-")[2]

    @property
    def library(self) -> str:
        """Canonical address of the library, with its version."""
        return f"{library_url(self.names, self.base)}|{VERSION}"

    def url(self, rule: str = "") -> str:
        """Canonical address of the PlanDefinition of the tree, or of one of its rules."""
        return f"{self.base}/PlanDefinition/{self.names.plan_id(self.place, rule)}"

    @cached_property
    def _groundings(self) -> dict[tuple[int, int], Grounding]:
        return {(found.node, found.triple): found for found in self.result.groundings if found.part == "object"}

    def grounding(self, node: int, triple: int) -> Grounding | None:
        """Where the object of a triple stands; `node` counts within the tree."""
        return self._groundings.get((self.first + node, triple))

    def recommendations(self, node: int) -> list[Recommendation]:
        """What the text says on the firmness of a decision; `node` counts within the tree."""
        return [found for found in self.result.recommendations if found.node == self.first + node]


def tree_sources(extraction: Extraction, release: Release, base: str, day: str) -> Iterator[TreeSource]:
    """All trees of an extraction; raises T2M001 for a passage whose last tree does not close."""
    names, defines = DocumentNames.of(extraction.document), Defines.of(extraction.trees)
    for number, result in enumerate(extraction.passages, start=1):
        first = 0
        for count, tree in enumerate(result.trees, start=1):
            place = f"-{number:03d}-{count}"
            yield TreeSource(extraction, result, tree, place, first, names, defines, release, base, day)
            first += len(tree)
