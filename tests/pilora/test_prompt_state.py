"""What a prompt-aware method refuses, and what must not leak from one pass, row or model to another."""

from __future__ import annotations

import copy

import pytest
import torch
from tiny import adapted, backbone, batch, logits
from torch import Tensor

from pilora import attach
from pilora.errors import PiloraError
from pilora.methods import METHODS
from pilora.model import AdaptedModel
from pilora.prompt_state import CACHE_ARGUMENT
from pilora.tenants import MultiAdapterModel

AWARE = [name for name in METHODS if adapted(method=name, perturbed=False).prompt_aware]


def given(inputs: dict[str, Tensor], *left_out: str) -> dict[str, Tensor]:
    return {key: value for key, value in inputs.items() if key != "labels" and key not in left_out}


def test_which_methods_look_at_the_prompt() -> None:
    assert AWARE == ["milora", "pedro", "para", "spt"]


@pytest.mark.parametrize("method", AWARE)
def test_a_pass_that_is_not_told_its_prompt_is_refused(method: str) -> None:
    model, inputs = adapted(method=method), batch()
    for call in ({}, {"use_cache": True}):
        with pytest.raises(PiloraError, match="PIL012"):
            model(**given(inputs, "prompt_mask"), **call)
    empty_row = {**inputs, "prompt_mask": inputs["prompt_mask"].clone()}
    empty_row["prompt_mask"][1] = False
    other_shape = {**inputs, "prompt_mask": inputs["prompt_mask"][:, :-1]}
    for wrong in (empty_row, other_shape):
        with pytest.raises(PiloraError, match="PIL012"):
            model(**given(wrong), use_cache=False)


@pytest.mark.parametrize("method", AWARE)
def test_padding_in_the_prompt_mask_is_not_read(method: str) -> None:
    model, inputs = adapted(method=method), batch((9, 6, 4))
    marked = {**inputs, "prompt_mask": inputs["prompt_mask"] | (inputs["attention_mask"] == 0)}
    assert torch.equal(logits(model, marked), logits(model, inputs))


@pytest.mark.parametrize("method", AWARE)
def test_a_prompt_in_pieces_is_refused(method: str) -> None:
    model, ids = adapted(method=method), batch((6, 6), prompt=6)["input_ids"]
    options = {"attention_mask": torch.ones_like(ids), "max_new_tokens": 2, "pad_token_id": 0}
    read = model.new_cache()
    with torch.no_grad():
        model(input_ids=ids[:, :3], use_cache=True, **{CACHE_ARGUMENT: read})
    for setting in ({"prefill_chunk_size": 3}, {"use_cache": False}, {CACHE_ARGUMENT: read}):
        with pytest.raises(PiloraError, match="PIL014"):
            model.generate(ids, **options, **setting)


@pytest.mark.parametrize("method", METHODS)
def test_a_deep_copy_has_a_state_and_parameters_of_its_own(method: str) -> None:
    model, inputs = adapted(method=method), batch()
    other = copy.deepcopy(model)
    expected = logits(model, inputs)
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.requires_grad:
                parameter.fill_(-torch.inf if parameter.dim() == 0 else 0.0)
    assert not torch.equal(logits(model, inputs), expected)
    assert torch.equal(logits(other, inputs), expected)


@pytest.mark.parametrize("method", AWARE)
def test_an_error_in_a_pass_leaves_nothing_behind(method: str) -> None:
    model, inputs = adapted(method=method), batch((9, 6, 4))
    expected = logits(model, batch((9, 9)))
    layer = model.backbone.model.layers[1]

    def fail(*args: object) -> None:
        raise RuntimeError("out of memory")

    handle = layer.mlp.register_forward_pre_hook(fail)
    with pytest.raises(RuntimeError, match="out of memory"):
        logits(model, inputs)
    handle.remove()
    assert torch.equal(logits(model, batch((9, 9))), expected)


@pytest.mark.parametrize("method", METHODS)
def test_a_backbone_takes_one_adapter(method: str) -> None:
    model = adapted(method=method)
    for second in ("lora", "spt"):
        with pytest.raises(PiloraError, match="PIL008"):
            attach(model.backbone, {"method": second})
    with pytest.raises(PiloraError, match="PIL008"):
        MultiAdapterModel(model.backbone)
    if not model.prompt_aware:
        assert isinstance(attach(model.merge(), {"method": "lora"}), AdaptedModel)


def test_a_tied_weight_is_not_merged_into() -> None:
    bare = backbone()
    bare.lm_head.weight = bare.model.embed_tokens.weight
    model = attach(bare, {"method": "lora", "targets": ["lm_head"], "rank": 1, "alpha": 1})
    with pytest.raises(PiloraError, match=r"PIL014.*input embeddings"):
        model.merge()


def test_an_attempt_that_failed_leaves_the_backbone_free() -> None:
    bare = backbone()
    with pytest.raises(PiloraError, match="PIL001"):
        attach(bare, {"method": "lora", "targets": ["no_such_module"]})
    assert isinstance(attach(bare, {"method": "lora"}), AdaptedModel)
