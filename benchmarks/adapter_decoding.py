"""Decoding with eight different adapters in one batch, unmerged: each method against PEFT's LoRA and the bare backbone.

    python benchmarks/adapter_decoding.py [--rows 8 --prompt 150 --new 128 --repeats 5]
    python benchmarks/adapter_decoding.py --profile        # where the time of a new token goes

Every row has an adapter of its own, with random numbers, at about the same count of parameters. All systems decode
through `generate`, greedily, exactly the same number of tokens; their runs are interleaved and medians are compared.
The profile gives milliseconds a new token by kind of operation, without the prompt: of a long answer less one of a
single token.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from pilora import attach, save_pretrained
from pilora.export import export_peft
from pilora.methods.spt import SelectiveSchedule
from pilora.tenants import MultiAdapterModel
from text2mdt.models import load_backbone

SETTINGS: dict[str, dict[str, Any]] = {
    "lora": {"rank": 12, "alpha": 24},
    "pedro": {"bottleneck": 42},
    "para": {"bottleneck": 42},
    "milora": {"rank": 11, "alpha": 22},
    "spt": {"bottleneck": 396, "layers": tuple(range(0, 30, 4))},
}
Generate = Callable[..., Tensor]
KINDS = {
    "mm": "products with the backbone's weights",
    "addmm": "products with the backbone's weights",
    "bmm": "low-rank updates",
    "baddbmm_": "low-rank updates",
    "index": "choosing rows",
    "scatter_add_": "choosing rows",
    "index_add_": "choosing rows",
    "mul_": "scaling",
    "_scaled_dot_product_flash_attention_for_cpu": "attention",
    "cat": "growing the cache",
}
"""What an operation of PyTorch is for, in these models; the others are the backbone's own small ones."""


def fresh() -> Any:
    return load_backbone("default", "cpu", "float32", progress=False).model


@torch.no_grad()
def write_adapters(method: str, number: int, folder: Path) -> list[Path]:
    """Adapters with small random numbers, as if trained; LoRA's also in the format of PEFT."""
    found = []
    for index in range(number):
        model = attach(fresh(), {"method": method, **SETTINGS[method]})
        if method == "spt":
            SelectiveSchedule(model, [])  # with its layers given, their gates are opened
        torch.manual_seed(index)
        for parameter in model.parameters():
            if parameter.requires_grad:
                parameter.add_(0.01 * torch.randn_like(parameter))
        found.append(folder / f"{method}-{index}")
        save_pretrained(model, found[-1])
        if method == "lora":
            export_peft(model, folder / f"peft-{index}")
    return found


def ours(folders: list[Path], options: dict[str, Any]) -> Generate:
    model = MultiAdapterModel(fresh()).eval()
    for folder in folders:
        model.add(folder.name, folder)
    names = [folder.name for folder in folders]
    return lambda ids, **more: model.generate(
        ids, attention_mask=torch.ones_like(ids), adapter_names=names, **{**options, **more}
    )


def pefts(folders: list[Path], options: dict[str, Any]) -> Generate:
    from peft import PeftModel

    names = [folder.name for folder in folders]
    model = PeftModel.from_pretrained(fresh(), folders[0], adapter_name=names[0])
    for name, folder in zip(names[1:], folders[1:], strict=True):
        model.load_adapter(folder, adapter_name=name)
    model.eval()
    return lambda ids, **more: model.generate(
        input_ids=ids, attention_mask=torch.ones_like(ids), adapter_names=names, **{**options, **more}
    )


def bare(options: dict[str, Any]) -> Generate:
    model = fresh()
    return lambda ids, **more: model.generate(ids, attention_mask=torch.ones_like(ids), **{**options, **more})


def profile_by_kind(generate: Generate, ids: Tensor, new: int) -> dict[str, float]:
    """Milliseconds a new token, by kind of operation."""

    def spent(tokens: int) -> Counter[str]:
        found: Counter[str] = Counter()
        with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CPU]) as profiler:
            generate(ids, max_new_tokens=tokens, min_new_tokens=tokens)
        for event in profiler.key_averages():
            found[KINDS.get(event.key.removeprefix("aten::"), "other")] += event.self_cpu_time_total / 1000
        return found

    first, whole = spent(1), spent(new)
    return {kind: (whole[kind] - first[kind]) / (new - 1) for kind in whole}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=8)
    parser.add_argument("--prompt", type=int, default=150)
    parser.add_argument("--new", type=int, default=128)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--systems", default=",".join(["backbone", "peft", *SETTINGS]))
    parser.add_argument("--profile", action="store_true", help="by kind of operation, once, instead of the speed")
    chosen = parser.parse_args()
    options = {"max_new_tokens": chosen.new, "min_new_tokens": chosen.new, "do_sample": False, "pad_token_id": 0}
    wanted = chosen.systems.split(",")
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        systems: dict[str, Generate] = {}
        for method in SETTINGS:
            if method in wanted or (method == "lora" and "peft" in wanted):
                written = write_adapters(method, chosen.rows, folder)
                if method in wanted:
                    systems[method] = ours(written, options)
        if "peft" in wanted:
            systems["peft"] = pefts([folder / f"peft-{index}" for index in range(chosen.rows)], options)
        if "backbone" in wanted:
            systems["backbone"] = bare(options)
        ids = torch.randint(10, 40_000, (chosen.rows, chosen.prompt), generator=torch.Generator().manual_seed(0))
        seconds: dict[str, list[float]] = {name: [] for name in systems}
        with torch.inference_mode():
            if chosen.profile:
                found = {name: profile_by_kind(generate, ids, chosen.new) for name, generate in systems.items()}
                print(json.dumps({"settings": vars(chosen), "milliseconds_a_token": found}, indent=1))
                return
            for _ in range(chosen.repeats):
                for name, generate in systems.items():
                    started = time.perf_counter()
                    generate(ids)
                    seconds[name].append(time.perf_counter() - started)
    tokens = chosen.rows * chosen.new
    speed = {name: tokens / statistics.median(values) for name, values in seconds.items()}
    print(
        json.dumps(
            {
                "settings": vars(chosen),
                "threads": torch.get_num_threads(),
                "tokens_per_second": speed,
                "runs_in_seconds": seconds,
            },
            indent=1,
        )
    )


if __name__ == "__main__":
    main()
