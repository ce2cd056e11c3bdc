"""Adapters on disk: `adapter.json` (method, rank table, backbone) and `adapter.safetensors` (the tensors)."""

from __future__ import annotations

import hashlib
import json
import math
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor, nn

from pilora.config import parse_config
from pilora.errors import PiloraError
from pilora.lowrank import LowRankLinear
from pilora.methods.peft_reference import is_peft_parameter
from pilora.model import AdaptedModel
from pilora.wrapping import output_layer

FORMAT_VERSION = 1
CONFIG_FILE = "adapter.json"
TENSOR_FILE = "adapter.safetensors"

_QUANTISED = "quantised-"


def backbone_fingerprint(model: nn.Module) -> str:
    """A short hash that tells backbones apart: the names and shapes of all parameters and a sample of the values.

    It is the same for a model in float32 and in bfloat16 only where the sampled values agree after rounding to
    bfloat16, which is how they are hashed. An adapter on the model does not change it. Of a quantised model the
    parameters that are left as they were (embeddings, norms, the output layer) are hashed, and the fingerprint says so.
    """
    parameters = backbone_parameters(model)
    left = {name: tensor for name, tensor in parameters.items() if tensor.is_floating_point()}
    return _hash(parameters) if len(left) == len(parameters) else _QUANTISED + _hash(left)


def check_backbone(stored: str, model: nn.Module, folder: str | Path) -> None:
    """Whether an adapter's fingerprint is that of a model, as far as it can be told where one of them is quantised.

    An adapter of a quantised backbone is compared with what quantisation would have left of the model. For an adapter
    that goes onto a quantised backbone only shapes are compared, when its tensors are read.

    Raises:
        PiloraError: PIL004 where it is not.
    """
    found = backbone_fingerprint(model)
    if found.startswith(_QUANTISED) and not stored.startswith(_QUANTISED):
        return
    if stored.startswith(_QUANTISED) and not found.startswith(_QUANTISED):
        rounded = quantised_weights(model)
        left = {name: tensor for name, tensor in backbone_parameters(model).items() if name not in rounded}
        found = _QUANTISED + _hash(left)
    if stored != found:
        raise PiloraError("PIL004", folder, stored=stored, found=found)


def quantised_weights(model: nn.Module) -> set[str]:
    """The weights that quantisation rounds, by their names without an adapter: of linear modules, but for the output
    layer's.
    """
    backbone, output = _backbone(model), output_layer(model)
    linear = (name for name, module in backbone.named_modules() if type(module) is nn.Linear and module is not output)
    return {_without_adapter(f"{name}.weight") for name in linear}


def backbone_parameters(model: nn.Module) -> dict[str, Tensor]:
    """The parameters of a model that are no adapter's, by their names without one."""
    found = {}
    for name, parameter in _backbone(model).named_parameters():
        plain = _without_adapter(name)
        if plain.rpartition(".")[2] not in ("A", "B") and not is_peft_parameter(name):
            found[plain] = parameter.detach()
    return found


def _backbone(model: nn.Module) -> nn.Module:
    return model.backbone if isinstance(model, AdaptedModel) else model


def _without_adapter(name: str) -> str:
    return name.replace(".base.", ".").replace(".base_layer.", ".")


def _hash(parameters: Mapping[str, Tensor]) -> str:
    digest = hashlib.sha256()
    for name in sorted(parameters):
        values = parameters[name]
        digest.update(f"{name}{tuple(values.shape)}".encode())
        if values.is_meta or not values.is_floating_point():
            continue
        sample = values.flatten()[:: max(1, values.numel() // 16)][:16]
        digest.update(sample.to(torch.bfloat16).float().cpu().numpy().tobytes())
    return digest.hexdigest()[:16]


def save_pretrained(
    model: AdaptedModel,
    folder: str | Path,
    *,
    dtype: torch.dtype | None = None,
    about: dict[str, Any] | None = None,
) -> None:
    """Writes the adapter to a folder; each file whole or not at all.

    Args:
        dtype: of the stored tensors; None keeps the trained precision.
        about: free facts to keep beside it (training data, seed, …), JSON values.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    tensors = {
        name: tensor.to(dtype or tensor.dtype).cpu().contiguous()
        for name, tensor in model.adapter_state().items()
        if tensor.numel()
    }
    config = {
        "format_version": FORMAT_VERSION,
        "config": model.adapter_config.model_dump(mode="json"),
        "backbone": backbone_fingerprint(model),
        "ranks": model.ranks(),
        "about": about or {},
    }
    temporary = folder / (TENSOR_FILE + ".part")
    temporary.write_bytes(save(tensors))  # save_file makes a file that only its owner can read
    os.replace(temporary, folder / TENSOR_FILE)
    temporary = folder / (CONFIG_FILE + ".part")
    temporary.write_text(json.dumps(config, indent=1) + "\n", encoding="utf-8")
    os.replace(temporary, folder / CONFIG_FILE)


def read_adapter_config(folder: str | Path) -> dict[str, Any]:
    """The content of `adapter.json`.

    Raises:
        PiloraError: PIL003 when it is no adapter folder, PIL006 for another format version, PIL007 when damaged.
    """
    path = Path(folder) / CONFIG_FILE
    if not path.is_file():
        raise PiloraError("PIL003", folder)
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        version = stored["format_version"]
    except (ValueError, KeyError, TypeError, RecursionError, OSError) as error:
        raise PiloraError("PIL007", path, detail=str(error)) from error
    if version != FORMAT_VERSION:
        raise PiloraError("PIL006", path, found=version, known=FORMAT_VERSION)
    stored.setdefault("about", {})
    kinds = {"ranks": dict, "config": dict, "backbone": str, "about": dict}
    for key, kind in kinds.items():
        if not isinstance(stored.get(key), kind):
            raise PiloraError("PIL007", path, detail=f"'{key}' is missing or of the wrong type")
    for name, rank in stored["ranks"].items():
        if type(rank) is not int or rank < 0:
            raise PiloraError("PIL007", path, detail=f"the rank of {name} is not a whole number")
    return dict(stored)


def stored_parameters(folder: str | Path) -> int:
    """How many numbers an adapter's tensors hold.

    Raises:
        PiloraError: PIL005 for a file that cannot be read.
    """
    path = Path(folder) / TENSOR_FILE
    try:
        with safe_open(path, framework="pt") as tensors:
            return sum(math.prod(tensors.get_slice(name).get_shape()) for name in tensors.keys())  # noqa: SIM118
    except (SafetensorError, OSError) as error:
        raise PiloraError("PIL005", path, detail=str(error)) from error


def load(backbone: nn.Module, folder: str | Path) -> AdaptedModel:
    """The backbone with the adapter of a folder on it (the backbone is changed in place).

    Raises:
        PiloraError: PIL003 to PIL007 as `read_adapter_config`; PIL004 for another backbone; PIL005 when the
            tensors do not fit the rank table.
    """
    stored = read_adapter_config(folder)
    check_backbone(stored["backbone"], backbone, folder)
    model = AdaptedModel(backbone, parse_config(stored["config"], folder), ranks={})  # the shapes come with the tensors
    load_tensors(model, folder)
    return model


@torch.no_grad()
def load_tensors(model: AdaptedModel, folder: str | Path) -> None:
    """Puts the tensors of a folder into a model; its modules take the ranks of the folder's rank table."""
    stored = read_adapter_config(folder)
    path = Path(folder) / TENSOR_FILE
    unknown = stored["ranks"].keys() - model.ranks().keys()
    if unknown:
        raise PiloraError("PIL005", folder, detail=f"{min(unknown)} has no module")
    try:
        with safe_open(path, framework="pt") as tensors:
            names = set(tensors.keys())
            for name, module in model.low_rank_modules():
                rank = stored["ranks"].get(name, 0)
                _fill(module, name, rank, tensors, path)
                if rank:
                    names -= {f"{name}.A", f"{name}.B"}
            others = {f"parts.{name}": tensor for name, tensor in model.parts.state_dict().items()}
            for key, tensor in {**others, **model.foreign_parameters()}.items():
                value = tensors.get_tensor(key)
                if value.shape != tensor.shape:
                    detail = f"{key} is {tuple(value.shape)}, not {tuple(tensor.shape)}"
                    raise PiloraError("PIL005", path, detail=detail)
                tensor.copy_(value)  # shares the memory of the module's own tensor
                names.discard(key)
    except (SafetensorError, OSError) as error:
        raise PiloraError("PIL005", path, detail=str(error)) from error
    if names:
        raise PiloraError("PIL005", path, detail=f"{min(names)} has no place in the adapter")


def _fill(module: LowRankLinear, name: str, rank: int, tensors: Any, path: Path) -> None:
    shapes = {"A": (rank, module.in_features), "B": (module.out_features, rank)}
    for part, shape in shapes.items():
        current: nn.Parameter = getattr(module, part)
        value = tensors.get_tensor(f"{name}.{part}") if rank else torch.zeros(shape)
        if tuple(value.shape) != shape:
            raise PiloraError("PIL005", path, detail=f"{name}.{part} is {tuple(value.shape)}, not {shape}")
        # A copy: the file's own memory is mapped and lies askew, where the same sums can round otherwise.
        device = "cpu" if current.is_meta else current.device
        setattr(module, part, nn.Parameter(value.to(device, current.dtype, copy=True)))
