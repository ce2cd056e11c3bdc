"""Short hashes of what a file or an adapter holds, wherever it lies: what a report or a unit of work was made from."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from pilora.checkpoint import TENSOR_FILE, read_adapter_config
from text2mdt.calibration import FILE as CALIBRATION_FILE
from text2mdt.errors import Text2MDTError


def file_hash(path: Path) -> str:
    """The first 16 digits of a file's SHA-256; raises T2M010 or T2M016 where it cannot be read."""
    try:
        stat = path.stat()
        return _hash(path, stat.st_mtime_ns, stat.st_size)
    except FileNotFoundError:
        raise Text2MDTError("T2M010", path) from None
    except OSError as error:
        raise Text2MDTError("T2M016", path, detail=error.strerror) from error


def joined_hash(paths: Iterable[Path]) -> str:
    """16 hexadecimal digits of the names and contents of files, in the order given; raises as `file_hash`."""
    text = "\n".join(f"{path.name} {file_hash(path)}" for path in paths)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def adapter_hash(folder: Path) -> str:
    """16 hexadecimal digits of an adapter's tensors, ranks, configuration and calibration, without the rest."""
    stored = read_adapter_config(folder)
    facts = json.dumps([stored["config"], stored["ranks"], stored["backbone"]], sort_keys=True)
    files = [path for name in (TENSOR_FILE, CALIBRATION_FILE) if (path := folder / name).is_file()]
    return hashlib.sha256((facts + joined_hash(files)).encode()).hexdigest()[:16]


@cache
def _hash(path: Path, changed: int, size: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:16]
