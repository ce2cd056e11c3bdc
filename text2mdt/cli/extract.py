"""`text2mdt extract`: guidelines in, decision trees out."""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from text2mdt.cli.strategy import (
    SamplesOption,
    SeedOption,
    Strategy,
    StrategyOption,
    TemperatureOption,
    VoteAdaptersOption,
    chosen_voting,
)

if TYPE_CHECKING:
    from text2mdt.documents import Document
    from text2mdt.errors import Text2MDTError
    from text2mdt.extract import Extractor
    from text2mdt.schema import Extraction

STANDARD_INPUT = "-"


def register(app: typer.Typer) -> None:
    app.command()(extract)


def extract(
    source: Annotated[str, typer.Argument(help="A document, a folder of documents, or - for standard input.")],
    model: Annotated[str, typer.Option(help="`default`, a folder or a hub id.")] = "default",
    adapter: Annotated[str, typer.Option(help="A shipped name, a folder, or `none`.")] = "default",
    device: Annotated[str, typer.Option(help="cpu, cuda, … or auto.")] = "auto",
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
    layout_model: Annotated[bool, typer.Option("--layout-model", help="Read PDFs by docling's layout model.")] = False,
) -> None:
    """Extract the decision trees of a guideline, or of every document in a folder."""
    from text2mdt.cli import FAILED_INPUTS
    from text2mdt.cli.chosen_formats import chosen_formats
    from text2mdt.cli.progress import progress_bar
    from text2mdt.errors import Text2MDTError

    wanted = chosen_formats(formats)
    voting = chosen_voting(strategy, vote_adapters, samples, temperature, seed)
    inputs = _inputs(source)
    errors = _make_folder(output)
    extractor: Extractor | None = None
    for path, stem in inputs:
        try:
            document = _read(path, max_characters, layout_model)
        except Text2MDTError as error:
            _note_failure(path, error, errors)
            continue
        if extractor is None:  # only now: a document that cannot be read should not wait for a model
            from text2mdt.extract import Extractor

            extractor = Extractor.from_pretrained(model, adapter, device, batch_size=batch_size, voting=voting)
        try:
            with progress_bar(document.name) as move:
                extraction = extractor.extract_document(document, move)
            files = _files(extraction, output / stem, wanted)
        except Text2MDTError as error:
            _note_failure(path, error, errors)
            continue
        _write(files)
        _say(extraction, output / stem, wanted)
    if errors.exists():
        raise typer.Exit(FAILED_INPUTS)


def _inputs(source: str) -> list[tuple[Path | None, Path]]:
    """The documents meant, each with the name of its output files; None is standard input.

    In a folder these are the files of a type that can be read, and the output mirrors the folder. Of files that
    differ in their ending only, it is kept.
    """
    from text2mdt.documents import READERS
    from text2mdt.errors import Text2MDTError

    if source == STANDARD_INPUT:
        return [(None, Path("standard-input"))]
    folder = Path(source)
    if not folder.is_dir():
        return [(folder, Path(folder.stem or "document"))]
    files = sorted(file for file in folder.rglob("*") if file.is_file() and file.suffix.lower() in READERS)
    if not files:
        raise Text2MDTError("T2M037", folder, known=", ".join(READERS))
    names = [file.relative_to(folder) for file in files]
    taken = Counter([*names, *(name.with_suffix("") for name in names)])
    stems = [name if taken[name.with_suffix("")] > 1 else name.with_suffix("") for name in names]
    return list(zip(files, stems, strict=True))


def _read(path: Path | None, max_characters: int, layout_model: bool) -> Document:
    from text2mdt.documents import read_document

    if path is None:
        return read_document(sys.stdin.buffer.read(), "standard-input.md", max_characters)
    return read_document(path, None, max_characters, layout_model)


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


def _note_failure(path: Path | None, error: Text2MDTError, errors: Path) -> None:
    """Names an input that failed in errors.jsonl and on the standard error stream."""
    typer.echo(str(error), err=True)
    line = json.dumps({"input": str(path or STANDARD_INPUT), "error": str(error)}, ensure_ascii=False)
    with errors.open("a", encoding="utf-8") as file:
        file.write(line + "\n")
