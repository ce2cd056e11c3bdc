"""`text2mdt extract`: guidelines in, decision trees out."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from text2mdt.cli.dtype_option import DtypeOption
from text2mdt.cli.strategy import (
    BeamsOption,
    LengthPenaltyOption,
    SamplesOption,
    SeedOption,
    Strategy,
    StrategyOption,
    TemperatureOption,
    VoteAdaptersOption,
    chosen_beams,
    chosen_voting,
)

if TYPE_CHECKING:
    from text2mdt.documents import Document
    from text2mdt.extractor_settings import ExtractorSettings
    from text2mdt.schema import Extraction

STANDARD_INPUT = "-"


class ReadingLimits(NamedTuple):
    """How documents are read: the longest one taken, and whether the layout model tells the order of a PDF's parts."""

    max_characters: int
    layout_model: bool


def register(app: typer.Typer) -> None:
    app.command()(extract)


def extract(
    source: Annotated[str, typer.Argument(help="A document, a folder of documents, or - for standard input.")],
    model: Annotated[str, typer.Option(help="`default`, a folder or a hub id.")] = "default",
    adapter: Annotated[str, typer.Option(help="A shipped name, a folder, or `none`.")] = "default",
    device: Annotated[str, typer.Option(help="cpu, cuda, … or auto.")] = "auto",
    dtype: DtypeOption = "auto",
    engine: Annotated[
        str, typer.Option(help="transformers, openai, vllm or llamacpp (docs/engines.md).")
    ] = "transformers",
    endpoint: Annotated[str, typer.Option(help="Of the engine openai: the server's address up to /v1.")] = "",
    endpoint_options: Annotated[
        list[str] | None,
        typer.Option("--endpoint-option", help="NAME=VALUE: api, grammar, seconds, attempts, concurrent, per_minute."),
    ] = None,
    formats: Annotated[
        str,
        typer.Option("--format", help="json, svg, html, dmn, mermaid, csv, … (docs/exports.md); several with commas."),
    ] = "json,svg,html",
    output: Annotated[Path, typer.Option("-o", "--output", help="Folder for the files.")] = Path("extracted"),
    batch_size: Annotated[int, typer.Option(min=1, help="Passages decoded together.")] = 16,
    max_characters: Annotated[int, typer.Option(min=1, help="Longest document taken.")] = 2_000_000,
    strategy: StrategyOption = Strategy.GREEDY,
    vote_adapters: VoteAdaptersOption = None,
    samples: SamplesOption = None,
    temperature: TemperatureOption = None,
    seed: SeedOption = None,
    beams: BeamsOption = None,
    length_penalty: LengthPenaltyOption = None,
    layout_model: Annotated[bool, typer.Option("--layout-model", help="Read PDFs by docling's layout model.")] = False,
    min_confidence: Annotated[
        float, typer.Option(min=0, max=1, help="Probability of being right below which triples and nodes are marked.")
    ] = 0.5,
    jobs: Annotated[int, typer.Option(min=1, help="Of a folder: processes side by side, each with a model.")] = 1,
    ray: Annotated[bool, typer.Option("--ray", help="Of a folder: the jobs are Ray actors (RAY_ADDRESS).")] = False,
    shard: Annotated[str, typer.Option(help="Of a folder: only the share I/N of its documents.", metavar="I/N")] = "",
) -> None:
    """Extract the decision trees of a guideline, or of every document in a folder.

    A folder may be stopped or killed and started again: what is done is not done twice.
    """
    from text2mdt.chosen_engine import chosen_engine
    from text2mdt.cli import FAILED_INPUTS
    from text2mdt.cli.chosen_formats import chosen_formats
    from text2mdt.cli.extract_folder import Spread, extract_folder

    wanted = chosen_formats(formats)
    voting = chosen_voting(strategy, vote_adapters, samples, temperature, seed, model)
    search = chosen_beams(strategy, beams, length_penalty, batch_size)
    settings = chosen_engine(
        engine,
        endpoint,
        endpoint_options or [],
        model=model,
        adapter=adapter,
        device=device,
        dtype=dtype,
        batch_size=batch_size,
        min_confidence=min_confidence,
        voting=voting,
        beams=search,
    )
    reading = ReadingLimits(max_characters, layout_model)
    if source != STANDARD_INPUT and Path(source).is_dir():
        spread = Spread(jobs, ray, shard)
        all_done = extract_folder(Path(source), output, settings, tuple(wanted), reading, spread)
    else:
        path = None if source == STANDARD_INPUT else Path(source)
        all_done = _extract_file(path, output, settings, wanted, reading)
    if not all_done:
        raise typer.Exit(FAILED_INPUTS)


def _extract_file(
    path: Path | None, output: Path, settings: ExtractorSettings, wanted: list[str], reading: ReadingLimits
) -> bool:
    """One document, None for standard input; whether it went well."""
    from text2mdt.cli.progress import progress_bar
    from text2mdt.errors import Text2MDTError

    errors = _make_folder(output)
    stem = output / ("standard-input" if path is None else path.stem or "document")
    try:
        document = _read(path, reading)  # first: one that cannot be read should not wait for a model
    except Text2MDTError as error:
        _note_failure(path, error, errors)
        return False
    extractor = settings.load()
    try:
        with progress_bar(document.name) as move:
            extraction = extractor.extract_document(document, move)
        files = _files(extraction, stem, wanted)
    except Text2MDTError as error:
        _note_failure(path, error, errors)
        return False
    _write(files)
    _say(extraction, stem, wanted)
    return True


def _read(path: Path | None, reading: ReadingLimits) -> Document:
    from text2mdt.documents import read_document

    if path is None:
        return read_document(sys.stdin.buffer.read(), "standard-input.md", reading.max_characters)
    return read_document(path, None, reading.max_characters, reading.layout_model)


def _make_folder(output: Path) -> Path:
    """Makes the output folder; gives its errors.jsonl, of which that of an earlier run does not stay."""
    from text2mdt.errors import Text2MDTError

    errors = output / "errors.jsonl"
    try:
        output.mkdir(parents=True, exist_ok=True)
        errors.unlink(missing_ok=True)
    except OSError as error:
        raise Text2MDTError("T2M041", output, detail=error.strerror) from error
    return errors


def _files(extraction: Extraction, stem: Path, wanted: list[str]) -> dict[Path, str | bytes]:
    """The files of all formats and their contents."""
    from text2mdt.export import export

    return {
        stem.with_name(stem.name + ending): content
        for name in wanted
        for ending, content in export(extraction, name).items()
    }


def _write(files: dict[Path, str | bytes]) -> None:
    """Writes the files, each whole or not at all."""
    from text2mdt.written_file import write_whole

    for path, content in files.items():
        write_whole(path, content)


def _say(extraction: Extraction, stem: Path, wanted: list[str]) -> None:
    passages, trees = len(extraction.passages), len(extraction.trees)
    typer.echo(f"{extraction.document.name}: {passages} passages, {trees} trees → {stem}.{{{','.join(wanted)}}}")
    if extraction.reason:
        typer.echo(f"  nothing in it: {extraction.reason}")
    for note in extraction.notes:
        typer.echo(f"  {note.text}")
    doubtful = [result for result in extraction.passages if result.repairs or result.truncated or result.error]
    if doubtful:
        typer.echo(f"  to be looked at: {', '.join(result.id for result in doubtful)}")


def _note_failure(path: Path | None, error: Exception, errors: Path) -> None:
    """Names an input that failed in errors.jsonl and on the standard error stream."""
    typer.echo(str(error), err=True)
    line = json.dumps({"input": str(path or STANDARD_INPUT), "error": str(error)}, ensure_ascii=False)
    with errors.open("a", encoding="utf-8") as file:
        file.write(line + "\n")
