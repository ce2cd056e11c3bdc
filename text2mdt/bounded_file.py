"""Reads a file that a user names, up to a size; what goes wrong is named."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from text2mdt.errors import Text2MDTError


@contextmanager
def named_errors(path: Path) -> Iterator[None]:
    """Around the reading of a file: raises T2M010 where it is missing, T2M013 for no UTF-8, T2M016 for all else."""
    try:
        yield
    except FileNotFoundError:
        raise Text2MDTError("T2M010", path) from None
    except UnicodeDecodeError:
        raise Text2MDTError("T2M013", path) from None
    except OSError as error:
        raise Text2MDTError("T2M016", path, detail=error.strerror or str(error)) from None


def read_bounded(path: Path, largest: int) -> str:
    """The UTF-8 text of a file of at most `largest` bytes, a byte order mark left out.

    Raises:
        Text2MDTError: T2M010, T2M011, T2M013, T2M016 or T2M053.
    """
    with named_errors(path):
        if path.stat().st_size > largest:
            raise Text2MDTError("T2M053", path, detail=f"the limit is {largest // 1024**2} MiB")
        content = path.read_bytes().decode("utf-8-sig")
    if not content.strip():
        raise Text2MDTError("T2M011", path)
    return content
