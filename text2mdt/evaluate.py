"""Evaluation on a corpus: predictions, figures with intervals, and tables of where the errors lie."""

from __future__ import annotations

import dataclasses
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from text2mdt.breakdown import error_kind, error_table, relation_table, shape_table
from text2mdt.errors import Text2MDTError
from text2mdt.metrics import Counts, counts, plain
from text2mdt.predictor import Prediction, Predictor
from text2mdt.schema import Record, join_forest
from text2mdt.scores import Interval, Scores, bootstrap_intervals


@dataclass(frozen=True)
class OutputShares:
    """How the generated texts came out; shares of all records.

    Attributes:
        empty: no tree at all.
        truncated: the token limit came first.
        repaired: the parser had to mend something.
        unreadable: nothing could be read.
    """

    empty: float
    truncated: float
    repaired: float
    unreadable: float


@dataclass(frozen=True)
class Evaluation:
    """The outcome of an evaluation.

    Attributes:
        scores, intervals: by the published rules, with 95 % bootstrap intervals over records.
        lenient: the same figures where an object counts from a token F1 of 0.8 on.
        output: shares of empty, truncated, repaired and unreadable outputs.
        relations: precision, recall and F1 of triples, by relation.
        shapes: by node counts of the gold trees.
        errors: records by kind of error.
        seconds: generation and parsing.
        tokens: generated tokens; `forced_tokens` of them the grammar left no choice about.
        predictions: by record, in order.
    """

    scores: Scores
    intervals: dict[str, Interval | None]
    lenient: Scores
    output: OutputShares
    relations: dict[str, Any]
    shapes: dict[str, Any]
    errors: dict[str, int]
    seconds: float
    tokens: int
    forced_tokens: int
    predictions: list[Prediction]

    def report(self) -> dict[str, Any]:
        """The figures as JSON values, without the predictions."""
        values = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        del values["predictions"]
        return {name: _plain_values(value) for name, value in values.items()}


def evaluate(
    predictor: Predictor, records: Sequence[Record], progress: Callable[[int], None] | None = None
) -> Evaluation:
    """Predicts the trees of all records and compares them with the gold trees.

    Raises:
        Text2MDTError: T2M033 where there are no records.
    """
    if not records:
        raise Text2MDTError("T2M033")
    started = time.monotonic()
    predictions = predictor.predict([(record.population, record.text) for record in records], progress)
    seconds = time.monotonic() - started
    forests = [join_forest(prediction.trees) for prediction in predictions]
    per_record = [counts(forest, record.tree) for forest, record in zip(forests, records, strict=True)]
    lenient = [counts(forest, record.tree, lenient=True) for forest, record in zip(forests, records, strict=True)]
    pairs = [(plain(forest), plain(record.tree)) for forest, record in zip(forests, records, strict=True)]
    return Evaluation(
        scores=Scores.of(sum(per_record, Counts())),
        intervals=bootstrap_intervals(per_record),
        lenient=Scores.of(sum(lenient, Counts())),
        output=_shares(predictions),
        relations=dict(relation_table(pairs)),
        shapes=dict(shape_table(pairs)),
        errors={str(kind): number for kind, number in error_table(pairs).items()},
        seconds=seconds,
        tokens=sum(prediction.generation.token_count for prediction in predictions),
        forced_tokens=sum(prediction.generation.forced_count for prediction in predictions),
        predictions=predictions,
    )


def write_predictions(evaluation: Evaluation, records: Sequence[Record], path: str | Path) -> None:
    """Writes one line a record, `{"id", "tree", "error_kind", "generated"}`, so that any other scorer can check.

    Raises:
        Text2MDTError: T2M041 where the file cannot be written.
    """
    lines = []
    for record, prediction in zip(records, evaluation.predictions, strict=True):
        nodes = join_forest(prediction.trees)
        line = {
            "id": record.id,
            "tree": [node.model_dump(mode="json") for node in nodes],
            "error_kind": str(error_kind(plain(nodes), plain(record.tree))),
            "generated": prediction.generation.text,
        }
        lines.append(json.dumps(line, ensure_ascii=False) + "\n")
    _write("".join(lines), path)


def write_report(evaluation: Evaluation, path: str | Path) -> None:
    """Writes all figures as JSON; raises T2M041 where the file cannot be written."""
    _write(json.dumps(evaluation.report(), indent=1, allow_nan=False) + "\n", path)


def _write(content: str, path: str | Path) -> None:
    try:
        Path(path).write_text(content, encoding="utf-8")
    except OSError as error:
        raise Text2MDTError("T2M041", path, detail=error.strerror) from error


def _shares(predictions: Sequence[Prediction]) -> OutputShares:
    number = len(predictions)
    return OutputShares(
        empty=sum(not prediction.trees for prediction in predictions) / number,
        truncated=sum(prediction.generation.truncated for prediction in predictions) / number,
        repaired=sum(bool(prediction.repairs) for prediction in predictions) / number,
        unreadable=sum(prediction.error is not None for prediction in predictions) / number,
    )


def _plain_values(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return _plain_values(dataclasses.asdict(value))
    if isinstance(value, dict):
        return {str(key): _plain_values(item) for key, item in value.items()}
    return value
