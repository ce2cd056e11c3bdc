"""One document of a batch: read, extracted, its files written, its record last."""

from __future__ import annotations

import errno
import hashlib
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pilora.errors import CodedError
from text2mdt.batch.inputs import BatchInput
from text2mdt.batch.records import DocumentRecord, RecordFolder
from text2mdt.batch.settings import BatchSettings
from text2mdt.documents import read_document
from text2mdt.errors import Text2MDTError
from text2mdt.export import export
from text2mdt.schema import Extraction
from text2mdt.written_file import write_whole

if TYPE_CHECKING:
    from text2mdt.extract import Extractor

FATAL = ("T2M041", "T2M154", "T2M156")
"""Errors that would meet every other document as well: they end the run."""


class DocumentWork:
    """Extracts documents into an output folder.

    Args:
        settings: of the batch.
        output: the output folder.
        load: gives the extractor; called once, when the first document has been read.
    """

    def __init__(self, settings: BatchSettings, output: Path, load: Callable[[], Extractor]) -> None:
        self._settings = settings
        self._key = settings.key
        self._records = RecordFolder(output)
        self._load = load
        self._extractor: Extractor | None = None

    def extract(self, work: BatchInput, progress: Callable[[int, int], None] | None = None) -> DocumentRecord:
        """The record of a document, done or failed; it and the files are written.

        Raises:
            Text2MDTError: T2M041 where the output cannot be written.
            Text2MDTError, PiloraError: where the model cannot be loaded.
        """
        started = time.monotonic()
        try:
            document = read_document(work.path, None, self._settings.max_characters, self._settings.layout_model)
        except Exception as error:
            return self._failed(work, None, error, started)
        if self._extractor is None:
            loading = time.monotonic()
            self._extractor = self._load()
            started += time.monotonic() - loading
        try:
            extraction = self._extractor.extract_document(document, progress)
            contents = {
                work.stem.with_name(work.stem.name + ending).as_posix(): content.encode()
                if isinstance(content, str)
                else content
                for name in self._settings.formats
                for ending, content in export(extraction, name).items()
            }
        except Exception as error:
            return self._failed(work, document.sha256, error, started)
        record = self._described(work, extraction, contents, started)
        try:
            self._write(record, contents)
        except Text2MDTError as error:
            if getattr(error.__cause__, "errno", None) != errno.ENAMETOOLONG:
                raise
            return self._failed(work, document.sha256, error, started, fatal=())
        return record

    def _write(self, record: DocumentRecord, contents: dict[str, bytes]) -> None:
        """Whenever a process ends in here, the next one finds in the record what there may be."""
        earlier = self._records.read(record.name)
        old = {} if earlier is None else {name: found for name, found in earlier.files.items() if name not in contents}
        self._records.write(record.model_copy(update={"state": "writing", "files": old | record.files}))
        for name in old:
            (self._records.output / name).unlink(missing_ok=True)
        for name, content in contents.items():
            write_whole(self._records.output / name, content)
        self._records.write(record)

    def _described(
        self, work: BatchInput, extraction: Extraction, contents: dict[str, bytes], started: float
    ) -> DocumentRecord:
        results = extraction.passages
        return DocumentRecord(
            name=work.name,
            sha256=extraction.document.sha256,
            key=self._key,
            state="done",
            files={name: hashlib.sha256(content).hexdigest() for name, content in contents.items()},
            passages=len(results),
            trees=len(extraction.trees),
            warnings=dict(sorted(Counter(warning.kind for result in results for warning in result.warnings).items())),
            doubtful=tuple(result.id for result in results if result.repairs or result.truncated or result.error),
            reason=extraction.reason,
            notes=tuple(note.text for note in extraction.notes),
            seconds=_since(started),
            finished=_now(),
        )

    def _failed(
        self, work: BatchInput, sha256: str | None, error: Exception, started: float, fatal: tuple[str, ...] = FATAL
    ) -> DocumentRecord:
        """Notes a failure; raises it again where it is no matter of this document."""
        if isinstance(error, CodedError):
            if error.code in fatal:
                raise error
            said = str(error)
        else:
            detail = " ".join(str(error).split())[:300]
            said = str(Text2MDTError("T2M152", work.path, kind=type(error).__name__, detail=detail))
        return self.note_failure(work, said, sha256, _since(started))

    def note_failure(
        self, work: BatchInput, error: str, sha256: str | None = None, seconds: float = 0.0
    ) -> DocumentRecord:
        """Writes the record of a document that failed; the files of an earlier run stay."""
        earlier = self._records.read(work.name)
        record = DocumentRecord(
            name=work.name,
            sha256=sha256,
            key=self._key,
            state="failed",
            files={} if earlier is None else earlier.files,
            error=error,
            seconds=seconds,
            finished=_now(),
        )
        self._records.write(record)
        return record


def _since(started: float) -> float:
    return round(time.monotonic() - started, 3)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
