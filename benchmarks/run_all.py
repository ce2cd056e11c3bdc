"""Runs the timed benchmarks, notes the machine, and writes the tables of docs/benchmarks.md (`make bench`).

    python benchmarks/run_all.py                      # an hour or two; wants an idle machine
    python benchmarks/run_all.py --only start,step    # some of them; the others keep their figures
    python benchmarks/run_all.py --quick --out DIR    # the smallest sizes, to see that all of them run

What each benchmark printed is kept in docs/results/benchmarks.json with machine and date; the tables are made of it.
A benchmark that fails is named at the end, and the others are run all the same.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from text2mdt.compare.machine import machine_facts, machine_line
from text2mdt.written_file import write_whole

ROOT = Path(__file__).resolve().parents[1]
FOLDER = Path(__file__).parent
PAGE = ROOT / "docs" / "benchmarks.md"
RESULTS = "results/benchmarks.json"
BEGIN, END = "<!-- tables: written by benchmarks/run_all.py -->\n", "<!-- end -->"

Answers = dict[str, Any]
"""What a benchmark printed, by the words of its command line."""


@dataclass(frozen=True)
class Benchmark:
    """A benchmark of the page.

    Attributes:
        script: in this folder; prints one JSON object.
        runs: the words of each command line: what grows from one to the next is the growth that is shown.
        quick: the same for a trial.
        table: header and rows from the answers, in the order of the runs.
    """

    title: str
    script: str
    runs: tuple[str, ...]
    quick: tuple[str, ...]
    table: Callable[[list[Any]], tuple[list[str], list[list[str]]]]
    note: str = ""


def step_rows(answers: list[Any]) -> tuple[list[str], list[list[str]]]:
    header = [
        "rows × tokens, rank",
        "PEFT LoRA",
        "PEFT AdaLoRA",
        "pilora",
        "compiled",
        "pilora / LoRA",
        "/ AdaLoRA",
        "memory / LoRA",
        "compiled / pilora",
    ]
    rows = []
    for answer in answers:
        settings = answer["settings"]
        engines = ("peft", "adalora", "pilora", "compiled")
        seconds = [f"{answer[name]['seconds']:.2f} s" for name in engines]
        kinds = ("seconds", "seconds_adalora", "peak_memory", "seconds_compiled")
        ratios = [answer[f"ratio_{kind}"] for kind in kinds]
        shape = f"{settings['rows']} × {settings['tokens']}, {settings['rank']}"
        rows.append([shape, *seconds, *(f"{ratio:.2f}" for ratio in ratios)])
    return header, rows


def scoring_rows(answers: list[Any]) -> tuple[list[str], list[list[str]]]:
    rows = []
    for answer in answers:
        for row in answer["rows"]:
            cells = [f"{row['nodes']} nodes", f"{row['seconds']:.1f} s", f"{row['epochs']:.3f}", f"{row['error']:.1%}"]
            rows.append(cells)
        ablation = answer["ablation"]
        share = f"AB-LoRA, {ablation['scored']} of {ablation['ranks']} ranks measured"
        rows.append([share, f"{ablation['seconds']:.0f} s", f"{ablation['epochs']:.3f}", ""])
    return ["rule", "a round", "in epochs", "error of completeness"], rows


def adapter_rows(answers: list[Any]) -> tuple[list[str], list[list[str]]]:
    systems = list(answers[0]["tokens_per_second"])
    rows = []
    for answer in answers:
        speeds = answer["tokens_per_second"]
        rows.append([str(answer["settings"]["rows"]), *(f"{speeds[name]:.1f}" for name in systems)])
        if "backbone" in speeds:
            rows.append(["as a share of the backbone", *(f"{speeds[n] / speeds['backbone']:.2f}" for n in systems)])
    return ["adapters in the batch", *systems], rows


def generation_rows(answers: list[Any]) -> tuple[list[str], list[list[str]]]:
    rows = []
    for answer in answers:
        speeds, ratios = answer["tokens_per_second"], answer["ratio_to_one_by_one"]
        cells = [
            f"{speeds[name]:.1f} ({ratios[name]:.2f} ×)" for name in ("batched", "constrained", "constrained_chosen")
        ]
        rows.append([str(answer["settings"]["passages"]), f"{speeds['one_by_one']:.1f}", *cells])
    return ["passages", "one by one", "batched", "constrained", "constrained, forced tokens not counted"], rows


def start_rows(answers: list[Any]) -> tuple[list[str], list[list[str]]]:
    runs = ", ".join(f"{seconds:.1f}" for seconds in answers[0]["runs"])
    return ["from a cold process to the first tree", "runs"], [[f"{answers[0]['median_seconds']:.1f} s", runs]]


STEP = tuple(f"--rows 8 --tokens {tokens} --rank 8 --repeats 5" for tokens in (128, 256, 512))
STEP += tuple(f"--rows 8 --tokens 256 --rank {rank} --repeats 5" for rank in (16, 32))
BENCHMARKS = {
    "step": Benchmark(
        "Training step, by length and by rank",
        "training_step.py",
        STEP,
        ("--rows 1 --tokens 16 --rank 2 --repeats 1",),
        step_rows,
        "LoRA on all seven linear modules, a label on every token, AdamW; interleaved, medians of 5.",
    ),
    "scoring": Benchmark(
        "Scoring of ranks, by nodes",
        "scoring_cost.py",
        ("--repeats 3",),
        ("--tiny --records 2 --repeats 1",),
        scoring_rows,
        "Shipped adapter, 16 calibration records; an epoch is one of the whole training file, extrapolated.",
    ),
    "adapters": Benchmark(
        "Decoding with several adapters in one batch, tokens/s",
        "adapter_decoding.py",
        tuple(f"--rows {rows}" for rows in (1, 4, 8)),
        ("--rows 2 --prompt 8 --new 2 --repeats 1 --systems backbone,lora",),
        adapter_rows,
        "As many rows as adapters, each row its own; unmerged, greedy.",
    ),
    "extraction": Benchmark(
        "Batch extraction, useful tokens/s, by passages",
        "generation.py",
        tuple(f"--passages {number} --repeats 3" for number in (4, 16, 64)),
        ("--passages 2 --repeats 1",),
        generation_rows,
        "Dev passages, the shipped adapter merged, batches of 16; in brackets the ratio to `generate` one by one.",
    ),
    "start": Benchmark("Start", "warm_start.py", ("--repeats 5",), ("--repeats 1",), start_rows),
}


def run(benchmark: Benchmark, words: str) -> Any:
    """What one run of a script printed; raises CalledProcessError or ValueError."""
    command = [sys.executable, str(FOLDER / benchmark.script), *words.split()]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "HF_HUB_OFFLINE": "1"}
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, cwd=ROOT, env=environment)
    return json.loads(done.stdout)


def tables(results: Answers) -> str:
    """The generated part of the page."""
    parts = []
    for name, benchmark in BENCHMARKS.items():
        if name not in results:
            continue
        known = results[name]
        header, rows = benchmark.table([one["answer"] for one in known["runs"]])
        commands = "\n".join(f"    python benchmarks/{benchmark.script} {one['words']}" for one in known["runs"])
        parts += [f"### {benchmark.title}", benchmark.note, commands, _table(header, rows)]
        load = f"load of the machine at the start {known['load']:.1f}" if known["load"] is not None else "load unknown"
        parts.append(f"{known['date']}; {load}; {machine_line(known['machine'])}.")
    return "\n\n".join(part for part in parts if part) + "\n\n"


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [header, ["---", *["---:"] * (len(header) - 1)], *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def page(text: str, results: Answers) -> str:
    """The page with its generated part made anew; put at its end where there is none yet."""
    part = BEGIN + "\n" + tables(results) + END
    if BEGIN in text:
        return re.sub(re.escape(BEGIN) + ".*?" + re.escape(END), lambda _: part, text, flags=re.DOTALL)
    return text.rstrip("\n") + "\n\n## Measured\n\n" + part + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default=",".join(BENCHMARKS), help="names, with commas between")
    parser.add_argument("--quick", action="store_true", help="the smallest sizes")
    parser.add_argument("--out", type=Path, default=ROOT / "docs", help="folder of the page and its results")
    options = parser.parse_args()
    names = options.only.split(",")
    if unknown := set(names) - BENCHMARKS.keys():
        parser.error(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(BENCHMARKS)}")
    if options.quick and options.out.resolve() == PAGE.parent:
        parser.error("--quick measures nothing of worth; give another --out")
    kept, target = options.out / RESULTS, options.out / PAGE.name
    results: Answers = json.loads(kept.read_text(encoding="utf-8")) if kept.is_file() else {}
    failed = []
    for name in names:
        benchmark = BENCHMARKS[name]
        head = {"date": datetime.now(UTC).isoformat(timespec="minutes"), "machine": machine_facts(), "load": _load()}
        try:
            runs = []
            for words in benchmark.quick if options.quick else benchmark.runs:
                print(f"== {benchmark.script} {words}", flush=True)
                runs.append({"words": words, "answer": run(benchmark, words)})
        except (subprocess.CalledProcessError, ValueError) as error:
            failed.append(f"{name}: {error}")
            continue
        results[name] = {**head, "runs": runs}
        write_whole(kept, json.dumps(results, indent=1) + "\n")
        text = target.read_text(encoding="utf-8") if target.is_file() else "# Benchmarks\n"
        write_whole(target, page(text, results))
    for line in failed:
        print(f"failed: {line}", file=sys.stderr)
    return int(bool(failed))


def _load() -> float | None:
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else None


if __name__ == "__main__":
    raise SystemExit(main())
