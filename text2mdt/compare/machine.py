"""The machine that a measurement was made on, and how much memory it took."""

from __future__ import annotations

import os
import platform
import resource
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

PACKAGES = ("torch", "transformers", "peft", "llguidance")


def machine_facts() -> dict[str, Any]:
    """Processor, cores, memory in bytes, accelerator, system, threads, and versions of the packages that count."""
    import torch

    cuda = torch.cuda.is_available()
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory": _memory(),
        "accelerator": torch.cuda.get_device_name() if cuda else None,
        "system": platform.platform(),
        "python": platform.python_version(),
        "threads": torch.get_num_threads(),
        "packages": {name: found for name in PACKAGES if (found := _version(name))},
    }


def machine_line(facts: dict[str, Any]) -> str:
    """The same on one line, for people."""
    memory = f"{facts['memory'] / 2**30:.0f} GiB" if facts["memory"] else "memory unknown"
    accelerator = f", {facts['accelerator']}" if facts["accelerator"] else ""
    packages = ", ".join(f"{name} {number}" for name, number in facts["packages"].items())
    cores = f"{facts['cores']} cores, {facts['threads']} threads used"
    return (
        f"{facts['processor']}, {cores}, {memory}{accelerator}; {facts['system']}, Python {facts['python']}, {packages}"
    )


def peak_memory() -> dict[str, int]:
    """The peak so far of this process, in bytes: `host`, and `device` where there is an accelerator."""
    import torch

    host = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    device = {"device": torch.cuda.max_memory_allocated()} if torch.cuda.is_available() else {}
    return {"host": host, **device}


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    named = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return named[0] if named else platform.processor() or platform.machine()


def _memory() -> int | None:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError):
        return None
