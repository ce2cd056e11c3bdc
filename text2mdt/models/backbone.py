"""Loading a backbone with its tokenizer."""

from __future__ import annotations

import importlib.util
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from text2mdt.errors import Text2MDTError
from text2mdt.models.embedded import ensure_embedded

if TYPE_CHECKING:
    import torch
    from transformers import PretrainedConfig, PreTrainedModel, PreTrainedTokenizerBase

# It asks for a package that fetches code from a hub.
logging.getLogger("bitsandbytes.backends.cpu.ops").setLevel(logging.ERROR)

DEFAULT = "default"

NF4 = "nf4"
"""Names the data type of QLoRA (Dettmers et al. 2023, arXiv 2305.14314, section 3): weights in 4 bits."""


@dataclass(frozen=True)
class Backbone:
    """A causal language model in evaluation mode, with its tokenizer.

    Attributes:
        model: on its device, in its dtype.
        tokenizer: has a padding token.
        name: as it was asked for.
        fingerprint: tells backbones apart (`pilora.checkpoint.backbone_fingerprint`).
    """

    model: PreTrainedModel
    tokenizer: PreTrainedTokenizerBase
    name: str
    fingerprint: str


def load_backbone(
    name: str = DEFAULT,
    device: str = "cpu",
    dtype: str = "auto",
    *,
    progress: bool = True,
) -> Backbone:
    """Loads a model from safetensors; code that comes with a model is never run.

    Args:
        name: "default" (the embedded model), a folder with config.json, or a hub id. With `HF_HUB_OFFLINE=1` a
            hub id is looked for in the local hub cache only.
        device: "cpu", "cuda", "cuda:0", "mps", …, or "auto": the first accelerator there is, else the CPU.
        dtype: "float32", "bfloat16", "float16", or "auto": float32 on a CPU, bfloat16 on an accelerator (float16
            where it lacks that). "nf4" quantises the linear modules to 4 bits while loading; the rest, and what is
            computed, is as under "auto". It saves memory, not time: a CPU takes many times longer.
        progress: show progress bars on the standard error stream, where that is a terminal.

    Raises:
        Text2MDTError: T2M020 or T2M021 (embedded model), T2M022 (no such model), T2M024 (no such device),
            T2M025 (4-bit not possible), T2M026 (there, but not loadable), T2M032 (unknown dtype).
    """
    target = _device(device)
    four_bits = dtype == NF4
    options: dict[str, Any] = {"dtype": _dtype("auto" if four_bits else dtype, target)}
    if four_bits:
        options |= _four_bits(target, options["dtype"])
    if name == DEFAULT:
        source, local = str(ensure_embedded(progress=progress)), True
    else:
        source, local = name, _is_local(name)
    with quiet_loading(not (progress and sys.stderr.isatty())):
        model, tokenizer = _load(source, local, options)
    if not four_bits:
        model = model.to(target)  # type: ignore[arg-type]
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token

    from pilora.checkpoint import backbone_fingerprint

    return Backbone(model.eval(), tokenizer, name, backbone_fingerprint(model))


def model_shape(name: str = DEFAULT) -> PretrainedConfig:
    """The configuration of a model, without its weights; of a hub id only this small file is fetched.

    Raises:
        Text2MDTError: T2M020 or T2M021 (embedded model), T2M022 (no such model).
    """
    from transformers import AutoConfig

    source = str(ensure_embedded()) if name == DEFAULT else name
    try:
        found = AutoConfig.from_pretrained(source, trust_remote_code=False, local_files_only=hub_is_offline())
    except (OSError, ValueError) as error:
        raise Text2MDTError("T2M022", name) from error
    return cast("PretrainedConfig", found)


def _load(source: str, local: bool, options: dict[str, Any]) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer

    common = {"trust_remote_code": False, "local_files_only": local or hub_is_offline()}
    try:
        AutoConfig.from_pretrained(source, **common)
    except (OSError, ValueError) as error:
        # transformers wraps "not found", "not in the cache" and "no network" in OSError alike.
        if local:
            raise Text2MDTError("T2M026", source, detail=_first_line(error)) from error
        raise Text2MDTError("T2M022", source) from error
    try:
        tokenizer = AutoTokenizer.from_pretrained(source, **common)
        model = AutoModelForCausalLM.from_pretrained(source, use_safetensors=True, **common, **options)
    except Exception as error:  # whatever a damaged folder makes the loaders raise; safetensors has its own types
        raise Text2MDTError("T2M026", source, detail=_first_line(error)) from error
    return model, tokenizer


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n")[0] or type(error).__name__


def _is_local(name: str) -> bool:
    """Whether the name is a model folder; raises T2M022 for a path that is none."""
    path = Path(name)
    if (path / "config.json").is_file():
        return True
    looks_like_path = path.exists() or name.startswith((".", "~")) or path.is_absolute() or name.count("/") > 1
    if looks_like_path or not name.strip():
        raise Text2MDTError("T2M022", name or "(empty name)")
    return False


def hub_is_offline() -> bool:
    """Whether `HF_HUB_OFFLINE` or `TRANSFORMERS_OFFLINE` forbids asking the hub."""
    return any(
        os.environ.get(name, "").strip().lower() in ("1", "true", "yes", "on")
        for name in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE")
    )


def _device(name: str) -> torch.device:
    import torch

    if name == "auto":
        found = torch.accelerator.current_accelerator(check_available=True)
        return found if found is not None else torch.device("cpu")
    try:
        device = torch.device(name)
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError, NotImplementedError) as error:  # AssertionError: torch without CUDA
        raise Text2MDTError("T2M024", device=name) from error
    return device


def _dtype(name: str, device: torch.device) -> torch.dtype:
    import torch

    known = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}
    if name in known:
        return known[name]
    if name != "auto":
        generating = f"{NF4}, or int8, to generate on a CPU"
        raise Text2MDTError("T2M032", "dtype", detail=f"'{name}' is not one of auto, {', '.join(known)}, {generating}")
    if device.type == "cpu":
        return torch.float32
    if device.type == "cuda" and not torch.cuda.is_bf16_supported(including_emulation=False):
        return torch.float16
    return torch.bfloat16


def _four_bits(device: torch.device, dtype: torch.dtype) -> dict[str, Any]:
    if not importlib.util.find_spec("bitsandbytes"):
        raise Text2MDTError("T2M025")
    from transformers import BitsAndBytesConfig

    config = BitsAndBytesConfig(load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_compute_dtype=dtype)
    return {"quantization_config": config, "device_map": {"": device}}


@contextmanager
def quiet_loading(quiet: bool) -> Iterator[None]:
    """Keeps the progress bars of transformers away while a model loads."""
    from transformers.utils import logging

    shown = logging.is_progress_bar_enabled()
    if quiet and shown:
        logging.disable_progress_bar()
    try:
        yield
    finally:
        if quiet and shown:
            logging.enable_progress_bar()
