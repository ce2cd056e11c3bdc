"""How threads of PyTorch wait for each other."""

from __future__ import annotations

import os

_TURNS = "1000"
"""Turns of the loop, some microseconds; the runtime's own choice is hundreds of thousands, some milliseconds."""


def let_waiting_threads_sleep() -> None:
    """Makes a thread that waits for another give its core away soon. It must come before PyTorch is loaded.

    The products of a small model are short, and behind each the threads wait for the slowest. As the runtime of OpenMP
    on Linux (libgomp) comes, they turn in a loop meanwhile, and where another program wants the core, the
    one that works is put off by those that wait: five times as slow beside one busy process (docs/benchmarks.md). Who
    has chosen a way of waiting in the environment keeps it.
    """
    if not {"GOMP_SPINCOUNT", "OMP_WAIT_POLICY"} & os.environ.keys():
        os.environ["GOMP_SPINCOUNT"] = _TURNS
