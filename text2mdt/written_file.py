"""Writes a file whole or not at all."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from text2mdt.errors import Text2MDTError

UNFINISHED = ".t2m-part"
"""The ending of a file that is being written; one that a killed process left behind may be deleted."""


def write_whole(path: Path, content: str | bytes, inputs: tuple[Path, ...] = ()) -> None:
    """Writes a text as UTF-8, or bytes as they are; folders are made. Several processes may write one path at once.

    Raises:
        Text2MDTError: T2M041 where it cannot be written, or is one of the `inputs`.
    """
    if inputs and path.exists() and any(path.samefile(one) for one in inputs):
        raise Text2MDTError("T2M041", path, detail="it is the file that is read")
    temporary = path.with_name(f"{secrets.token_hex(8)}{UNFINISHED}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_bytes(content.encode() if isinstance(content, str) else content)
        os.replace(temporary, path)
    except OSError as error:
        raise Text2MDTError("T2M041", path, detail=error.strerror) from error
    finally:
        if temporary.exists():
            temporary.unlink(missing_ok=True)


def remove_unfinished(folder: Path) -> None:
    """Deletes the unfinished files that killed processes left in a folder and below."""
    for path in folder.rglob(f"*{UNFINISHED}"):
        path.unlink(missing_ok=True)
