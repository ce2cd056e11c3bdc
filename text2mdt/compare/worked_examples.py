"""Records of dev to be shown in full: those on which the methods agree least, of as many shapes as there are."""

from __future__ import annotations

import json
import statistics
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from text2mdt.breakdown import shape
from text2mdt.compare.config import ComparisonConfig
from text2mdt.compare.data_files import data_file
from text2mdt.compare.evaluate_unit import PREDICTIONS_FILE
from text2mdt.compare.unit_store import FinishedUnit
from text2mdt.compare.units import evaluate_name, seeds_of
from text2mdt.corpus import read_corpus
from text2mdt.errors import Text2MDTError
from text2mdt.metrics import COUNT_NAMES, plain
from text2mdt.schema import Record

_CORRECT, _PREDICTED, _GOLD = (COUNT_NAMES.index(f"triple_{part}") for part in ("correct", "predicted", "gold"))


def worked_examples(config: ComparisonConfig, done: Mapping[str, FinishedUnit]) -> list[dict[str, Any]]:
    """The examples of every data set, as JSON values: the record, and each method's nodes with its first seed."""
    found: list[dict[str, Any]] = []
    if "dev" not in config.splits or not config.examples:
        return found
    for dataset in config.datasets:
        named = {
            method: evaluate_name(dataset, method, seeds_of(config, method)[0], "dev") for method in config.methods
        }
        units = {method: done[name] for method, name in named.items() if name in done}
        if units:
            records = read_corpus(data_file(config, dataset, "dev"))
            predicted = {method: _nodes(unit.folder / PREDICTIONS_FILE) for method, unit in units.items()}
            for index in _chosen(records, list(units.values()), config.examples):
                found.append(
                    {
                        "dataset": dataset,
                        **records[index].model_dump(mode="json", include={"id", "population", "text", "tree"}),
                        "predicted": {method: nodes[records[index].id] for method, nodes in predicted.items()},
                    }
                )
    return found


def _chosen(records: list[Record], units: list[FinishedUnit], number: int) -> list[int]:
    """Places of the records; in each round the one of every shape whose triple F1 differs most between the methods."""
    shares = [[_triple_f1(unit.result["counts"][index]) for unit in units] for index in range(len(records))]
    spread = [statistics.pstdev(values) for values in shares]
    by_shape: dict[str, list[int]] = {}
    for index in sorted(range(len(records)), key=lambda index: (-spread[index], index)):
        by_shape.setdefault(shape(plain(records[index].tree)), []).append(index)
    order: list[int] = []
    while by_shape and len(order) < number:
        for name in list(by_shape):
            order.append(by_shape[name].pop(0))
            if not by_shape[name]:
                del by_shape[name]
    return order[:number]


def _triple_f1(counts: list[int]) -> float:
    both = counts[_PREDICTED] + counts[_GOLD]
    return 2 * counts[_CORRECT] / both if both else 1.0


def _nodes(path: Path) -> dict[str, Any]:
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
        return {entry["id"]: entry["tree"] for line in lines if line.strip() and (entry := json.loads(line))}
    except (OSError, ValueError, KeyError) as error:
        raise Text2MDTError("T2M161", path, detail=str(error)) from error
