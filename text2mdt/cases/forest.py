"""The trees of a document that a case is walked through, each with all the places that say it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from text2mdt.guideline.guideline import Guideline
from text2mdt.schema import DecisionTree, Extraction
from text2mdt.sourced_tree import Quote, SourcedTree, sourced_trees


@dataclass(frozen=True)
class CaseTree:
    """A tree, the population it speaks of, and the passages that say it; it reads as the first of them."""

    population: str
    tree: DecisionTree
    sources: tuple[SourcedTree, ...] = ()

    def quotes(self, node: int) -> tuple[Quote, ...]:
        """The words of all sources that a node rests on."""
        return tuple(quote for source in self.sources for quote in source.quotes(node))

    def strengths(self, node: int) -> tuple[str, ...]:
        """What the sources say on the firmness of a node."""
        return tuple(dict.fromkeys(name for source in self.sources for name in source.strengths(node)))


def trees_of_extraction(extraction: Extraction) -> list[CaseTree]:
    """Every tree of a document, in its order.

    Raises:
        Text2MDTError: T2M001 for a passage whose trees do not close.
    """
    return [CaseTree(one.result.population, one.tree, (one,)) for one in sourced_trees(extraction)]


def trees_of_guideline(guideline: Guideline, extraction: Extraction) -> list[CaseTree]:
    """The trees of a guideline, those that several passages say once, population by population.

    Args:
        guideline: built from the extraction.
        extraction: has the words that the trees come from.
    """
    by_place = {(one.result.id, one.number): one for one in sourced_trees(extraction)}
    found = []
    for group in guideline.all_groups:
        for told in group.trees:
            places = [(source.place.passage, source.place.tree + 1) for source in told.sources]
            sources = tuple(by_place[place] for place in places if place in by_place)
            found.append(CaseTree(group.population, told.tree, sources))
    return found


def plain_trees(trees: Iterable[CaseTree]) -> Sequence[DecisionTree]:
    """The trees alone, for `next_question`."""
    return [one.tree for one in trees]
