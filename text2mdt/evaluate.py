"""Evaluation on a corpus: predictions, how they compare with the gold trees, and how the outputs came out."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

from text2mdt.breakdown import error_kind
from text2mdt.comparison import Comparison, compare, json_values
from text2mdt.errors import Text2MDTError
from text2mdt.metrics import plain
from text2mdt.predictor import Prediction, TreeWriter
from text2mdt.schema import Record, join_forest

SHORTEST = 1e-6
"""Seconds; what a clock too coarse to see the time is taken to have seen."""


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
        comparison: of the predicted trees with the gold trees.
        output: shares of empty, truncated, repaired and unreadable outputs.
        seconds: generation and parsing.
        tokens: generated tokens, those of all candidates where there was a vote; `forced_tokens` of them the grammar
            left no choice about.
        predictions: by record, in order.
        strategy: how the trees were chosen, as `TreeWriter.strategy`.
    """

    comparison: Comparison
    output: OutputShares
    seconds: float
    tokens: int
    forced_tokens: int
    predictions: list[Prediction]
    strategy: dict[str, Any]

    @property
    def passages_per_second(self) -> float:
        return len(self.predictions) / self.seconds

    @property
    def tokens_per_second(self) -> float:
        return self.tokens / self.seconds

    @property
    def agreement(self) -> float | None:
        """The mean agreement of the votes; None where there was none."""
        found = [prediction.agreement for prediction in self.predictions if prediction.agreement is not None]
        return fmean(found) if found else None

    def report(self) -> dict[str, Any]:
        """The figures as JSON values, without the predictions."""
        return {
            "strategy": self.strategy,
            **self.comparison.report(),
            "published": self.comparison.scores.published(),
            "output": json_values(self.output),
            "agreement": self.agreement,
            "seconds": self.seconds,
            "passages_per_second": self.passages_per_second,
            "tokens": self.tokens,
            "forced_tokens": self.forced_tokens,
            "tokens_per_second": self.tokens_per_second,
        }


def evaluate(
    predictor: TreeWriter, records: Sequence[Record], progress: Callable[[int], None] | None = None
) -> Evaluation:
    """Predicts the trees of all records and compares them with the gold trees.

    Raises:
        Text2MDTError: T2M033 where there are no records.
    """
    if not records:
        raise Text2MDTError("T2M033")
    started = time.monotonic()
    predictions = predictor.predict([(record.population, record.text) for record in records], progress)
    seconds = max(time.monotonic() - started, SHORTEST)
    generations = [generation for found in predictions for generation in (found.generation, *found.others)]
    return Evaluation(
        comparison=compare([prediction.trees for prediction in predictions], [record.trees for record in records]),
        output=_shares(predictions),
        seconds=seconds,
        tokens=sum(generation.token_count for generation in generations),
        forced_tokens=sum(generation.forced_count for generation in generations),
        predictions=predictions,
        strategy=predictor.strategy,
    )


def write_predictions(evaluation: Evaluation, records: Sequence[Record], path: str | Path) -> None:
    """Writes one line a record, `{"id", "tree", "error_kind", "generated"}`, so that any other scorer can check.

    Where there was a vote, `agreement` says how sure it was.

    Raises:
        Text2MDTError: T2M041 where the file cannot be written.
    """
    lines = []
    for record, prediction in zip(records, evaluation.predictions, strict=True):
        nodes = join_forest(prediction.trees)
        line: dict[str, Any] = {
            "id": record.id,
            "tree": [node.model_dump(mode="json") for node in nodes],
            "error_kind": str(error_kind(plain(nodes), plain(record.tree))),
            "generated": prediction.generation.text,
        }
        if prediction.agreement is not None:
            line["agreement"] = prediction.agreement
        lines.append(json.dumps(line, ensure_ascii=False) + "\n")
    _write("".join(lines), path)


def write_report(report: dict[str, Any], path: str | Path) -> None:
    """Writes the figures of an evaluation as JSON; raises T2M041 where the file cannot be written."""
    _write(json.dumps(report, indent=1, allow_nan=False) + "\n", path)


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
