"""Takes imported trees into an extraction: their words are found in the passage again, warnings looked for anew."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from text2mdt.grounding import ground
from text2mdt.imports.differences import differences, forests
from text2mdt.imports.imported import ImportedTree
from text2mdt.recommendations import find_recommendations
from text2mdt.safety import check
from text2mdt.schema import (
    Box,
    DecisionTree,
    Extraction,
    Grounding,
    PassageResult,
    Recommendation,
    Span,
    join_forest,
)

_Placed = TypeVar("_Placed", Grounding, Recommendation)


def taken(original: Extraction, imported: Sequence[ImportedTree]) -> Extraction:
    """The extraction with the imported trees in place of those they replace (see `differences`).

    Passages that do not change stay as they are; trees that name no passage are left out.

    Raises:
        Text2MDTError: T2M062, T2M123, T2M129.
    """
    populations = {
        one.passage: one.population[1] for one in differences(original, imported) if one.population is not None
    }
    after = forests(original, imported)
    passages = tuple(
        _with_trees(result, after[result.id], populations.get(result.id)) if result.id in after else result
        for result in original.passages
    )
    return original.model_copy(update={"passages": passages})


def _with_trees(result: PassageResult, trees: Sequence[DecisionTree], population: str | None) -> PassageResult:
    passage = result.passage.model_copy(update={} if population is None else {"population": population})
    boxes = {one.document_spans: one.boxes for one in result.groundings}
    boxes |= {one.document_spans: one.boxes for one in result.recommendations}
    groundings = ground(passage, trees)
    recommendations = find_recommendations(passage, trees, groundings)
    return result.model_copy(
        update={
            "population": passage.population,
            "passage": passage,
            "tree": tuple(join_forest(trees)),
            "groundings": tuple(_boxed(one, boxes) for one in groundings),
            "recommendations": tuple(_boxed(one, boxes) for one in recommendations),
            "warnings": check(passage, trees, groundings),
            "error": None,
        }
    )


def _boxed(item: _Placed, boxes: dict[tuple[Span, ...], tuple[Box, ...]]) -> _Placed:
    """With the place on the page, where words that stood in a tree before are meant again."""
    return item.model_copy(update={"boxes": boxes.get(item.document_spans, ())})
