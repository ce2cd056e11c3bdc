"""Linear modules in 8 bits: near the exact ones, whatever is computed beside; and which models get them."""

from __future__ import annotations

import pytest
import torch
from tiny_model import save_tiny_adapter, save_tiny_model, tiny_llama, tiny_tokenizer
from torch import nn

from text2mdt.adapters import goes_in_int8, load_with_adapter
from text2mdt.errors import Text2MDTError
from text2mdt.models import int8
from text2mdt.models.int8 import Int8Linear, Int8Product, SharedProduct, int8_is_possible, quantise, quantised

CPU = torch.device("cpu")
pytestmark = pytest.mark.skipif(not int8_is_possible(CPU), reason="8 bits need an x86 CPU, and PyTorch with oneDNN")


def linear(bias: bool = False) -> nn.Linear:
    torch.manual_seed(0)
    return nn.Linear(96, 40, bias=bias)


@pytest.mark.parametrize("bias", [False, True])
def test_it_is_near_the_exact_product(bias):
    exact = linear(bias)
    x = torch.randn(3, 7, 96, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        wanted = exact(x)
    found = Int8Linear(exact)(x)
    assert found.shape == wanted.shape and found.dtype == wanted.dtype
    # Of 7 bits where the CPU adds in 16 bits, else of 8.
    assert (found - wanted).norm() / wanted.norm() < 0.03


def test_a_large_column_drowns_no_small_one():
    exact = linear()
    x = torch.randn(64, 96, generator=torch.Generator().manual_seed(1))
    x[:, 3] *= 1000
    with torch.no_grad():
        exact.weight[:, 3] = 0
        wanted = exact(x)
    assert (Int8Linear(exact)(x) - wanted).norm() / wanted.norm() < 0.03


def test_a_large_token_takes_nothing_from_the_others():
    exact, x = linear(), torch.randn(4, 96, generator=torch.Generator().manual_seed(1))
    module = Int8Linear(exact)
    alone = module(x)
    beside = x.clone()
    beside[3] *= 1e6
    assert torch.equal(module(beside)[:3], alone[:3])
    assert torch.equal(torch.cat([module(row[None]) for row in x]), alone)


def test_many_tokens_are_multiplied_in_blocks_as_each_alone(monkeypatch):
    module, x = Int8Linear(linear(bias=True)), torch.randn(11, 96, generator=torch.Generator().manual_seed(1))
    together = module(x)
    blocks = []
    multiply = Int8Product._multiply
    monkeypatch.setattr(
        Int8Product, "_multiply", lambda self, rows: (blocks.append(len(rows)), multiply(self, rows))[1]
    )
    monkeypatch.setattr(int8, "_BLOCK", 4)
    assert torch.equal(module(x), together)
    assert blocks == [4, 4, 3]
    assert module(x[:0]).shape == (0, 40)


def readers() -> tuple[list[nn.Linear], list[Int8Linear]]:
    torch.manual_seed(0)
    linears = [nn.Linear(96, 40, bias=True), nn.Linear(96, 24, bias=False), nn.Linear(96, 8)]
    shared = SharedProduct(linears)
    return linears, [Int8Linear(each, shared, place) for place, each in enumerate(linears)]


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1), (1, 1, 0), (0, 2)])
def test_modules_with_one_product_give_what_each_gives_alone(order):
    linears, modules = readers()
    for seed in range(2):  # what the first pass left must not come back in the second
        x = torch.randn(2, 3, 96, generator=torch.Generator().manual_seed(seed))
        for place in order:
            assert torch.equal(modules[place](x), Int8Linear(linears[place])(x))


def test_one_product_is_computed_once_for_a_tensor():
    _, modules = readers()
    asked = []
    shared = modules[0]._shared
    product = shared._product
    shared._product = lambda x: (asked.append(x), product(x))[1]  # type: ignore[assignment]
    x = torch.ones(1, 96)
    for module in modules:
        module(x)
    assert len(asked) == 1
    assert shared._held is None  # nothing outlives the pass
    modules[1](x.clone())
    assert len(asked) == 2


def test_projections_of_one_tensor_share_a_product():
    model = tiny_llama(tiny_tokenizer())
    quantise(model)
    layer = model.model.layers[0]
    attention, gates = layer.self_attn, layer.mlp
    assert attention.q_proj._shared is attention.k_proj._shared is attention.v_proj._shared
    assert gates.gate_proj._shared is gates.up_proj._shared
    products = {module._shared for module in model.modules() if isinstance(module, Int8Linear)}
    assert len(products) == 2 * 4 + 1


def test_zeros_and_half_precision():
    module = Int8Linear(linear())
    assert torch.equal(module(torch.zeros(2, 96)), torch.zeros(2, 40))
    halves = torch.randn(2, 96, generator=torch.Generator().manual_seed(1)).bfloat16()
    assert module(halves).dtype == torch.bfloat16


def test_a_row_of_weights_that_is_zero_stays_zero():
    exact = linear()
    with torch.no_grad():
        exact.weight[5] = 0
    assert (Int8Linear(exact)(torch.ones(1, 96))[0, 5] == 0).all()


def test_every_linear_module_is_replaced_and_comes_back():
    model = tiny_llama(tiny_tokenizer())
    ids = torch.arange(12)[None]
    with torch.no_grad():
        before = model(ids).logits
        names = [name for name, module in model.named_modules() if isinstance(module, nn.Linear)]
        with quantised(model):
            assert [n for n, m in model.named_modules() if isinstance(m, Int8Linear)] == names
            inside = model(ids).logits
        assert torch.equal(model(ids).logits, before)
    assert not torch.equal(inside, before)
    assert nn.functional.cosine_similarity(inside.flatten(), before.flatten(), dim=0) > 0.99


def test_what_was_replaced_is_given_back():
    model = tiny_llama(tiny_tokenizer())
    replaced = quantise(model)
    assert "lm_head" in replaced and len(replaced) == 15
    assert quantise(model) == {}


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return save_tiny_model(tmp_path_factory.mktemp("model"))


@pytest.mark.parametrize(("dtype", "expected"), [("auto", True), ("int8", True), ("float32", False)])
@pytest.mark.parametrize("adapted", [False, True])
def test_which_models_are_in_8_bits(model, tmp_path, dtype, expected, adapted):
    adapter = save_tiny_adapter(model, tmp_path / "adapter") if adapted else None
    backbone = load_with_adapter(model, adapter, "cpu", dtype)
    assert any(isinstance(module, Int8Linear) for module in backbone.model.modules()) is expected


def test_it_is_refused_where_it_cannot_be(monkeypatch):
    assert not goes_in_int8("auto", CPU, prompt_aware=True)
    with pytest.raises(Text2MDTError) as aware:
        goes_in_int8("int8", CPU, prompt_aware=True)
    monkeypatch.setattr(int8.platform, "machine", lambda: "arm64")
    assert not goes_in_int8("auto", CPU)
    with pytest.raises(Text2MDTError) as elsewhere:
        goes_in_int8("int8", CPU)
    assert (aware.value.code, elsewhere.value.code) == ("T2M029", "T2M029")
    assert "prompt" in str(aware.value) and "x86" in str(elsewhere.value)
