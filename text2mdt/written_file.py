"""Writes a file whole or not at all."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path

from text2mdt.errors import Text2MDTError

UNFINISHED = ".t2m-part"
"""The ending of a file that is being written; one that a killed process left behind may be deleted."""


def write_whole(path: Path, content: str | bytes, inputs: tuple[Path, ...] = ()) -> None:
    """Writes a text as UTF-8, or bytes as they are; folders are made. Several processes may write one path at once.

    Raises:
        Text2MDTError: T2M041 where it cannot be written, or is one of the `inputs`.
    """
    temporary = path.with_name(f"{secrets.token_hex(8)}{UNFINISHED}")
    try:
        if inputs and path.exists() and any(path.samefile(one) for one in inputs):
            raise Text2MDTError("T2M041", path, detail="it is the file that is read")
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_bytes(content.encode() if isinstance(content, str) else content)
        os.replace(temporary, path)
    except OSError as error:
        raise Text2MDTError("T2M041", path, detail=error.strerror or str(error)) from error
    finally:
        with suppress(OSError):  # a folder that cannot be looked into holds no unfinished file either
            temporary.unlink(missing_ok=True)


def remove_unfinished(folder: Path) -> None:
    """Deletes the unfinished files that killed processes left in a folder and below."""
    for path in folder.rglob(f"*{UNFINISHED}"):
        path.unlink(missing_ok=True)
