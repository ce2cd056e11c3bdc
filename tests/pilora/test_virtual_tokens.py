"""Virtual tokens: when they exist, and that the text does not notice them otherwise."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from soft_prompts import parts, set_gates
from tiny import KINDS, NORM_NOISE, VOCABULARY, adapted, backbone, batch, logits, perturb
from torch import Tensor
from torch.nn import functional
from transformers import Gemma2Config, Gemma2ForCausalLM

from pilora.loss import response_loss
from pilora.model import AdaptedModel, attach
from pilora.prompt_state import CACHE_ARGUMENT, PromptCache

CLOSE: dict[str, Any] = {"rtol": NORM_NOISE, "atol": 10 * NORM_NOISE}


def as_if_open(model: AdaptedModel) -> AdaptedModel:
    """Virtual tokens are put in although every gate is closed."""
    assert model.virtual is not None
    model.virtual.is_open = lambda: True
    return model


@pytest.mark.parametrize("kind", KINDS)
def test_closed_gates_reproduce_the_backbone(kind: str) -> None:
    inputs = batch()
    model = set_gates(adapted(kind, method="spt"), 0.0, 0.0)
    expected = logits(backbone(kind), inputs)
    assert torch.equal(logits(model, inputs), expected)
    torch.testing.assert_close(logits(as_if_open(model), inputs), expected, **CLOSE)
    ids = batch((5, 5))["input_ids"]
    options = {"attention_mask": torch.ones_like(ids), "max_new_tokens": 5, "do_sample": False, "pad_token_id": 0}
    expected = backbone(kind).generate(ids, **options)
    assert torch.equal(model.generate(ids, **options), expected)


def test_virtual_tokens_exist_from_the_first_open_layer_on() -> None:
    """What happens below an open gate of 1 does not matter, and above a layer alone adds to it."""
    inputs = batch()
    model = set_gates(adapted(method="spt", layers=3), 0.0, 1.0, 0.0)
    found = logits(model, inputs)
    with torch.no_grad():
        parts(model)[0].up.normal_()
        parts(model)[2].up.normal_()
    assert torch.equal(logits(model, inputs), found)
    model.keep_parts([1])
    torch.testing.assert_close(logits(model, inputs), found, rtol=0, atol=1e-12)
    assert (found - logits(backbone(layers=3), inputs)).abs().max() > 0.1
    seen: list[Tensor] = []
    for layer in model.backbone.model.layers:  # type: ignore[union-attr]
        layer.self_attn.register_forward_pre_hook(
            lambda _, __, kwargs: seen.append(kwargs["attention_mask"][0, 0, -1, :3]), with_kwargs=True
        )
    logits(set_gates(model, 0.25), inputs)
    closed, quarter = torch.full((3,), -torch.inf).double(), torch.full((3,), 0.25).double().log()
    for found, expected in zip(seen, [closed, quarter, quarter], strict=True):
        torch.testing.assert_close(found, expected, rtol=0, atol=1e-7)


@pytest.mark.parametrize("kind", KINDS)
def test_padding_on_the_left_changes_nothing(kind: str) -> None:
    model, inputs = adapted(kind, method="spt"), batch((8, 5), prompt=5)
    ids, prompt = inputs["input_ids"], inputs["prompt_mask"]
    shifted = {
        "input_ids": torch.stack([ids[0], ids[1].roll(3)]),
        "attention_mask": torch.stack([inputs["attention_mask"][0], inputs["attention_mask"][1].roll(3)]),
        "prompt_mask": torch.stack([prompt[0], prompt[1].roll(3)]),
    }
    torch.testing.assert_close(logits(model, shifted)[1, 3:], logits(model, inputs)[1, :5], **CLOSE)
    options: dict[str, Any] = {"max_new_tokens": 5, "do_sample": False, "pad_token_id": 0, "eos_token_id": -1}
    given = {key: shifted[key] for key in ("input_ids", "attention_mask")}
    for beams in (1, 2):
        alone = model.generate(ids[1:, :5], attention_mask=torch.ones(1, 5), num_beams=beams, **options)
        together = model.generate(**given, num_beams=beams, **options)
        assert torch.equal(together[1, 8:], alone[0, 5:])


def windowed() -> Gemma2ForCausalLM:
    """Its first layer sees the last four tokens alone."""
    torch.manual_seed(0)
    sizes: dict[str, Any] = {"vocab_size": VOCABULARY, "hidden_size": 24, "intermediate_size": 40, "head_dim": 8}
    heads: dict[str, Any] = {"num_attention_heads": 4, "num_key_value_heads": 2, "query_pre_attn_scalar": 8}
    config = Gemma2Config(
        **sizes, **heads, num_hidden_layers=2, sliding_window=4, initializer_range=0.25, attn_implementation="eager"
    )
    return Gemma2ForCausalLM(config).double().eval()


def test_a_sliding_window_holds_for_the_text_alone() -> None:
    inputs = batch((12, 9), prompt=6)
    expected = logits(windowed(), inputs)
    model = attach(windowed(), {"method": "spt", "slots": 3, "bottleneck": 3}).eval()
    torch.testing.assert_close(logits(as_if_open(model), inputs), expected, **CLOSE)
    perturb(model)
    set_gates(model, 1.0, 1.0)
    whole, ids = logits(model, inputs), inputs["input_ids"]
    cache = model.new_cache()
    assert isinstance(cache, PromptCache)
    found = []
    with torch.no_grad():
        for tokens in (ids[:1, :6], *ids[:1, 6:].split(1, dim=1)):
            found.append(model(input_ids=tokens, use_cache=True, **{CACHE_ARGUMENT: cache}).logits)
            assert cache.get_seq_length() == sum(part.shape[1] for part in found)
    torch.testing.assert_close(torch.cat(found, dim=1)[0], whole[0], **CLOSE)


def test_logits_and_losses_are_those_of_the_text() -> None:
    model, inputs = adapted(method="spt"), batch()
    given = {key: inputs[key] for key in ("input_ids", "attention_mask", "prompt_mask")}
    whole = model(**given, use_cache=False).logits
    assert whole.shape == (3, 9, VOCABULARY)
    last = model(**given, use_cache=False, logits_to_keep=2).logits
    torch.testing.assert_close(last, whole[:, -2:], rtol=0, atol=1e-12)
    wanted = inputs["labels"][:, 1:].flatten()
    expected = functional.cross_entropy(whole[:, :-1].flatten(0, 1), wanted, ignore_index=-100, reduction="sum")
    total, tokens = response_loss(model, inputs)
    assert tokens == int((wanted != -100).sum())
    torch.testing.assert_close(total, expected)
    embedded = model.backbone.get_input_embeddings()(given.pop("input_ids"))  # type: ignore[operator]
    found = model(**given, inputs_embeds=embedded, use_cache=False).logits
    torch.testing.assert_close(found, whole, rtol=0, atol=1e-12)
