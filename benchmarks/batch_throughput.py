"""Passages a minute of the batch engine, against a one-by-one `generate` loop and llama.cpp, on the same weights.

    python benchmarks/batch_throughput.py [--passages 48 --repeats 5 --batch-size 16 --threads 2]

Systems, all greedy, with the same stop token and threads; the runs are interleaved and medians are compared:

- `jobs`: as `text2mdt extract FOLDER --jobs N` works, N being the threads: so many processes of one thread, each with
  its share of the passages (batches sorted by length, under the grammar, calibrated, in 8 bits on an x86 CPU);
- `batch`: the same in one process, `batch_float32`: and in float32;
- `loop`: one prompt after another through `generate`, adapter merged, in float32, with a KV cache;
- `llamacpp`, `llamacpp_grammar`: llama.cpp on the embedded model's GGUF file (4 bits) with the adapter as a GGUF
  LoRA, one prompt after another, without and with the grammar (much slower, and left out unless `--systems` names
  it); left out where llama-cpp-python is not installed.

`ours` is the first of the systems. Useful tokens are those of the answers; of the batch also those that the grammar
did not force. Peak memory is of a system's processes from when it begins (Linux), of those in this process with all
their weights; `--systems batch` measures one alone. `--growth` measures time and memory of the batch against batch
size and number of passages instead.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import multiprocessing
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from text2mdt.adapters import adapted_predictor, load_with_adapter
from text2mdt.corpus import read_corpus
from text2mdt.engines.llamacpp import LlamaCppEngine
from text2mdt.engines.transformers import TransformersEngine
from text2mdt.predictor import Prediction, Predictor
from text2mdt.schema import Generation, Record

LIMIT = 512
SYSTEMS = ("jobs", "batch", "batch_float32", "loop", "llamacpp")


class LoopEngine:
    """`model.generate`, one prompt after another; what a script without a batch does."""

    def __init__(self, model: Any, tokenizer: Any) -> None:
        self._model = model
        self._tokenizer = tokenizer

    @torch.inference_mode()
    def generate(self, prompts: Sequence[Any], progress: Callable[[int], None] | None = None) -> list[Generation]:
        found = []
        for prompt in prompts:
            ids = self._tokenizer(prompt.text, return_tensors="pt").to(self._model.device)
            out = self._model.generate(
                **ids,
                max_new_tokens=LIMIT,
                do_sample=False,
                use_cache=True,
                pad_token_id=self._tokenizer.pad_token_id,
            )
            answer = out[0, ids["input_ids"].shape[1] :]
            ended = bool((answer == self._tokenizer.eos_token_id).any())
            text = self._tokenizer.decode(answer, skip_special_tokens=True)
            found.append(Generation(text=text, token_count=len(answer) - ended, truncated=not ended))
        return found


class Jobs:
    """Processes of one thread each, which take equal shares of the passages."""

    def __init__(self, number: int, *settings: Any) -> None:
        self._number = number
        context = multiprocessing.get_context("spawn")
        self._pool = ProcessPoolExecutor(number, context, initializer=_begin_job, initargs=settings)

    @property
    def processes(self) -> list[str]:
        """Their numbers."""
        return [str(number) for number in self._pool._processes]

    def predict(self, passages: Sequence[tuple[str, str]]) -> list[Prediction]:
        shares = [passages[place :: self._number] for place in range(self._number)]
        found = list(self._pool.map(_do_job, shares))
        return [found[place % self._number][place // self._number] for place in range(len(passages))]


def _begin_job(adapter: str, device: str, dtype: str, batch_size: int) -> None:
    torch.set_num_threads(1)
    _job.append(batched(adapter, device, dtype, batch_size))


def _do_job(passages: Sequence[tuple[str, str]]) -> list[Prediction]:
    return _job[0].predict(passages)


_job: list[Predictor] = []


def batched(adapter: str, device: str, dtype: str, batch_size: int) -> Predictor:
    backbone = load_with_adapter("default", adapter, device, dtype)
    engine = TransformersEngine(backbone.model, backbone.tokenizer, batch_size=batch_size)
    return adapted_predictor(engine, adapter)


@dataclass(frozen=True)
class Run:
    """One measured run of a system."""

    seconds: float
    peak_bytes: int
    predictions: list[Prediction]

    @property
    def tokens(self) -> int:
        return sum(found.generation.token_count for found in self.predictions)

    @property
    def chosen(self) -> int:
        return self.tokens - sum(found.generation.forced_count for found in self.predictions)


def measured(predictor: Predictor | Jobs, records: Sequence[Record]) -> Run:
    processes = predictor.processes if isinstance(predictor, Jobs) else ["self"]
    reset_peak(processes)
    started = time.perf_counter()
    predictions = predictor.predict([(record.population, record.text) for record in records])
    return Run(time.perf_counter() - started, peak(processes), predictions)


def reset_peak(processes: Sequence[str]) -> None:
    """Lets the kernel count the peak of memory anew."""
    for process in processes:
        with suppress(OSError):
            Path(f"/proc/{process}/clear_refs").write_text("5", encoding="ascii")


def peak(processes: Sequence[str]) -> int:
    """Bytes, of all of them together."""
    lines = [line for one in processes for line in Path(f"/proc/{one}/status").read_text("ascii").splitlines()]
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))


def systems(options: argparse.Namespace, wanted: Sequence[str]) -> dict[str, Predictor | Jobs]:
    found: dict[str, Predictor | Jobs] = {}
    for name, dtype in (("batch", options.dtype), ("batch_float32", "float32")):
        if name in wanted:
            found[name] = batched(options.adapter, options.device, dtype, options.batch_size)
    if "jobs" in wanted:
        found["jobs"] = Jobs(options.threads, options.adapter, options.device, options.dtype, options.batch_size)
    if "loop" in wanted:
        backbone = load_with_adapter("default", options.adapter, options.device, "float32")
        loop = LoopEngine(backbone.model, backbone.tokenizer)
        found["loop"] = adapted_predictor(loop, options.adapter, use_grammar=False)
    if importlib.util.find_spec("llama_cpp"):
        for name in ("llamacpp", "llamacpp_grammar"):
            if name in wanted:
                llama = LlamaCppEngine.load("default", options.adapter, LIMIT, options.threads)
                with_grammar = name.endswith("grammar")
                found[name] = adapted_predictor(llama, options.adapter, dialect="gbnf", use_grammar=with_grammar)
    return found


def compared(options: argparse.Namespace, records: Sequence[Record]) -> dict[str, Any]:
    predictors = systems(options, options.systems.split(","))
    for predictor in predictors.values():  # caches of compiled code and tokenisers
        predictor.predict([(record.population, record.text) for record in records[: options.threads]])
    runs: dict[str, list[Run]] = {name: [] for name in predictors}
    for _ in range(options.repeats):
        for name, predictor in predictors.items():
            runs[name].append(measured(predictor, records))
            print(f"{name}: {runs[name][-1].seconds:.1f} s", file=sys.stderr, flush=True)
    report = {name: _figures(of, records) for name, of in runs.items()}
    ours_name = next((name for name in ("jobs", "batch") if name in runs), None)
    if ours_name is not None:
        ours = [found.trees for found in runs[ours_name][0].predictions]
        for name, of in runs.items():
            theirs = [found.trees for found in of[0].predictions]
            same = sum(left == right for left, right in zip(ours, theirs, strict=True))
            report[name]["trees_as_ours"] = same / len(records)
            report[name]["ours_is_times"] = (
                report[ours_name]["passages_per_minute"] / report[name]["passages_per_minute"]
            )
    return report


def _figures(runs: Sequence[Run], records: Sequence[Record]) -> dict[str, Any]:
    seconds = statistics.median(run.seconds for run in runs)
    return {
        "seconds": seconds,
        "passages_per_minute": 60 * len(records) / seconds,
        "useful_tokens_per_second": runs[0].tokens / seconds,
        "chosen_tokens_per_second": runs[0].chosen / seconds,
        "tokens": runs[0].tokens,
        "peak_gib": max(run.peak_bytes for run in runs) / 2**30,
        "same_trees_each_time": all(
            [found.trees for found in run.predictions] == [found.trees for found in runs[0].predictions] for run in runs
        ),
        "runs_in_seconds": [run.seconds for run in runs],
    }


def growth(options: argparse.Namespace, records: Sequence[Record]) -> list[dict[str, Any]]:
    """Time and memory of the batch against its size and the number of passages, and against their length."""
    backbone = load_with_adapter("default", options.adapter, options.device, options.dtype)
    by_length = sorted(records, key=lambda record: len(record.text))
    third = max(1, len(records) // 3)
    cases = [("all", records[:count], size) for count in (1, 4, 16, 48) for size in (1, 4, 16, 32) if size <= count]
    cases += [("short", by_length[:third], 16), ("long", by_length[-third:], 16)]
    found = []
    for name, chosen, size in cases:
        engine = TransformersEngine(backbone.model, backbone.tokenizer, batch_size=size)
        run = measured(adapted_predictor(engine, options.adapter), chosen)
        words = statistics.mean(len(record.text.split()) for record in chosen)
        found.append(
            {
                "passages": f"{len(chosen)} {name}, {words:.0f} words",
                "batch_size": size,
                "passages_per_minute": 60 * len(chosen) / run.seconds,
                "useful_tokens_per_second": run.tokens / run.seconds,
                "peak_gib": run.peak_bytes / 2**30,
            }
        )
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--adapter", default="default")
    parser.add_argument("--data", default="data/corpus/dev.jsonl")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--dtype", default="auto")
    parser.add_argument("--passages", type=int, default=48)
    parser.add_argument("--batch-size", type=int, default=16)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--systems", default=",".join(SYSTEMS))
    parser.add_argument("--growth", action="store_true")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    # Evenly over the file, whose records stand by topic.
    records = read_corpus(options.data)
    records = records[:: max(1, len(records) // options.passages)][: options.passages]
    result = growth(options, records) if options.growth else compared(options, records)
    print(json.dumps({"settings": vars(options), "result": result}, indent=1))


if __name__ == "__main__":
    main()
