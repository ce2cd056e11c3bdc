"""Training step, plain and with compiled layers, against PEFT's LoRA and AdaLoRA: time and peak memory at one rank.

    python benchmarks/training_step.py [--rows 8 --tokens 256 --rank 8 --dtype float32 --repeats 5]

Each engine runs in a process of its own (peak memory is the process's); the timed steps are interleaved between the
processes, and the medians are compared. `compiled` is `pilora` with `training.compile`; compiling falls into the
warm-up. AdaLoRA's step includes its regulariser and the update of its importances, as PEFT's own; it cuts no ranks
yet. Every token carries a label, as in PEFT's own examples; `--labelled 0.45` labels the last share of each row only,
as in training on trees.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import time
from typing import Any

import torch

ENGINES = ("peft", "adalora", "pilora", "compiled")
TARGETS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]


def worker(engine: str, options: argparse.Namespace) -> None:
    """Takes one step for each line on standard input and answers with its seconds and the peak memory."""
    step = make_step(engine, options)
    print(json.dumps({"loaded": peak_memory()}), flush=True)
    for _ in sys.stdin:
        started = time.perf_counter()
        loss = step()
        seconds = time.perf_counter() - started
        print(json.dumps({"seconds": seconds, "peak": peak_memory(), "loss": loss}), flush=True)


def make_step(engine: str, options: argparse.Namespace) -> Any:
    from text2mdt.models import load_backbone

    backbone = load_backbone("default", "cpu", options.dtype, progress=False)
    generator = torch.Generator().manual_seed(0)
    ids = torch.randint(0, 49_000, (options.rows, options.tokens), generator=generator)
    labels = ids.clone()
    labels[:, : round(options.tokens * (1 - options.labelled))] = -100
    batch = {"input_ids": ids, "attention_mask": torch.ones_like(ids), "labels": labels}
    if engine == "peft":
        return peft_step(backbone.model, batch, options.rank)
    if engine == "adalora":
        return adalora_step(backbone.model, batch, options.rank)
    return pilora_step(backbone.model, batch, options.rank, compiled=engine == "compiled")


def peft_step(model: Any, batch: dict[str, torch.Tensor], rank: int) -> Any:
    from peft import LoraConfig, get_peft_model

    adapted: Any = get_peft_model(model, LoraConfig(r=rank, lora_alpha=2 * rank, target_modules=TARGETS))
    adapted.train()
    optimizer = torch.optim.AdamW([p for p in adapted.parameters() if p.requires_grad], lr=1e-4)

    def step() -> float:
        loss = adapted(**batch, use_cache=False).loss
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        return float(loss.detach())

    return step


def adalora_step(model: Any, batch: dict[str, torch.Tensor], rank: int) -> Any:
    from peft import AdaLoraConfig, get_peft_model

    # A budget that begins to fall far behind the measured steps.
    config = AdaLoraConfig(
        init_r=rank, target_r=rank, lora_alpha=2 * rank, target_modules=TARGETS, total_step=10_000, tinit=9_000
    )
    adapted: Any = get_peft_model(model, config)
    adapted.train()
    optimizer = torch.optim.AdamW([p for p in adapted.parameters() if p.requires_grad], lr=1e-4)
    steps = 0

    def step() -> float:
        nonlocal steps
        loss = adapted(**batch, use_cache=False).loss
        loss.backward()
        optimizer.step()
        steps += 1
        adapted.base_model.update_and_allocate(steps)
        optimizer.zero_grad()
        return float(loss.detach())

    return step


def pilora_step(model: Any, batch: dict[str, torch.Tensor], rank: int, *, compiled: bool) -> Any:
    from pilora import attach
    from pilora.compiling import compile_layers
    from pilora.loss import response_loss

    adapted = attach(model, {"method": "lora", "rank": rank, "alpha": 2 * rank})
    adapted.train()
    if compiled:
        compile_layers(adapted)
    optimizer = torch.optim.AdamW([p for p in adapted.parameters() if p.requires_grad], lr=1e-4)

    def step() -> float:
        total, tokens = response_loss(adapted, batch)
        (total / tokens).backward()
        optimizer.step()
        optimizer.zero_grad()
        return float(total.detach()) / tokens

    return step


def peak_memory() -> int:
    """Peak resident memory of this process, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def compare(options: argparse.Namespace, arguments: list[str]) -> dict[str, Any]:
    """Interleaved steps of all engines; the first of each is a warm-up."""
    engines = {
        name: subprocess.Popen(
            [sys.executable, __file__, "--worker", name, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for name in ENGINES
    }
    loaded = {name: _answer(process)["loaded"] for name, process in engines.items()}
    answers: dict[str, list[dict[str, float]]] = {name: [] for name in engines}
    for _ in range(options.repeats + 1):
        for name, process in engines.items():
            answers[name].append(_ask(process))
    for process in engines.values():
        process.communicate()
    result: dict[str, Any] = {"settings": vars(options), "threads": torch.get_num_threads()}
    for name, given in answers.items():
        result[name] = {
            "seconds": statistics.median(answer["seconds"] for answer in given[1:]),
            "peak_memory": given[-1]["peak"],
            "after_loading": loaded[name],
            "loss": given[0]["loss"],
        }
    for figure in ("seconds", "peak_memory"):
        result[f"ratio_{figure}"] = result["pilora"][figure] / result["peft"][figure]
        result[f"ratio_{figure}_adalora"] = result["pilora"][figure] / result["adalora"][figure]
        result[f"ratio_{figure}_compiled"] = result["compiled"][figure] / result["pilora"][figure]
    return result


def _ask(process: subprocess.Popen[str]) -> dict[str, float]:
    if process.stdin is None:
        raise RuntimeError("the worker has no input")
    process.stdin.write("step\n")
    process.stdin.flush()
    return _answer(process)


def _answer(process: subprocess.Popen[str]) -> dict[str, float]:
    if process.stdout is None:
        raise RuntimeError("the worker has no output")
    return dict(json.loads(process.stdout.readline()))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--worker")
    parser.add_argument("--rows", type=int, default=8)
    parser.add_argument("--tokens", type=int, default=256)
    parser.add_argument("--rank", type=int, default=8)
    parser.add_argument("--dtype", default="float32")
    parser.add_argument("--labelled", type=float, default=1.0)
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    if options.worker:
        worker(options.worker, options)
    else:
        print(json.dumps(compare(options, sys.argv[1:]), indent=1))


if __name__ == "__main__":
    main()
