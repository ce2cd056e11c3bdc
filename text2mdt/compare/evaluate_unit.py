"""An evaluation as a unit: an adapter, or the bare backbone with solved examples, on one split of one data set."""

from __future__ import annotations

import json
import shlex
import socket
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from text2mdt.adapters import adapted_predictor, load_with_adapter
from text2mdt.compare.config import ComparisonConfig
from text2mdt.compare.data_files import data_file
from text2mdt.compare.machine import machine_facts, peak_memory
from text2mdt.compare.train_unit import Outcome
from text2mdt.compare.units import Unit
from text2mdt.content_hash import file_hash
from text2mdt.corpus import read_corpus
from text2mdt.engines.transformers import TransformersEngine
from text2mdt.errors import Text2MDTError
from text2mdt.evaluate import evaluate, write_predictions
from text2mdt.metrics import counts
from text2mdt.predictor import Predictor
from text2mdt.prompts import choose_examples, few_shot_prompt
from text2mdt.relations import ENGLISH, RelationSet, relations_of
from text2mdt.schema import join_forest

PREDICTIONS_FILE = "predictions.jsonl"
READINGS_FILE = "readings.jsonl"
_TIMES = frozenset({"seconds", "passages_per_second", "tokens_per_second"})
"""Figures of an evaluation that differ from run to run."""


def run_evaluation(
    config: ComparisonConfig, unit: Unit, adapter: Path | None, folder: Path, say: Callable[[str], None]
) -> Outcome:
    """Predicts all records of the split and compares them with the gold trees.

    Raises:
        Text2MDTError, PiloraError: as `read_corpus`, `load_with_adapter` and `evaluate`.
    """
    path = data_file(config, unit.dataset, str(unit.split))
    if unit.split == "test":
        note_reading(folder, unit, path)
    records = read_corpus(path)
    say(f"{len(records)} records of {path}")
    done = evaluate(_predictor(config, unit, adapter, relations_of(records)), records)
    write_predictions(done, records, folder / PREDICTIONS_FILE)
    pairs = [
        (join_forest(prediction.trees), record.tree)
        for prediction, record in zip(done.predictions, records, strict=True)
    ]
    outcome = {
        "report": {name: value for name, value in done.report().items() if name not in _TIMES},
        "records": [record.id for record in records],
        "counts": [counts(*pair).as_tuple() for pair in pairs],
        "lenient_counts": [counts(*pair, lenient=True).as_tuple() for pair in pairs],
    }
    return outcome, {"seconds": done.seconds, "peak_memory": peak_memory(), "machine": machine_facts()}


def note_reading(folder: Path, unit: Unit, path: Path) -> None:
    """Logs, before it is read, that a test file is read: when, where, by which command; raises T2M041."""
    line = {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "unit": unit.name,
        "file": str(path),
        "sha256": file_hash(path),
        "command": shlex.join(["text2mdt", *sys.argv[1:]]),
        "machine": socket.gethostname(),
    }
    try:
        with (folder / READINGS_FILE).open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
    except OSError as error:
        raise Text2MDTError("T2M041", folder / READINGS_FILE, detail=error.strerror) from error


def _predictor(config: ComparisonConfig, unit: Unit, adapter: Path | None, relations: RelationSet | None) -> Predictor:
    options: dict[str, Any] = {"use_grammar": config.decoding.grammar, "relations": relations}
    number = config.methods[unit.method].few_shot
    if number is not None:
        solved = choose_examples(read_corpus(data_file(config, unit.dataset, "train")), number)
        options["prompt"] = partial(few_shot_prompt, solved, relations=relations or ENGLISH)
    backbone = load_with_adapter(config.model, adapter, config.device, config.decoding.dtype)
    engine = TransformersEngine(
        backbone.model,
        backbone.tokenizer,
        batch_size=config.decoding.batch_size,
        max_new_tokens=config.decoding.max_new_tokens,
    )
    return adapted_predictor(engine, adapter, **options)
