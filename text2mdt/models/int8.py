"""Linear modules in 8 bits, for generation on a CPU.

A CPU multiplies several times as many 8-bit integers as 32-bit floats in the same time, and reads a quarter of the
weights. Weights are rounded once, each output row to a scale of its own (vector-wise as in LLM.int8(), arXiv
2208.07339, section 3.1). Activations are rounded at each call, each token to a scale of its own, into two numbers of
8 bits: the nearest one, and what is left of it, 254 times finer (our reading). One alone lets the large columns of a
token drown the small ones, which changes one choice of tokens in 150; two cost a third more time, and what remains is
the rounding of the weights.

Products are summed as integers, which is exact: what a token gives does not depend on those that are computed beside
it.
"""

from __future__ import annotations

import platform
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from pilora.wrapping import replace_module

_LARGEST = 127
_FINER = 2 * _LARGEST
_ZERO = 128
"""Where 0 lies among the unsigned numbers that the kernel takes for activations."""
_SMALLEST = 1e-12


def int8_is_possible(device: torch.device) -> bool:
    """Whether the kernels are there: an x86 CPU, and PyTorch built with oneDNN."""
    has_kernels = torch.backends.mkldnn.is_available() and hasattr(torch.ops.onednn, "qlinear_pointwise")
    return device.type == "cpu" and platform.machine().lower() in ("x86_64", "amd64") and has_kernels


class Int8Linear(nn.Module):
    """`y = x Wᵀ + b` with W rounded to 8 bits and x to two numbers of 8 bits; (…, in) to (…, out), in the type of x.

    Args:
        linear: a module in a floating-point type, on a CPU where `int8_is_possible`.
    """

    def __init__(self, linear: nn.Linear) -> None:
        super().__init__()
        self.in_features, self.out_features = linear.in_features, linear.out_features
        weight = linear.weight.detach().float()
        self._scales = (weight.abs().amax(1) / _LARGEST).clamp_min(_SMALLEST)
        self._zeros = torch.zeros(self.out_features, dtype=torch.int32)
        self._packed = torch.ops.onednn.qlinear_prepack((weight / self._scales[:, None]).round().to(torch.int8), None)
        self._bias = None if linear.bias is None else linear.bias.detach().float()

    def forward(self, x: Tensor) -> Tensor:
        rows = x.reshape(-1, self.in_features).float()
        scales = (rows.abs().amax(1, keepdim=True) / _LARGEST).clamp_min(_SMALLEST)
        rows = rows / scales
        nearest = rows.round()
        rest = rows.sub_(nearest).mul_(_FINER).round_()
        high, low = self._product(torch.cat([nearest, rest])).chunk(2)
        y = high.add_(low, alpha=1 / _FINER).mul_(scales)
        if self._bias is not None:
            y += self._bias
        return y.to(x.dtype).reshape(*x.shape[:-1], self.out_features)

    def _product(self, rows: Tensor) -> Tensor:
        """(rows, out), the product of whole numbers from -127 to 127, (rows, in), with the weight."""
        whole = rows.add_(_ZERO).to(torch.uint8)
        no_function: list[float] = []
        y: Tensor = torch.ops.onednn.qlinear_pointwise(
            whole,
            1.0,
            _ZERO,
            self._packed,
            self._scales,
            self._zeros,
            None,
            1.0,
            0,
            torch.float32,
            "none",
            no_function,
            "",
        )
        return y


@contextmanager
def quantised(model: nn.Module) -> Iterator[nn.Module]:
    """The model with `Int8Linear` in the place of its linear modules; behind the block it is as before."""
    kept = quantise(model)
    try:
        yield model
    finally:
        for name, module in kept.items():
            replace_module(model, name, module)


def quantise(model: nn.Module) -> dict[str, nn.Linear]:
    """Puts `Int8Linear` in the place of every linear module, the output layer too; embeddings stay as they are.

    Returns:
        What was replaced, by name; let go of it, and the memory of the weights is free.
    """
    found = {name: module for name, module in model.named_modules() if type(module) is nn.Linear}
    for name, module in found.items():
        replace_module(model, name, Int8Linear(module))
    return found
