"""The adapted model: what it wraps and freezes, checkpointed gradients, merging, refusals."""

from __future__ import annotations

import copy

import pytest
import torch
from tiny import NORM_NOISE, VOCABULARY, adapted, backbone, batch, gradients, logits, perturb, plain_loss, unequal
from torch import nn
from transformers import GPT2Config, GPT2LMHeadModel

from pilora.config import ALL_LINEAR, LoRAConfig
from pilora.errors import PiloraError
from pilora.lowrank import LowRankLinear
from pilora.model import AdaptedModel


def test_all_seven_modules_of_each_layer_are_wrapped_with_grouped_query_shapes() -> None:
    model = adapted("llama", rank=3)
    modules = dict(model.low_rank_modules())
    assert len(modules) == 2 * len(ALL_LINEAR)
    assert modules["model.layers.1.self_attn.q_proj"].B.shape == (24, 3)
    assert modules["model.layers.1.self_attn.k_proj"].B.shape == (12, 3)  # 2 of 4 heads
    assert modules["model.layers.1.mlp.down_proj"].A.shape == (3, 40)
    assert model.ranks() == dict.fromkeys(modules, 3)


def test_only_the_adapter_is_trainable() -> None:
    model = adapted("gemma2")
    trainable = {name for name, parameter in model.named_parameters() if parameter.requires_grad}
    assert trainable == {f"backbone.{name}" for name in model.adapter_state()}
    assert model.trainable_parameters() == sum(module.rank * module.cost for _, module in model.low_rank_modules())


def test_chosen_targets_and_ranks() -> None:
    config = LoRAConfig(rank=2, targets=("q_proj", "v_proj"))
    ranks = {"model.layers.0.self_attn.q_proj": 5, "model.layers.1.self_attn.v_proj": 1}
    model = AdaptedModel(backbone(), config, ranks)
    assert model.ranks() == {
        "model.layers.0.self_attn.q_proj": 5,
        "model.layers.0.self_attn.v_proj": 0,
        "model.layers.1.self_attn.q_proj": 0,
        "model.layers.1.self_attn.v_proj": 1,
    }


@pytest.mark.parametrize("kind", ["llama", "gemma2"])
@pytest.mark.parametrize("reentrant", [False, True])
def test_gradient_checkpointing_gives_the_same_gradients(kind: str, reentrant: bool) -> None:
    inputs = batch()
    expected = adapted(kind).train()
    plain_loss(expected, inputs).backward()
    model = adapted(kind).train()
    model.gradient_checkpointing_enable(gradient_checkpointing_kwargs={"use_reentrant": reentrant})
    assert model.backbone.is_gradient_checkpointing
    plain_loss(model, inputs).backward()
    for name, gradient in gradients(expected).items():
        assert gradient.abs().max() > 0, name
        torch.testing.assert_close(gradients(model)[name], gradient, rtol=NORM_NOISE, atol=NORM_NOISE)
    model.gradient_checkpointing_disable()
    assert not model.backbone.is_gradient_checkpointing


def test_in_place_addition_changes_no_gradient_of_a_whole_model(monkeypatch: pytest.MonkeyPatch) -> None:
    model, inputs = adapted("qwen2"), batch()
    plain_loss(model, inputs).backward()
    found = gradients(model)

    def out_of_place(self: LowRankLinear, x: torch.Tensor) -> torch.Tensor:
        return self.base(x) + self.scale * (x @ self.A.T) @ self.B.T

    monkeypatch.setattr(LowRankLinear, "forward", out_of_place)
    model.zero_grad()
    plain_loss(model, inputs).backward()
    for name, gradient in gradients(model).items():
        torch.testing.assert_close(found[name], gradient, rtol=NORM_NOISE, atol=NORM_NOISE)


@pytest.mark.parametrize("kind", ["llama", "qwen2", "gemma2"])
def test_merging_keeps_the_function_and_gives_back_the_plain_model(kind: str) -> None:
    model, inputs = unequal(adapted(kind)), batch()
    bare, expected = backbone(kind), logits(model, inputs)
    assert (logits(bare, inputs) - expected).abs().max() > 0.1
    merged = model.merge()
    assert {name for name, _ in merged.named_parameters()} == {name for name, _ in bare.named_parameters()}
    assert not any(isinstance(module, LowRankLinear) for module in merged.modules())
    torch.testing.assert_close(logits(merged, inputs), expected, rtol=NORM_NOISE, atol=10 * NORM_NOISE)


def test_a_quantised_weight_is_not_merged_into() -> None:
    model = adapted("llama")
    name, module = list(model.low_rank_modules())[-1]
    module.base.weight = nn.Parameter(module.base.weight.to(torch.int8), requires_grad=False)
    before = copy.deepcopy(model.backbone.state_dict())
    with pytest.raises(PiloraError) as caught:
        model.merge()
    assert caught.value.code == "PIL011" and name in str(caught.value)
    assert all(torch.equal(value, before[key]) for key, value in model.backbone.state_dict().items())


def test_generation_is_that_of_the_merged_model() -> None:
    model = adapted("llama")
    prompt = batch((5,))["input_ids"]
    wanted = {"max_new_tokens": 8, "do_sample": False, "eos_token_id": VOCABULARY + 1}
    found = model.generate(input_ids=prompt, **wanted)
    assert found.shape == (1, 13)
    assert torch.equal(found, model.merge().generate(input_ids=prompt, **wanted))


def refusal(model: nn.Module, **config: object) -> PiloraError:
    with pytest.raises(PiloraError) as caught:
        AdaptedModel(model, LoRAConfig.model_validate(config))
    return caught.value


def test_refusals() -> None:
    assert refusal(backbone(), targets=("no_such",)).code == "PIL001"
    assert refusal(adapted().backbone).code == "PIL008"
    convolution = GPT2LMHeadModel(GPT2Config(n_layer=1, n_embd=8, n_head=2, vocab_size=11, n_positions=8))
    error = refusal(convolution, targets=("c_attn",))
    assert error.code == "PIL010" and "transformer.h.0.attn.c_attn" in str(error)


def test_perturbed_adapters_differ_from_the_backbone_in_every_position() -> None:
    """The other tests compare perturbed adapters; this shows that they have something to compare."""
    inputs = batch()
    for kind in ("llama", "qwen2", "gemma2"):
        model = adapted(kind, perturbed=False)
        bare = logits(model, inputs)
        perturb(model)
        real = inputs["attention_mask"].bool()
        assert (logits(model, inputs) - bare).abs().amax(-1)[real].min() > 1e-2
