"""The bi-level step: some parameters learn on a held-out share of the training data, in turn with the rest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import torch
from pydantic import Field
from torch import Tensor, nn
from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from pilora.config import AdapterConfig
from pilora.loss import response_loss
from pilora.model import AdaptedModel
from pilora.processes import average_gradients
from pilora.rational import RationalActivation


class BilevelConfig(AdapterConfig):
    """What a method with two levels adds to its configuration.

    Attributes:
        held_out: share of the training records for the upper level; the lower level never sees them.
        upper_learning_rate: of the upper level, constant ("a small rate" in the papers; the value is our reading).
        upper_every: optimiser steps of the lower level for one of the upper.
    """

    held_out: float = Field(0.5, gt=0, lt=1)
    upper_learning_rate: float = Field(1e-4, gt=0)
    upper_every: int = Field(1, ge=1)

    def held_back(self, records: int) -> tuple[str, int]:
        return "held_out", max(1, round(self.held_out * records))


class BilevelSchedule(TrainerCallback):
    """Alternates two levels: between steps of the Trainer, which trains all the rest, the upper parameters take one of
    their own, by AdamW on the next held-out batch (first-order DARTS: neither level looks through the other's step).

    The upper parameters are frozen for the Trainer, so its optimiser never holds them. The passes on held-out batches
    are counted: they are part of the method's cost.

    Args:
        model: with a `BilevelConfig`.
        upper: the parameters of the upper level.
        held_out: batches of the held-out share, on the model's device.
    """

    def __init__(
        self, model: AdaptedModel, upper: Iterable[nn.Parameter], held_out: Sequence[Mapping[str, Tensor]]
    ) -> None:
        config = model.adapter_config
        if not isinstance(config, BilevelConfig):
            raise TypeError("the model's configuration is not a BilevelConfig")
        self.model = model
        self.upper = list(upper)
        self.held_out = held_out
        self.every = config.upper_every
        self.optimizer = torch.optim.AdamW(self.upper, lr=config.upper_learning_rate, weight_decay=0.0)
        self.steps = 0
        self.tokens = 0
        self.passes = 1  # over a batch, in a step
        self.history: list[dict[str, Any]] = []
        for parameter in self.upper:
            parameter.requires_grad_(False)

    def finished(self) -> bool:
        """Whether the ranks have their final shape: here they never change."""
        return True

    def on_step_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any) -> None:
        if state.global_step % self.every == 0:
            self.step(seed=args.seed)

    def step(self, seed: int = 0) -> float:
        """One step of the upper level on the next held-out batch; gives its loss before the step, in nats a token."""
        batch = self._next_batch(seed)
        for parameter in self.upper:
            parameter.requires_grad_(True)
        try:
            with torch.enable_grad():
                loss = self._loss(batch)
                gradients = torch.autograd.grad(loss, self.upper, allow_unused=True)
        finally:
            for parameter in self.upper:
                parameter.requires_grad_(False)
        for parameter, gradient in zip(self.upper, gradients, strict=True):
            parameter.grad = gradient
        average_gradients(self.upper)
        self.optimizer.step()
        self.optimizer.zero_grad()
        self.steps += 1
        self.tokens += self.passes * int(batch["attention_mask"].sum())
        return float(loss.detach())

    def _loss(self, batch: Mapping[str, Tensor]) -> Tensor:
        """Of the upper level, in nats a token."""
        total, tokens = response_loss(self.model, batch)
        return total / max(1, tokens)

    def _next_batch(self, seed: int) -> Mapping[str, Tensor]:
        """Each pass over the held-out batches in an order of its own, so that a resumed run sees the same."""
        turn, place = divmod(self.steps, len(self.held_out))
        generator = torch.Generator().manual_seed(seed * 1_000_003 + turn)
        return self.held_out[int(torch.randperm(len(self.held_out), generator=generator)[place])]

    def state_dict(self) -> dict[str, Any]:
        moments = [
            {name: value.tolist() for name, value in self.optimizer.state[parameter].items()}
            for parameter in self.upper
            if parameter in self.optimizer.state
        ]
        return {"steps": self.steps, "tokens": self.tokens, "moments": moments}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.steps, self.tokens = state["steps"], state["tokens"]
        for parameter, values in zip(self.upper, state["moments"], strict=False):
            self.optimizer.state[parameter] = {
                name: torch.tensor(value, dtype=torch.float32)
                if name == "step"
                else torch.tensor(value, dtype=parameter.dtype, device=parameter.device)
                for name, value in values.items()
            }


def learned_activations(model: AdaptedModel, held_out: Sequence[Mapping[str, Tensor]]) -> BilevelSchedule:
    """The schedule whose upper level are the coefficients of all rational activations of a model's parts."""
    activations = [module for module in model.parts.modules() if isinstance(module, RationalActivation)]
    return BilevelSchedule(model, [p for module in activations for p in module.parameters()], held_out)
