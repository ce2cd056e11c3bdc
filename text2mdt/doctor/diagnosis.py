"""Runs every check; one that fails itself becomes a finding."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from text2mdt.doctor.cache_checks import check_cache
from text2mdt.doctor.finding import Finding, State
from text2mdt.doctor.machine_checks import (
    check_8_bits,
    check_accelerator,
    check_compiler,
    check_memory,
    check_swap,
    check_threads,
)
from text2mdt.doctor.model_checks import check_adapters, check_model
from text2mdt.doctor.package_checks import check_extras, check_packages, check_python, check_torch

Check = Callable[[], Iterable[Finding]]

_CHECKS: tuple[tuple[str, str, Check], ...] = (
    ("system", "Python", check_python),
    ("packages", "packages", check_packages),
    ("packages", "torch", check_torch),
    ("machine", "threads", check_threads),
    ("machine", "memory", check_memory),
    ("machine", "swap", check_swap),
    ("machine", "accelerator", check_accelerator),
    ("machine", "8 bits", check_8_bits),
    ("machine", "C++ compiler", check_compiler),
    ("cache", "cache", check_cache),
    ("model", "embedded model", check_model),
    ("model", "adapters", check_adapters),
    ("extras", "extras", check_extras),
)
"""Area, name and function of each; what they need first stands first."""


def diagnose() -> Iterator[Finding]:
    """The findings, one after another as they are made; takes some seconds, since the model is loaded once.

    Nothing is fetched, and nothing is left behind on disk.
    """
    for area, name, check in _CHECKS:
        try:
            yield from check()
        except Exception as error:  # a doctor who falls ill says so and sees the next patient
            reason = " ".join(str(error).split())
            yield Finding(area, name, State.BROKEN, f"{type(error).__name__}: {reason}", "see the detail", needed=True)


def is_fit(findings: Iterable[Finding]) -> bool:
    """Whether all that the main job needs, documents in and trees out, is there and whole."""
    return not any(finding.stops_work for finding in findings)
