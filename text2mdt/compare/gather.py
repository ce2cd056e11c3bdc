"""What the finished units say, as one table of JSON values: `results.json`, from which the report is made."""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pilora.config import parse_config
from text2mdt import __version__
from text2mdt.compare.budget import planned_parameters
from text2mdt.compare.config import ComparisonConfig
from text2mdt.compare.data_files import data_file
from text2mdt.compare.evaluate_unit import READINGS_FILE
from text2mdt.compare.fidelity import fidelity_rows
from text2mdt.compare.unit_inputs import UnitInputs
from text2mdt.compare.unit_store import FinishedUnit, UnitStore
from text2mdt.compare.units import Unit, UnitKind, evaluate_name, seeds_of, trained_methods
from text2mdt.compare.worked_examples import worked_examples
from text2mdt.content_hash import file_hash
from text2mdt.corpus import read_corpus
from text2mdt.errors import Text2MDTError
from text2mdt.paired_statistics import FIGURES, Table, differences, figures, holm, intervals, mean_figures, stacked

FORMAT = 1
MEASURED = ("measured", "readings", "made")
"""Keys of values that differ from run to run: times, memory, machines, dates."""

Results = dict[str, Any]


def gather(config: ComparisonConfig, store: UnitStore) -> Results:
    """All results so far; JSON values.

    Raises:
        Text2MDTError, PiloraError: as `UnitInputs.of` and `planned_parameters`; T2M161 for a damaged unit.
    """
    resolved = UnitInputs(config, store)
    done = {name: found for name, unit in resolved.units.items() if (found := resolved.finished(unit)) is not None}
    return {
        "format": FORMAT,
        "title": config.title,
        "reference": config.reference,
        "settings": _settings(config),
        "datasets": {name: _dataset(config, name) for name in config.datasets},
        "methods": _methods(config),
        "search": {name: _search(resolved, name) for name in config.datasets},
        "trainings": [
            {
                "dataset": unit.dataset,
                "method": unit.method,
                "seed": unit.seed,
                **found.result,
                "measured": found.measured,
            }
            for unit, found in _of_kind(resolved, done, UnitKind.TRAIN)
        ],
        "evaluations": [_evaluation(unit, found) for unit, found in _of_kind(resolved, done, UnitKind.EVALUATE)],
        "speeds": [
            {"dataset": unit.dataset, "method": unit.method, "measured": found.measured}
            for unit, found in _of_kind(resolved, done, UnitKind.SPEED)
        ],
        "main": {
            name: {split: _main(config, done, name, split) for split in config.splits if data.file(split) is not None}
            for name, data in config.datasets.items()
        },
        "examples": worked_examples(config, done),
        "fidelity": None if config.fidelity is None else fidelity_rows(config.fidelity),
        "units": {
            "planned": len(resolved.units),
            "missing": [name for name in resolved.units if name not in done],
            "code": _codes(done),
        },
        "readings": _readings(store.root),
        "made": {"date": datetime.now(UTC).isoformat(timespec="seconds"), "text2mdt": __version__},
    }


def without_measured(value: Any) -> Any:
    """The same without what differs from run to run."""
    if isinstance(value, dict):
        return {key: without_measured(item) for key, item in value.items() if key not in MEASURED}
    return [without_measured(item) for item in value] if isinstance(value, list) else value


def _of_kind(resolved: UnitInputs, done: dict[str, FinishedUnit], kind: UnitKind) -> list[tuple[Unit, FinishedUnit]]:
    return [(resolved.units[name], found) for name, found in done.items() if resolved.units[name].kind is kind]


def _settings(config: ComparisonConfig) -> dict[str, Any]:
    names = (
        "model",
        "dtype",
        "format",
        "max_tokens",
        "seeds",
        "training",
        "first_stage",
        "search",
        "decoding",
        "speed",
    )
    values = config.model_dump(mode="json", include=set(names) | {"budget", "splits"})
    values["training"].pop("learning_rate")
    return values


def _dataset(config: ComparisonConfig, name: str) -> dict[str, Any]:
    found = {}
    for split in ("train", "dev", *(["test"] if "test" in config.splits else [])):
        if config.datasets[name].file(split) is not None:
            path = data_file(config, name, split)
            found[split] = {"records": len(read_corpus(path)), "sha256": file_hash(path)}
    return found


def _methods(config: ComparisonConfig) -> dict[str, Any]:
    planned = planned_parameters(config)
    found = {}
    for name, method in config.methods.items():
        values: dict[str, Any] = {"label": config.label(name), "few_shot": method.few_shot, "adapter": None}
        if name in planned:
            adapter = parse_config(method.adapter or {}, f"methods.{name}.adapter").model_dump(mode="json")
            values |= {"adapter": adapter, **asdict(planned[name])}
        found[name] = values
    return found


def _search(resolved: UnitInputs, dataset: str) -> dict[str, Any]:
    rates = resolved.config.search.rates
    found = {}
    for method in trained_methods(resolved.config):
        losses = resolved.search_losses(dataset, method)
        chosen = resolved.chosen_rate(dataset, method)
        found[method] = {
            "losses": {f"{rate:g}": loss if math.isfinite(loss) else None for rate, loss in losses.items()},
            "chosen": chosen,
            "at_edge": chosen is not None and chosen in (rates[0], rates[-1]),
        }
    return found


def _evaluation(unit: Unit, found: FinishedUnit) -> dict[str, Any]:
    named = {"dataset": unit.dataset, "method": unit.method, "seed": unit.seed, "split": unit.split}
    return {**named, "report": found.result["report"], "measured": found.measured}


def _main(config: ComparisonConfig, done: dict[str, FinishedUnit], dataset: str, split: str) -> dict[str, Any]:
    """Of each method with all seeds evaluated: figures with intervals, by seed, and against the reference."""
    tables: dict[str, tuple[Table, Table]] = {}
    for method in config.methods:
        units = [done.get(evaluate_name(dataset, method, seed, split)) for seed in seeds_of(config, method)]
        if all(units):
            strict, lenient = ([unit.result[key] for unit in units if unit] for key in ("counts", "lenient_counts"))
            tables[method] = stacked(strict), stacked(lenient)
    rows = {method: _row(strict, lenient) for method, (strict, lenient) in tables.items()}
    if config.reference in tables:
        _add_differences(rows, tables, config.reference)
    return rows


def _row(strict: Table, lenient: Table) -> dict[str, Any]:
    by_seed = figures(strict.sum(axis=1))
    return {
        "values": _numbers(mean_figures(strict)),
        "intervals": intervals(strict),
        "by_seed": {name: [_number(value) for value in values] for name, values in by_seed.items()},
        "lenient": _numbers(mean_figures(lenient)),
    }


def _add_differences(rows: dict[str, Any], tables: dict[str, tuple[Table, Table]], reference: str) -> None:
    """Differences from the reference, with p-values adjusted over the methods, figure by figure."""
    others = [method for method in tables if method != reference]
    found = {method: differences(tables[method][0], tables[reference][0]) for method in others}
    for figure in FIGURES:
        raw = {method: one.p for method in others if (one := found[method][figure]) is not None}
        adjusted = holm(raw)
        for method in raw:
            difference = found[method][figure]
            if difference is not None:
                entry = {**asdict(difference), "p_holm": adjusted[method]}
                rows[method].setdefault("against_reference", {})[figure] = entry


def _numbers(values: dict[str, float]) -> dict[str, float | None]:
    return {name: _number(value) for name, value in values.items()}


def _number(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _codes(done: dict[str, FinishedUnit]) -> dict[str, list[str]]:
    """The versions of the code that made the units, by their kind."""
    found: dict[str, set[str]] = {}
    for unit in done.values():
        found.setdefault(str(unit.inputs["kind"]), set()).add(str(unit.inputs["code"]))
    return {kind: sorted(codes) for kind, codes in sorted(found.items())}


def _readings(root: Path) -> list[dict[str, Any]]:
    """Every reading of a test file, the oldest first; also those of units whose inputs have changed since."""
    found = []
    for path in root.glob(f"*/*/{READINGS_FILE}"):
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
            found += [dict(json.loads(line)) for line in lines if line.strip()]
        except (OSError, ValueError) as error:
            raise Text2MDTError("T2M161", path, detail=str(error)) from error
    return sorted(found, key=lambda reading: str(reading.get("date")))
