"""Gives a target inputs that nobody would write, for some minutes; what goes wrong is kept as a seed.

    python benchmarks/fuzz.py --minutes 30 parser
    python benchmarks/fuzz.py --minutes 30 --engine atheris importers    # pip install 'text2mdt[fuzz]'

Targets: parser, importers, config, grammar, readers, adapter (benchmarks/fuzz_targets.py). Hypothesis damages whole
inputs and makes new ones, and gives the smallest input of what it finds; atheris is led by the lines of code that an
input reaches. One that takes more than 10 s of processor time counts as wrong too. Inputs found go into
tests/data/fuzz/TARGET. Exit code 1 where something was found.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from pathlib import Path

from fuzz_targets import SEEDS, TARGETS, examples
from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings
from hypothesis import strategies as st

_LONGEST = 10.0
_ROUND = 400
_TOKENS = (
    b"<!DOCTYPE x>", b"&amp;", b"<", b">", b'"', b"{", b"}", b"[", b"]", b"\\", b"\x00", b"\xff", b"\n", b"- ", b": ",
    b"&a", b"*a", b"!!python/object:os.system", b"2001-99-99", b"1e999", b"NaN", b"-1", b"9" * 5000, b"[" * 3000,
    b"\xed\xa0\x80", b"null", b"true", b"if", b"yes", b"no", b"none", b"1 if feature: ", b"-->|", b"%%",
)  # fmt: skip


def main() -> int:
    options = _options()
    found = (_by_atheris if options.engine == "atheris" else _by_hypothesis)(options.target, options.minutes * 60)
    return int(found)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("target", choices=list(TARGETS))
    parser.add_argument("--minutes", type=float, default=3)
    parser.add_argument("--engine", choices=["hypothesis", "atheris"], default="hypothesis")
    return parser.parse_args()


def timed(target: Callable[[bytes], None]) -> Callable[[bytes], None]:
    """The target, and an error where an input takes too long."""

    def run(data: bytes) -> None:
        begin = time.process_time()
        target(data)
        if (taken := time.process_time() - begin) > _LONGEST:
            raise TimeoutError(f"{len(data)} bytes took {taken:.0f} s")

    return run


@st.composite
def damaged(draw: st.DrawFn, whole: list[bytes]) -> bytes:
    """An input with one to six pieces lost, doubled, moved or replaced."""
    data = draw(st.sampled_from(whole))
    for _ in range(draw(st.integers(1, 6))):
        start = draw(st.integers(0, len(data)))
        end = min(len(data), start + draw(st.integers(0, 40)))
        piece = draw(st.one_of(st.sampled_from(_TOKENS), st.binary(max_size=6), st.just(data[start:end] * 2)))
        data = data[:start] + piece + data[end:]
    return data


def _by_hypothesis(name: str, seconds: float) -> int:
    fuzzed = Fuzzed(name)
    end, number = time.monotonic() + seconds, 0
    inputs = st.one_of(damaged(examples(name)), st.binary(max_size=60), st.text(max_size=80).map(_encoded))
    while time.monotonic() < end:
        number += 1

        def trial(data: bytes) -> None:
            if time.monotonic() < end + 60 and fuzzed.fails_anew(data):  # making it smaller may go on for a while
                raise _FoundError

        try:
            seed(number)(_settings()(given(inputs)(trial)))()
        except _FoundError:
            fuzzed.keep()
    print(fuzzed.summary("hypothesis", seconds))
    return len(fuzzed.kept)


class _FoundError(Exception):
    """Tells hypothesis of an input, whatever it was that went wrong."""


class Fuzzed:
    """A target with what was found: of each bug the smallest input.

    Attributes:
        tried: inputs so far.
        kept: places of the bugs whose inputs are written.
    """

    def __init__(self, name: str) -> None:
        self.name, self.tried, self.kept = name, 0, set()
        self._run = timed(TARGETS[name])
        self._found: dict[str, tuple[bytes, Exception]] = {}

    def fails_anew(self, data: bytes) -> bool:
        """Whether it meets a bug that is not kept yet."""
        self.tried += 1
        try:
            self._run(data)
        except Exception as error:  # whatever it is, it is found
            place = _place(error)
            if place in self.kept:
                return False
            if place not in self._found or len(data) <= len(self._found[place][0]):
                self._found[place] = data, error
            return True
        return False

    def summary(self, engine: str, seconds: float) -> str:
        """One line; a busy machine shows in the processor time."""
        spent = f"{seconds / 60:g} minutes ({time.process_time():.0f} s of processor time)"
        return f"{self.name}: {self.tried:,} inputs by {engine} in {spent}, {len(self.kept)} found"

    def keep(self) -> None:
        """Writes what was found since."""
        folder = SEEDS / self.name
        folder.mkdir(parents=True, exist_ok=True)
        for place, (data, error) in self._found.items():
            path = folder / hashlib.sha256(data).hexdigest()[:12]
            path.write_bytes(data)
            print(f"{self.name}: {place}: {str(error)[:200]!r}: {path}", file=sys.stderr, flush=True)
        self.kept |= set(self._found)
        self._found.clear()


def _settings() -> settings:
    return settings(
        max_examples=_ROUND,
        deadline=None,
        database=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
        verbosity=Verbosity.quiet,
    )


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _place(error: BaseException) -> str:
    """Kind and place of an error, so that one bug is told once."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if "/text2mdt/" in frame.filename or "/pilora/" in frame.filename] or frames
    return f"{type(error).__name__} {own[-1].filename}:{own[-1].lineno}"


def _by_atheris(name: str, seconds: float) -> int:
    import atheris

    with atheris.instrument_imports(include=["text2mdt", "pilora"]):
        import text2mdt.compare.config
        import text2mdt.documents
        import text2mdt.grammar
        import text2mdt.imports
        import text2mdt.parser
        import text2mdt.training_config  # noqa: F401
    fuzzed, end = Fuzzed(name), time.monotonic() + seconds

    def trial(data: bytes) -> None:
        if time.monotonic() > end:
            print(fuzzed.summary("atheris", seconds), flush=True)
            os._exit(bool(fuzzed.kept))  # its loop has no other end
        if fuzzed.fails_anew(data):
            fuzzed.keep()

    with tempfile.TemporaryDirectory() as corpus:
        for number, data in enumerate(examples(name)):
            (Path(corpus) / str(number)).write_bytes(data[:4096])
        # libFuzzer writes what took long by the clock: no finding, since the processor time is looked at here
        aside = f"-artifact_prefix={corpus}/slow-"
        atheris.Setup([sys.argv[0], corpus, "-max_len=4096", "-verbosity=0", aside], trial)
        atheris.Fuzz()
    return len(fuzzed.kept)


if __name__ == "__main__":
    raise SystemExit(main())
