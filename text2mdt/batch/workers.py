"""Work spread over processes of our own: one that dies is replaced, and takes nothing with it but its task."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, Generic, TypeVar

Task = TypeVar("Task")
Result = TypeVar("Result")

ATTEMPTS = 2
"""A task whose process died so often is given up."""


class Died(Generic[Task]):
    """The outcome of a task that its processes did not survive."""


def run_in_processes(
    tasks: Sequence[Task], make_worker: Callable[[int], Callable[[Task], Result]], processes: int
) -> Iterator[tuple[Task, Result | Died[Task]]]:
    """The outcomes of tasks as they come.

    Args:
        tasks: picklable.
        make_worker: picklable; called in each process with its number, gives what does a task there.
        processes: how many at most.

    Raises:
        Exception: the first one that a task, or `make_worker`, raised; all processes are ended then.
    """
    pool = _Pool(tasks, make_worker, processes)
    try:
        yield from pool.outcomes()
    finally:
        pool.close()


class _Worker:
    """A process, our end of the pipe to it, and the number of the task it has."""

    def __init__(self, process: BaseProcess, pipe: Connection) -> None:
        self.process = process
        self.pipe = pipe
        self.task: int | None = None


class _Pool(Generic[Task, Result]):
    def __init__(
        self, tasks: Sequence[Task], make_worker: Callable[[int], Callable[[Task], Result]], processes: int
    ) -> None:
        # Not fork: a copy of a process with threads of its own may hang.
        self._context = multiprocessing.get_context("spawn")
        self._tasks = tasks
        self._waiting = deque(range(len(tasks)))
        self._deaths = [0] * len(tasks)
        self._make_worker = make_worker
        self._workers = {number: self._start(number) for number in range(min(processes, len(tasks)))}

    def outcomes(self) -> Iterator[tuple[Task, Result | Died[Task]]]:
        left = len(self._tasks)
        while left:
            for worker in self._workers.values():
                if worker.task is None and self._waiting:
                    self._give(worker)
            for number, worker in self._ready():
                outcome = self._outcome(number, worker)
                if outcome is not None:
                    left -= 1
                    yield outcome

    def close(self) -> None:
        for worker in self._workers.values():
            worker.pipe.close()
            worker.process.kill()
        for worker in self._workers.values():
            worker.process.join()

    def _start(self, number: int) -> _Worker:
        ours, theirs = self._context.Pipe()
        process = self._context.Process(target=_serve, args=(theirs, self._make_worker, number), daemon=True)
        process.start()
        theirs.close()
        return _Worker(process, ours)

    def _give(self, worker: _Worker) -> None:
        worker.task = self._waiting.popleft()
        with suppress(OSError):  # it has died; its end of the pipe says so below
            worker.pipe.send(self._tasks[worker.task])

    def _ready(self) -> list[tuple[int, _Worker]]:
        by_pipe = {worker.pipe: (number, worker) for number, worker in self._workers.items() if worker.task is not None}
        return [by_pipe[pipe] for pipe in wait(list(by_pipe)) if isinstance(pipe, Connection)]

    def _outcome(self, number: int, worker: _Worker) -> tuple[Task, Result | Died[Task]] | None:
        """What a worker sends; None where it died and its task is to be tried again."""
        index = worker.task
        if index is None:
            return None
        try:
            result = worker.pipe.recv()
        except (EOFError, OSError):
            return self._buried(number, worker, index)
        if isinstance(result, BaseException):
            raise result
        worker.task = None
        return self._tasks[index], result

    def _buried(self, number: int, worker: _Worker, index: int) -> tuple[Task, Died[Task]] | None:
        worker.pipe.close()
        worker.process.kill()
        worker.process.join()
        self._workers[number] = self._start(number)
        self._deaths[index] += 1
        if self._deaths[index] < ATTEMPTS:
            self._waiting.appendleft(index)
            return None
        return self._tasks[index], Died()


def _serve(pipe: Connection, make_worker: Callable[[int], Callable[[Any], Any]], number: int) -> None:
    """What a process does: a task from the pipe, its result into the pipe, until there are no more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent ends us
    threading.Thread(target=_end_with_parent, daemon=True).start()
    do: Callable[[Any], Any] | None = None
    while True:
        try:
            task = pipe.recv()
        except (EOFError, OSError):
            return
        try:
            do = do or make_worker(number)
            result = do(task)
        except Exception as error:
            result = error
        pipe.send(result)


def _end_with_parent() -> None:
    """No process goes on writing when the one that started it was killed."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
