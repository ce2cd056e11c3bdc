"""Whether probabilities mean what they say: calibration error with an interval, bins, and risk against coverage."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

BINS = 10


@dataclass(frozen=True)
class Bin:
    """The items whose probability lies in one tenth.

    Attributes:
        low, high: its borders.
        count: items.
        confidence: their mean probability.
        right: the share of right ones.
    """

    low: float
    high: float
    count: int
    confidence: float
    right: float


@dataclass(frozen=True)
class Reliability:
    """How well probabilities fit.

    Attributes:
        items: how many; `right` is the share of right ones.
        ece: expected calibration error over ten bins of equal width (Naeini et al. 2015; Guo et al. 2017).
        interval: 95 %, by bootstrap over passages.
        brier: mean squared difference to 1 or 0.
        bins: those with items in them.
        coverage, risk: for each share of the items, the most sure first, the share of wrong ones among them.
        error_of_surest_half: the risk at half of the coverage.
        area: under the risk-coverage curve.
    """

    items: int
    right: float
    ece: float
    interval: tuple[float, float]
    brier: float
    bins: tuple[Bin, ...]
    coverage: tuple[float, ...]
    risk: tuple[float, ...]
    error_of_surest_half: float
    area: float

    def report(self) -> dict[str, Any]:
        """The figures as JSON values."""
        return asdict(self)


def reliability(
    probabilities: NDArray[np.float64],
    right: NDArray[np.bool_],
    record: NDArray[np.int64],
    *,
    resamples: int = 1000,
    seed: int = 0,
) -> Reliability:
    """The figures of at least one item.

    Args:
        probabilities: shape (n,), from 0 to 1.
        right: shape (n,).
        record: shape (n,), the passage of each item: items of one passage are drawn together.
        resamples, seed: of the bootstrap.

    Raises:
        ValueError: where there is no item.
    """
    if not len(probabilities):
        raise ValueError("there is nothing to measure")
    places = np.minimum((probabilities * BINS).astype(np.int64), BINS - 1)
    weights = np.ones(len(probabilities))
    coverage, risk = _risk(probabilities, right)
    return Reliability(
        items=len(probabilities),
        right=float(right.mean()),
        ece=_ece(places, probabilities, right, weights),
        interval=_interval(places, probabilities, right, record, resamples, seed),
        brier=float(np.mean((probabilities - right) ** 2)),
        bins=_bins(places, probabilities, right),
        coverage=coverage,
        risk=risk,
        error_of_surest_half=float(np.interp(0.5, coverage, risk)),
        area=float(np.trapezoid(risk, coverage)) / max(1e-9, coverage[-1] - coverage[0]) if len(risk) > 1 else risk[0],
    )


def _ece(
    places: NDArray[np.int64],
    probabilities: NDArray[np.float64],
    right: NDArray[np.bool_],
    weights: NDArray[np.float64],
) -> float:
    gaps = np.bincount(places, weights * (right - probabilities), BINS)
    return float(np.abs(gaps).sum() / weights.sum())


def _interval(
    places: NDArray[np.int64],
    probabilities: NDArray[np.float64],
    right: NDArray[np.bool_],
    record: NDArray[np.int64],
    resamples: int,
    seed: int,
) -> tuple[float, float]:
    _, group = np.unique(record, return_inverse=True)
    groups = int(group.max()) + 1
    source = np.random.default_rng(seed)
    values = []
    for _ in range(resamples):
        drawn = source.multinomial(groups, np.full(groups, 1 / groups)).astype(np.float64)[group]
        if drawn.sum():
            values.append(_ece(places, probabilities, right, drawn))
    low, high = np.percentile(values, [2.5, 97.5])
    return float(low), float(high)


def _bins(places: NDArray[np.int64], probabilities: NDArray[np.float64], right: NDArray[np.bool_]) -> tuple[Bin, ...]:
    found = []
    for place in range(BINS):
        inside = places == place
        if inside.any():
            mean, share = float(probabilities[inside].mean()), float(right[inside].mean())
            found.append(Bin(place / BINS, (place + 1) / BINS, int(inside.sum()), mean, share))
    return tuple(found)


def _risk(probabilities: NDArray[np.float64], right: NDArray[np.bool_]) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """At most 101 points; items of one probability come together, so that their order does not count."""
    order = np.argsort(-probabilities, kind="stable")
    wrong = np.cumsum(~right[order])
    ends = np.flatnonzero(np.append(np.diff(probabilities[order]) != 0, True))
    kept = ends[np.unique(np.linspace(0, len(ends) - 1, min(len(ends), 101)).round().astype(np.int64))]
    count = kept + 1
    return tuple((count / len(right)).tolist()), tuple((wrong[kept] / count).tolist())
