"""What every rule says about the ranks of one adapter, beside the exact Shapley values."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import torch
from fidelity.adapters import Batch, Setting, trained_adapter
from scipy.stats import spearmanr
from torch import Tensor

from pilora import importance
from pilora.allocation import ranks_to_keep
from pilora.importance import GateLoss, Gates
from pilora.model import AdaptedModel

BASES = ("svd", "as_trained")
RULES = ("path", "one node", "end point", "module-wise", "AB-LoRA", "random")
"""The rules that are compared; `path` has 8 nodes, `one node` is Gauss-Legendre with 1 (t = ½)."""

NODES = {"path, 2 nodes": 2, "path, 4 nodes": 4, "path": 8, "path, 16 nodes": 16}


class Counted:
    """A gate loss that counts its forward and backward passes."""

    def __init__(self, loss: GateLoss) -> None:
        self.loss, self.forward, self.backward = loss, 0, 0

    def __call__(self, gates: Gates) -> Tensor:
        self.forward += 1
        self.backward += torch.is_grad_enabled() and next(iter(gates.values())).requires_grad
        return self.loss(gates)


def rules(seed: int) -> dict[str, Callable[[GateLoss, Gates], Gates]]:
    """All rules by name: those compared, the path with other numbers of nodes, and the exact values."""
    paths = {name: _path_rule(nodes) for name, nodes in NODES.items()}
    return {
        **paths,
        "one node": _path_rule(1),
        "end point": importance.end_point,
        "module-wise": importance.module_path_integrated,
        "AB-LoRA": importance.ablation,
        "random": lambda loss, gates: importance.random_scores(gates, seed),
        "Shapley": importance.exact_shapley,
    }


def _path_rule(nodes: int) -> Callable[[GateLoss, Gates], Gates]:
    return lambda loss, gates: importance.path_integrated(loss, gates, nodes)


def score_adapter(model: AdaptedModel, calibration: Batch, test: Batch, seed: int) -> dict[str, Any]:
    """By rule: the scores, the rank correlation with Shapley values, the test loss after the cut to half, the cost."""
    gates = importance.model_gates(model)
    test_loss = importance.model_gate_loss(model, [test])
    results: dict[str, Any] = {}
    for name, rule in rules(seed).items():
        loss = Counted(importance.model_gate_loss(model, [calibration]))
        started = time.process_time()
        scores = rule(loss, gates)
        seconds = time.process_time() - started
        results[name] = {
            "scores": torch.cat(list(scores.values())).tolist(),
            "half": _loss_of_half(test_loss, scores),
            "cost": [loss.forward, loss.backward, seconds],
        }
    exact = results["Shapley"]["scores"]
    for result in results.values():
        result["spearman"] = float(spearmanr(result["scores"], exact).statistic)
        # Exact values and, up to quadrature, path scores sum to all that the adapter saves on these records.
        result["completeness"] = abs(sum(result["scores"]) / sum(exact) - 1)
    return results


def _loss_of_half(loss: GateLoss, scores: Gates) -> float:
    """The loss with the better half of the ranks; a gate of 0 is the same function as a removed rank."""
    ranks = sum(len(score) for score in scores.values())
    kept = ranks_to_keep(scores, dict.fromkeys(scores, 1), ranks // 2)
    with torch.no_grad():
        return float(
            loss({name: torch.zeros_like(score).index_fill(0, kept[name], 1) for name, score in scores.items()})
        )


def study(setting: Setting, seed: int, bases: tuple[str, ...] = BASES) -> dict[str, Any]:
    """Everything about one seed: how the training went and, by basis, what the rules say."""
    model, calibration, test, result = trained_adapter(setting, seed)
    scored: dict[str, Any] = dict(result)
    for basis in sorted(bases):  # as trained first: the change of basis is made in place
        if basis == "svd":
            for _, module in model.low_rank_modules():
                module.to_svd_basis()
        scored[basis] = score_adapter(model, calibration, test, seed)
    return scored
