"""Writes a file whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

from text2mdt.errors import Text2MDTError


def write_whole(path: Path, content: str | bytes, inputs: tuple[Path, ...] = ()) -> None:
    """Writes a text as UTF-8, or bytes as they are; folders are made.

    Raises:
        Text2MDTError: T2M041 where it cannot be written, or is one of the `inputs`.
    """
    if path.exists() and any(path.samefile(one) for one in inputs):
        raise Text2MDTError("T2M041", path, detail="it is the file that is read")
    temporary = path.with_name(f"{path.name}.{os.getpid()}.part")  # several processes may write the same
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_bytes(content.encode() if isinstance(content, str) else content)
        os.replace(temporary, path)
    except OSError as error:
        raise Text2MDTError("T2M041", path, detail=error.strerror) from error
