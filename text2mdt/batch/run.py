"""A run over all documents of a folder that can be killed at any moment and goes on where it stood."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from text2mdt.batch.document import DocumentWork
from text2mdt.batch.inputs import BatchInput
from text2mdt.batch.lock import held
from text2mdt.batch.manifest import Manifest, error_lines, manifest_of
from text2mdt.batch.ray_actors import run_in_ray
from text2mdt.batch.records import DocumentRecord, RecordFolder, file_sha256
from text2mdt.batch.settings import BatchSettings
from text2mdt.batch.summary_page import summary_page
from text2mdt.batch.workers import ATTEMPTS, Died, run_in_processes
from text2mdt.errors import Text2MDTError
from text2mdt.written_file import remove_unfinished, write_whole

if TYPE_CHECKING:
    from text2mdt.extract import Extractor


MOST_UNANSWERED = 5
"""Documents one after another that an endpoint gave no answer for, behind which a run does not go on."""


@dataclass(frozen=True)
class BatchStep:
    """One document is through.

    Attributes:
        record: of the document.
        anew: whether it was worked on in this run; else an earlier run had done it.
    """

    record: DocumentRecord
    anew: bool


class Batch:
    """A run over the documents of a folder.

    Args:
        folder: that is read.
        output: the output folder.
        inputs: the documents of this run, from `folder_inputs` or a `shard` of them.
        settings: of the batch.
        share: name of this run's share where several runs write one output folder.
    """

    def __init__(
        self, folder: Path, output: Path, inputs: Sequence[BatchInput], settings: BatchSettings, share: str = ""
    ) -> None:
        self.folder = folder
        self.output = output
        self.inputs = inputs
        self.settings = settings
        self._share = share
        self._records = RecordFolder(output)
        self._found: dict[str, DocumentRecord] = {}

    def run(
        self,
        jobs: int = 1,
        load: Callable[[], Extractor] | None = None,
        progress: Callable[[int, int], None] | None = None,
        on_ray: bool = False,
    ) -> Iterator[BatchStep]:
        """Does what is left to do; gives the documents as they get through, those done earlier first.

        The files of each document are written whole, and its record behind them. At the end, and at an end by an
        error as well, `manifest.json`, `summary.html` and `errors.jsonl` are written.

        Args:
            jobs: processes that work side by side, each with a model of its own; 1 is this process alone.
            load: gives the extractor in this process; by the settings where it is not given.
            progress: hears (passages done, passages in all) of the document at work, where there is one job.
            on_ray: whether the jobs are Ray actors, on this machine or on the cluster of `RAY_ADDRESS`.

        Raises:
            Text2MDTError: T2M041 where the output cannot be written, T2M151 where another run writes it, T2M154, T2M156
                or T2M158 where an endpoint is not there, refuses, or has ceased to answer.
            Text2MDTError, PiloraError: where the model cannot be loaded.
        """
        with held(self.output, self._share):
            if not self._share:  # else another share may be writing
                remove_unfinished(self.output)
            self._path("errors.jsonl").unlink(missing_ok=True)
            try:
                yield from self._steps(jobs, load or self.settings.extractor.load, progress, on_ray)
            finally:
                self._write_run_files()

    @property
    def manifest(self) -> Manifest:
        """As far as the run has come."""
        return manifest_of(self.folder, self.inputs, self._found, self.settings)

    def _steps(
        self, jobs: int, load: Callable[[], Extractor], progress: Callable[[int, int], None] | None, on_ray: bool
    ) -> Iterator[BatchStep]:
        key = self.settings.key
        left: list[BatchInput] = []
        for one in self.inputs:
            record = self._records.read(one.name)
            if record is not None and self._records.is_current(record, key, file_sha256(one.path) or ""):
                self._found[one.name] = record
                yield BatchStep(record, anew=False)
            else:
                left.append(one)
        work = DocumentWork(self.settings, self.output, load)
        alone = ((one, work.extract(one, progress)) for one in left)
        made: Iterator[tuple[BatchInput, DocumentRecord]] = (
            alone if jobs == 1 and not on_ray else self._spread(left, jobs, work, on_ray)
        )
        unanswered = 0
        for one, record in made:
            self._found[one.name] = record
            yield BatchStep(record, anew=True)
            unanswered = unanswered + 1 if (record.error or "").startswith("T2M155") else 0
            if unanswered == MOST_UNANSWERED:
                raise Text2MDTError("T2M158", self.settings.extractor.model, documents=unanswered)

    def _spread(
        self, left: Sequence[BatchInput], jobs: int, work: DocumentWork, on_ray: bool
    ) -> Iterator[tuple[BatchInput, DocumentRecord]]:
        """The documents by several processes, in the order in which they get through."""
        make_worker = partial(_worker, self.settings, self.output, min(jobs, max(1, len(left))))
        if on_ray:
            outcomes = run_in_ray(left, make_worker, jobs, self.settings.extractor.gpus)
        else:
            outcomes = run_in_processes(left, make_worker, jobs)
        for one, outcome in outcomes:
            if isinstance(outcome, Died):
                outcome = work.note_failure(one, str(Text2MDTError("T2M153", one.path, times=ATTEMPTS)))
            yield one, outcome

    def _path(self, name: str) -> Path:
        """A file of the run; a share has its own."""
        stem, dot, ending = name.partition(".")
        return self.output / f"{stem}{self._share}{dot}{ending}"

    def _write_run_files(self) -> None:
        manifest = self.manifest
        kept = self._path("manifest.json")
        write_whole(kept, manifest.model_dump_json(indent=1) + "\n")
        write_whole(self._path("summary.html"), summary_page(manifest, kept.name))
        if manifest.failed:
            write_whole(self._path("errors.jsonl"), error_lines(self.folder, manifest.failed))


def _worker(settings: BatchSettings, output: Path, jobs: int, number: int) -> Callable[[BatchInput], DocumentRecord]:
    """What one of several processes does with a document."""
    if "OMP_NUM_THREADS" not in os.environ:
        import torch

        torch.set_num_threads(max(1, (os.cpu_count() or 1) // jobs))
    return DocumentWork(settings, output, settings.extractor.for_worker(number).load).extract
