"""Adapters in the PEFT format, for other engines."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal

import torch
from safetensors.torch import save

from pilora.errors import PiloraError
from pilora.lowrank import LowRankLinear
from pilora.model import AdaptedModel


@torch.no_grad()
def export_peft(
    model: AdaptedModel,
    folder: str | Path,
    layout: Literal["padded", "compact"] = "padded",
    base_model: str = "",
) -> None:
    """Writes the adapter as a PEFT LoRA.

    Args:
        layout: `padded` folds the scale into B and fills every module up to the largest rank R with zeros, with
            `r = lora_alpha = R` and no patterns: the one layout that PEFT, vLLM and llama.cpp all scale alike.
            `compact` keeps each module's own rank by `rank_pattern` and `alpha_pattern`; for PEFT only (vLLM
            ignores the patterns, llama.cpp scales by each tensor's own rank).
        base_model: `base_model_name_or_path` of the config.

    Raises:
        PiloraError: PIL009 when no module has a rank left, PIL014 when the method is no LoRA.
    """
    modules = _exportable(model, folder)
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    largest = max(module.rank for module in modules.values())
    tensors: dict[str, torch.Tensor] = {}
    for name, module in modules.items():
        A, B = _padded(module, largest) if layout == "padded" else (module.A, module.B)
        tensors[f"base_model.model.{name}.lora_A.weight"] = A.detach().cpu().contiguous()
        tensors[f"base_model.model.{name}.lora_B.weight"] = B.detach().cpu().contiguous()
    (folder / "adapter_model.safetensors").write_bytes(save(tensors))
    config = _peft_config(modules, largest, layout, base_model)
    (folder / "adapter_config.json").write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")


def padded_tensors(model: AdaptedModel, where: str | Path) -> tuple[int, dict[str, tuple[torch.Tensor, torch.Tensor]]]:
    """The largest rank R, and of each module A (R, in) and B (out, R), its scale folded in; raises as `export_peft`."""
    modules = _exportable(model, where)
    largest = max(module.rank for module in modules.values())
    return largest, {name: _padded(module, largest) for name, module in modules.items()}


def _exportable(model: AdaptedModel, where: str | Path) -> dict[str, LowRankLinear]:
    if model.prompt_aware or model.foreign is not None:
        mend = "load it with pilora"
        raise PiloraError("PIL014", where, method=model.adapter_config.method, what="written as a PEFT LoRA", mend=mend)
    modules = {name: module for name, module in model.low_rank_modules() if module.rank}
    if not modules:
        raise PiloraError("PIL009", where)
    return modules


def _padded(module: LowRankLinear, rank: int) -> tuple[torch.Tensor, torch.Tensor]:
    A = module.A.new_zeros(rank, module.in_features)
    B = module.B.new_zeros(module.out_features, rank)
    A[: module.rank] = module.A
    B[:, : module.rank] = module.B * module.scale
    return A, B


def _peft_config(modules: dict[str, LowRankLinear], largest: int, layout: str, base_model: str) -> dict[str, Any]:
    config: dict[str, Any] = {
        "peft_type": "LORA",
        "task_type": "CAUSAL_LM",
        "base_model_name_or_path": base_model,
        "target_modules": sorted(modules),
        "r": largest,
        "lora_alpha": largest,
        "lora_dropout": 0.0,
        "bias": "none",
        "inference_mode": True,
        "rank_pattern": {},
        "alpha_pattern": {},
    }
    if layout == "compact":
        # The caret anchors a pattern to the whole name; PEFT matches patterns as regular expressions.
        pattern = {f"^{name.replace('.', chr(92) + '.')}": module for name, module in modules.items()}
        config["rank_pattern"] = {name: module.rank for name, module in pattern.items()}
        config["alpha_pattern"] = {name: module.scale * module.rank for name, module in pattern.items()}
    return config
