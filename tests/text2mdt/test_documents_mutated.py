"""Damaged files of each format: each is read or refused with a code, in bounded time and memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from damaged_guidelines import FORMATS
from guarded_reading import Outcome, outcomes
from misbehaving_readers import misbehave


def check(name: str, files: Iterator[bytes], most_refused: float) -> list[Outcome]:
    found = list(outcomes(name, files))
    assert not {number: outcome.what for number, outcome in enumerate(found) if not outcome.is_fine}
    assert sum(outcome.what != "read" for outcome in found) <= most_refused * len(found)
    return found


@pytest.mark.parametrize(("name", "mutated"), FORMATS.values(), ids=FORMATS)
def test_mutated_files_small(name: str, mutated: Callable[[int, int], Iterator[bytes]]) -> None:
    check(name, mutated(16, 1), 0.7)


@pytest.mark.slow
@pytest.mark.timeout(0)
@pytest.mark.parametrize(("name", "mutated"), FORMATS.values(), ids=FORMATS)
def test_mutated_files(name: str, mutated: Callable[[int, int], Iterator[bytes]]) -> None:
    assert len(check(name, mutated(2000, 2), 0.8 if name == "a.docx" else 0.5)) == 2000


def test_what_goes_wrong_is_told() -> None:
    files = [b"", b"hang", b"", b"crash", b"memory", b"error"]
    found = [outcome.what for outcome in outcomes("a.pdf", files, misbehave, seconds=3)]
    assert found == ["read", "hang", "read", "crash", "memory", "ValueError('a.pdf')"]
