"""Platt's logistic curve: from a score to the probability of a yes.

Platt 1999; targets and Newton steps as in Lin, Lin and Weng 2007.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

_LARGEST = 30.0
"""Log-odds of a probability that rounds to 0 or 1, in nats."""


def platt(scores: NDArray[np.float64], positive: NDArray[np.bool_]) -> tuple[float, float]:
    """Slope and intercept of the curve `P(positive | score) = 1 / (1 + exp(-(slope · score + intercept)))`.

    Args:
        scores: shape (n,).
        positive: shape (n,), with at least one of each.
    """
    count = positive.sum()
    high, low = (count + 1) / (count + 2), 1 / (len(positive) - count + 2)
    targets = np.where(positive, high, low)
    inputs = np.stack([scores, np.ones_like(scores)], axis=1)
    weights = np.array([0.0, math.log(count / (len(positive) - count))])
    loss = _cross_entropy(inputs @ weights, targets)
    for _ in range(100):
        probabilities = 1 / (1 + np.exp(-np.clip(inputs @ weights, -_LARGEST, _LARGEST)))
        curvature = inputs.T @ (inputs * (probabilities * (1 - probabilities))[:, None]) + 1e-9 * np.eye(2)
        step = np.linalg.solve(curvature, inputs.T @ (probabilities - targets))
        while (changed := _cross_entropy(inputs @ (weights - step), targets)) > loss and np.abs(step).max() > 1e-12:
            step = step / 2
        weights, gain, loss = weights - step, loss - changed, changed
        if gain < 1e-10:
            break
    return float(weights[0]), float(weights[1])


def _cross_entropy(logits: NDArray[np.float64], targets: NDArray[np.float64]) -> float:
    return float(np.sum(np.logaddexp(0, logits) - targets * logits))
