"""Extraction → guideline: its trees by population, duplicates folded, shared conditions joined, conflicts found."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from text2mdt.guideline.conflicts import PopulationTrees, find_conflicts
from text2mdt.guideline.folding import folded
from text2mdt.guideline.guideline import Group, Guideline
from text2mdt.guideline.joining import joined
from text2mdt.guideline.patient_groups import PatientGroup, parents, patient_group
from text2mdt.guideline.placed_trees import PlacedTree, placed_trees
from text2mdt.schema import Extraction, PassageResult, Span


def build_guideline(extraction: Extraction) -> Guideline:
    """The trees of a document as one navigable forest.

    Raises:
        Text2MDTError: T2M062 where two passages have one id.
    """
    placed, left_out = placed_trees(extraction)
    by_group: dict[PatientGroup, list[PlacedTree]] = {}
    for tree in placed:
        by_group.setdefault(patient_group(extraction.passages[tree.passage].population), []).append(tree)
    populations = [
        PopulationTrees(extraction.passages[trees[0].passage].population, group, folded(trees))
        for group, trees in by_group.items()
    ]
    conflicts, more = find_conflicts(populations, _SameList(extraction.passages))
    groups = [
        _group(extraction.passages, trees, population)
        for trees, population in zip(by_group.values(), populations, strict=True)
    ]
    return Guideline(
        document=extraction.document,
        groups=_nested(groups, parents(list(by_group))),
        conflicts=tuple(conflicts),
        more_conflicts=more,
        left_out=tuple(left_out),
    )


def _group(passages: Sequence[PassageResult], trees: Iterable[PlacedTree], population: PopulationTrees) -> Group:
    of_group = [passages[index] for index in dict.fromkeys(tree.passage for tree in trees)]
    return Group(
        population=population.name,
        spellings=tuple(dict.fromkeys(result.population for result in of_group)),
        passages=tuple(result.id for result in of_group),
        trees=tuple(one.told() for one in population.trees),
        entries=joined(population.trees),
    )


def _nested(groups: Sequence[Group], above: Sequence[int | None], below: int | None = None) -> tuple[Group, ...]:
    """The groups that hang below one, or below none, each with its own narrower ones."""
    return tuple(
        group.model_copy(update={"narrower": _nested(groups, above, index)})
        for index, group in enumerate(groups)
        if above[index] == below
    )


class _SameList:
    """Says of two passages, by index, whether they repeat the same words of the document: a list's lead-in."""

    def __init__(self, passages: Sequence[PassageResult]) -> None:
        self._spans = [
            [
                Span(start=segment.document_start, end=segment.document_start + segment.length)
                for segment in result.passage.segments
            ]
            for result in passages
        ]

    def __call__(self, one: int, other: int) -> bool:
        return any(
            left.start < right.end and right.start < left.end
            for left in self._spans[one]
            for right in self._spans[other]
        )
