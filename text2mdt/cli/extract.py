"""`text2mdt extract`: guidelines in, decision trees out."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from text2mdt.documents import Document
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
        str, typer.Option("--format", help="json, svg, html, dot; several with commas.")
    ] = "json,svg,html",
    output: Annotated[Path, typer.Option("-o", "--output", help="Folder for the files.")] = Path("extracted"),
    batch_size: Annotated[int, typer.Option(help="Passages decoded together.")] = 16,
    max_characters: Annotated[int, typer.Option(help="Longest document taken.")] = 2_000_000,
) -> None:
    """Extract the decision trees of a guideline, or of every document in a folder."""
    from text2mdt.cli import FAILED_INPUTS
    from text2mdt.cli.progress import progress_bar
    from text2mdt.errors import Text2MDTError
    from text2mdt.export import FORMATS

    wanted = [name.strip() for name in formats.split(",") if name.strip()]
    for name in wanted:
        if name not in FORMATS:
            raise Text2MDTError("T2M040", name=name, known=", ".join(FORMATS))
    _make_folder(output)
    failures: list[dict[str, str]] = []
    extractor: Extractor | None = None
    for path in _inputs(source):
        try:
            document = _read(path, max_characters)
        except Text2MDTError as error:
            failures.append({"input": str(path or STANDARD_INPUT), "error": str(error)})
            typer.echo(str(error), err=True)
            continue
        if extractor is None:  # only now: a document that cannot be read should not wait for a model
            from text2mdt.extract import Extractor

            extractor = Extractor.from_pretrained(model, adapter, device, batch_size=batch_size)
        with progress_bar(document.name) as move:
            extraction = extractor.extract_document(document, move)
        stem = output / (Path(document.name).stem or "document")
        _write(extraction, stem, wanted)
        _say(extraction, stem, wanted)
    _note_failures(failures, output)
    if failures:
        raise typer.Exit(FAILED_INPUTS)


def _inputs(source: str) -> list[Path | None]:
    """The documents meant; None is standard input. In a folder, the files of a type that can be read."""
    from text2mdt.documents import READERS
    from text2mdt.errors import Text2MDTError

    if source == STANDARD_INPUT:
        return [None]
    path = Path(source)
    if not path.is_dir():
        return [path]
    files = sorted(file for file in path.rglob("*") if file.is_file() and file.suffix.lower() in READERS)
    if not files:
        raise Text2MDTError("T2M037", path, known=", ".join(READERS))
    return list(files)


def _read(path: Path | None, max_characters: int) -> Document:
    from text2mdt.documents import read_document

    if path is None:
        return read_document(sys.stdin.buffer.read(), "standard-input.md", max_characters)
    return read_document(path, None, max_characters)


def _make_folder(output: Path) -> None:
    from text2mdt.errors import Text2MDTError

    try:
        output.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Text2MDTError("T2M041", output, detail=error.strerror) from error


def _write(extraction: Extraction, stem: Path, wanted: list[str]) -> None:
    """Writes the files of all formats, each whole or not at all."""
    import os

    from text2mdt.errors import Text2MDTError
    from text2mdt.export import export

    for name in wanted:
        for ending, content in export(extraction, name).items():
            path = stem.with_name(stem.name + ending)
            temporary = path.with_name(path.name + ".part")
            try:
                temporary.write_text(content, encoding="utf-8")
                os.replace(temporary, path)
            except OSError as error:
                raise Text2MDTError("T2M041", path, detail=error.strerror) from error


def _say(extraction: Extraction, stem: Path, wanted: list[str]) -> None:
    passages, trees = len(extraction.passages), len(extraction.trees)
    typer.echo(f"{extraction.document.name}: {passages} passages, {trees} trees → {stem}.{{{','.join(wanted)}}}")
    if extraction.reason:
        typer.echo(f"  nothing in it: {extraction.reason}")
    doubtful = [result for result in extraction.passages if result.repairs or result.truncated or result.error]
    if doubtful:
        typer.echo(f"  to be looked at: {', '.join(result.id for result in doubtful)}")


def _note_failures(failures: list[dict[str, str]], output: Path) -> None:
    """Names the inputs that failed in errors.jsonl; a file of an earlier run does not stay."""
    path = output / "errors.jsonl"
    path.unlink(missing_ok=True)
    if failures:
        lines = (json.dumps(failure, ensure_ascii=False) + "\n" for failure in failures)
        path.write_text("".join(lines), encoding="utf-8")
