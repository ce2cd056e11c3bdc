"""The manifest of a batch: which documents, with what, to which files."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from text2mdt.batch.inputs import BatchInput
from text2mdt.batch.records import DocumentRecord
from text2mdt.batch.settings import BatchSettings


class Manifest(BaseModel):
    """A run over a folder.

    Attributes:
        folder: that was read.
        settings: with the versions of code, model, adapter, grammar and prompt.
        key: of the settings.
        documents: in the order of their names; those not reached yet are missing.
        waiting: names of the documents not reached yet.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    schema_version: int = 1
    folder: str
    settings: BatchSettings
    key: str
    documents: tuple[DocumentRecord, ...]
    waiting: tuple[str, ...] = ()

    @property
    def done(self) -> list[DocumentRecord]:
        return [record for record in self.documents if record.state == "done"]

    @property
    def failed(self) -> list[DocumentRecord]:
        return [record for record in self.documents if record.state == "failed"]

    @property
    def warnings(self) -> dict[str, int]:
        """Kind of a warning → how many in all documents, the most frequent first."""
        total: Counter[str] = Counter()
        for record in self.done:
            total.update(record.warnings)
        return dict(total.most_common())


def manifest_of(
    folder: Path, inputs: Sequence[BatchInput], records: dict[str, DocumentRecord], settings: BatchSettings
) -> Manifest:
    """The manifest of the documents in their order; `records` by name."""
    return Manifest(
        folder=str(folder),
        settings=settings,
        key=settings.key,
        documents=tuple(records[one.name] for one in inputs if one.name in records),
        waiting=tuple(one.name for one in inputs if one.name not in records),
    )


def error_lines(folder: Path, failed: Sequence[DocumentRecord]) -> str:
    """The content of errors.jsonl: a line for each document that failed."""
    lines = (
        json.dumps({"input": str(folder / record.name), "error": record.error}, ensure_ascii=False) for record in failed
    )
    return "".join(f"{line}\n" for line in lines)
