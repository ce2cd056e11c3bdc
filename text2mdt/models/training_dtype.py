"""The type in which a frozen backbone is kept and computed while an adapter trains."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch

_INSTRUCTIONS = ("amx_bf16", "avx512_bf16", "bf16", "sve_bf16")  # of x86 and of ARM


def training_dtype(dtype: str, device: str) -> str:
    """What "auto" is on a device; any other type is given back as it is.

    Args:
        dtype: "auto", or a type that `load_backbone` knows.
        device: as of `load_backbone`; it need not be there, so that memory can be told for another machine.

    Returns:
        "bfloat16", but "float32" on a CPU without instructions for bfloat16: it would come and go between the two
        types at each product, which takes 2.7 times as long (docs/benchmarks.md, training step).
    """
    if dtype != "auto":
        return dtype
    if device == "auto":
        on_cpu = torch.accelerator.current_accelerator(check_available=True) is None
    else:
        on_cpu = device.partition(":")[0] == "cpu"
    return "float32" if on_cpu and not computes_bfloat16(_capabilities()) else "bfloat16"


def computes_bfloat16(capabilities: Mapping[str, Any]) -> bool:
    """Whether a CPU has instructions for bfloat16, by its features as `torch.cpu.get_capabilities` names them."""
    return any(capabilities.get(name, False) for name in _INSTRUCTIONS)


def _capabilities() -> Mapping[str, Any]:
    known = getattr(torch.cpu, "get_capabilities", None)  # not in all versions of PyTorch that the package takes
    return known() if known is not None else {}
