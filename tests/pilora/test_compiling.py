"""Compiled layers: the numbers of the plain ones, no new code for cut ranks, and refused where they cannot be."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from tiny import KINDS, adapted, batch, gradients, unequal
from torch import Tensor

from pilora.compiling import can_be_compiled, compile_layers, has_compiler
from pilora.errors import PiloraError
from pilora.importance import end_point, model_gate_loss, model_gates
from pilora.loss import response_loss
from pilora.methods import METHODS
from pilora.model import AdaptedModel

KINDS_BY_COST = [kind if kind == "llama" else pytest.param(kind, marks=pytest.mark.slow) for kind in KINDS]
needs_compiler = pytest.mark.skipif(not has_compiler(), reason="no C++ compiler, or no headers of Python")


@pytest.fixture(autouse=True)
def fresh_compiler() -> Iterator[None]:
    torch._dynamo.reset()
    with torch._dynamo.config.patch(force_parameter_static_shapes=True):
        yield
    torch._dynamo.reset()


def passed(model: AdaptedModel, inputs: dict[str, Tensor]) -> tuple[Tensor, dict[str, Tensor]]:
    model.zero_grad()
    loss, _ = response_loss(model, inputs)
    loss.backward()
    return loss.detach(), gradients(model)


def graphs() -> int:
    return int(torch._dynamo.utils.counters["stats"]["unique_graphs"])


@needs_compiler
@pytest.mark.parametrize("kind", KINDS_BY_COST)
def test_loss_and_gradients_are_those_of_the_plain_layers(kind: str) -> None:
    found = []
    for compiled in (False, True):
        model = unequal(adapted(kind, dtype=torch.float32)).train()
        if compiled:
            compile_layers(model)
        found.append(passed(model, batch()))
    (loss, wanted), (compiled_loss, got) = found
    torch.testing.assert_close(compiled_loss, loss, rtol=1e-5, atol=0)
    assert graphs() > 0 and wanted.keys() == got.keys()
    for name, gradient in wanted.items():
        assert (got[name] - gradient).norm() <= 1e-4 * gradient.norm(), name


def test_other_batches_and_cut_ranks_need_no_new_code() -> None:
    model = adapted(method="pi_lora", rank=7, layers=3, dtype=torch.float32).train()
    compile_layers(model, backend="eager")
    passed(model, batch())
    modules = [module for _, module in model.low_rank_modules()]
    for index, module in enumerate(modules):
        module.keep(torch.arange(2 + index % 5))
    passed(model, batch())  # ranks are symbols of their own from here on
    known = graphs()
    assert known > 0
    for index, module in enumerate(modules):
        module.keep(torch.arange(max(2, module.rank - index % 2)))
    passed(model, batch((8, 5), seed=3))
    passed(model, batch((12, 7, 6, 4), seed=4))
    assert graphs() == known


def test_layers_with_the_same_modules_cut_to_one_rank_or_none_share_a_code() -> None:
    counted = []
    for layers in (2, 6):
        torch._dynamo.reset()
        torch._dynamo.utils.counters.clear()
        model = adapted(rank=5, layers=layers, dtype=torch.float32).train()
        for index, (_, module) in enumerate(model.low_rank_modules()):
            module.keep(torch.arange((0, 1, 3, 2, 4, 5, 2)[index % 7]))
        compile_layers(model, backend="eager")
        loss, _ = passed(model, batch())
        counted.append(graphs())
        plain = adapted(rank=5, layers=layers, dtype=torch.float32).train()
        for index, (_, module) in enumerate(plain.low_rank_modules()):
            module.keep(torch.arange((0, 1, 3, 2, 4, 5, 2)[index % 7]))
        torch.testing.assert_close(loss, passed(plain, batch())[0], rtol=1e-5, atol=0)
    assert counted[0] == counted[1] > 0


def test_scores_of_compiled_layers_are_the_same() -> None:
    found = []
    for compiled in (False, True):
        model = adapted(method="pi_lora", dtype=torch.float32).train()
        if compiled:
            compile_layers(model, backend="eager")
        found.append(end_point(model_gate_loss(model, [batch(), batch((7, 5), seed=2)]), model_gates(model)))
    for name, scores in found[0].items():
        torch.testing.assert_close(found[1][name], scores, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("method", METHODS)
def test_only_methods_that_look_at_no_prompt_are_compiled(method: str) -> None:
    model = adapted(method=method)
    assert can_be_compiled(model) == (method in ("lora", "pi_lora", "alora"))
    if not can_be_compiled(model):
        with pytest.raises(PiloraError, match="PIL014"):
            compile_layers(model)


def test_a_compiler_is_looked_for_where_cxx_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CXX", str(tmp_path / "no-compiler"))
    assert not has_compiler()
