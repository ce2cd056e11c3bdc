"""Results of a comparison without any training, for tests of the report."""

from __future__ import annotations

import json
import random
from typing import Any

import numpy as np

from text2mdt.breakdown import ErrorKind
from text2mdt.compare.gather import _add_differences, _row
from text2mdt.metrics import COUNT_NAMES
from text2mdt.paired_statistics import stacked

MODULES = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")
MACHINE = {
    "processor": "A processor",
    "cores": 2,
    "memory": 24 * 2**30,
    "accelerator": None,
    "system": "Linux",
    "python": "3.11",
    "threads": 1,
    "packages": {"torch": "2.13.0"},
}


def record_counts(quality: float, seed: int, records: int = 40) -> list[list[int]]:
    """Counts of records that are right with this probability, triple by triple."""
    drawn = random.Random(seed)
    rows = []
    for _ in range(records):
        right = sum(drawn.random() < quality for _ in range(4))
        whole = int(right == 4)
        values = dict.fromkeys(COUNT_NAMES, 0) | {"tree_predicted": 1, "records": 1, "decisions": 1, "found": 1}
        values |= {
            "triple_correct": right,
            "triple_predicted": 4,
            "triple_gold": 4,
            "node_predicted": 3,
            "node_gold": 3,
        }
        values |= {"path_predicted": 2, "path_gold": 2, "path_correct": 2 * whole, "node_correct": min(3, right)}
        values |= {"tree_correct": whole, "decisions_correct": whole, "edit_distance": 4 - right}
        rows.append([values[name] for name in COUNT_NAMES])
    return rows


def built_results(
    qualities: dict[str, float], seeds: tuple[int, ...] = (1, 2), layers: int = 4, splits: tuple[str, ...] = ("dev",)
) -> dict[str, Any]:
    """Results as `gather` makes them; the first method is the reference. JSON values, as after a way through a file."""
    methods = list(qualities)
    tables = {
        method: (stacked([record_counts(quality, 100 * place + seed) for seed in seeds]),) * 2
        for place, (method, quality) in enumerate(qualities.items())
    }
    main: dict[str, Any] = {method: _row(*tables[method]) for method in methods}
    _add_differences(main, tables, methods[0])
    results = {
        "format": 1,
        "title": "Built results",
        "reference": methods[0],
        "settings": {
            "model": "default",
            "dtype": "float32",
            "seeds": list(seeds),
            "training": {"epochs": 3.0, "keep": "best"},
            "first_stage": None,
            "search": {"rates": [0.002, 0.004], "records": 300, "epochs": 2.0, "seed": 0},
            "decoding": {"batch_size": 16, "max_new_tokens": 512, "grammar": True, "dtype": "float32"},
            "speed": {"rows": 8, "new_tokens": 64, "tenants": 4, "repeats": 3},
            "budget": {"parameters": None, "tolerance": 0.05},
            "splits": list(splits),
        },
        "datasets": {
            "english": {"train": {"records": 900, "sha256": "ab" * 8}, "dev": {"records": 40, "sha256": "cd" * 8}}
        },
        "methods": {
            method: {
                "label": method,
                "few_shot": None,
                "adapter": {"method": "lora"},
                "start": 3_000_000,
                "kept": 2_000_000,
                "reason": None,
            }
            for method in methods
        },
        "search": {
            "english": {
                method: {"losses": {"0.002": 0.5, "0.004": None}, "chosen": 0.002, "at_edge": True}
                for method in methods
            }
        },
        "trainings": [_training(method, seed, layers) for method in methods for seed in seeds],
        "evaluations": [_evaluation(method, seed, split) for split in splits for method in methods for seed in seeds],
        "speeds": [
            {"dataset": "english", "method": method, "measured": {"single": 50.0, "mixed": None, "machine": MACHINE}}
            for method in methods
        ],
        "main": {"english": dict.fromkeys(splits, main)},
        "examples": [],
        "fidelity": None,
        "units": {"planned": 30, "missing": [], "code": {"train": ["aaaa"]}},
        "readings": [],
        "made": {"date": "2026-01-01T00:00:00+00:00", "text2mdt": "0.1.0"},
    }
    return dict(json.loads(json.dumps(results)))


def _training(method: str, seed: int, layers: int) -> dict[str, Any]:
    drawn = np.random.default_rng(seed)
    rounds = [
        {
            "step": 20 * number,
            "budget": 1000,
            "ranks": {f"layers.{i}.{m}": int(drawn.integers(0, 19 - number)) for i in range(layers) for m in MODULES},
        }
        for number in (1, 2, 3, 4)
    ]
    curve = [{"step": 10 * e, "epoch": e, "dev": 0.9 / e + 0.02 * seed} for e in (1, 2, 3)]
    curve += [{"step": 5 * e, "epoch": e / 2, "train": 2.0 / e} for e in range(1, 7)]
    return {
        "dataset": "english",
        "method": method,
        "seed": seed,
        "dev_loss": 0.3,
        "learning_rate": 0.002,
        "start_parameters": 3_000_000,
        "kept_parameters": 2_000_000,
        "adapter_bytes": 8_000_000,
        "held_out_tokens": 0,
        "ranks": rounds[-1]["ranks"],
        "rounds": rounds if method == "pi_lora" else [],
        "curve": curve,
        "measured": {
            "seconds": 1800.0,
            "scoring_seconds": 90.0,
            "peak_memory": {"host": 3 * 2**30},
            "machine": MACHINE,
        },
    }


def _evaluation(method: str, seed: int, split: str) -> dict[str, Any]:
    rates = {"precision": 0.5, "recall": 0.5, "f1": 0.5}
    return {
        "dataset": "english",
        "method": method,
        "seed": seed,
        "split": split,
        "report": {
            "scores": {"records": 40, "empty_on_decisions": 0.05, "invented_on_negatives": 0.1},
            "relations": {"dosage": rates, "referral": {**rates, "f1": None}},
            "shapes": {"3": {"records": 30, "triple_f1": 0.7, "path_f1": 0.4, "tree_accuracy": 0.2}},
            "errors": {str(kind): 40 // len(ErrorKind) for kind in ErrorKind},
            "output": {"empty": 0.1, "truncated": 0.0, "repaired": 0.0, "unreadable": 0.0},
            "tokens": 4000,
        },
        "measured": {"seconds": 100.0, "peak_memory": {"host": 2**30}, "machine": MACHINE},
    }
