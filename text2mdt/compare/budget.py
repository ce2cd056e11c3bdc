"""Equal budgets: how many parameters each method keeps, counted before anything is trained."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from text2mdt.compare.config import ComparisonConfig
from text2mdt.compare.units import trained_methods
from text2mdt.errors import Text2MDTError
from text2mdt.models import model_shape

_BOOKKEEPING = ".ranknum."
"""AdaLoRA's count of a module's ranks, which is no parameter of the function."""


@dataclass(frozen=True)
class PlannedParameters:
    """Numbers of a method's adapter.

    Attributes:
        start: when training begins.
        kept: when its schedule has ended.
        reason: why `kept` may be outside of the budget; None where it is within.
    """

    start: int
    kept: int
    reason: str | None


def planned_parameters(config: ComparisonConfig) -> dict[str, PlannedParameters]:
    """The parameters of every trained method, on a model without memory.

    Raises:
        Text2MDTError: T2M160 where one is outside of the budget and no reason is given; T2M022 for an unknown model.
        PiloraError: PIL001, PIL002, PIL007, PIL010, PIL017 for a configuration that does not fit.
    """
    shape = model_shape(config.model)
    counted = {name: _counts(config.methods[name].adapter or {}, shape, name) for name in trained_methods(config)}
    budget = config.budget.parameters or counted[config.reference][1]
    found = {}
    for name, (start, kept) in counted.items():
        outside = abs(kept / budget - 1) > config.budget.tolerance
        reason = config.methods[name].outside_budget
        if outside and reason is None:
            raise Text2MDTError(
                "T2M160", f"methods.{name}", kept=f"{kept:,}", budget=f"{budget:,}", share=f"{kept / budget - 1:+.1%}"
            )
        found[name] = PlannedParameters(start, kept, reason if outside else None)
    return found


def kept_parameters(folder: Path) -> int:
    """Numbers of a stored adapter; of an AdaLoRA, whose cut ranks PEFT only masks, those of the ranks that are left."""
    from safetensors.torch import load_file

    from pilora.checkpoint import TENSOR_FILE

    tensors = load_file(folder / TENSOR_FILE)
    total = 0
    for name, tensor in tensors.items():
        if _BOOKKEEPING in name:
            continue
        values = next((n for n in tensors if n == _singular_values(name)), None)
        if values is None or not tensor.numel():
            total += tensor.numel()
        else:
            left = int((tensors[values] != 0).sum())
            total += tensor.numel() * left // tensors[values].numel()
    return total


def _singular_values(name: str) -> str:
    """The name of AdaLoRA's diagonal that a tensor belongs to."""
    return name.replace(".lora_A.", ".lora_E.").replace(".lora_B.", ".lora_E.")


def _counts(adapter: dict[str, Any], shape: Any, where: str) -> tuple[int, int]:
    """Numbers at the start and at the end of a training."""
    from pilora.config import parse_config

    resolved = parse_config(adapter, where)
    final: dict[str, Any] = dict(adapter)
    if resolved.method == "pi_lora":
        final = {"method": "lora", "rank": resolved.rank, "targets": resolved.targets}  # type: ignore[attr-defined]
    elif resolved.method == "spt":
        layers = resolved.layers or range(shape.num_hidden_layers)  # type: ignore[attr-defined]
        kept = resolved.keep or max(1, len(layers) // 4)  # type: ignore[attr-defined]
        final["layers"] = tuple(layers)[: len(layers) if resolved.layers else kept]  # type: ignore[attr-defined]
    elif resolved.method == "peft:adalora":
        settings = {**resolved.settings}  # type: ignore[attr-defined]
        final["settings"] = {**settings, "init_r": settings.get("target_r", 8)}
    return _count(adapter, shape), _count(final, shape)


def _count(adapter: dict[str, Any], shape: Any) -> int:
    import torch
    from transformers import AutoModelForCausalLM

    from pilora import attach

    with torch.device("meta"):
        model = attach(AutoModelForCausalLM.from_config(shape), adapter)
    return sum(tensor.numel() for name, tensor in model.adapter_state().items() if _BOOKKEEPING not in name)
