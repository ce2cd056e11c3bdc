"""Processes that may die at their task."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from batch_runs import squarer

from text2mdt.batch.workers import Died, run_in_processes
from text2mdt.errors import Text2MDTError


def test_outcomes_come_whatever_dies(tmp_path):
    outcomes = dict(run_in_processes(range(8), partial(squarer, str(tmp_path)), 2))
    assert isinstance(outcomes.pop(5), Died)
    assert outcomes == {value: value * value for value in (0, 1, 2, 3, 4, 6, 7)}


def test_an_error_comes_whole_and_ends_the_processes(tmp_path):
    with pytest.raises(Text2MDTError) as caught:
        list(run_in_processes([1, -1], partial(squarer, str(tmp_path)), 1))
    assert (caught.value.code, caught.value.where) == ("T2M022", "a model")
    assert str(caught.value).startswith("T2M022: there is no such model: a model: ")


def sleeper(place: str, number: int) -> Callable[[int], int]:
    def sleep(value: int) -> int:
        Path(place, str(os.getpid())).touch()
        time.sleep(60)
        return value

    return sleep


def test_processes_end_with_the_one_that_started_them(tmp_path):
    from batch_runs import forked

    parent = forked(lambda: list(run_in_processes([1, 2], partial(sleeper, str(tmp_path)), 2)))
    limit = time.monotonic() + 60
    while len(list(tmp_path.iterdir())) < 2 and time.monotonic() < limit:
        time.sleep(0.05)
    children = [int(path.name) for path in tmp_path.iterdir()]
    assert len(children) == 2
    os.kill(parent, signal.SIGKILL)
    os.waitpid(parent, 0)
    limit = time.monotonic() + 10
    while any(Path("/proc", str(child)).exists() for child in children) and time.monotonic() < limit:
        time.sleep(0.05)
    assert not any(Path("/proc", str(child)).exists() for child in children)
