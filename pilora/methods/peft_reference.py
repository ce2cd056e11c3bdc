"""LoRA, AdaLoRA and (IA)³ as PEFT makes them: outside references through the same training and evaluation.

The adapter is PEFT's own, injected into the backbone; `settings` go to PEFT's configuration class as they are. What is
ours is around it: loss, batches, checkpoints. They are no part of the engine's promises: AdaLoRA's moving averages of
importance are not in a checkpoint, so a resumed run begins them anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import torch
from pydantic import Field, model_validator
from torch import Tensor
from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from pilora.config import ALL_LINEAR, AdapterConfig
from pilora.errors import PiloraError
from pilora.methods.method import Batches, Method
from pilora.model import AdaptedModel

ADAPTER = "default"
_OWN = (".lora_", ".ia3_", ".ranknum.")
"""What marks PEFT's parameters among the backbone's."""
_DEFAULTS: dict[str, dict[str, Any]] = {
    "peft:lora": {"target_modules": list(ALL_LINEAR)},
    # `total_step` is known only when training begins; PEFT wants a number before.
    "peft:adalora": {"target_modules": list(ALL_LINEAR), "total_step": 1000},
    "peft:ia3": {"target_modules": ["k_proj", "v_proj", "down_proj"], "feedforward_modules": ["down_proj"]},
}


class PeftReferenceConfig(AdapterConfig):
    """An adapter of PEFT.

    Attributes:
        settings: keyword arguments of `LoraConfig`, `AdaLoraConfig` or `IA3Config`.
        first_cut: AdaLoRA: when its budget begins to fall, as a share of all steps.
        last_cut: AdaLoRA: when its budget is reached.
    """

    method: Literal["peft:lora", "peft:adalora", "peft:ia3"]
    settings: dict[str, Any] = Field(default_factory=dict)
    first_cut: float = Field(0.15, gt=0, lt=1)
    last_cut: float = Field(0.5, gt=0, lt=1)

    @model_validator(mode="after")
    def _peft_takes_it(self) -> PeftReferenceConfig:
        try:
            peft_config(self)
        except TypeError as error:
            raise ValueError(f"settings: {error}") from error
        return self


def peft_config(config: PeftReferenceConfig) -> Any:
    """The configuration object of PEFT.

    Raises:
        PiloraError: PIL017 where PEFT is not installed.
    """
    try:
        import peft
    except ImportError as error:
        raise PiloraError("PIL017", config.method) from error
    classes = {"peft:lora": peft.LoraConfig, "peft:adalora": peft.AdaLoraConfig, "peft:ia3": peft.IA3Config}
    return classes[config.method](task_type="CAUSAL_LM", **{**_DEFAULTS[config.method], **config.settings})


def _install(model: AdaptedModel, ranks: Mapping[str, int] | None) -> None:
    from peft.tuners import AdaLoraModel, IA3Model, LoraModel

    config = model.adapter_config
    if not isinstance(config, PeftReferenceConfig):
        raise TypeError("the model's configuration is not a PeftReferenceConfig")
    tuners = {"peft:lora": LoraModel, "peft:adalora": AdaLoraModel, "peft:ia3": IA3Model}
    tuner = tuners[config.method](model.backbone, peft_config(config), ADAPTER)
    model.set_foreign(tuner, [name for name, _ in model.backbone.named_parameters() if is_peft_parameter(name)])


def is_peft_parameter(name: str) -> bool:
    """Whether a parameter of the backbone was put there by PEFT."""
    return any(mark in f".{name}." for mark in _OWN)


class AdaLoRASchedule(TrainerCallback):
    """Lets PEFT's AdaLoRA allocate after every optimiser step.

    Args:
        model: with the method `peft:adalora`.
    """

    def __init__(self, model: AdaptedModel, batches: Batches) -> None:
        config = model.adapter_config
        if not isinstance(config, PeftReferenceConfig):
            raise TypeError("the model's configuration is not a PeftReferenceConfig")
        self.config = config
        self.tuner: Any = model.foreign
        self.history: list[dict[str, Any]] = []
        self.step = 0

    def finished(self) -> bool:
        """Whether the budget is reached."""
        settings = self.tuner.peft_config[ADAPTER]
        return bool(self.step >= settings.total_step - settings.tfinal)

    def on_train_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        settings = self.tuner.peft_config[ADAPTER]
        settings.total_step = state.max_steps
        settings.tinit = round(self.config.first_cut * state.max_steps)
        settings.tfinal = state.max_steps - round(self.config.last_cut * state.max_steps)

    def on_optimizer_step(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        self.step = state.global_step + 1
        self.tuner.update_and_allocate(self.step)

    def state_dict(self) -> dict[str, Any]:
        return {"step": self.step, "rank_pattern": self.tuner.peft_config[ADAPTER].rank_pattern}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.step = state["step"]
        self.tuner.peft_config[ADAPTER].rank_pattern = state["rank_pattern"]


def orthogonality_loss(model: AdaptedModel) -> Tensor:
    """AdaLoRA's regulariser (arXiv 2303.10512, eq. 4), PEFT's weight times the mean `‖AAᵀ - I‖_F` and `‖BᵀB - I‖_F`."""
    tuner: Any = model.foreign
    distances = []
    for name, parameter in model.backbone.named_parameters():
        if ".lora_A." in name or ".lora_B." in name:
            square = parameter @ parameter.T if ".lora_A." in name else parameter.T @ parameter
            identity = torch.eye(len(square), dtype=square.dtype, device=square.device)
            distances.append(torch.linalg.norm(square - identity))
    return tuner.peft_config[ADAPTER].orth_reg_weight * torch.stack(distances).mean()


PEFT_REFERENCES = (
    Method("peft:lora", PeftReferenceConfig, _install),
    Method("peft:adalora", PeftReferenceConfig, _install, AdaLoRASchedule, orthogonality_loss),
    Method("peft:ia3", PeftReferenceConfig, _install),
)
