"""ALoRA (arXiv 2403.16187): ranks move between modules by ablation scores, under a constant budget.

[P, full text read] training starts with the same rank everywhere, which is the budget. After the first epoch come up to
8 rounds, a quarter of an epoch apart: score all ranks by AB-LoRA on one validation batch of 32 records, zero the lowest
n (n = number of modules), and give n new ranks to the modules that lost none, as evenly as possible, those with the
higher mean score first. [R] the validation batch is split off the training data; zeroed ranks are removed.

The score costs two forward passes a rank. `score_sample` scores a random share of the ranks instead; a run with less
than 1 is to be reported as "alora (reduced scoring)". PEFT's aLoRA is another method (Activated LoRA,
arXiv 2504.12397).
"""

from __future__ import annotations

import random
import time
from collections.abc import Mapping
from typing import Any, Literal

import torch
from pydantic import Field
from torch import Tensor
from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from pilora import importance
from pilora.config import LoRAConfig
from pilora.methods.lora import install_low_rank
from pilora.methods.method import Batches, Method
from pilora.model import AdaptedModel
from pilora.optimizer_state import add_ranks, keep_ranks
from pilora.processes import share


class ALoRAConfig(LoRAConfig):
    """ALoRA: see the module. The defaults are the paper's.

    Attributes:
        rounds: of score, cut and growth, at most.
        first_epoch: when the first round comes, in epochs.
        epochs_a_round: between two rounds.
        calibration_records: records of the validation batch, held out of the training data.
        score_sample: share of the ranks that a round scores; below 1 it is the reduced scoring.
    """

    method: Literal["alora"] = "alora"  # type: ignore[assignment]
    rounds: int = Field(8, ge=1)
    first_epoch: float = Field(1.0, gt=0)
    epochs_a_round: float = Field(0.25, gt=0)
    calibration_records: int = Field(32, ge=1)
    score_sample: float = Field(1.0, gt=0, le=1)

    def held_back(self, records: int) -> tuple[str, int]:
        return "calibration_records", self.calibration_records


class AblationSchedule(TrainerCallback):
    """The Trainer callback that scores, cuts and grows.

    Args:
        model: with an `ALoRAConfig`.
        validation: batches split off the training data, on the model's device.

    Attributes:
        scoring_seconds: of all scoring so far, wall-clock.
    """

    def __init__(self, model: AdaptedModel, validation: Batches) -> None:
        if not isinstance(model.adapter_config, ALoRAConfig):
            raise TypeError("the model's configuration is not an ALoRAConfig")
        self.model = model
        self.config: ALoRAConfig = model.adapter_config
        self.validation = validation
        self.rounds_done = 0
        self.history: list[dict[str, Any]] = []
        self.scoring_seconds = 0.0

    def budget(self) -> int:
        """Ranks in all, before and after every round."""
        return self.config.rank * len(list(self.model.low_rank_modules()))

    def finished(self) -> bool:
        """Whether an adapter may be kept: the budget holds at any time."""
        return True

    def on_step_end(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        optimizer: torch.optim.Optimizer | None = None,
        **kwargs: Any,
    ) -> None:
        steps_an_epoch = state.max_steps / args.num_train_epochs
        while self.rounds_done < self.config.rounds:
            epoch = self.config.first_epoch + self.rounds_done * self.config.epochs_a_round
            step = max(1, round(epoch * steps_an_epoch))
            if state.global_step < step or step >= state.max_steps:
                return
            self.round(optimizer, seed=args.seed + state.global_step)
            self.history[-1]["step"] = state.global_step

    def round(self, optimizer: torch.optim.Optimizer | None = None, seed: int = 0) -> None:
        """One round; the optimiser's moments follow."""
        modules = dict(self.model.low_rank_modules())
        gates = importance.model_gates(self.model)
        loss = importance.model_gate_loss(self.model, self.validation)
        started = time.monotonic()
        scores = importance.ablation(loss, gates, _sample(gates, self.config.score_sample, seed))
        share(scores.values())
        self.scoring_seconds += time.monotonic() - started
        lost = lowest_ranks(scores, len(modules), len(modules))
        gained = ranks_to_add(scores, list(modules), lost)
        generator = torch.Generator().manual_seed(seed)
        for name, module in modules.items():
            if name in lost:
                keep_ranks(
                    optimizer, module, torch.tensor([r for r in range(module.rank) if r not in lost[name]]).long()
                )
            if gained.get(name):
                add_ranks(optimizer, module, gained[name], generator)
        self.rounds_done += 1
        scored = sum(int((~score.isnan()).sum()) for score in scores.values())
        self.history.append({"scored": scored, "moved": sum(map(len, lost.values())), "ranks": self.model.ranks()})

    def state_dict(self) -> dict[str, Any]:
        return {
            "rounds_done": self.rounds_done,
            "history": self.history,
            "scoring_seconds": self.scoring_seconds,
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.rounds_done, self.history = state["rounds_done"], state["history"]
        self.scoring_seconds = state.get("scoring_seconds", 0.0)


def _sample(gates: importance.Gates, share: float, seed: int) -> dict[str, list[int]] | None:
    """A random share of all ranks, by module; None for all of them."""
    if share == 1:
        return None
    places = [(name, rank) for name, gate in gates.items() for rank in range(gate.shape[0])]
    chosen: dict[str, list[int]] = {}
    for name, rank in random.Random(seed).sample(places, max(1, round(share * len(places)))):
        chosen.setdefault(name, []).append(rank)
    return chosen


def lowest_ranks(scores: Mapping[str, Tensor], count: int, modules: int) -> dict[str, set[int]]:
    """The ranks with the lowest scores, by module; ranks without a score (NaN) are never among them.

    Where all modules would lose a rank there would be none to give them to; then fewer go, until one module keeps all.

    Args:
        scores: by module, of those that have ranks.
        count: how many ranks go.
        modules: adapted modules in all, those without a rank included: they can take ranks.
    """
    order = sorted(
        (float(score[rank]), position, rank, name)
        for position, (name, score) in enumerate(scores.items())
        for rank in range(score.shape[0])
        if not score[rank].isnan()
    )[:count]
    while order and len({name for *_, name in order}) == modules:
        order.pop()
    lost: dict[str, set[int]] = {}
    for *_, rank, name in order:
        lost.setdefault(name, set()).add(rank)
    return lost


def ranks_to_add(scores: Mapping[str, Tensor], modules: list[str], lost: Mapping[str, set[int]]) -> dict[str, int]:
    """How many ranks each module gains: as many in all as were lost, evenly over the modules that lost none.

    What does not divide evenly goes to the modules with the higher mean score; a module without any score, having no
    rank or none sampled, comes last.
    """
    means = {}
    for name in modules:
        score = scores.get(name)
        known = score[~score.isnan()] if score is not None else torch.empty(0)
        means[name] = float(known.double().mean()) if len(known) else float("-inf")
    takers = sorted((name for name in modules if name not in lost), key=lambda name: -means[name])
    if not takers:
        return {}
    each, rest = divmod(sum(map(len, lost.values())), len(takers))
    return {name: each + (place < rest) for place, name in enumerate(takers)}


ALORA = Method("alora", ALoRAConfig, install_low_rank, AblationSchedule)
