"""The cache: that it can be written, its free room, and how fast its disk is."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from text2mdt.doctor.finding import Finding, State
from text2mdt.models.embedded import cache_root, embedded_state

_MB = 10**6
ROOM_TO_CONVERT = 800 * _MB
"""Bytes: the wheel, the GGUF file in it, and the converted model."""
_ROOM_AFTERWARDS = 50 * _MB
_PROBE = 16 * _MB
_SLOW = 40 * _MB
"""Bytes a second; the model's 538 MB then take 13 s to load for the first time."""


def check_cache() -> Iterator[Finding]:
    folder = cache_root()
    try:
        converted = embedded_state().converted is not None
        place = _existing_parent(folder)
        free = shutil.disk_usage(place).free
        written, read = disk_speed(place)
    except OSError as error:
        detail = f"{folder}: {error.strerror or error}"
        # A model that is there can be read from a cache that cannot be written.
        readable = _is_readable(folder)
        mend = "export TEXT2MDT_CACHE=FOLDER that you can write"
        yield Finding("cache", "cache", State.SLOW if readable else State.BROKEN, detail, mend, needed=not readable)
        return
    yield _room(folder, free, converted)
    speed = f"writes {written / _MB:.0f} MB/s, reads {read / _MB:.0f} MB/s"
    if min(written, read) < _SLOW:
        yield Finding("cache", "disk speed", State.SLOW, speed, "export TEXT2MDT_CACHE=FOLDER on a local disk")
    else:
        yield Finding("cache", "disk speed", State.OK, speed)


def _room(folder: Path, free: int, converted: bool) -> Finding:
    wanted = _ROOM_AFTERWARDS if converted else ROOM_TO_CONVERT
    detail = f"{folder}: {free / _MB:,.0f} MB free"
    if free >= wanted:
        return Finding("cache", "room", State.OK, detail, needed=True)
    detail += f", {wanted / _MB:,.0f} MB wanted"
    mend = "free some room, or export TEXT2MDT_CACHE=FOLDER on another disk"
    # A model that is there is read from a full disk as well.
    return Finding("cache", "room", State.SLOW if converted else State.MISSING, detail, mend, needed=not converted)


def _existing_parent(folder: Path) -> Path:
    """The folder, or the nearest above it that is there.

    Raises:
        NotADirectoryError: where a file stands in its place.
    """
    for place in (folder, *folder.absolute().parents):
        if place.is_dir():
            return place
        if place.exists():
            raise NotADirectoryError(20, "a file stands in the place of the folder", str(place))
    return Path.cwd()


def _is_readable(folder: Path) -> bool:
    try:
        converted = embedded_state().converted
        return converted is not None and os.access(converted, os.R_OK)
    except OSError:
        return False


def disk_speed(folder: Path) -> tuple[float, float]:
    """Bytes a second written (as far as the disk) and read, by a file of 16 MB that is deleted again.

    Raises:
        OSError: where it cannot be written.
    """
    with tempfile.TemporaryFile(dir=folder) as file:
        data = os.urandom(_PROBE)
        begin = time.perf_counter()
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
        written = time.perf_counter() - begin
        if hasattr(os, "posix_fadvise"):  # else the file comes back out of memory
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        begin = time.perf_counter()
        file.seek(0)
        file.read()
        read = time.perf_counter() - begin
    return _PROBE / max(written, 1e-9), _PROBE / max(read, 1e-9)
