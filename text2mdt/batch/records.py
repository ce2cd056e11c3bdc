"""What a batch knows of each document: one small file a document, the last to be written and so the truth."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from text2mdt.written_file import write_whole

FOLDER = ".text2mdt"
"""Of the records, in the output folder."""


class DocumentRecord(BaseModel):
    """One document of a batch.

    Attributes:
        name: its path below the folder that is read.
        sha256: of the document; None where it could not be read.
        key: what made the files (`text2mdt.batch.settings.BatchSettings.key`).
        state: "writing" before its files are written, "done" behind them, or "failed".
        files: name of each output file, relative to the output folder → its sha256. While "writing" also those of an
            earlier run that are to go.
        error: why it failed.
        passages, trees: how many.
        warnings: kind of a warning → how many.
        doubtful: ids of passages whose text was repaired, cut off, or could not be read.
        reason: why there is no tree, where there is none.
        notes: what the reader saw and did not read.
        seconds: of the extraction.
        finished: when, ISO 8601 in UTC.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    sha256: str | None = None
    key: str
    state: Literal["writing", "done", "failed"]
    files: dict[str, str] = {}
    error: str | None = None
    passages: int = 0
    trees: int = 0
    warnings: dict[str, int] = {}
    doubtful: tuple[str, ...] = ()
    reason: str | None = None
    notes: tuple[str, ...] = ()
    seconds: float = 0.0
    finished: str = ""


class RecordFolder:
    """The records of an output folder.

    Args:
        output: the output folder.
    """

    def __init__(self, output: Path) -> None:
        self.output = output

    def read(self, name: str) -> DocumentRecord | None:
        """The record of a document; None where there is none, or none that this release reads."""
        try:
            return DocumentRecord.model_validate_json(self._path(name).read_bytes())
        except (OSError, ValidationError):
            return None

    def write(self, record: DocumentRecord) -> None:
        """Keeps a record; raises T2M041 where it cannot be written."""
        write_whole(self._path(record.name), record.model_dump_json(indent=1) + "\n")

    def is_current(self, record: DocumentRecord, key: str, document: str) -> bool:
        """Whether a document needs no work: done with these settings from these bytes, and all files as written."""
        if record.state != "done" or record.key != key or record.sha256 != document:
            return False
        return all(file_sha256(self.output / name) == digest for name, digest in record.files.items())

    def _path(self, name: str) -> Path:
        # Hashed: with an ending behind it a long name would be too long for the file system.
        return self.output / FOLDER / f"{hashlib.sha256(name.encode(errors='surrogateescape')).hexdigest()[:32]}.json"


def file_sha256(path: Path) -> str | None:
    """The sha256 of a file; None where it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None
