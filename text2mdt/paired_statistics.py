"""Two systems on the same records: intervals of figures, of their difference, and its significance.

Tables of counts are stacked by seed: (seeds, records, counts), counts as in `metrics.COUNT_NAMES`. A figure of a system
is the mean over its seeds. Records are drawn, or swapped between the systems, as a whole: with all seeds of both.

Sources: Efron and Tibshirani, An Introduction to the Bootstrap, 1993; Noreen, Computer-Intensive Methods for Testing
Hypotheses, 1989 (approximate randomisation); Yeh, COLING 2000 (for F1); Holm, Scandinavian Journal of Statistics 1979.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from text2mdt.metrics import COUNT_NAMES

Table = NDArray[np.int64]
Numbers = NDArray[np.float64]

_COLUMN = {name: column for column, name in enumerate(COUNT_NAMES)}
_F1 = {"triple_f1": "triple", "node_f1": "node", "path_f1": "path"}
_SHARES = {
    "tree_accuracy": ("tree_correct", "records"),
    "tree_accuracy_decisions": ("decisions_correct", "decisions"),
    "edit_distance": ("edit_distance", "records"),
}
FIGURES = (*_F1, *_SHARES)
"""The figures, by the names of `scores.Scores.flat`."""
_BLOCK = 500
"""Resamples that are counted together, to bound memory."""


@dataclass(frozen=True)
class Difference:
    """How much more the first of two systems has of a figure.

    Attributes:
        value: first minus second.
        low, high: its 95 % interval, by drawing records.
        p: two-sided, by swapping the systems on random records.
    """

    value: float
    low: float
    high: float
    p: float


def figures(totals: NDArray[np.number]) -> dict[str, Numbers]:
    """The figures of summed counts.

    Args:
        totals: shape (…, counts).

    Returns:
        Arrays of shape (…); NaN where there is nothing to measure.
    """
    column = {name: np.asarray(totals[..., index], dtype=np.float64) for name, index in _COLUMN.items()}
    found = {}
    for name, part in _F1.items():
        found[name] = _shares(2 * column[f"{part}_correct"], column[f"{part}_predicted"] + column[f"{part}_gold"])
    for name, (part, whole) in _SHARES.items():
        found[name] = _shares(column[part], column[whole])
    return found


def _shares(parts: Numbers, wholes: Numbers) -> Numbers:
    return np.divide(parts, wholes, out=np.full_like(parts, np.nan), where=wholes > 0)


def mean_figures(tables: Table) -> dict[str, float]:
    """The figures of a system, each the mean over its seeds."""
    return {name: float(values.mean()) for name, values in figures(tables.sum(axis=1)).items()}


def intervals(tables: Table, *, resamples: int = 2000, seed: int = 0) -> dict[str, tuple[float, float] | None]:
    """95 % percentile intervals of the mean over the seeds; None where nothing can be measured."""
    return {name: _interval(values) for name, values in _resampled(tables, resamples, seed).items()}


def differences(
    first: Table, second: Table, *, resamples: int = 2000, swaps: int = 10_000, seed: int = 0
) -> dict[str, Difference | None]:
    """How the first system differs from the second; None where a figure cannot be measured.

    Args:
        first, second: of the same records; as many seeds each, or one that stands for all of the other's.
        resamples: of the intervals.
        swaps: random assignments for the p-values.

    Raises:
        ValueError: for tables that do not fit.
    """
    seeds = max(len(first), len(second))
    if first.shape[1:] != second.shape[1:] or {len(first), len(second)} - {1, seeds}:
        raise ValueError(f"tables of shapes {first.shape} and {second.shape} do not pair")
    own, other = (np.broadcast_to(table, (seeds, *table.shape[1:])) for table in (first, second))
    mine, theirs = mean_figures(own), mean_figures(other)
    drawn = _resampled(own, resamples, seed), _resampled(other, resamples, seed)
    swapped = _swapped(own, other, swaps, seed)
    found: dict[str, Difference | None] = {}
    for name in FIGURES:
        value, interval = mine[name] - theirs[name], _interval(drawn[0][name] - drawn[1][name])
        if interval is None or np.isnan(value):
            found[name] = None
            continue
        # A difference that is as large but for rounding counts as as large.
        extreme = np.abs(swapped[name]) >= abs(value) - 1e-12
        found[name] = Difference(value, *interval, p=float((1 + extreme.sum()) / (1 + swaps)))
    return found


def holm(p_values: Mapping[str, float]) -> dict[str, float]:
    """p-values of several tests, adjusted so that all of them together err in so many cases at most."""
    adjusted: dict[str, float] = {}
    highest = 0.0
    for place, name in enumerate(sorted(p_values, key=lambda name: p_values[name])):
        highest = max(highest, min(1.0, (len(p_values) - place) * p_values[name]))
        adjusted[name] = highest
    return adjusted


def stacked(counts: Sequence[Sequence[Sequence[int]]]) -> Table:
    """Counts by seed and record as a table."""
    return np.array(counts, dtype=np.int64)


def _resampled(tables: Table, resamples: int, seed: int) -> dict[str, Numbers]:
    """The figures of records drawn with replacement; the same draws for the same seed and number of records."""
    size = tables.shape[1]
    draws = np.random.default_rng(seed).multinomial(size, np.full(size, 1 / size), size=resamples)
    return _means(draws.astype(np.float64) @ tables.astype(np.float64))


def _swapped(own: Table, other: Table, swaps: int, seed: int) -> dict[str, Numbers]:
    """Differences of the figures when random records change sides."""
    generator = np.random.default_rng(seed + 1)
    gap = (other - own).astype(np.float64)
    totals = own.sum(axis=1)[:, None], other.sum(axis=1)[:, None]
    blocks = []
    for start in range(0, swaps, _BLOCK):
        chosen = generator.integers(0, 2, size=(min(_BLOCK, swaps - start), own.shape[1]))
        moved = chosen.astype(np.float64) @ gap
        one, two = _means(totals[0] + moved), _means(totals[1] - moved)
        blocks.append({name: one[name] - two[name] for name in FIGURES})
    return {name: np.concatenate([block[name] for block in blocks]) for name in FIGURES}


def _means(totals: NDArray[np.number]) -> dict[str, Numbers]:
    """Figures of (seeds, resamples, counts), averaged over the seeds."""
    return {name: values.mean(axis=0) for name, values in figures(totals).items()}


def _interval(values: Numbers) -> tuple[float, float] | None:
    measured = values[~np.isnan(values)]
    if not len(measured):
        return None
    low, high = np.percentile(measured, [2.5, 97.5])
    return float(low), float(high)
