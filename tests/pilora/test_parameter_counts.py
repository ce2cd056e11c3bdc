"""Trainable parameters on the shape of LLaMA-2-7B, against the numbers that the papers state or imply."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from transformers import LlamaConfig, LlamaForCausalLM

from pilora import attach
from pilora.model import AdaptedModel

LAYERS, WIDTH = 32, 4096


@pytest.fixture
def llama() -> LlamaForCausalLM:
    """No memory: on the meta device."""
    config = LlamaConfig(
        hidden_size=WIDTH, intermediate_size=11008, num_hidden_layers=LAYERS, num_attention_heads=32, vocab_size=32000
    )
    with torch.device("meta"):
        return LlamaForCausalLM(config)


def counted(model: AdaptedModel, *left_out: str) -> int:
    """Numbers of the adapter, without the parts named."""
    return sum(
        tensor.numel() for name, tensor in model.adapter_state().items() if not any(part in name for part in left_out)
    )


@pytest.mark.parametrize("method", ["lora", "alora"])
def test_lora_of_rank_8_on_seven_modules(llama: LlamaForCausalLM, method: str) -> None:
    assert counted(attach(llama, {"method": method, "rank": 8})) == 19_988_480


@pytest.mark.parametrize("method", ["pedro", "para"])
def test_vectors_with_a_bottleneck_of_12(llama: LlamaForCausalLM, method: str) -> None:
    model = attach(llama, {"method": method})
    assert counted(model, "activation") == 8_945_664
    assert counted(model) == 8_945_664 + (LAYERS * 12 if method == "pedro" else 0)


def test_milora_of_rank_32(llama: LlamaForCausalLM) -> None:
    model: Any = attach(llama, {"method": "milora"})
    assert counted(model, "activation", "query") == 80_871_424
    assert counted(model, "activation") == 81_002_496
    assert counted(model) == 81_002_496 + LAYERS * 12
