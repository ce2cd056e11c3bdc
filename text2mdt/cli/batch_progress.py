"""How far a batch is: a bar with the time left on a terminal, and the same in words for a log."""

from __future__ import annotations

import time
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn


class BatchProgress:
    """Follows the documents of a run; a context manager.

    Args:
        total: documents.
    """

    def __init__(self, total: int) -> None:
        self._total = total
        self._through = 0
        self._anew = 0
        self._fraction = 0.0
        self._started = time.monotonic()
        columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[left]}"))
        self._progress = Progress(*columns, TimeElapsedColumn(), console=Console(stderr=True))
        self._task = self._progress.add_task("documents", total=total, left="")

    def __enter__(self) -> BatchProgress:
        self._progress.start()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._progress.stop()

    def within(self, done: int, total: int) -> None:
        """Passages of the document at work."""
        self._fraction = done / total if total else 0.0
        self._show()

    def through(self, anew: bool) -> None:
        """A document is through; `anew` where it took work in this run."""
        self._through += 1
        self._anew += anew
        self._fraction = 0.0
        self._show()

    @property
    def place(self) -> str:
        """For a log: "[3/40, 2 min left]"."""
        left = self.time_left()
        return f"[{self._through}/{self._total}{'' if left is None else f', {in_words(left)} left'}]"

    def time_left(self) -> float | None:
        """Seconds, by the mean of the documents of this run; None where nothing tells it or nothing is left."""
        worked = self._anew + self._fraction
        left = self._total - self._through - self._fraction
        return (time.monotonic() - self._started) / worked * left if worked and left > 0 else None

    def _show(self) -> None:
        left = self.time_left()
        words = f"{self._through}/{self._total}" + ("" if left is None else f", {in_words(left)} left")
        self._progress.update(self._task, completed=self._through + self._fraction, left=words)


def in_words(seconds: float) -> str:
    """A duration for people: "40 s", "12 min", "3 h 20 min", "2 d 4 h"."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours < 48 else f"{hours // 24} d {hours % 24} h"
