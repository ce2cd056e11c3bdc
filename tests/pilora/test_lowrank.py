"""The gated low-rank update against the formula `y = W x + s · B diag(g) A x`."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from pilora.lowrank import LowRankLinear

SCALE = 0.7
WIDTHS = (7, 5)


class TanhLinear(nn.Module):
    """A map whose backward pass reads its own output, as the kernels of quantised modules may."""

    def __init__(self, keep: str, bias: bool = False) -> None:
        super().__init__()
        self.in_features, self.out_features = WIDTHS
        self.keep = keep
        self.weight = nn.Parameter(torch.randn(WIDTHS[1], WIDTHS[0], dtype=torch.float64), requires_grad=False)

    def forward(self, x: Tensor) -> Tensor:
        return _KeepsOutput.apply(x, self.weight, self.keep)


class _KeepsOutput(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, keep: str) -> Tensor:
        y = (x @ weight.T).tanh()
        ctx.save_for_backward(*((weight, y) if keep == "saved" else (weight,)))
        if keep == "attribute":  # out of sight of autograd's version check
            ctx.y = y
        return y

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None, None]:
        weight, *rest = ctx.saved_tensors
        y = rest[0] if rest else ctx.y
        return (gradients[0] * (1 - y**2)) @ weight, None, None


class TransposedLinear(nn.Linear):
    """Gives an output that is not contiguous."""

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x).transpose(0, 1).contiguous().transpose(0, 1)


class HandsOutItsBuffer(nn.Module):
    """Gives a tensor that it keeps, as a cache would."""

    def __init__(self) -> None:
        super().__init__()
        self.in_features, self.out_features = WIDTHS
        self.register_buffer("weight", torch.randn(WIDTHS[1], WIDTHS[0], dtype=torch.float64))
        self.register_buffer("answer", torch.randn(2, 3, WIDTHS[1], dtype=torch.float64))

    def forward(self, x: Tensor) -> Tensor:
        return self.answer


def wrap(base: nn.Module, rank: int = 3, gates: bool = False) -> LowRankLinear:
    torch.manual_seed(3)
    base.requires_grad_(False)
    module = LowRankLinear(base, rank, SCALE)
    nn.init.normal_(module.A)
    nn.init.normal_(module.B)
    if gates:
        module.gates = torch.rand(rank, dtype=module.A.dtype).requires_grad_()
    return module


def linear(bias: bool = False, dtype: torch.dtype = torch.float64) -> nn.Linear:
    torch.manual_seed(2)
    return nn.Linear(*WIDTHS, bias=bias, dtype=dtype)


def source(*shape: int, grad: bool = True) -> Tensor:
    torch.manual_seed(1)
    return torch.randn(*shape, WIDTHS[0], dtype=torch.float64).requires_grad_(grad)


def naive(module: LowRankLinear, x: Tensor) -> Tensor:
    """The formula, out of place, one rank after the other."""
    y = module.base(x)
    for rank in range(module.rank):
        gate = 1.0 if module.gates is None else module.gates[rank]
        y = y + module.scale * gate * (x @ module.A[rank]).unsqueeze(-1) * module.B[:, rank]
    return y


def values_and_gradients(module: LowRankLinear, x: Tensor, y: Tensor) -> list[Tensor]:
    leaves = [leaf for leaf in (x, module.A, module.B, module.gates) if leaf is not None and leaf.requires_grad]
    weights = torch.arange(y.numel(), dtype=y.dtype).view(y.shape).cos()
    return [y.detach(), *torch.autograd.grad((y**2 * weights).sum(), leaves, allow_unused=True)]


BASES = {
    "plain": linear,
    "bias": lambda: linear(bias=True),
    "output not contiguous": lambda: TransposedLinear(*WIDTHS, dtype=torch.float64),
    "output saved for backward": lambda: TanhLinear("saved"),
    "output kept on the context": lambda: TanhLinear("attribute"),
}


@pytest.mark.parametrize("base", BASES)
@pytest.mark.parametrize("gates", [False, True])
@pytest.mark.parametrize("grad", [False, True], ids=["leaf input", "input with gradient"])
def test_value_and_gradients_equal_the_formula(base: str, gates: bool, grad: bool) -> None:
    torch.manual_seed(0)
    module = wrap(BASES[base](), gates=gates)
    x = source(2, 3, grad=grad)
    found = values_and_gradients(module, x, module(x))
    expected = values_and_gradients(module, x, naive(module, x))
    assert len(found) == 3 + gates + grad
    for one, other in zip(found, expected, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("shape", [(4,), (2, 3), (2, 2, 2), (0,), ()])
def test_any_leading_shape(shape: tuple[int, ...]) -> None:
    module = wrap(linear(bias=True), gates=True)
    x = source(*shape)
    torch.testing.assert_close(module(x), naive(module, x), rtol=1e-12, atol=1e-12)


def test_an_input_that_is_not_contiguous() -> None:
    module = wrap(linear())
    x = source(3, 2).detach().transpose(0, 1).requires_grad_()
    for one, other in zip(
        values_and_gradients(module, x, module(x)), values_and_gradients(module, x, naive(module, x)), strict=True
    ):
        torch.testing.assert_close(one, other, rtol=1e-12, atol=1e-12)


def test_a_tensor_that_the_base_keeps_is_not_written_to() -> None:
    base = HandsOutItsBuffer()
    kept = base.answer.clone()
    wrap(base)(source(2, 3, grad=False))
    assert torch.equal(base.answer, kept)


def test_a_forward_hook_on_the_base_sees_the_bare_output() -> None:
    seen: list[Tensor] = []
    module = wrap(linear())
    module.base.register_forward_hook(lambda _module, _inputs, output: seen.append(output))
    x = source(2, 3, grad=False)
    module(x)
    torch.testing.assert_close(seen[0], x @ module.base.weight.T, rtol=1e-12, atol=1e-12)


def test_at_the_start_it_is_the_base_and_can_learn() -> None:
    base = linear(bias=True)
    module = LowRankLinear(base.requires_grad_(False), 3, SCALE)
    x = source(2, 3)
    assert torch.equal(module(x), base(x))
    module(x).square().sum().backward()
    assert module.B.grad is not None and module.B.grad.abs().sum(0).min() > 1e-3


def test_rank_zero_is_the_base_alone() -> None:
    base = linear()
    module = LowRankLinear(base, 0, SCALE)
    assert torch.equal(module(source(2, 3)), base(source(2, 3)))
    assert module.A.shape == (0, 7) and module.B.shape == (5, 0) and module.delta().abs().sum() == 0


def test_bfloat16_base_with_a_float32_adapter() -> None:
    exact = wrap(linear(), gates=True)
    module = wrap(linear(dtype=torch.bfloat16), gates=True)
    assert module.A.dtype == module.B.dtype == torch.float32
    with torch.no_grad():
        exact.base.weight.copy_(module.base.weight)
        for name in ("A", "B"):
            getattr(exact, name).copy_(getattr(module, name))
        assert module.gates is not None
        exact.gates = module.gates.double()
    x = source(4, grad=False).bfloat16()
    y = module(x)
    assert y.dtype == torch.bfloat16
    expected = naive(exact, x.double())
    # bfloat16 rounds to 2^-9 relative; weight, hidden, gate, product and sum are rounded: about ten times that.
    assert (y.double() - expected).abs().max() < 0.02 * expected.abs().max()
    y.float().square().sum().backward()
    assert module.A.grad is not None and module.A.grad.dtype == torch.float32 and module.A.grad.abs().min() > 0


def test_under_autocast() -> None:
    module = wrap(linear(dtype=torch.float32))
    x = source(4, grad=False).float()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        y = module(x)
    expected = module(x)
    assert y.dtype == torch.bfloat16
    assert (y.float() - expected).abs().max() < 0.02 * expected.abs().max()


def test_dropout_acts_on_the_update_while_training_alone() -> None:
    module = wrap(linear())
    module.dropout = 0.5
    x = source(50, grad=False)
    torch.testing.assert_close(module.eval()(x), naive(module, x), rtol=1e-12, atol=1e-12)
    torch.manual_seed(0)
    update = module.train()(x) - module.base(x)
    torch.manual_seed(0)
    expected = SCALE * nn.functional.dropout(x, 0.5) @ module.A.T @ module.B.T
    torch.testing.assert_close(update, expected, rtol=1e-10, atol=1e-10)


def test_delta_is_the_update_of_the_weight() -> None:
    module = wrap(linear(), gates=True)
    x = source(4, grad=False)
    torch.testing.assert_close(module(x) - module.base(x), x @ module.delta().T, rtol=1e-10, atol=1e-10)


def test_keep_takes_ranks_in_order_with_their_gates() -> None:
    module = wrap(linear(), rank=4, gates=True)
    A, B, gates = module.A.detach(), module.B.detach(), module.gates
    assert gates is not None
    module.keep(torch.tensor([2, 0]))
    assert module.rank == 2 and isinstance(module.A, nn.Parameter)
    assert torch.equal(module.A, A[[2, 0]]) and torch.equal(module.B, B[:, [2, 0]])
    assert torch.equal(module.gates, gates[[2, 0]])  # type: ignore[arg-type]
    assert module.A.untyped_storage().nbytes() == 2 * 7 * 8  # a view would keep the memory of what was cut


def test_cutting_a_rank_with_gate_zero_changes_nothing() -> None:
    module = wrap(linear(), rank=4)
    module.gates = torch.tensor([1.0, 0.0, 1.0, 0.0], dtype=torch.float64)
    x = source(2, 3, grad=False)
    before = module(x)
    module.keep(torch.tensor([0, 2]))
    torch.testing.assert_close(module(x), before, rtol=1e-12, atol=1e-12)
    assert module.scale == SCALE


def test_svd_basis_keeps_the_function_and_orders_the_ranks() -> None:
    module = wrap(nn.Linear(9, 8, bias=False, dtype=torch.float64), rank=5)
    A, B, before = module.A.detach().clone(), module.B.detach().clone(), module.delta()
    change = module.to_svd_basis()
    assert change is not None
    torch.testing.assert_close(module.delta(), before, rtol=1e-10, atol=1e-10)
    torch.testing.assert_close(module.A.detach(), change.forward @ A, rtol=1e-8, atol=1e-8)
    torch.testing.assert_close(module.B.detach(), B @ change.inverse, rtol=1e-8, atol=1e-8)
    sizes = module.scale * module.A.norm(dim=1) * module.B.norm(dim=0)
    torch.testing.assert_close(sizes, torch.linalg.svdvals(before)[:5], rtol=1e-10, atol=1e-10)
    rows, columns = module.A @ module.A.T, module.B.T @ module.B
    length = A.pow(2).sum(1).mean()
    torch.testing.assert_close(rows, length * torch.eye(5, dtype=torch.float64), rtol=1e-10, atol=1e-10)
    torch.testing.assert_close(columns, columns.diagonal().diag(), rtol=1e-10, atol=1e-10)


def test_svd_basis_leaves_dead_ranks_able_to_learn() -> None:
    module = wrap(nn.Linear(9, 8, bias=False, dtype=torch.float64), rank=4)
    with torch.no_grad():
        module.B[:, [0, 2]] = 0.0
    length = module.A.pow(2).sum(1).mean().sqrt()
    assert module.to_svd_basis() is not None
    assert module.B[:, 2:].abs().max() < 1e-12 and module.B[:, :2].norm(dim=0).min() > 0.1
    torch.testing.assert_close(module.A.norm(dim=1), length.expand(4), rtol=1e-10, atol=1e-10)
    torch.manual_seed(4)
    module(torch.randn(6, 9, dtype=torch.float64)).square().sum().backward()
    assert module.B.grad is not None and module.B.grad[:, 2:].norm(dim=0).min() > 1e-3


@pytest.mark.parametrize("case", ["one rank", "no rank", "more ranks than width", "dependent rows", "no rows"])
def test_svd_basis_where_there_is_nothing_to_change(case: str) -> None:
    rank = {"one rank": 1, "no rank": 0, "more ranks than width": 6}.get(case, 3)
    module = wrap(linear(), rank=rank)
    with torch.no_grad():
        if case == "dependent rows":
            module.A[2] = module.A[0] - module.A[1]
        if case == "no rows":
            module.A.zero_()
    A, B = module.A.detach().clone(), module.B.detach().clone()
    assert module.to_svd_basis() is None
    assert torch.equal(module.A, A) and torch.equal(module.B, B)


def test_svd_basis_of_a_fresh_adapter() -> None:
    module = LowRankLinear(nn.Linear(9, 8, bias=False), 4, SCALE)
    assert module.to_svd_basis() is not None
    assert module.B.abs().max() == 0 and module.A.isfinite().all() and module.A.norm(dim=1).min() > 0.1
