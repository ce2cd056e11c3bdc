"""Keeps an optimiser's moments in step with parameters that change their basis or lose ranks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from pilora.lowrank import BasisChange, LowRankLinear

_FIRST, _SECOND = ("exp_avg",), ("exp_avg_sq", "max_exp_avg_sq")


@torch.no_grad()
def rotate_moments(optimizer: torch.optim.Optimizer, module: LowRankLinear, change: BasisChange) -> None:
    """Carries Adam's moments of A and B over a change of basis `A' = M A`, `B' = B M⁻¹`.

    The gradients change as `∂A' = M⁻ᵀ ∂A` and `∂B' = ∂B Mᵀ`, and so do first moments, exactly. Second moments are
    carried over as if the entries of a gradient were uncorrelated: with the squares of the matrix's entries.
    """
    inverse_T, forward_T = change.inverse.T, change.forward.T
    _transform(optimizer, module.A, lambda m: inverse_T @ m, lambda v: inverse_T.square() @ v)
    _transform(optimizer, module.B, lambda m: m @ forward_T, lambda v: v @ forward_T.square())


@torch.no_grad()
def keep_ranks(optimizer: torch.optim.Optimizer | None, module: LowRankLinear, ranks: Tensor) -> None:
    """Keeps the given ranks of a module: new parameters, in the optimiser too, with their moments sliced along."""
    old_A, old_B = module.A, module.B
    module.keep(ranks.to(old_A.device))
    if optimizer is not None:
        _replace(optimizer, old_A, module.A, lambda value: value[ranks])
        _replace(optimizer, old_B, module.B, lambda value: value[:, ranks])


@torch.no_grad()
def add_ranks(
    optimizer: torch.optim.Optimizer | None,
    module: LowRankLinear,
    count: int,
    generator: torch.Generator | None = None,
) -> None:
    """Grows a module by ranks: new parameters, in the optimiser too, with moments of 0 on the new ranks."""
    old_A, old_B = module.A, module.B
    module.grow(count, generator)
    if optimizer is not None:
        _replace(optimizer, old_A, module.A, lambda value: functional.pad(value, (0, 0, 0, count)))
        _replace(optimizer, old_B, module.B, lambda value: functional.pad(value, (0, count)))


def _transform(
    optimizer: torch.optim.Optimizer,
    parameter: nn.Parameter,
    first: Callable[[Tensor], Tensor],
    second: Callable[[Tensor], Tensor],
) -> None:
    state: dict[str, Any] = optimizer.state.get(parameter, {})
    for names, change in ((_FIRST, first), (_SECOND, second)):
        for name in names:
            if name in state:
                state[name].copy_(change(state[name].double()))


def _replace(
    optimizer: torch.optim.Optimizer, old: nn.Parameter, new: nn.Parameter, cut: Callable[[Tensor], Tensor]
) -> None:
    for group in optimizer.param_groups:
        for index, parameter in enumerate(group["params"]):
            if parameter is old:
                group["params"][index] = new
    state = optimizer.state.pop(old, None)
    if state is not None:
        optimizer.state[new] = {
            name: cut(value).clone() if torch.is_tensor(value) and value.shape == old.shape else value
            for name, value in state.items()
        }
