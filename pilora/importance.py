"""Scores of ranks: how much of the loss that an adapter saves is owed to each rank.

Every rule sees the loss as a function `l(g)` of the gates of all ranks, with the batches held fixed, and gives a
signed score: positive for a rank that lowers the loss. The rules:

- `path_integrated`: `I(m,i) = -∫₀¹ ∂l/∂g(m,i) at g = t·1 dt`, all gates of all modules together (the Aumann-Shapley
  value of the rank; our reading of PI-LoRA, FT-MDT, arXiv 2510.04655). Sums to `l(0) - l(1)`.
- `module_path_integrated`: the path moves one module's gates, the others stay at 1 (an ablation).
- `end_point`: `-∂l/∂g` at g = 1 (an ablation; first-order sensitivity).
- `ablation`: the AB-LoRA score of ALoRA (arXiv 2403.16187), `l(without i) - l(only i)` up to a constant that all
  ranks share.
- `exact_shapley`: by all coalitions of ranks; for a handful of ranks.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import torch
from torch import Tensor

from pilora.layer_reuse import LayerReuse
from pilora.loss import response_loss
from pilora.model import AdaptedModel

Gates = dict[str, Tensor]
"""Gates, or scores, by module name; each (rank,)."""

GateLoss = Callable[[Gates], Tensor]
"""The loss as a function of the gates."""


def gauss_legendre(nodes: int) -> list[tuple[float, float]]:
    """(t, weight) of the Gauss-Legendre rule on [0, 1]; exact for polynomials up to degree 2 · nodes - 1."""
    points, weights = np.polynomial.legendre.leggauss(nodes)
    return [(float(t + 1) / 2, float(w) / 2) for t, w in zip(points, weights, strict=True)]


def path_integrated(loss: GateLoss, gates: Gates, nodes: int = 8) -> Gates:
    """Path-integrated scores with all gates moving together from 0 to 1.

    Args:
        loss: must be differentiable in the gates; called once a node, so the cost is `nodes` passes.
        gates: the shapes, by module; values are ignored.
        nodes: Gauss-Legendre nodes.
    """
    scores = {name: torch.zeros_like(gate) for name, gate in gates.items()}
    for t, weight in gauss_legendre(nodes):
        gradient = _gate_gradient(loss, {name: torch.full_like(gate, t) for name, gate in gates.items()})
        for name in scores:
            scores[name] -= weight * gradient[name]
    return scores


def module_path_integrated(loss: GateLoss, gates: Gates, nodes: int = 8) -> Gates:
    """As `path_integrated`, but each module on a path of its own, the others whole: `modules · nodes` passes."""
    scores: Gates = {}
    for moving in gates:
        total = torch.zeros_like(gates[moving])
        for t, weight in gauss_legendre(nodes):
            at = {n: torch.full_like(gate, t if n == moving else 1.0) for n, gate in gates.items()}
            total -= weight * _gate_gradient(loss, at)[moving]
        scores[moving] = total
    return scores


def end_point(loss: GateLoss, gates: Gates) -> Gates:
    """`-∂l/∂g` at g = 1: one pass."""
    gradient = _gate_gradient(loss, {name: torch.ones_like(gate) for name, gate in gates.items()})
    return {name: -value for name, value in gradient.items()}


@torch.no_grad()
def ablation(loss: GateLoss, gates: Gates, only: Mapping[str, Sequence[int]] | None = None) -> Gates:
    """AB-LoRA scores: `l(without the rank) - l(with only the rank)`; two forward passes a rank.

    Args:
        only: the ranks to score, by module; the others get NaN. None scores all.
    """
    scores = {name: torch.full_like(gate, math.nan) for name, gate in gates.items()}
    for name, gate in gates.items():
        for rank in range(gate.shape[0]) if only is None else only.get(name, ()):
            without = {n: torch.ones_like(g) for n, g in gates.items()}
            alone = {n: torch.zeros_like(g) for n, g in gates.items()}
            without[name][rank], alone[name][rank] = 0.0, 1.0
            scores[name][rank] = loss(without) - loss(alone)
    return scores


@torch.no_grad()
def exact_shapley(loss: GateLoss, gates: Gates) -> Gates:
    """Exact Shapley values of the ranks for the game `v(S) = l(0) - l(S)`; 2ⁿ forward passes for n ranks."""
    places = [(name, rank) for name, gate in gates.items() for rank in range(gate.shape[0])]
    count = len(places)
    losses: dict[frozenset[int], float] = {}
    for coalition in itertools.product((0.0, 1.0), repeat=count):
        at = {name: torch.zeros_like(gate) for name, gate in gates.items()}
        for (name, rank), value in zip(places, coalition, strict=True):
            at[name][rank] = value
        losses[frozenset(i for i in range(count) if coalition[i])] = float(loss(at))
    scores = {name: torch.zeros_like(gate) for name, gate in gates.items()}
    for index, (name, rank) in enumerate(places):
        total = 0.0
        for members, value in losses.items():
            if index not in members:
                size = len(members)
                weight = math.factorial(size) * math.factorial(count - size - 1) / math.factorial(count)
                total += weight * (value - losses[members | {index}])
        scores[name][rank] = total
    return scores


def random_scores(gates: Gates, seed: int) -> Gates:
    """Scores without meaning, as a floor for comparisons."""
    generator = torch.Generator().manual_seed(seed)
    return {name: torch.rand(gate.shape, generator=generator, dtype=gate.dtype) for name, gate in gates.items()}


def model_gates(model: AdaptedModel) -> Gates:
    """Gates of 1 for every module that has ranks."""
    return {
        name: torch.ones(module.rank, dtype=module.A.dtype, device=module.A.device)
        for name, module in model.low_rank_modules()
        if module.rank
    }


def model_gate_loss(model: AdaptedModel, batches: Sequence[Mapping[str, Tensor]]) -> GateLoss:
    """The mean loss a labelled token over the batches, as a function of the gates.

    The model is in evaluation mode while the loss is taken (no dropout), and left as it was.
    With gradients wanted, each batch is differentiated on its own, so that one graph is alive at a time. Without,
    layers before the first rank that is switched on or off are not computed again, so model and batches must be left
    as they are while this is used (`LayerReuse`).
    """
    modules = dict(model.low_rank_modules())
    reuse = LayerReuse(model.backbone, modules)
    tokens = sum(int((batch["labels"][:, 1:] != -100).sum()) for batch in batches)

    def loss(gates: Gates) -> Tensor:
        training = model.training
        model.eval()
        for name, gate in gates.items():
            modules[name].gates = gate
        try:
            return _summed(model, batches, gates, reuse) / tokens
        finally:
            for name in gates:
                modules[name].gates = None
            model.train(training)

    return loss


def _summed(model: AdaptedModel, batches: Sequence[Mapping[str, Tensor]], gates: Gates, reuse: LayerReuse) -> Tensor:
    """Sum of the losses; where the gates want gradients, carries them as one linear function of the gates."""
    leaves = list(gates.values())
    if not (torch.is_grad_enabled() and any(leaf.requires_grad for leaf in leaves)):
        losses, start = [], reuse.start(gates)
        for number, batch in enumerate(batches):
            with torch.no_grad(), reuse.passes(start, number):
                losses.append(response_loss(model, batch)[0].double())
        return torch.stack(losses).sum()
    value = torch.zeros((), dtype=torch.float64, device=leaves[0].device)
    gradients = [torch.zeros_like(leaf, dtype=torch.float64) for leaf in leaves]
    for batch in batches:
        batch_loss, _ = response_loss(model, batch)
        for total, part in zip(gradients, torch.autograd.grad(batch_loss, leaves), strict=True):
            total += part.double()
        value += batch_loss.detach().double()
    # value + Σ gradient·(g - g₀): the same value and gradient as the sum itself, without its graphs.
    linear = [(grad * (leaf - leaf.detach())).sum() for grad, leaf in zip(gradients, leaves, strict=True)]
    return value + torch.stack(linear).sum()


def _gate_gradient(loss: GateLoss, at: Gates) -> Gates:
    leaves = {name: gate.detach().requires_grad_(True) for name, gate in at.items()}
    with torch.enable_grad():
        value = loss(leaves)
        gradients = torch.autograd.grad(value, list(leaves.values()))
    return {name: gradient.detach() for name, gradient in zip(leaves, gradients, strict=True)}
