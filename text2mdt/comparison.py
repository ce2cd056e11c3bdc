"""Two sets of trees over the same records, compared: figures with intervals, and tables of where they differ."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from text2mdt.breakdown import ShapeRow, error_table, relation_table, shape_table
from text2mdt.metrics import Counts, counts, plain
from text2mdt.schema import DecisionTree, join_forest
from text2mdt.scores import Interval, Rates, Scores, bootstrap_intervals

Forests = Sequence[Sequence[DecisionTree]]
"""The trees of each record, in the order of the records; none where the passage holds no decision."""


@dataclass(frozen=True)
class Comparison:
    """How one side's trees agree with the other's, which counts as gold.

    Attributes:
        scores, intervals: by the published rules, with 95 % bootstrap intervals over records.
        lenient: the same figures where an object counts from a token F1 of 0.8 on.
        relations: precision, recall and F1 of triples, by relation.
        shapes: by node counts of the gold trees.
        errors: records by kind of error.
    """

    scores: Scores
    intervals: dict[str, Interval | None]
    lenient: Scores
    relations: dict[str, Rates]
    shapes: dict[str, ShapeRow]
    errors: dict[str, int]

    def report(self) -> dict[str, Any]:
        """All figures as JSON values."""
        return {field.name: json_values(getattr(self, field.name)) for field in dataclasses.fields(self)}


def compare(predicted: Forests, gold: Forests) -> Comparison:
    """Compares record by record; raises ValueError when the two sides differ in length."""
    own, wanted = [join_forest(trees) for trees in predicted], [join_forest(trees) for trees in gold]
    per_record = [counts(one, other) for one, other in zip(own, wanted, strict=True)]
    lenient = [counts(one, other, lenient=True) for one, other in zip(own, wanted, strict=True)]
    pairs = [(plain(one), plain(other)) for one, other in zip(own, wanted, strict=True)]
    return Comparison(
        scores=Scores.of(sum(per_record, Counts())),
        intervals=bootstrap_intervals(per_record),
        lenient=Scores.of(sum(lenient, Counts())),
        relations=relation_table(pairs),
        shapes=shape_table(pairs),
        errors={str(kind): number for kind, number in error_table(pairs).items()},
    )


def json_values(value: Any) -> Any:
    """Dataclasses as tables, all the way down; other values as they are."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return json_values(dataclasses.asdict(value))
    if isinstance(value, dict):
        return {str(key): json_values(item) for key, item in value.items()}
    return value
