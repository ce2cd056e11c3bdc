"""Finds the file of a split in a folder of training data."""

from __future__ import annotations

from pathlib import Path

from text2mdt.errors import Text2MDTError

_ENDINGS = (".json", ".jsonl")


def split_file(folder: Path, part: str) -> Path:
    """The one file of a folder that is named after a part: `train.jsonl`, `Text2DT_train.json`, …

    Args:
        folder: holds it directly.
        part: `train`, `dev`, ….

    Raises:
        Text2MDTError: T2M174 where there is no such folder, or not exactly one such file.
    """
    if not folder.is_dir():
        raise Text2MDTError("T2M174", folder, detail="it is no folder")
    found = sorted(
        path for path in folder.iterdir() if path.suffix.lower() in _ENDINGS and _part_of(path.stem.lower()) == part
    )
    if len(found) != 1:
        names = ", ".join(path.name for path in found) or f"no *{part}.json or *{part}.jsonl"
        raise Text2MDTError("T2M174", folder, detail=names)
    return found[0]


def _part_of(stem: str) -> str:
    return stem.replace("-", "_").rpartition("_")[2]
