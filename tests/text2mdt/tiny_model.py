"""A tiny random Llama with a byte-level tokenizer, for tests that generate."""

from __future__ import annotations

from pathlib import Path

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from pilora import attach, save_pretrained
from text2mdt.models import load_backbone

LINES = [
    "Population: Children with acute otitis media",
    "Text: Children younger than 6 months, or with otorrhoea, should be treated with amoxicillin 45 mg/kg.",
    "1 if feature: otorrhoea | basic: younger than 6 months\n1 yes drug: amoxicillin & dose: 45 mg/kg",
    "1 no 2 if feature: severe symptoms\n2 yes drug: amoxicillin\n2 no plan: watchful waiting",
    "none avoid test refer do 3 4 5",
]


def tiny_tokenizer(across_words: bool = False) -> PreTrainedTokenizerFast:
    """Byte-level BPE of about 330 tokens, `<end>` for end and padding, no special tokens of its own.

    `across_words` lets a token go on over blanks and line ends, as some real tokenizers do.
    """
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=not across_words)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=330, special_tokens=["<end>"], initial_alphabet=pre_tokenizers.ByteLevel.alphabet()
    )
    tokenizer.train_from_iterator(LINES, trainer)
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token="<end>", pad_token="<end>")


def tiny_llama(tokenizer: PreTrainedTokenizerFast, seed: int = 0) -> LlamaForCausalLM:
    """Two layers of width 32 with weights large enough that the best token is never a near tie."""
    torch.manual_seed(seed)
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        initializer_range=0.3,
        bos_token_id=None,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    return LlamaForCausalLM(config).eval()


def save_tiny_model(folder: Path, seed: int = 0) -> str:
    """Writes the tiny model and its tokenizer to a folder that `--model` takes; returns the folder's name."""
    tokenizer = tiny_tokenizer()
    tiny_llama(tokenizer, seed).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return str(folder)


def save_tiny_adapter(model: str, folder: Path, seed: int = 1) -> str:
    """Writes a random adapter, strong enough to change every answer, for the model of `save_tiny_model`."""
    adapted = attach(load_backbone(model, progress=False).model, {"method": "lora", "rank": 2, "alpha": 4})
    torch.manual_seed(seed)
    for _, module in adapted.low_rank_modules():
        torch.nn.init.normal_(module.B, std=0.5)
    save_pretrained(adapted, folder)
    return str(folder)
