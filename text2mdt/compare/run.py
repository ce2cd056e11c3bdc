"""Runs the units of a comparison that are not finished, several at once where asked, each in a process of its own."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from text2mdt.compare.budget import planned_parameters
from text2mdt.compare.config import ComparisonConfig
from text2mdt.compare.run_unit import run_unit, unit_states
from text2mdt.compare.training_clock import TrainingPaused
from text2mdt.compare.unit_store import UnitStore
from text2mdt.errors import Text2MDTError
from text2mdt.written_file import write_whole

_PROGRAM = "from text2mdt.cli import main; main()"
_POLL_SECONDS = 0.2
_ELSEWHERE_SECONDS = 5.0
_BUSY = "T2M163"
_CHANGED = (
    "it ended without a result for the inputs of today: code or data have changed meanwhile; start the command anew"
)


class Job(Protocol):
    """A unit that was started."""

    def error(self) -> str | None:
        """None while it runs; then why it failed, empty where it did not."""

    def stop(self) -> None:
        """Ends it now."""


Starter = Callable[[str, float | None], Job]
"""Starts the unit of this name, with the seconds after which a training pauses."""


class ChildProcess:
    """A unit in a process of its own: its peak memory is its own, and what it takes goes with it.

    Args:
        words: of the command line, behind `text2mdt`.
        log: file that its output is added to.
    """

    def __init__(self, words: list[str], log: Path) -> None:
        self.log = log
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as output:
            command = [sys.executable, "-c", _PROGRAM, *words]
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT)

    def error(self) -> str | None:
        code = self.process.poll()
        if code is None:
            return None
        if code == 0:
            return ""
        lines = self.log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        told = lines[-1] if lines else ""
        return told if code > 0 and told else f"the process ended with code {code} (see {self.log})"

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait()


class DoneHere:
    """A unit that was run in this process, for small comparisons and tests."""

    def __init__(
        self, config: ComparisonConfig, store: UnitStore, name: str, say: Callable[[str], None], limit: float | None
    ) -> None:
        self.told = ""
        try:
            run_unit(config, store, name, say, limit)
        except TrainingPaused:
            pass
        except Exception as error:  # one unit that fails must not end the others
            self.told = str(error) or type(error).__name__

    def error(self) -> str | None:
        return self.told

    def stop(self) -> None:
        """Nothing: it is done."""


def children(config_file: Path, store: UnitStore, options: list[str]) -> Starter:
    """Starts units by `text2mdt compare CONFIG --unit NAME`, the output in the unit's `log.txt`."""

    def start(name: str, limit: float | None) -> Job:
        words = ["compare", str(config_file), "--unit", name, *options]
        if limit is not None:
            words += ["--minutes", f"{limit / 60:.3f}"]
        return ChildProcess(words, store.root / name / "log.txt")

    return start


def run_comparison(
    config: ComparisonConfig,
    store: UnitStore,
    start: Starter,
    *,
    jobs: int = 1,
    seconds: float | None = None,
    say: Callable[[str], None],
) -> dict[str, str]:
    """Runs what is not finished, as far as the time goes; waits for units that other processes run.

    Args:
        jobs: units at once.
        seconds: after which no unit is started any more, and trainings pause at their next checkpoint.
        say: gets a line for each unit that ends.

    Returns:
        The units that failed, with the reason; what needs them was not run.

    Raises:
        Text2MDTError: T2M160 for unequal budgets, those of `UnitInputs.of`; T2M041.
    """
    planned_parameters(config)
    began = time.monotonic()
    running: dict[str, tuple[Job, float]] = {}
    failed: dict[str, str] = {}
    ended: set[str] = set()
    try:
        while True:
            states = {unit.name: state for unit, state in unit_states(config, store).items()}
            done = sum(state == "finished" for state in states.values())
            left = None if seconds is None else seconds - (time.monotonic() - began)
            free = [name for name, state in states.items() if state == "ready" and name not in {*failed, *running}]
            if left is None or left > 0:
                # Started anew it would end so again: its inputs are others for the process that runs it.
                failed |= dict.fromkeys(ended & {*free}, _CHANGED)
                free = [name for name in free if name not in failed]
            while free and len(running) < jobs and (left is None or left > 0):
                name = free.pop(0)
                say(f"[{done}/{len(states)}] {name} …")
                started = time.monotonic()
                running[name] = (start(name, left), started)
            if running:
                ended |= _take_ended(running, failed, say)
            elif left is not None and left <= 0:
                break
            elif any(state == "running" for state in states.values()):
                time.sleep(_ELSEWHERE_SECONDS)
            else:
                break
    finally:
        for job, _ in running.values():
            job.stop()
    return failed


def _take_ended(running: dict[str, tuple[Job, float]], failed: dict[str, str], say: Callable[[str], None]) -> set[str]:
    """Waits until one of the jobs has ended, and takes all out that have; gives those that should be finished."""
    while True:
        ended = {name: error for name, (job, _) in running.items() if (error := job.error()) is not None}
        for name, error in ended.items():
            _, started = running.pop(name)
            if error and not error.startswith(_BUSY):
                failed[name] = error
            say(f"    {name}: {error or f'{time.monotonic() - started:.0f} s'}")
        if ended:
            return {name for name, error in ended.items() if not error}
        time.sleep(_POLL_SECONDS)


def note_failures(folder: Path, failed: dict[str, str]) -> None:
    """Writes why units failed beside the report; takes the file away where none did; raises T2M041."""
    path = folder / "failed.txt"
    if failed:
        write_whole(path, "".join(f"{name}\t{reason}\n" for name, reason in failed.items()))
        return
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise Text2MDTError("T2M041", path, detail=error.strerror) from error
