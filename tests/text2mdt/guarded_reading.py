"""Reads files in a process of its own, which is ended where one takes too long or too much memory."""

from __future__ import annotations

import multiprocessing
import resource
import signal
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from document_checks import check_blocks, check_boxes

from text2mdt.documents import read_document
from text2mdt.errors import Text2MDTError

SECONDS = 10
"""Processor time for a file; the system ends a process that takes more, also inside of a library in C."""
_WALL_SECONDS = 180.0  # others may use the processor meanwhile; a process that only waits is ended too
_MOST_BYTES = 1_000_000_000
_ADDRESSES = 8_000_000_000


def read_and_check(data: bytes, name: str) -> None:
    document = read_document(data, name)
    check_blocks(document)
    check_boxes(document)


@dataclass(frozen=True)
class Outcome:
    """What reading a file came to.

    Attributes:
        what: "read", the code of an error, or what went wrong: "crash", "hang", "memory" or the exception.
        seconds: processor time.
        megabytes: the most memory that the process had so far; it reads many files, one after the other.
    """

    what: str
    seconds: float = 0.0
    megabytes: float = 0.0

    @property
    def is_fine(self) -> bool:
        return self.what == "read" or self.what.startswith("T2M")


def outcomes(
    name: str, files: Iterable[bytes], read: Callable[[bytes, str], None] = read_and_check, seconds: int = SECONDS
) -> Iterator[Outcome]:
    """What reading each file under this name came to."""
    reader = _Reader(name, read, seconds)
    try:
        for data in files:
            outcome = reader.outcome(data)
            if outcome.what in ("crash", "hang", "memory"):
                reader.close()
                reader = _Reader(name, read, seconds)
            yield outcome
    finally:
        reader.close()


class _Reader:
    def __init__(self, name: str, read: Callable[[bytes, str], None], seconds: int) -> None:
        context = multiprocessing.get_context("spawn")
        self._connection, other = context.Pipe()
        self._process = context.Process(target=_serve, args=(name, read, seconds, other), daemon=True)
        self._process.start()
        other.close()

    def outcome(self, data: bytes) -> Outcome:
        try:
            self._connection.send_bytes(data)
            if not self._connection.poll(_WALL_SECONDS):
                return Outcome("hang")
            return Outcome(*self._connection.recv())
        except (EOFError, OSError):
            self._process.join()
            return Outcome("hang" if self._process.exitcode == -signal.SIGXCPU else "crash")

    def close(self) -> None:
        self._connection.close()
        self._process.kill()
        self._process.join()


def _serve(name: str, read: Callable[[bytes, str], None], seconds: int, connection: Connection) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (_ADDRESSES, _ADDRESSES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    while True:
        try:
            data = connection.recv_bytes()
        except EOFError:
            return
        before = time.process_time()
        limit = int(before) + 1 + seconds
        resource.setrlimit(resource.RLIMIT_CPU, (limit, resource.RLIM_INFINITY))
        outcome = _outcome(read, data, name)
        highest = _most_memory()
        outcome = outcome if highest < _MOST_BYTES else "memory"
        connection.send((outcome, time.process_time() - before, highest / 1e6))


def _most_memory() -> int:
    """In bytes. `ru_maxrss` would begin with the parent's memory, which outlives the start of another program."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024


def _outcome(read: Callable[[bytes, str], None], data: bytes, name: str) -> str:
    try:
        read(data, name)
    except Text2MDTError as error:
        return error.code
    except Exception as error:
        return repr(error)[:300]
    return "read"
