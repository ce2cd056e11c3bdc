"""How long a batch of guidelines takes on workers that fail: a closed-form model, checked by discrete simulation.

    python benchmarks/queue_simulation.py [--documents 16000 --workers 8 --passages-per-minute 30 --repeats 20]
    python benchmarks/queue_simulation.py --table          # that of docs/scale.md

Documents have a number of passages that is drawn (negative binomial, as found in guidelines: many short ones, a few
long ones). A worker loads its model, then takes documents; it fails at exponential times, loses the document at hand,
and comes back after a restart with the model loaded anew. A document that two workers died of is given up, as
`text2mdt extract` does. Two ways to give out the work are compared: one queue for all (`--jobs`, `--ray`), and shares
that are dealt in advance (`--shard`).
"""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Generator
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import simpy
from numpy.typing import NDArray

ATTEMPTS = 2
LIBRARY = (
    (118, 30, 1, 168),
    (118, 30, 8, 168),
    (118, 30, 64, 24),
    (118, 30, 64, 2),
    (2000, 120, 1, 24),
    (2000, 120, 4, 24),
)
"""Rows of the table: passages a minute, seconds to load, workers, hours between failures of one."""


@dataclass(frozen=True)
class Setting:
    """A batch and the machines for it.

    Attributes:
        documents: how many.
        passages: mean number in a document; `spread` is the standard deviation over the mean.
        passages_per_minute: of one worker.
        workers: side by side.
        hours_between_failures: mean, of one worker; infinite for none.
        seconds_to_load: the model, at the start and after each failure; `seconds_to_restart` comes before it.
    """

    documents: int = 16_000
    passages: float = 60.0
    spread: float = 1.0
    passages_per_minute: float = 30.0
    workers: int = 8
    hours_between_failures: float = 24.0
    seconds_to_load: float = 30.0
    seconds_to_restart: float = 60.0

    @property
    def seconds_per_passage(self) -> float:
        return 60 / self.passages_per_minute

    @property
    def failures_per_second(self) -> float:
        return 1 / (3600 * self.hours_between_failures)


@dataclass(frozen=True)
class Outcome:
    """What became of a batch, in seconds.

    Attributes:
        makespan: until the last document.
        given_up: documents that failed for good.
        failures: of workers.
        lost: work that failures undid.
    """

    makespan: float
    given_up: int
    failures: int
    lost: float


def predicted_seconds(setting: Setting, work: NDArray[np.float64]) -> float:
    """The makespan by the model.

    A document of d seconds, begun again after each failure (rate f, restart and loading r), takes on average
    (exp(f·d) - 1) · (1/f + r) seconds of a worker. The workers share the sum; each loads its model once more at the
    start, and at the end the last document keeps one of them busy for half of its time on average.
    """
    rate = setting.failures_per_second
    again = setting.seconds_to_restart + setting.seconds_to_load
    busy = float(np.sum(np.expm1(rate * work) * (1 / rate + again))) if rate else float(work.sum())
    tail = 0.5 * float(np.average(work, weights=work)) * (1 - 1 / setting.workers)
    return setting.seconds_to_load + busy / setting.workers + tail


def draw_work(setting: Setting, seed: int) -> NDArray[np.float64]:
    """Seconds of each document; shape (documents,). Every document has at least one passage."""
    source = np.random.default_rng(seed)
    mean = setting.passages - 1
    shape = 1 / max(setting.spread**2 - 1 / max(mean, 1e-9), 1e-9)
    passages = 1 + source.negative_binomial(shape, shape / (shape + mean), setting.documents)
    return passages * setting.seconds_per_passage


def simulate(setting: Setting, work: NDArray[np.float64], seed: int, shared_queue: bool = True) -> Outcome:
    """One run; documents come in their order, from one queue or dealt out one by one in advance."""
    return _Run(setting, work, seed, shared_queue).outcome()


class _Run:
    def __init__(self, setting: Setting, work: NDArray[np.float64], seed: int, shared_queue: bool) -> None:
        self._setting = setting
        self._work = work.tolist()
        self._source = np.random.default_rng(seed)
        self._environment = simpy.Environment()
        self._deaths = [0] * len(work)
        self._given_up = self._failures = 0
        self._lost = 0.0
        everything = list(range(len(work)))[::-1]
        queues = [everything] * setting.workers if shared_queue else [
            everything[::-1][number :: setting.workers][::-1] for number in range(setting.workers)
        ]  # fmt: skip
        for queue in queues:
            self._environment.process(self._worker(queue))

    def outcome(self) -> Outcome:
        self._environment.run()
        return Outcome(self._environment.now, self._given_up, self._failures, self._lost)

    def _worker(self, queue: list[int]) -> Generator[Any, Any, None]:
        yield self._environment.timeout(self._setting.seconds_to_load)
        left = self._time_to_failure()
        while queue:
            document = queue.pop()
            needed = self._work[document]
            if needed <= left:
                yield self._environment.timeout(needed)
                left -= needed
                continue
            yield self._environment.timeout(left)
            self._failures += 1
            self._lost += left
            self._deaths[document] += 1
            if self._deaths[document] < ATTEMPTS:
                queue.append(document)
            else:
                self._given_up += 1
            yield self._environment.timeout(self._setting.seconds_to_restart + self._setting.seconds_to_load)
            left = self._time_to_failure()

    def _time_to_failure(self) -> float:
        rate = self._setting.failures_per_second
        return float(self._source.exponential(1 / rate)) if rate else math.inf


def compare(setting: Setting, repeats: int) -> dict[str, Any]:
    """The model against the mean of some simulated runs, in hours."""
    runs = []
    for seed in range(repeats):
        work = draw_work(setting, seed)
        runs.append(
            (predicted_seconds(setting, work), simulate(setting, work, seed), simulate(setting, work, seed, False))
        )
    predicted = float(np.mean([run[0] for run in runs]))
    queue, shares = ([run[place] for run in runs] for place in (1, 2))
    spans = np.array([one.makespan for one in queue])
    return {
        "setting": asdict(setting),
        "predicted_hours": predicted / 3600,
        "simulated_hours": float(spans.mean()) / 3600,
        "simulated_95_percent": [float(value) / 3600 for value in np.percentile(spans, [2.5, 97.5])],
        "model_over_simulation": predicted / float(spans.mean()),
        "shares_over_queue": float(np.mean([one.makespan for one in shares])) / float(spans.mean()),
        "failures": float(np.mean([one.failures for one in queue])),
        "documents_given_up": float(np.mean([one.given_up for one in queue])),
        "hours_lost": float(np.mean([one.lost for one in queue])) / 3600,
    }


def table(repeats: int) -> str:
    """A national library on CPUs and on GPUs, in Markdown."""
    lines = [
        "| workers | passages a minute each | hours between failures of one | model, h | simulation, h (95 %) "
        "| shares instead of a queue |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for speed, load, workers, hours in LIBRARY:
        setting = Setting(
            documents=16_000,
            workers=workers,
            passages_per_minute=speed,
            hours_between_failures=hours,
            seconds_to_load=load,
        )
        found = compare(setting, repeats)
        low, high = found["simulated_95_percent"]
        more = found["shares_over_queue"] - 1
        cells = [
            str(workers),
            f"{speed:,.0f}",
            f"{hours:.0f}",
            f"{found['predicted_hours']:.2f}",
            f"{found['simulated_hours']:.2f} ({low:.2f} to {high:.2f})",
            "the same" if workers == 1 else f"{more:+.1%}",
        ]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    default = Setting()
    for name, value in asdict(default).items():
        parser.add_argument(f"--{name.replace('_', '-')}", type=type(value), default=value)
    parser.add_argument("--repeats", type=int, default=20)
    parser.add_argument("--table", action="store_true", help="the rows of docs/scale.md, whatever else is given")
    options = vars(parser.parse_args())
    repeats = options.pop("repeats")
    if options.pop("table"):
        print(table(repeats))
        return
    print(json.dumps(compare(Setting(**options), repeats), indent=1))


if __name__ == "__main__":
    main()
