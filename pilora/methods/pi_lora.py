"""PI-LoRA: rounds of score and cut while training (FT-MDT, arXiv 2510.04655; the formula is our reading).

Training starts above the budget. In each round every module is brought to its SVD basis, the ranks are scored by
path-integrated importance on calibration batches, and the ranks with the lowest score per parameter go, down a cubic
schedule; after the last round the budget holds and training goes on with the ranks that are left.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor
from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from pilora import importance
from pilora.allocation import cubic_budget, ranks_to_keep, scoring_steps
from pilora.config import PILoRAConfig
from pilora.methods.lora import install_low_rank
from pilora.methods.method import Method
from pilora.model import AdaptedModel
from pilora.optimizer_state import keep_ranks, rotate_moments
from pilora.processes import share


class PathIntegratedSchedule(TrainerCallback):
    """The Trainer callback that scores and cuts ranks.

    Args:
        model: with a `PILoRAConfig`.
        calibration: batches split off the training data, on the model's device.

    Attributes:
        scoring_seconds: of all scoring so far, wall-clock.
    """

    def __init__(self, model: AdaptedModel, calibration: Sequence[Mapping[str, Tensor]]) -> None:
        if not isinstance(model.adapter_config, PILoRAConfig):
            raise TypeError("the model's configuration is not a PILoRAConfig")
        self.model = model
        self.config: PILoRAConfig = model.adapter_config
        self.calibration = calibration
        self.rounds_done = 0
        self.scores: dict[str, Tensor] = {}
        self.history: list[dict[str, Any]] = []
        self.scoring_seconds = 0.0

    def costs(self) -> dict[str, int]:
        """What one rank counts in the budget, by module."""
        by_parameters = self.config.count == "parameters"
        return {name: module.cost if by_parameters else 1 for name, module in self.model.low_rank_modules()}

    def budget(self) -> int:
        """What `rank` ranks on every module count: the budget after the last round."""
        return self.config.rank * sum(self.costs().values())

    def finished(self) -> bool:
        return self.rounds_done >= self.config.rounds

    def on_step_end(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        optimizer: torch.optim.Optimizer | None = None,
        **kwargs: Any,
    ) -> None:
        steps = scoring_steps(state.max_steps, self.config.rounds, self.config.first_round, self.config.last_round)
        while not self.finished() and state.global_step >= steps[self.rounds_done]:
            self.round(optimizer, seed=args.seed + state.global_step)
            self.history[-1]["step"] = state.global_step

    def round(self, optimizer: torch.optim.Optimizer | None = None, seed: int = 0) -> None:
        """One round: basis, scores, moving average, cut. The optimiser's moments follow."""
        if self.config.basis == "svd":
            self._to_svd_basis(optimizer)
        started = time.monotonic()
        fresh, saved = self._score(seed)
        self.scoring_seconds += time.monotonic() - started
        share(fresh.values())  # sums on an accelerator are not the same to the bit, and shapes depend on them
        self.scores = {name: self._averaged(name, score) for name, score in fresh.items()}
        self.rounds_done += 1
        costs = self.costs()
        start = self.config.start_rank * sum(costs.values())
        budget = cubic_budget(start, self.budget(), self.rounds_done, self.config.rounds)
        kept = ranks_to_keep(self.scores, costs, budget)
        modules = dict(self.model.low_rank_modules())
        for name, ranks in kept.items():
            if len(ranks) < modules[name].rank:
                keep_ranks(optimizer, modules[name], ranks)
                self.scores[name] = self.scores[name][ranks]
        total = float(sum(score.double().sum() for score in fresh.values()))
        self.history.append({"budget": budget, "saved": saved, "score_sum": total, "ranks": self.model.ranks()})

    def _to_svd_basis(self, optimizer: torch.optim.Optimizer | None) -> None:
        for _, module in self.model.low_rank_modules():
            change = module.to_svd_basis()
            if change is not None and optimizer is not None:
                rotate_moments(optimizer, module, change)

    def _score(self, seed: int) -> tuple[importance.Gates, float]:
        """Scores by the configured rule, and the loss that the adapter saves on the calibration batches."""
        gates = importance.model_gates(self.model)
        loss = importance.model_gate_loss(self.model, self.calibration)
        with torch.no_grad():
            bare = loss({name: torch.zeros_like(gate) for name, gate in gates.items()})
            saved = float(bare - loss(gates))
        rule = self.config.score
        if rule == "path":
            scores = importance.path_integrated(loss, gates, self.config.nodes)
        elif rule == "module_path":
            scores = importance.module_path_integrated(loss, gates, self.config.nodes)
        elif rule == "end_point":
            scores = importance.end_point(loss, gates)
        elif rule == "ablation":
            scores = importance.ablation(loss, gates)
        else:
            scores = importance.random_scores(gates, seed)
        return scores, saved

    def _averaged(self, name: str, score: Tensor) -> Tensor:
        earlier = self.scores.get(name)
        if earlier is None or earlier.shape != score.shape:
            return score
        # In the SVD basis ranks are sorted by singular value, so the i-th of two rounds is nearly the same.
        return self.config.ema * earlier.to(score) + (1 - self.config.ema) * score

    def state_dict(self) -> dict[str, Any]:
        return {
            "rounds_done": self.rounds_done,
            "scores": {name: score.tolist() for name, score in self.scores.items()},
            "history": self.history,
            "scoring_seconds": self.scoring_seconds,
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.rounds_done = state["rounds_done"]
        self.history = state["history"]
        self.scoring_seconds = state.get("scoring_seconds", 0.0)
        # float64 holds every score as it was; it takes the type of the next round's scores there.
        self.scores = {name: torch.tensor(score, dtype=torch.float64) for name, score in state["scores"].items()}


PI_LORA = Method("pi_lora", PILoRAConfig, install_low_rank, PathIntegratedSchedule)
