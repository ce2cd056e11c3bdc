"""Adam's moments over a change of basis and over a cut: as if the parameters had always been like that."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from pilora.lowrank import BasisChange, LowRankLinear
from pilora.optimizer_state import keep_ranks, rotate_moments


def module_and_loss(rank: int = 4) -> tuple[LowRankLinear, Callable[[], Tensor]]:
    torch.manual_seed(0)
    module = LowRankLinear(nn.Linear(9, 8, bias=False, dtype=torch.float64).requires_grad_(False), rank, 0.7)
    nn.init.normal_(module.A)
    nn.init.normal_(module.B)
    x, target = torch.randn(6, 9, dtype=torch.float64), torch.randn(6, 8, dtype=torch.float64)
    return module, lambda: (module(x).tanh() - target).square().sum()


def gradient(module: LowRankLinear, loss: Callable[[], Tensor]) -> tuple[Tensor, Tensor]:
    return torch.autograd.grad(loss(), (module.A, module.B))


def with_first_moments(module: LowRankLinear, loss: Callable[[], Tensor], **options: bool) -> torch.optim.AdamW:
    """After one step at rate 0: the first moment is 0.1 of the gradient, the second 0.001 of its square."""
    optimizer = torch.optim.AdamW([module.A, module.B], lr=0.0, betas=(0.9, 0.999), weight_decay=0.0, **options)
    loss().backward()
    optimizer.step()
    optimizer.zero_grad()
    return optimizer


def test_first_moments_change_as_gradients_do() -> None:
    module, loss = module_and_loss()
    optimizer = with_first_moments(module, loss)
    old = gradient(module, loss)
    change = module.to_svd_basis()
    assert change is not None
    rotate_moments(optimizer, module, change)
    new = gradient(module, loss)
    assert (new[0] - old[0]).abs().max() > 0.1  # the gradient did change
    torch.testing.assert_close(optimizer.state[module.A]["exp_avg"], 0.1 * new[0], rtol=1e-8, atol=1e-10)
    torch.testing.assert_close(optimizer.state[module.B]["exp_avg"], 0.1 * new[1], rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize("amsgrad", [False, True])
def test_second_moments_are_exact_where_ranks_only_change_places_and_size(amsgrad: bool) -> None:
    module, loss = module_and_loss(3)
    optimizer = with_first_moments(module, loss, amsgrad=amsgrad)
    M = torch.tensor([[0.0, -2.0, 0.0], [0.0, 0.0, 0.5], [3.0, 0.0, 0.0]], dtype=torch.float64)
    with torch.no_grad():
        module.A.copy_(M @ module.A)
        module.B.copy_(module.B @ torch.linalg.inv(M))
    rotate_moments(optimizer, module, BasisChange(M, torch.linalg.inv(M)))
    for parameter, new in zip((module.A, module.B), gradient(module, loss), strict=True):
        state = optimizer.state[parameter]
        torch.testing.assert_close(state["exp_avg"], 0.1 * new, rtol=1e-10, atol=1e-12)
        torch.testing.assert_close(state["exp_avg_sq"], 0.001 * new.square(), rtol=1e-10, atol=1e-12)
        if amsgrad:
            torch.testing.assert_close(state["max_exp_avg_sq"], state["exp_avg_sq"])


def test_second_moments_stay_positive_and_keep_their_sum_under_a_rotation() -> None:
    module, loss = module_and_loss(3)
    optimizer = with_first_moments(module, loss)
    before = optimizer.state[module.A]["exp_avg_sq"].clone()
    Q = torch.linalg.qr(torch.randn(3, 3, dtype=torch.float64))[0]
    rotate_moments(optimizer, module, BasisChange(Q, Q.T))
    after = optimizer.state[module.A]["exp_avg_sq"]
    torch.testing.assert_close(after, Q.square() @ before)  # an independent draw: variances add by squared weights
    assert after.min() > 0
    torch.testing.assert_close(after.sum(0), before.sum(0))


def test_an_optimiser_without_moments_yet_is_left_alone() -> None:
    module, _ = module_and_loss()
    optimizer = torch.optim.AdamW([module.A, module.B])
    change = module.to_svd_basis()
    assert change is not None
    rotate_moments(optimizer, module, change)
    assert not optimizer.state


def run(module: LowRankLinear, optimizer: torch.optim.Optimizer, gradients: list[tuple[Tensor, Tensor]]) -> None:
    for of_A, of_B in gradients:
        module.A.grad, module.B.grad = of_A.clone(), of_B.clone()
        optimizer.step()


@pytest.mark.parametrize("ranks", [[0, 2], [3], []], ids=str)
def test_after_a_cut_the_kept_ranks_go_on_as_if_nothing_had_happened(ranks: list[int]) -> None:
    """The same gradients are fed to a module that is cut half-way and to one that is not."""
    torch.manual_seed(1)
    gradients = [(torch.randn(4, 9).double(), torch.randn(8, 4).double()) for _ in range(4)]
    options = {"lr": 0.1, "weight_decay": 0.1, "amsgrad": True}
    whole, cut = module_and_loss()[0], module_and_loss()[0]
    optimizers = [
        torch.optim.AdamW([{"params": [m.A], "lr": 0.05}, {"params": [m.B]}], **options)  # type: ignore[arg-type]
        for m in (whole, cut)
    ]
    run(whole, optimizers[0], gradients)
    run(cut, optimizers[1], gradients[:2])
    old = cut.A
    keep_ranks(optimizers[1], cut, torch.tensor(ranks, dtype=torch.long))
    assert cut.A is not old and old not in optimizers[1].state
    assert [group["params"][0] for group in optimizers[1].param_groups] == [cut.A, cut.B]
    assert optimizers[1].state[cut.A]["exp_avg"].shape == cut.A.shape == (len(ranks), 9)
    assert optimizers[1].state[cut.B]["max_exp_avg_sq"].shape == cut.B.shape == (8, len(ranks))
    run(cut, optimizers[1], [(a[ranks], b[:, ranks]) for a, b in gradients[2:]])
    torch.testing.assert_close(cut.A, whole.A[ranks], rtol=0, atol=0)
    torch.testing.assert_close(cut.B, whole.B[:, ranks], rtol=0, atol=0)


def test_a_cut_without_an_optimiser_and_before_its_first_step() -> None:
    module, loss = module_and_loss()
    keep_ranks(None, module, torch.tensor([1, 3]))
    assert module.rank == 2
    optimizer = torch.optim.AdamW([module.A, module.B], lr=0.1)
    keep_ranks(optimizer, module, torch.tensor([0]))
    before = module.B.detach().clone()
    loss().backward()
    optimizer.step()
    assert module.rank == 1 and not torch.equal(module.B, before)


def test_the_memory_of_what_was_cut_is_given_back() -> None:
    module, loss = module_and_loss()
    optimizer = with_first_moments(module, loss)
    keep_ranks(optimizer, module, torch.tensor([2]))
    tensors = [module.A, module.B, *(v for s in optimizer.state.values() for v in s.values() if v.dim())]
    assert sum(tensor.untyped_storage().nbytes() for tensor in tensors) == 3 * (9 + 8) * 8


def test_an_adapted_layer_without_ranks_trains_on() -> None:
    module, loss = module_and_loss()
    other = nn.Parameter(torch.ones(3, dtype=torch.float64))
    optimizer = torch.optim.AdamW([module.A, module.B, other], lr=0.1, weight_decay=0.0)
    (loss() + other.sum()).backward()
    optimizer.step()
    keep_ranks(optimizer, module, torch.tensor([], dtype=torch.long))
    optimizer.zero_grad()
    (loss() + other.sum()).backward()
    optimizer.step()
    assert module.A.shape == (0, 9) and other.max() < 0.85
    fresh = torch.optim.AdamW([module.A, module.B, other], lr=0.1, weight_decay=0.0)
    fresh.load_state_dict(optimizer.state_dict())
    assert fresh.state[other]["step"] == 2
