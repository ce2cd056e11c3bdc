"""The memory that training large models takes, from their shapes alone: rows for docs/gpu.md (`make figures`).

    python benchmarks/memory_of_models.py

The shapes are those that the models' makers publish; the numbers of parameters show that they are right.
"""

from __future__ import annotations

from pathlib import Path

import torch
from transformers import AutoModelForCausalLM, Gemma2Config, LlamaConfig, PretrainedConfig, Qwen2Config

from text2mdt.training_config import read_training_config
from text2mdt.training_memory import HEADER, memory_rows

CONFIGS = Path(__file__).resolve().parents[1] / "configs" / "train"


def shapes() -> dict[str, PretrainedConfig]:
    """By the name of the configuration of the training."""
    return {
        "qwen2_5_7b": Qwen2Config(
            hidden_size=3584,
            intermediate_size=18944,
            num_hidden_layers=28,
            num_attention_heads=28,
            num_key_value_heads=4,
            vocab_size=152064,
            tie_word_embeddings=False,
        ),
        "llama_3_1_8b": LlamaConfig(
            hidden_size=4096,
            intermediate_size=14336,
            num_hidden_layers=32,
            num_attention_heads=32,
            num_key_value_heads=8,
            vocab_size=128256,
            tie_word_embeddings=False,
        ),
        "gemma_2_9b": Gemma2Config(
            hidden_size=3584,
            intermediate_size=14336,
            num_hidden_layers=42,
            num_attention_heads=16,
            num_key_value_heads=8,
            head_dim=256,
            vocab_size=256000,
        ),
    }


def parameters(shape: PretrainedConfig) -> int:
    with torch.device("meta"):
        model = AutoModelForCausalLM.from_config(shape)
    return sum(parameter.numel() for parameter in model.parameters())


def main() -> None:
    print(f"| model | parameters | {' | '.join(HEADER)} |")
    print(f"|{' --- |' * (2 + len(HEADER))}")
    for name, shape in shapes().items():
        config = read_training_config(CONFIGS / f"{name}.yaml")
        for row in memory_rows(config, shape):
            print(f"| {config.model.partition('/')[2]} | {parameters(shape) / 1e9:.2f} × 10⁹ | {' | '.join(row)} |")


if __name__ == "__main__":
    main()
