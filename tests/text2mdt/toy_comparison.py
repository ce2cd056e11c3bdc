"""A small comparison on the tiny model, and units that are run within the test's process."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml
from toy_corpus import toy_records

from text2mdt.compare.config import ComparisonConfig, read_comparison_config
from text2mdt.compare.run import DoneHere, Job, run_comparison
from text2mdt.compare.unit_store import UnitStore
from text2mdt.corpus import write_corpus

PI_LORA = {"method": "pi_lora", "rank": 2, "alpha": 4, "rounds": 2, "nodes": 2, "calibration_records": 2}


def toy_comparison(folder: Path, backbone: str, **changes: Any) -> Path:
    """Writes the corpora and the configuration of a comparison into a folder; `changes` go over its keys."""
    write_corpus(toy_records(12), folder / "train.jsonl")
    write_corpus(toy_records(6, first=30), folder / "dev.jsonl")
    write_corpus(toy_records(6, first=50), folder / "test.jsonl")
    values: dict[str, Any] = {
        "title": "Toy comparison",
        "model": backbone,
        "device": "cpu",
        "dtype": "float32",
        "datasets": {"toy": {name: str(folder / f"{name}.jsonl") for name in ("train", "dev", "test")}},
        "methods": {
            "pi_lora": {"adapter": PI_LORA},
            "lora": {"label": "uniform LoRA", "adapter": {"method": "lora", "rank": 2, "alpha": 4}},
            "few_shot": {"few_shot": 1},
        },
        "seeds": [1, 2],
        "training": {"epochs": 1, "batch_tokens": 600, "keep": "last"},
        "search": {"rates": [0.001, 0.01], "records": 6, "epochs": 1},
        "decoding": {"max_new_tokens": 40},
        "speed": {"rows": 2, "new_tokens": 3, "tenants": 2, "repeats": 1},
        "splits": ["dev", "test"],
        "examples": 3,
        "output": str(folder / "report"),
    }
    path = folder / "toy.yaml"
    path.write_text(yaml.safe_dump({**values, **changes}, sort_keys=False), encoding="utf-8")
    return path


def run_here(
    path: Path, say: Callable[[str], None] = lambda line: None, **options: Any
) -> tuple[ComparisonConfig, UnitStore, dict[str, str], list[str]]:
    """Runs a comparison in this process; gives also the units that failed, and those that were started."""
    config = read_comparison_config(path)
    store = UnitStore(config.units_folder)
    started: list[str] = []

    def start(name: str, limit: float | None) -> Job:
        started.append(name)
        return DoneHere(config, store, name, say, limit)

    failed = run_comparison(config, store, start, say=say, **options)
    return config, store, failed, started
