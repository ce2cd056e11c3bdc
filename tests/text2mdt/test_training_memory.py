"""The memory of a training, told from shapes, against what a real pass keeps."""

from __future__ import annotations

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import pytest
import torch
from command import run
from tiny_model import save_tiny_model
from transformers import AutoModelForCausalLM, Gemma2Config, LlamaConfig, PretrainedConfig, Qwen2Config

from pilora import attach
from text2mdt.errors import Text2MDTError
from text2mdt.training_config import TrainingConfig
from text2mdt.training_memory import memory_rows, training_memory

ROOT = Path(__file__).parents[2]
TOKENS = 96
SIZES: dict[str, Any] = {
    "vocab_size": 300,
    "hidden_size": 64,
    "intermediate_size": 160,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
}
SHAPES = {
    "llama": LlamaConfig(**SIZES),
    "qwen2": Qwen2Config(**SIZES),
    "gemma2": Gemma2Config(**SIZES, head_dim=16),
}


def config(
    dtype: str = "float32", adapter: dict[str, Any] | None = None, longest: int = 1024, **training: Any
) -> TrainingConfig:
    return TrainingConfig.model_validate(
        {
            "data": {"train": "none", "dev": "none", "max_tokens": longest},
            "dtype": dtype,
            "adapter": adapter or {"method": "lora", "rank": 4, "alpha": 8},
            "training": {"batch_tokens": TOKENS, **training},
            "output": "none",
        }
    )


def kept_by_a_real_pass(shape: PretrainedConfig, adapter: dict[str, Any], rows: int = 1) -> int:
    """Bytes of the tensors that the backward pass of real numbers would read, each storage once, without weights."""
    backbone = AutoModelForCausalLM.from_config(shape, dtype=torch.float32)
    model = attach(backbone, adapter).train()
    own = {tensor.data_ptr() for tensor in (*model.parameters(), *model.buffers())}
    kept: dict[int, torch.UntypedStorage] = {}

    def keep(tensor: torch.Tensor) -> torch.Tensor:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in own:
            kept[storage.data_ptr()] = storage
        return tensor

    ids = torch.zeros((rows, TOKENS // rows), dtype=torch.long)
    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        model(input_ids=ids, use_cache=False, logits_to_keep=1)
    return sum(storage.nbytes() for storage in kept.values())


@pytest.mark.parametrize(
    "method", [{"method": "lora", "rank": 4, "alpha": 8}, {"method": "peft:lora", "settings": {"r": 4}}]
)
@pytest.mark.parametrize("name", SHAPES)
def test_activations_are_those_of_a_real_pass(name, method):
    layers = SHAPES[name].num_hidden_layers
    found = training_memory(config(adapter=method), SHAPES[name])
    real = kept_by_a_real_pass(SHAPES[name], method)
    assert found.activations * layers / (layers + 1) == pytest.approx(real, rel=0.05)


def test_attention_that_is_not_fused_keeps_a_number_a_pair_of_tokens():
    adapter = {"method": "lora", "rank": 4, "alpha": 8}
    one, four = (training_memory(config(longest=TOKENS // rows), SHAPES["gemma2"]).activations for rows in (1, 4))
    assert four < 0.8 * one
    assert four * 3 / 4 == pytest.approx(kept_by_a_real_pass(SHAPES["gemma2"], adapter, rows=4), rel=0.05)
    fused = [training_memory(config(longest=TOKENS // rows), SHAPES["llama"]).activations for rows in (1, 4)]
    assert fused[0] == pytest.approx(fused[1], rel=0.01)


@pytest.mark.parametrize("name", SHAPES)
def test_the_parts_add_up(name):
    shape = SHAPES[name]
    with torch.device("meta"):
        backbone = AutoModelForCausalLM.from_config(shape)
        adapted = attach(AutoModelForCausalLM.from_config(shape), {"method": "lora", "rank": 4, "alpha": 8})
    everything = sum(parameter.numel() for parameter in backbone.parameters())
    in_layers = sum(
        module.weight.numel() for module in backbone.get_decoder().modules() if type(module) is torch.nn.Linear
    )
    found = training_memory(config(), shape)
    assert found.weights == 4 * everything
    assert found.adapter == 16 * adapted.trainable_parameters()
    assert found.logits == TOKENS // 2 * 300 * 4
    assert found.total == found.weights + found.adapter + found.activations + found.logits
    assert training_memory(config("bfloat16"), shape).weights == 2 * everything
    four_bits = training_memory(config("nf4"), shape)
    assert four_bits.weights == int(2 * (everything - in_layers) + 0.5625 * in_layers)
    assert four_bits.activations == training_memory(config("bfloat16"), shape).activations


def test_memory_grows_with_the_tokens_and_shrinks_with_checkpoints():
    one, two = (training_memory(config(batch_tokens=tokens), SHAPES["llama"]) for tokens in (TOKENS, 2 * TOKENS))
    assert two.activations == pytest.approx(2 * one.activations, rel=0.01)
    few = training_memory(config(gradient_checkpointing=True), SHAPES["llama"])
    inputs = 3 * TOKENS * 64 * 4
    assert few.activations == pytest.approx(one.activations / 2 + inputs, rel=0.01)  # two of four layers
    assert (few.weights, few.adapter, few.logits) == (one.weights, one.adapter, one.logits)


def test_the_shape_is_left_as_it_was():
    before = SHAPES["llama"].to_dict()
    training_memory(config(), SHAPES["llama"])
    assert SHAPES["llama"].to_dict() == before
    AutoModelForCausalLM.from_config(SHAPES["llama"])


@pytest.mark.parametrize("method", ["milora", "pedro", "para", "spt"])
def test_a_method_that_looks_at_the_prompt_is_told_apart(method):
    with pytest.raises(Text2MDTError, match=f"T2M046.*{method}"):
        training_memory(config(adapter={"method": method}), SHAPES["llama"])


def test_the_row_as_configured_is_marked():
    rows = memory_rows(config("bfloat16", gradient_checkpointing=True), SHAPES["llama"])
    assert [row[:2] for row in rows] == [("bfloat16", "no"), ("bfloat16 *", "yes"), ("nf4", "no"), ("nf4", "yes")]
    assert len(memory_rows(config("nf4"), SHAPES["llama"])) == 2


def test_the_command_tells_it_and_trains_nothing(tmp_path, capsys):
    model = save_tiny_model(tmp_path / "model")
    words = (f"model={model}", "data.train=none", "data.dev=none", f"output={tmp_path / 'run'}")
    done = run(capsys, "train", ROOT / "configs" / "train" / "lora.yaml", *words, "--memory")
    assert done.code == 0
    assert "2048 tokens" in done.out and "nf4" in done.out
    assert not (tmp_path / "run").exists()


def test_the_shapes_of_the_large_models_are_right():
    path = ROOT / "benchmarks" / "memory_of_models.py"
    spec = spec_from_file_location("memory_of_models", path)
    assert spec is not None and spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    published = {"qwen2_5_7b": 7_615_616_512, "llama_3_1_8b": 8_030_261_248, "gemma_2_9b": 9_241_705_984}
    assert {name: module.parameters(shape) for name, shape in module.shapes().items()} == published
