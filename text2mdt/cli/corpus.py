"""`text2mdt corpus check|stats|split|agreement|synthesise`: training data."""

from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from text2mdt.corpus import Statistics

_commands = typer.Typer(
    help="Check, describe, split, compare or make training data (JSON Lines).", no_args_is_help=True
)

Files = Annotated[list[Path], typer.Argument(help="JSON Lines files, one record a line.", show_default=False)]
Annotations = Annotated[Path, typer.Argument(help="JSON Lines, `id` and `tree` a line; a corpus file also serves.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def register(app: typer.Typer) -> None:
    app.add_typer(_commands, name="corpus")


@_commands.command()
def check(
    files: Files, strict: Annotated[bool, typer.Option("--strict", help="Count warnings as errors.")] = False
) -> None:
    """Check files against the rules of annotation; each file is a split of its own."""
    from text2mdt.cli import FAILED_INPUTS
    from text2mdt.corpus_check import check_corpus

    report = check_corpus(files)
    for finding in report.errors:
        typer.echo(f"error: {finding}")
    for finding in report.warnings:
        typer.echo(f"warning: {finding}")
    typer.echo(f"{report.records} records, {len(report.errors)} errors, {len(report.warnings)} warnings")
    if report.errors or (strict and report.warnings):
        raise typer.Exit(FAILED_INPUTS)


@_commands.command()
def stats(files: Files, as_json: AsJson = False) -> None:
    """Describe files: records, shapes, relations, specialties, topics, words; one column a file."""
    from text2mdt.corpus import corpus_statistics, read_corpus

    parts = {path.stem: read_corpus(path) for path in files}
    if len(parts) < len(files):
        parts = {str(path): read_corpus(path) for path in files}
    described = {name: corpus_statistics(records) for name, records in parts.items()}
    if len(parts) > 1:
        described["all"] = corpus_statistics([record for records in parts.values() for record in records])
    if as_json:
        content = {name: dataclasses.asdict(statistics) for name, statistics in described.items()}
        typer.echo(json.dumps(content, ensure_ascii=False, indent=1))
    else:
        _print_tables(described)


def _print_tables(described: dict[str, Statistics]) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console()
    columns = {name: dataclasses.asdict(statistics) for name, statistics in described.items()}
    whole = next(reversed(columns.values()))
    tables = {"totals": [key for key, value in whole.items() if not isinstance(value, dict)]}
    tables |= {key: list(value) for key, value in whole.items() if isinstance(value, dict)}
    for title, rows in tables.items():
        table = Table(title, *columns)
        for row in rows:
            values = [(column if title == "totals" else column[title]).get(row, 0) for column in columns.values()]
            table.add_row(row, *(f"{value:g}" if isinstance(value, int) else f"{value:.1f}" for value in values))
        console.print(table)


@_commands.command()
def agreement(
    first: Annotations,
    second: Annotations,
    within: Annotated[list[Path] | None, typer.Option(help="Count only the records of this corpus file.")] = None,
    as_json: AsJson = False,
) -> None:
    """Compare two annotations of the same passages by every metric; the first counts as gold."""
    from rich.console import Console

    from text2mdt.annotations import agreement as compare_annotations
    from text2mdt.annotations import read_annotations
    from text2mdt.cli.comparison_tables import show_comparison
    from text2mdt.corpus import read_corpus

    ids = {record.id for path in within for record in read_corpus(path)} if within else None
    found = compare_annotations(read_annotations(first), read_annotations(second), ids)
    if as_json:
        typer.echo(json.dumps(found.report(), indent=1, allow_nan=False))
    else:
        show_comparison(found, Console())


@_commands.command()
def split(
    files: Files,
    output: Annotated[Path, typer.Option("-o", "--output", help="Folder for the parts, NAME.jsonl each.")],
    shares: Annotated[str, typer.Option(help="Part names with their shares.")] = "train=0.8,dev=0.1,test=0.1",
    seed: Annotated[int, typer.Option(help="Of the random order of topics.")] = 0,
) -> None:
    """Split files so that no topic stands in two parts."""
    from text2mdt.corpus import read_corpus, split_by_topic, write_corpus

    wanted = _parse_shares(shares)
    parts = split_by_topic([record for path in files for record in read_corpus(path)], wanted, seed)
    for name, records in parts.items():
        write_corpus(records, output / f"{name}.jsonl")
        negatives = sum(not record.tree for record in records)
        topics = len({record.topic for record in records})
        typer.echo(f"{output}/{name}.jsonl: {len(records)} records ({negatives} negative), {topics} topics")


def _parse_shares(text: str) -> dict[str, float]:
    from text2mdt.errors import Text2MDTError

    shares: dict[str, float] = {}
    for item in text.split(","):
        match = re.fullmatch(r"\s*([\w-]+)\s*=\s*(\d*\.?\d+)\s*", item)
        if match is None:
            raise Text2MDTError("T2M032", "--shares", detail=f"'{item}' is not NAME=NUMBER")
        shares[match[1]] = float(match[2])
    return shares


@_commands.command()
def synthesise(
    output: Annotated[Path, typer.Option("-o", "--output", help="The JSON Lines file to write.")],
    number: Annotated[int, typer.Option(min=1, help="How many records.")] = 5000,
    seed: Annotated[int, typer.Option(help="Of the random choices; the same seed gives the same records.")] = 0,
) -> None:
    """Write synthetic passages with gold trees, for a first stage of training."""
    from text2mdt.corpus import write_corpus
    from text2mdt.synthetic import synthesise as synthetic_records

    records = synthetic_records(number, seed)
    write_corpus(records, output)
    negatives = sum(not record.tree for record in records)
    typer.echo(f"{output}: {len(records)} records ({negatives} negative)")
