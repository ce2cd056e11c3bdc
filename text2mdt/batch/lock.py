"""One run at a time in an output folder, or several shares of one; the end of a process, however it comes, frees it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from text2mdt.batch.records import FOLDER
from text2mdt.errors import Text2MDTError

_SECONDS = 2.0


@contextmanager
def held(output: Path, share: str) -> Iterator[None]:
    """Holds the folder for a whole run, or for one share of it.

    Args:
        share: names the share; empty for a whole run, which goes on only where no share is being worked on.

    Raises:
        Text2MDTError: T2M151 where another process holds it, T2M041 where the folder cannot be written.
    """
    with ExitStack() as taken:
        try:
            _take(output / FOLDER, share, taken)
        except Timeout:
            raise Text2MDTError("T2M151", output) from None
        except OSError as error:
            raise Text2MDTError("T2M041", output, detail=error.strerror) from error
        yield


def _take(folder: Path, share: str, taken: ExitStack) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    whole = FileLock(folder / "run.lock")
    with whole.acquire(timeout=_SECONDS):
        if share:
            taken.enter_context(FileLock(folder / f"run{share}.lock").acquire(timeout=_SECONDS))
            return
        for path in sorted(folder.glob("run-*.lock")):
            FileLock(path).acquire(timeout=_SECONDS).lock.release()
        taken.enter_context(whole.acquire(timeout=_SECONDS))
