"""`text2mdt extract DIR`: the run over a folder as people see it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import typer

if TYPE_CHECKING:
    from text2mdt.batch.records import DocumentRecord
    from text2mdt.batch.run import Batch
    from text2mdt.cli.extract import ReadingLimits
    from text2mdt.extractor_settings import ExtractorSettings


class Spread(NamedTuple):
    """How the work on a folder is spread: jobs, on Ray or as processes here, and the share "I/N" of this run."""

    jobs: int
    on_ray: bool
    shard: str


def extract_folder(
    folder: Path,
    output: Path,
    settings: ExtractorSettings,
    formats: tuple[str, ...],
    reading: ReadingLimits,
    spread: Spread,
) -> bool:
    """Extracts all documents of a folder, or a share of them; whether all went well.

    Raises:
        Text2MDTError: as `text2mdt.batch.run.Batch.run` and `text2mdt.batch.inputs.folder_inputs`.
    """
    from text2mdt.batch.inputs import folder_inputs, shard
    from text2mdt.batch.run import Batch
    from text2mdt.batch.settings import BatchSettings

    number, of = _share(spread.shard)
    inputs = shard(folder_inputs(folder, output), number, of)
    batch = Batch(
        folder,
        output,
        inputs,
        BatchSettings.of(settings, formats, reading.max_characters, reading.layout_model),
        f"-{number}of{of}" if of > 1 else "",
    )
    _follow(batch, spread.jobs, spread.on_ray)
    manifest = batch.manifest
    done = manifest.done
    typer.echo(
        f"{len(done)} of {len(inputs)} documents done: {sum(record.passages for record in done)} passages, "
        f"{sum(record.trees for record in done)} trees; {len(manifest.failed)} failed → {output}"
    )
    return not manifest.failed


def _share(text: str) -> tuple[int, int]:
    """Number and count of "2/8"."""
    if not text:
        return 1, 1
    match = re.fullmatch(r"(\d{1,6})/(\d{1,6})", text)
    if match is None or not 1 <= int(match[1]) <= int(match[2]):
        raise typer.BadParameter("give a share as I/N, for instance 2/8", param_hint="--shard")
    return int(match[1]), int(match[2])


def _follow(batch: Batch, jobs: int, on_ray: bool) -> None:
    """Runs the batch with a bar on the standard error stream and a line for each document."""
    from text2mdt.cli.batch_progress import BatchProgress

    with BatchProgress(len(batch.inputs)) as shown:
        earlier = 0
        for step in batch.run(jobs, progress=shown.within if jobs == 1 and not on_ray else None, on_ray=on_ray):
            shown.through(step.anew)
            earlier += not step.anew
            if step.anew:
                if earlier:
                    typer.echo(f"{earlier} documents were done before")
                    earlier = 0
                _say(step.record, batch.output, shown.place)
        if earlier:
            typer.echo(f"{earlier} documents were done before")


def _say(record: DocumentRecord, output: Path, place: str) -> None:
    if record.error is not None:
        typer.echo(record.error, err=True)
        return
    typer.echo(f"{place} {record.name}: {record.passages} passages, {record.trees} trees")
    if record.reason:
        typer.echo(f"  nothing in it: {record.reason}")
    for note in record.notes:
        typer.echo(f"  {note}")
    if record.doubtful:
        typer.echo(f"  to be looked at: {', '.join(record.doubtful)}")
