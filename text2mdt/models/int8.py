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
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from pilora.wrapping import replace_module

_LARGEST = 127
_FINER = 2 * _LARGEST
_ZERO = 128
"""Where 0 lies among the unsigned numbers that the kernel takes for activations."""
_SMALLEST = 1e-12
_BLOCK = 512
"""Rows multiplied at a time: what lies between two steps then stays near the CPU."""
_NO_NUMBERS: list[float] = []
_READERS = {
    "q_proj": "attention",
    "k_proj": "attention",
    "v_proj": "attention",
    "gate_proj": "gates",
    "up_proj": "gates",
}
"""Modules that read one tensor, by the names that decoders give them: all of the same word in one parent.

Where the names mislead, the results are right all the same, and a product is computed more often than needed.
"""


def int8_is_possible(device: torch.device) -> bool:
    """Whether the kernels are there: an x86 CPU, and PyTorch built with oneDNN."""
    has_kernels = torch.backends.mkldnn.is_available() and hasattr(torch.ops.onednn, "qlinear_pointwise")
    return device.type == "cpu" and platform.machine().lower() in ("x86_64", "amd64") and has_kernels


class Int8Product:
    """The products of one input with the weights of several linear modules in 8 bits.

    What goes in is rounded once, and the weights, one below the other, are multiplied in one call.

    Args:
        linears: modules with the same number of inputs, in a floating-point type, on a CPU where `int8_is_possible`.
    """

    def __init__(self, linears: Sequence[nn.Linear]) -> None:
        rounded = [_round_weight(linear.weight.detach().float()) for linear in linears]
        self._in_features = linears[0].in_features
        self._sizes = [linear.out_features for linear in linears]
        self._scales = torch.cat([scales for _, scales in rounded])
        self._zeros = torch.zeros(len(self._scales), dtype=torch.int32)
        self._packed = torch.ops.onednn.qlinear_prepack(torch.cat([whole for whole, _ in rounded]), None)
        self._biases = [None if linear.bias is None else linear.bias.detach().float() for linear in linears]

    def __call__(self, x: Tensor) -> list[Tensor]:
        """(…, in) to (…, out) of each module, in the type of x."""
        rows = x.reshape(-1, self._in_features)
        blocks = [self._multiply(block.float()) for block in rows.split(_BLOCK)]
        found = blocks[0] if len(blocks) == 1 else [torch.cat(parts) for parts in zip(*blocks, strict=True)]
        return [y.to(x.dtype).reshape(*x.shape[:-1], y.shape[1]) for y in found]

    def _multiply(self, rows: Tensor) -> list[Tensor]:
        """(rows, in) to (rows, out) of each module."""
        scales = rows.abs().amax(1, keepdim=True).div_(_LARGEST).clamp_min_(_SMALLEST)
        rest = rows / scales
        nearest = rest.round()
        rest.sub_(nearest).mul_(_FINER).round_()
        products = self._multiply_whole(torch.cat([nearest.to(torch.int8), rest.to(torch.int8)]))
        high, low = (half.split(self._sizes, dim=1) for half in products.chunk(2))
        found = []
        for coarse, fine, bias in zip(high, low, self._biases, strict=True):
            y = torch.add(coarse, fine, alpha=1 / _FINER).mul_(scales)
            found.append(y if bias is None else y.add_(bias))
        return found

    def _multiply_whole(self, rows: Tensor) -> Tensor:
        """(rows, all outs), the product of whole numbers from -127 to 127, (rows, in) in int8, with the weights.

        The numbers are changed in place.
        """
        # The kernel wants numbers above 0. Turning the highest bit adds 128, and costs less than a conversion does.
        whole = rows.view(torch.uint8).bitwise_xor_(_ZERO)
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
            _NO_NUMBERS,
            "",
        )
        return y


def _round_weight(weight: Tensor) -> tuple[Tensor, Tensor]:
    """A weight (out, in) in int8, and the scale of each row, (out,)."""
    scales = (weight.abs().amax(1) / _LARGEST).clamp_min(_SMALLEST)
    return (weight / scales[:, None]).round().to(torch.int8), scales


class SharedProduct:
    """Gives each of several modules its part of their product, computed when the first of them asks.

    Parts are known by the tensor that was read, so that must not be changed in place between two modules. A part that
    no module takes is kept until another tensor comes.

    Args:
        linears: as of `Int8Product`; in a pass each of them reads the same tensor.
    """

    def __init__(self, linears: Sequence[nn.Linear]) -> None:
        self._product = Int8Product(linears)
        self._held: tuple[Tensor, dict[int, Tensor]] | None = None

    def part(self, x: Tensor, place: int) -> Tensor:
        """What the module at a place makes of x, (…, in) to (…, out); each part is given once."""
        held = self._held
        if held is None or held[0] is not x or place not in held[1]:
            held = self._held = (x, dict(enumerate(self._product(x))))
        part = held[1].pop(place)
        if not held[1]:
            self._held = None
        return part


class Int8Linear(nn.Module):
    """`y = x Wᵀ + b` with W rounded to 8 bits and x to two numbers of 8 bits; (…, in) to (…, out), in the type of x.

    Args:
        linear: a module as `Int8Product` takes them.
        shared: the product that it is part of; None makes one of its own.
        place: which of the modules of `shared` it is.
    """

    def __init__(self, linear: nn.Linear, shared: SharedProduct | None = None, place: int = 0) -> None:
        super().__init__()
        self.in_features, self.out_features = linear.in_features, linear.out_features
        self._shared = SharedProduct([linear]) if shared is None else shared
        self._place = place

    def forward(self, x: Tensor) -> Tensor:
        return self._shared.part(x, self._place)


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
    for names in _read_alike(found):
        shared = SharedProduct([found[name] for name in names])
        for place, name in enumerate(names):
            replace_module(model, name, Int8Linear(found[name], shared, place))
    return found


def _read_alike(linears: Mapping[str, nn.Linear]) -> list[list[str]]:
    """The names, those together whose modules read the same tensor."""
    groups: dict[tuple[str, str, int], list[str]] = {}
    for name, linear in linears.items():
        parent, _, own = name.rpartition(".")
        groups.setdefault((parent, _READERS.get(own, own), linear.in_features), []).append(name)
    return list(groups.values())
