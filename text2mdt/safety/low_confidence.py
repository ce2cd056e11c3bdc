"""Check: triples and nodes that the model was not sure of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from text2mdt.schema import DecisionTree, NodeConfidence, NodeWarning, join_forest

KIND = "low_confidence"


def low_confidence(
    trees: Sequence[DecisionTree], confidences: Sequence[NodeConfidence], limit: float | None
) -> Iterator[NodeWarning]:
    """A warning for each triple below the limit, and for each node below it whose triples are not.

    Args:
        confidences: one a node of the forest, or none at all.
        limit: None warns of nothing.
    """
    if limit is None:
        return
    for index, (node, sure) in enumerate(zip(join_forest(trees), confidences, strict=False)):
        low = [count for count, probability in enumerate(sure.triples) if probability < limit]
        for count in low:
            words = f"low confidence ({sure.triples[count]:.0%}): '{node.triples[count].object}'"
            yield NodeWarning(kind=KIND, node=index, triple=count, text=words)
        if not low and sure.probability < limit:
            what = "condition" if node.is_condition else "decision" if node.triples else "branch without advice"
            words = f"low confidence ({sure.probability:.0%}) that this {what} is as the text says"
            yield NodeWarning(kind=KIND, node=index, text=words)
