"""Decoding speed as a unit: one adapter alone, merged where it can be, and several adapters in one batch, unmerged."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from pilora.tenants import MultiAdapterModel
from text2mdt.adapters import load_with_adapter
from text2mdt.compare.config import ComparisonConfig, SpeedConfig
from text2mdt.compare.data_files import data_file
from text2mdt.compare.machine import machine_facts
from text2mdt.compare.train_unit import Outcome
from text2mdt.compare.units import Unit
from text2mdt.corpus import read_corpus
from text2mdt.models import Backbone, load_backbone
from text2mdt.prompts import passage_prompt

_PEFT = "peft:"


def run_speed(config: ComparisonConfig, unit: Unit, adapter: Path, folder: Path, say: Callable[[str], None]) -> Outcome:
    """Tokens a second of plain greedy decoding, without a grammar: every row the same number of tokens.

    `single` has one adapter for all rows; `mixed` has several copies of the adapter, row by row another, as if they
    were of different tenants. An adapter of PEFT cannot stand in a mixed batch; then it is None.

    Raises:
        Text2MDTError, PiloraError: as `load_with_adapter`.
    """
    options = config.speed
    if options is None:
        raise ValueError("the comparison measures no speed")
    records = read_corpus(data_file(config, unit.dataset, "dev"))
    prompts = [passage_prompt(record.population, record.text) for record in records]
    chosen = [prompts[index % len(prompts)] for index in range(options.rows)]
    alone = load_with_adapter(config.model, adapter, config.device, config.decoding.dtype)
    single = _tokens_per_second(alone.model, alone, chosen, options)
    del alone
    mixed = None
    if not str((config.methods[unit.method].adapter or {}).get("method", "")).startswith(_PEFT):
        backbone = load_backbone(config.model, config.device, config.decoding.dtype)
        tenants = MultiAdapterModel(backbone.model)
        for number in range(options.tenants):
            tenants.add(f"tenant-{number}", adapter)
        names = [f"tenant-{index % options.tenants}" for index in range(options.rows)]
        mixed = _tokens_per_second(tenants.eval(), backbone, chosen, options, adapter_names=names)
    say(f"single {single:.1f} tokens/s, mixed {'not possible' if mixed is None else f'{mixed:.1f} tokens/s'}")
    return {}, {"single": single, "mixed": mixed, "machine": machine_facts()}


def _tokens_per_second(
    model: Any, backbone: Backbone, prompts: list[str], options: SpeedConfig, **arguments: Any
) -> float:
    """The median over the repeats, after one run to warm up."""
    tokenizer = backbone.tokenizer
    side, tokenizer.padding_side = tokenizer.padding_side, "left"
    inputs = dict(tokenizer(prompts, return_tensors="pt", padding=True).to(model.device))
    tokenizer.padding_side = side
    seconds = []
    with torch.inference_mode():
        for _ in range(options.repeats + 1):
            started = time.monotonic()
            model.generate(
                input_ids=inputs["input_ids"],
                attention_mask=inputs["attention_mask"],
                max_new_tokens=options.new_tokens,
                min_new_tokens=options.new_tokens,
                do_sample=False,
                pad_token_id=tokenizer.pad_token_id,
                **arguments,
            )
            if torch.cuda.is_available():
                torch.cuda.synchronize()
            seconds.append(time.monotonic() - started)
    return len(prompts) * options.new_tokens / statistics.median(seconds[1:])
