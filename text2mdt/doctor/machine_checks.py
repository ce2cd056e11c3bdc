"""Threads, memory, swap, accelerator, arithmetic in 8 bits and compiler."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator
from pathlib import Path

from text2mdt.doctor.finding import Finding, State

_GIB = 2**30
MEMORY_WANTED = 2 * _GIB
"""Bytes that an extraction with the embedded model takes at most, with some room."""
_MUCH_SWAP = _GIB // 4
_THREAD_VARIABLES = ("OMP_NUM_THREADS", "MKL_NUM_THREADS")
_COMPILER = "on Debian: apt-get install g++ python3-dev; elsewhere a compiler with OpenMP, named in CXX"
_MEMINFO = Path("/proc/meminfo")
_CGROUP = Path("/sys/fs/cgroup")


def check_threads() -> Iterator[Finding]:
    import torch

    used, cores = torch.get_num_threads(), usable_cores()
    detail = f"PyTorch uses {used} of {cores} cores that this process may use"
    if used < cores // 2 or used == 1 < cores:
        limits = [name for name in _THREAD_VARIABLES if name in os.environ]
        mend = f"unset {' '.join(limits)}" if limits else f"export OMP_NUM_THREADS={cores}"
        yield Finding("machine", "threads", State.SLOW, detail, mend)
    elif used > cores:
        yield Finding("machine", "threads", State.SLOW, detail, f"export OMP_NUM_THREADS={cores}")
    else:
        yield Finding("machine", "threads", State.OK, detail)


def usable_cores() -> int:
    """Cores that the process may use: by its affinity and by the quota of its container, at least 1."""
    try:
        cores = len(os.sched_getaffinity(0))
    except AttributeError:  # not on every system
        cores = os.cpu_count() or 1
    quota, _, period = _read(_CGROUP / "cpu.max").partition(" ")
    if quota.isdigit() and period.strip().isdigit():
        cores = min(cores, -(-int(quota) // int(period)))
    return max(cores, 1)


def check_memory() -> Iterator[Finding]:
    total, free = memory()
    if total is None or free is None:
        yield Finding("machine", "memory", State.OK, "cannot be told on this system")
        return
    detail = f"{free / _GIB:.1f} of {total / _GIB:.1f} GiB are free"
    if free < MEMORY_WANTED:
        wanted = f"{detail}; the embedded model wants {MEMORY_WANTED / _GIB:.0f} GiB"
        yield Finding("machine", "memory", State.SLOW, wanted, "end other programs, or use --batch-size 1")
    else:
        yield Finding("machine", "memory", State.OK, detail)


def memory() -> tuple[int | None, int | None]:
    """Bytes in all and free, by the system and by the limit of the container; None where it cannot be told."""
    kilobytes = _meminfo()
    total, free = kilobytes.get("MemTotal"), kilobytes.get("MemAvailable")
    limit, used = _read(_CGROUP / "memory.max"), _read(_CGROUP / "memory.current")
    if total is None or free is None:
        return None, None
    if limit.isdigit() and used.isdigit():
        return min(total, int(limit)), min(free, max(int(limit) - int(used), 0))
    return total, free


def check_swap() -> Iterator[Finding]:
    kilobytes = _meminfo()
    used = kilobytes.get("SwapTotal", 0) - kilobytes.get("SwapFree", 0)
    detail = f"{used / _GIB:.1f} GiB in use" if used else "not in use"
    if used > _MUCH_SWAP:
        yield Finding("machine", "swap", State.SLOW, detail, "end other programs; see which with: ps aux --sort=-rss")
    else:
        yield Finding("machine", "swap", State.OK, detail)


def check_accelerator() -> Iterator[Finding]:
    import torch

    found = torch.accelerator.current_accelerator(check_available=True)
    if found is None:
        if any(Path("/dev").glob("nvidia[0-9]*")):
            detail = f"a GPU is there, and PyTorch {torch.__version__} cannot use it"
            mend = "pip install torch --index-url https://download.pytorch.org/whl/cu130"
            yield Finding("machine", "accelerator", State.SLOW, detail, mend)
        else:
            yield Finding("machine", "accelerator", State.OK, "none: the CPU does the work")
    elif found.type == "cuda":
        card = torch.cuda.get_device_properties(0)
        detail = f"{card.name}, {card.total_memory / _GIB:.0f} GiB"
        yield Finding("machine", "accelerator", State.OK, detail)
    else:
        yield Finding("machine", "accelerator", State.OK, found.type)


def check_8_bits() -> Iterator[Finding]:
    import torch

    from text2mdt.models.int8 import int8_is_possible

    if int8_is_possible(torch.device("cpu")):
        yield Finding("machine", "8 bits", State.OK, "the CPU generates in 8 bits")
    elif platform.machine().lower() in ("x86_64", "amd64"):
        mend = "pip install --force-reinstall torch"
        detail = "this PyTorch has no oneDNN: the CPU generates in float32, which takes twice as long"
        yield Finding("machine", "8 bits", State.SLOW, detail, mend)
    else:
        yield Finding("machine", "8 bits", State.OK, "not on this processor: it generates in float32")


def check_compiler() -> Iterator[Finding]:
    from pilora.compiling import has_compiler

    if has_compiler():
        yield Finding("machine", "C++ compiler", State.OK, "training on the CPU compiles its layers")
    else:
        detail = "no C++ compiler, or no headers of Python: training on the CPU takes half as long again"
        yield Finding("machine", "C++ compiler", State.ABSENT, detail, _COMPILER)


def _meminfo() -> dict[str, int]:
    """Bytes by name; empty where the system has no such file."""
    found = {}
    for line in _read(_MEMINFO).splitlines():
        name, _, value = line.partition(":")
        number = value.split()[:1]
        if number and number[0].isdigit():
            found[name] = int(number[0]) * 1024
    return found


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return ""
