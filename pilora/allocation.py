"""Which ranks stay: budgets, the schedule of cuts, and the cut itself."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor


def cubic_budget(start: int, end: int, round_index: int, rounds: int) -> int:
    """The budget after round `round_index` of `rounds` (counted from 1), down the cubic schedule of AdaLoRA
    (arXiv 2303.10512, eq. 12): many ranks go early, few late; after the last round it is `end`."""
    left = 1 - round_index / rounds
    return round(end + (start - end) * left**3)


def scoring_steps(max_steps: int, rounds: int, first: float, last: float) -> list[int]:
    """The optimiser steps after which a round comes: `rounds` of them, evenly from `first` to `last` (shares).

    Where a run has fewer steps than rounds, several rounds come after the same step.
    """
    if rounds == 1:
        return [max(1, round(last * max_steps))]
    gap = (last - first) / (rounds - 1)
    return sorted(max(1, round((first + gap * index) * max_steps)) for index in range(rounds))


def ranks_to_keep(scores: Mapping[str, Tensor], costs: Mapping[str, int], budget: int) -> dict[str, Tensor]:
    """The ranks that stay when the lowest signed scores per cost go, until the costs fit the budget.

    A rank that raises the loss has a negative score and so goes first. Ties go by module order, later ranks first.

    Args:
        scores: by module, (rank,).
        costs: of one rank, by module: parameters, or 1 to count ranks.
        budget: in the unit of the costs.

    Returns:
        By module, the indices that stay, ascending; possibly none.
    """
    total = sum(costs[name] * score.shape[0] for name, score in scores.items())
    order = sorted(
        (float(score[rank]) / costs[name], position, -rank, name)
        for position, (name, score) in enumerate(scores.items())
        for rank in range(score.shape[0])
    )
    gone: dict[str, set[int]] = {name: set() for name in scores}
    for _, _, negative_rank, name in order:
        if total <= budget:
            break
        gone[name].add(-negative_rank)
        total -= costs[name]
    return {
        name: torch.tensor([r for r in range(score.shape[0]) if r not in gone[name]], dtype=torch.long)
        for name, score in scores.items()
    }
