"""A tree with all that its resources are written from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from text2mdt.export.fhir.defines import Defines, library_url
from text2mdt.export.fhir.legal import DocumentNames
from text2mdt.export.fhir.systems import VERSION, Release
from text2mdt.schema import DecisionTree, Extraction, Grounding, PassageResult, Recommendation
from text2mdt.sourced_tree import SourcedTree, sourced_trees
from text2mdt.terminology.accepted import NO_CODES, Codes


@dataclass(frozen=True)
class TreeSource:
    """One tree of an extraction, and what its resources are called.

    Attributes:
        told: the tree and where it stands.
        day: date of the export, ISO 8601.
        codes: those that a person accepted.
    """

    told: SourcedTree
    extraction: Extraction
    names: DocumentNames
    defines: Defines
    release: Release
    base: str
    day: str
    codes: Codes = NO_CODES

    @property
    def tree(self) -> DecisionTree:
        return self.told.tree

    @property
    def result(self) -> PassageResult:
        return self.told.result

    @property
    def library(self) -> str:
        """Canonical address of the library, with its version."""
        return f"{library_url(self.names, self.base)}|{VERSION}"

    def url(self, rule: str = "") -> str:
        """Canonical address of the PlanDefinition of the tree, or of one of its rules."""
        return f"{self.base}/PlanDefinition/{self.names.plan_id(self.told.place, rule)}"

    @cached_property
    def _groundings(self) -> dict[tuple[int, int], Grounding]:
        return {(found.node, found.triple): found for found in self.result.groundings if found.part == "object"}

    def grounding(self, node: int, triple: int) -> Grounding | None:
        """Where the object of a triple stands; `node` counts within the tree."""
        return self._groundings.get((self.told.first + node, triple))

    def recommendations(self, node: int) -> list[Recommendation]:
        """What the text says on the firmness of a decision; `node` counts within the tree."""
        return [found for found in self.result.recommendations if found.node == self.told.first + node]


def tree_sources(
    extraction: Extraction, release: Release, base: str, day: str, codes: Codes = NO_CODES
) -> Iterator[TreeSource]:
    """All trees of an extraction; raises T2M001 for a passage whose last tree does not close."""
    names, defines = DocumentNames.of(extraction.document), Defines.of(extraction.trees)
    for told in sourced_trees(extraction):
        yield TreeSource(told, extraction, names, defines, release, base, day, codes)
