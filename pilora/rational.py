"""A learnable rational activation, fitted to GeLU at the start."""

from __future__ import annotations

import torch
from torch import Tensor, nn

FITTED_INTERVAL = (-3.0, 3.0)
FIT_ERROR = 2.1e-4
"""Largest deviation from GeLU on the fitted interval."""
_NUMERATOR = (-0.00017486, 0.49996019, 0.42685153, 0.14317277, 0.03315509, 0.0077972, 0.0009834)
_DENOMINATOR = (-0.05314539, -0.24336198, -0.00852242, -0.01655119, 0.00032715)


class RationalActivation(nn.Module):
    """`Ra(x) = Σ_{j≤6} a_j x^j / (1 + |Σ_{1≤i≤5} b_i x^i|)`, elementwise (PEDRO, arXiv 2409.17834; orders of MiLoRA's).

    At the start it is GeLU on [-3, 3] to within `FIT_ERROR` (least squares, then powers of the error up to 12, by
    L-BFGS). No such quotient follows both tails of GeLU, and its powers overflow in half precision; so the input is
    first divided by its root mean square over the last dimension, and all is computed in float32 or wider (our
    reading). That keeps most values within the fitted interval, not all: one may reach the root of the width.

    Shapes: (..., width) to (..., width); 12 parameters.
    """

    def __init__(self, device: torch.device, dtype: torch.dtype) -> None:
        super().__init__()
        self.numerator = nn.Parameter(torch.tensor(_NUMERATOR, device=device, dtype=dtype))
        self.denominator = nn.Parameter(torch.tensor(_DENOMINATOR, device=device, dtype=dtype))

    def forward(self, x: Tensor) -> Tensor:
        return self.quotient(root_mean_square_normalised(x))

    def quotient(self, x: Tensor) -> Tensor:
        """The function itself, without the normalisation of its input."""
        top = _polynomial(x, self.numerator)
        bottom = x * _polynomial(x, self.denominator)
        return top / (1 + bottom.abs())


def root_mean_square_normalised(x: Tensor, epsilon: float = 1e-6) -> Tensor:
    """`x / √(mean(x²) + ε)` over the last dimension."""
    x = x.to(torch.promote_types(x.dtype, torch.float32))
    return x * torch.rsqrt(x.square().mean(-1, keepdim=True) + epsilon)


def _polynomial(x: Tensor, coefficients: Tensor) -> Tensor:
    """Horner's rule; coefficients from the constant term on."""
    value = torch.zeros_like(x)
    for coefficient in coefficients.flip(0):
        value = value * x + coefficient
    return value
