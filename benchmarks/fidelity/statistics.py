"""Means over the tasks and paired bootstrap intervals over the seeds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.stats import bootstrap

Panel = dict[str, list[dict[str, Any]]]
"""By task, what `study` returned, one a seed."""

TARGET = 0.90


def values(panel: Panel, basis: str, rule: str, key: str) -> list[np.ndarray]:
    """A number of a rule, by task, each (seeds,)."""
    return [np.array([result[basis][rule][key] for result in results]) for results in panel.values()]


def mean(panel: Panel, basis: str, rule: str, key: str = "spearman") -> float:
    """Over the seeds of each task, then over the tasks."""
    return float(np.mean([each.mean() for each in values(panel, basis, rule, key)]))


def lead(panel: Panel, basis: str, rule: str, key: str = "spearman") -> tuple[float, float, float]:
    """Path minus the rule, paired by adapter: the mean and its 95 % interval."""
    return _difference(values(panel, basis, "path", key), values(panel, basis, rule, key))


def basis_lead(panel: Panel, key: str) -> tuple[float, float, float]:
    """The path in the SVD basis minus the path as trained: the mean and its 95 % interval."""
    return _difference(values(panel, "svd", "path", key), values(panel, "as_trained", "path", key))


def _difference(first: list[np.ndarray], second: list[np.ndarray]) -> tuple[float, float, float]:
    """With the percentile interval of 10,000 bootstrap resamples of the seeds, each task for itself."""
    differences = [one - other for one, other in zip(first, second, strict=True)]
    found = bootstrap(
        differences, _mean_of_means, method="percentile", n_resamples=10_000, rng=np.random.default_rng(0)
    )
    low, high = found.confidence_interval
    return float(_mean_of_means(*differences)), float(low), float(high)


def target_met(panel: Panel, basis: str) -> bool:
    """The path's mean correlation is 0.90 or more, and beyond doubt above the one-node and the module-wise scores."""
    better = all(lead(panel, basis, rule)[1] > 0 for rule in ("one node", "module-wise"))
    return better and mean(panel, basis, "path") >= TARGET


def _mean_of_means(*samples: np.ndarray, axis: int = -1) -> np.ndarray:
    return np.mean([sample.mean(axis=axis) for sample in samples], axis=0)


def spread(panel: Panel, basis: str, rule: str, key: str = "spearman") -> Sequence[float]:
    """The number of every adapter of the panel."""
    return np.concatenate(values(panel, basis, rule, key)).tolist()
