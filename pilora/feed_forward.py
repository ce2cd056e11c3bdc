"""A gated feed-forward that keeps one tensor fewer for its backward pass.

`down(act(gate(x)) * up(x))` as written keeps four tensors of the inner width: gate, act(gate), up and their product.
The activation is cheap to compute again, so here `act(gate)` is not kept. The numbers stay the same to the bit.
"""

from __future__ import annotations

from collections.abc import Callable
from types import MethodType
from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

_PARTS = ("gate_proj", "up_proj", "down_proj", "act_fn")
"""What the gated feed-forwards of Llama, Mistral, Qwen and Gemma have."""


def make_lean(backbone: nn.Module) -> None:
    """Lets every gated feed-forward of a backbone compute its activation again in the backward pass."""
    for module in backbone.modules():
        if all(hasattr(module, part) for part in _PARTS) and _is_plain(module):
            # Bound to the object, so that `make_plain` gives the class's own forward back by removing it; as a method,
            # so that a deep copy of the module gets one bound to itself.
            object.__setattr__(module, "forward", MethodType(_lean_forward, module))


def make_plain(backbone: nn.Module) -> None:
    """Undoes `make_lean`."""
    for module in backbone.modules():
        if getattr(module.__dict__.get("forward"), "__func__", None) is _lean_forward:
            del module.__dict__["forward"]


def _is_plain(module: nn.Module) -> bool:
    """Whether it has these parts alone: anything more (a dropout, a router) and its forward is another."""
    return {name for name, _ in module.named_children()} == set(_PARTS) and "forward" not in module.__dict__


def _lean_forward(module: Any, x: Tensor) -> Tensor:
    product = _GatedProduct.apply(module.gate_proj(x), module.up_proj(x), module.act_fn)
    return module.down_proj(product)


class _GatedProduct(torch.autograd.Function):
    """`act(gate) * up`, keeping gate and up only."""

    @staticmethod
    def forward(ctx: Any, gate: Tensor, up: Tensor, activation: Callable[[Tensor], Tensor]) -> Tensor:
        ctx.save_for_backward(gate, up)
        ctx.activation = activation
        return activation(gate) * up

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, Tensor, None]:
        gate, up = ctx.saved_tensors
        with torch.enable_grad():
            leaf = gate.detach().requires_grad_(True)
            activated = ctx.activation(leaf)
        (gate_gradient,) = torch.autograd.grad(activated, leaf, gradients[0] * up)
        return gate_gradient, gradients[0] * activated.detach(), None
