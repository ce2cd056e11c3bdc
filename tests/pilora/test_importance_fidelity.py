"""The fidelity study in small: path-integrated scores rank as exact Shapley values do, on trained adapters."""

from __future__ import annotations

import sys
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "benchmarks"))

from fidelity.adapters import PANEL
from fidelity.scoring import study

SEEDS = (300, 301, 302)
# A task of the panel, made quick: one module less (a quarter of the coalitions), fewer steps, fewer records.
SMALL = replace(
    PANEL["shift"],
    targets=PANEL["shift"].targets[:-1],
    pretraining=250,
    rate=1e-2,
    saved=0.8,
    calibration_records=16,
)


@cache
def result(seed: int) -> dict[str, Any]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        return study(SMALL, seed, ("svd",))
    finally:
        torch.set_num_threads(threads)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_adapter_is_trained_and_small(seed: int) -> None:
    assert result(seed)["old_task"] < 0.2, "the backbone never learned its task"
    assert result(seed)["saved"] >= 0.8
    assert len(result(seed)["svd"]["path"]["scores"]) == 8


def test_path_scores_rank_as_shapley_values_do() -> None:
    correlations = [result(seed)["svd"]["path"]["spearman"] for seed in SEEDS]
    assert sum(correlations) / len(SEEDS) > 0.85
    assert min(correlations) > 0.7


def test_the_cut_by_path_scores_loses_little_against_the_cut_by_shapley_values() -> None:
    for seed in SEEDS:
        scored, bare = result(seed)["svd"], result(seed)["bare"]
        assert scored["path"]["half"] - scored["Shapley"]["half"] < 0.1 * bare


def test_the_sum_of_the_path_scores_is_what_the_adapter_saves() -> None:
    assert all(result(seed)["svd"]["path"]["completeness"] < 0.02 for seed in SEEDS)


def test_the_cost_is_counted_in_passes() -> None:
    passes = {rule: tuple(scored["cost"][:2]) for rule, scored in result(SEEDS[0])["svd"].items()}
    assert passes["path"] == (8, 8)
    assert passes["one node"] == passes["end point"] == (1, 1)
    assert passes["module-wise"] == (4 * 8, 4 * 8)
    assert passes["AB-LoRA"] == (2 * 8, 0)
    assert passes["Shapley"] == (2**8, 0)
    assert passes["random"] == (0, 0)
