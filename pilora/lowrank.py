"""The gated low-rank update of a linear module, the first of the engine's three parts."""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from pilora.prompt_state import Route
from pilora.wrapping import WrappedLinear, master_dtype


class BasisChange(NamedTuple):
    """`A' = M A`, `B' = B M⁻¹`: both matrices are (rank, rank)."""

    forward: Tensor
    inverse: Tensor


class LowRankLinear(WrappedLinear):
    """`y = W x + s · B diag(g) A x` around a frozen linear module.

    The base module is wrapped, not replaced, so that it may be quantised. Ranks that are cut are removed
    from A and B; the scale `s` belongs to each rank component and never changes with the number of ranks.

    Shapes: A is (rank, in), B is (out, rank), gates are (rank,), x is (..., in).

    Args:
        base: the linear module; needs `in_features` and `out_features`.
        rank: ranks at the start; may be 0.
        scale: `s`.
        dropout: probability, on the input of A while training.

    A and B are kept in float32 (float64 for a float64 backbone) and cast to the type of x in the pass.
    """

    def __init__(self, base: nn.Module, rank: int, scale: float, dropout: float = 0.0) -> None:
        super().__init__(base)
        self.scale = scale
        self.dropout = dropout
        master, device = master_dtype(self.weight), self.weight.device
        self.A = nn.Parameter(torch.empty(rank, self.in_features, dtype=master, device=device))
        self.B = nn.Parameter(torch.zeros(self.out_features, rank, dtype=master, device=device))
        if rank and not self.A.is_meta:
            nn.init.kaiming_uniform_(self.A, a=math.sqrt(5))
        # None stands for "all gates are 1": outside scoring no multiplication is spent on them.
        self.gates: Tensor | None = None
        # None stands for "every row counts fully".
        self.route: Route | None = None

    @property
    def rank(self) -> int:
        return self.A.shape[0]

    @property
    def cost(self) -> int:
        """Parameters of one rank."""
        return self.in_features + self.out_features

    def forward(self, x: Tensor) -> Tensor:
        y = self.base(x)
        if self.rank == 0:
            return y
        if self.route is not None:
            return self._add_routed(y, x, self.route)
        return _add_product(y, self._inner(x), self.B, self.scale, in_place=_output_is_free(self.base))

    def _inner(self, x: Tensor) -> Tensor:
        """`diag(g) A x`, (..., rank)."""
        source = functional.dropout(x, self.dropout, self.training) if self.dropout else x
        hidden = functional.linear(source, self.A.to(x.dtype))
        return hidden if self.gates is None else hidden * self.gates.to(x.dtype)

    def _add_routed(self, y: Tensor, x: Tensor, route: Route) -> Tensor:
        """Adds the update on the rows that the route has chosen, times their weights; other rows cost nothing."""
        rows, weights = route.rows(), route.weights()
        if rows is not None:
            if not len(rows):
                return y
            x, weights = x[rows], weights[rows]
        update = functional.linear(self._inner(x).to(y.dtype), self.B.to(y.dtype))
        update = update * (self.scale * weights).to(y.dtype).view(-1, *(1,) * (update.dim() - 1))
        return y + update if rows is None else y.index_add(0, rows, update)

    @torch.no_grad()
    def delta(self) -> Tensor:
        """The update of the weight, `s · B diag(g) A`, of shape (out, in)."""
        B = self.B if self.gates is None else self.B * self.gates
        return self.scale * (B @ self.A)

    @torch.no_grad()
    def keep(self, ranks: Tensor) -> None:
        """Keeps the given rank indices, in that order, and removes the others, with new parameters."""
        self.A = nn.Parameter(self.A[ranks].clone())
        self.B = nn.Parameter(self.B[:, ranks].clone())
        if self.gates is not None:
            self.gates = self.gates[ranks].clone()

    @torch.no_grad()
    def grow(self, count: int, generator: torch.Generator | None = None) -> None:
        """Adds ranks behind those that are there, with new parameters; B is 0 on them, so the function stays the same.

        Their rows of A are drawn as at the start.

        Args:
            count: new ranks.
            generator: on the CPU, so that the same numbers come on every device.
        """
        bound = 1 / math.sqrt(self.in_features)
        rows = torch.empty(count, self.in_features, dtype=self.A.dtype).uniform_(-bound, bound, generator=generator)
        self.A = nn.Parameter(torch.cat([self.A, rows.to(self.A.device)]))
        self.B = nn.Parameter(torch.cat([self.B, self.B.new_zeros(self.out_features, count)], dim=1))
        if self.gates is not None:
            self.gates = torch.cat([self.gates, self.gates.new_ones(count)])

    @torch.no_grad()
    def to_svd_basis(self) -> BasisChange | None:
        """Brings the ranks to the singular directions of B A, largest first; the function stays the same.

        A becomes `c · Vᵀ` and B `U Σ / c`, with c the root mean square norm of A's rows before: a rank that
        does nothing keeps a row in A, so it can still learn. The gates must be all 1.

        Returns:
            The change of basis, for the optimiser's moments, or None when there is nothing to change (fewer
            than two ranks, or rows of A that depend on each other).
        """
        if self.rank < 2 or self.rank > min(self.in_features, self.out_features):
            return None
        A, B = self.A.double(), self.B.double()
        row_basis, row_factor = torch.linalg.qr(A.T)
        left_basis, left_factor = torch.linalg.qr(B)
        U, singular, Vt = torch.linalg.svd(left_factor @ row_factor.T)
        length = A.pow(2).sum(1).mean().sqrt()
        new_A = length * (Vt @ row_basis.T)
        new_B = (left_basis @ U) * (singular / length)
        inverse = A @ new_A.T / length**2
        if not torch.isfinite(new_B).all() or torch.linalg.cond(inverse) > 1e8:
            return None
        self.A.copy_(new_A)
        self.B.copy_(new_B)
        return BasisChange(forward=torch.linalg.inv(inverse), inverse=inverse)

    def extra_repr(self) -> str:
        return f"rank={self.rank}, scale={self.scale:g}"


def _output_is_free(base: nn.Module) -> bool:
    """Whether nobody but the caller holds the output of `base`.

    A plain linear map does not keep its output for the backward pass. Of other modules (quantised ones, say) it is
    not known: they may keep it, or hand out a tensor that is not theirs; and a forward hook may keep it too.
    """
    return type(base) is nn.Linear and not base._forward_hooks


def _add_product(y: Tensor, hidden: Tensor, B: Tensor, scale: float, in_place: bool) -> Tensor:
    """`y + scale · hidden Bᵀ`; in place it saves three tensors of the size of y, which the plain sum allocates."""
    hidden, B = hidden.to(y.dtype), B.to(y.dtype)  # under autocast, y has another type than x
    if not (in_place and y.is_contiguous()):
        return y + functional.linear(hidden, B) * scale
    flat = y.view(-1, y.shape[-1])
    flat.addmm_(hidden.reshape(-1, hidden.shape[-1]), B.t(), alpha=scale)
    return y
