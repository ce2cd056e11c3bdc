"""Runs the command line within the test's process."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from text2mdt.cli import main


class Outcome(NamedTuple):
    """Exit code, standard output and standard error of a command."""

    code: int
    out: str
    err: str

    @property
    def last_error(self) -> str:
        """The last line of the standard error stream (a progress bar may stand before it)."""
        return self.err.splitlines()[-1] if self.err else ""


def run(capsys: pytest.CaptureFixture[str], *words: object) -> Outcome:
    with pytest.raises(SystemExit) as caught:
        main([str(word) for word in words])
    return Outcome(int(caught.value.code or 0), *capsys.readouterr())
