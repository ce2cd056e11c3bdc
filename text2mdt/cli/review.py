"""`text2mdt review list|verify|receipt|role|export|export-corpus|upgrade`: the store of reviews."""

from __future__ import annotations

import dataclasses
import json
from datetime import datetime
from getpass import getuser
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from text2mdt.review.stored import LibraryPage
    from text2mdt.review.verification import Verification

_commands = typer.Typer(help="The store of reviews: what is in it, and whether it is intact.", no_args_is_help=True)

Store = Annotated[
    str | None,
    typer.Option("--store", help="SQLite file or PostgreSQL URL; by default TEXT2MDT_STORE, or your own file."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def register(app: typer.Typer) -> None:
    app.add_typer(_commands, name="review")


@_commands.command("list")
def show(
    search: Annotated[str, typer.Argument(help="Words in name, title, tags, population or text.")] = "",
    status: Annotated[str | None, typer.Option(help="draft, reviewed or approved.")] = None,
    model: Annotated[str | None, typer.Option(help="Extracted by this model.")] = None,
    warning: Annotated[str | None, typer.Option(help="With this kind of warning, or with `any`.")] = None,
    sort: Annotated[str, typer.Option(help="changed, created, name, title, status, model, unchecked, warnings.")] = (
        "changed"
    ),
    limit: Annotated[int, typer.Option(min=1, max=10_000)] = 50,
    offset: Annotated[int, typer.Option(min=0)] = 0,
    store: Store = None,
    as_json: AsJson = False,
) -> None:
    """List the documents, with how far their review is; times are in UTC."""
    from text2mdt.review.library import Order, Query
    from text2mdt.review.store import open_store
    from text2mdt.review.stored import Status

    query = Query(
        search=search,
        status=None if status is None else _one_of(Status, status),
        model=model,
        warning=warning,
        order=_one_of(Order, sort),
        limit=limit,
        offset=offset,
    )
    page = open_store(store).library(query)
    if as_json:
        rows = [dataclasses.asdict(row) | {"draft": row.is_draft} for row in page.rows]
        typer.echo(json.dumps({"total": page.total, "documents": rows}, indent=1, default=datetime.isoformat))
    else:
        _print_page(page)


@_commands.command()
def verify(
    receipt: Annotated[Path | None, typer.Option(help="File with a receipt of earlier.")] = None,
    store: Store = None,
    as_json: AsJson = False,
) -> None:
    """Check that nothing was changed beside the program; the exit code is 1 where something was."""
    from text2mdt.cli import FAILED_INPUTS
    from text2mdt.review.store import open_store

    earlier = None if receipt is None else _read_receipt(receipt)
    found = open_store(store).verify(earlier)
    if as_json:
        receipt_now = None if found.receipt is None else found.receipt.model_dump()
        content = dataclasses.asdict(dataclasses.replace(found, receipt=None)) | {"receipt": receipt_now}
        typer.echo(json.dumps(content | {"intact": found.intact}, indent=1))
    else:
        _print_verification(found, earlier is not None)
    if not found.intact:
        raise typer.Exit(FAILED_INPUTS)


@_commands.command("receipt")
def print_receipt(
    output: Annotated[Path | None, typer.Option("-o", "--output", help="File for the receipt.")] = None,
    store: Store = None,
) -> None:
    """Print the length and hash of the audit trail; keep the line elsewhere, for `verify --receipt`."""
    from text2mdt.review.store import open_store
    from text2mdt.written_file import write_whole

    line = open_store(store).receipt().line()
    if output is None:
        typer.echo(line)
    else:
        write_whole(output, line + "\n")
        typer.echo(f"→ {output}")


@_commands.command()
def role(
    name: Annotated[str | None, typer.Argument(help="Whose role; without a name all people are listed.")] = None,
    given: Annotated[str | None, typer.Argument(metavar="ROLE", help="reader, reviewer or approver.")] = None,
    by: Annotated[str | None, typer.Option(help="Who gives it, an approver; by default your user name.")] = None,
    store: Store = None,
) -> None:
    """Give a person a role, or list who has which."""
    from text2mdt.export.dot import printable
    from text2mdt.review.store import open_store
    from text2mdt.review.stored import PersonRole

    opened = open_store(store)
    if name is not None and given is not None:
        opened.set_role(name, _one_of(PersonRole, given), by or getuser())
    people = [person for person in opened.people() if name is None or given is not None or person.name == name]
    for person in people:
        typer.echo(f"{person.role:9} {printable(person.name)}")
    if not people:
        typer.echo("nobody has a role yet")


@_commands.command()
def export(
    document: Annotated[int, typer.Argument(help="Number of the document, as `list` shows it.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="File for the JSON.")],
    store: Store = None,
) -> None:
    """Write all that is known of a document as JSON: passages as they are now, their versions, and the audit trail."""
    from text2mdt.review.store import open_store
    from text2mdt.written_file import write_whole

    content = open_store(store).export(document)
    write_whole(output, json.dumps(content, indent=1, default=datetime.isoformat) + "\n")
    typer.echo(f"→ {output}{' (DRAFT)' if content['draft'] else ''}")


@_commands.command()
def export_corpus(
    output: Annotated[Path, typer.Option("-o", "--output", help="File for the records (JSON Lines).")],
    documents: Annotated[
        list[int] | None, typer.Argument(help="Numbers of documents, as `list` shows them; by default all.")
    ] = None,
    status: Annotated[
        str, typer.Option(help="Only documents that are at least draft, reviewed or approved.")
    ] = "draft",
    specialty: Annotated[str, typer.Option(help="Of all these records.")] = "",
    negatives: Annotated[
        bool, typer.Option("--negatives", help="Take passages in which nothing was found as ones without a decision.")
    ] = False,
    store: Store = None,
) -> None:
    """Write the checked and corrected trees as records of the corpus, to train on; what is not finished is named."""
    from text2mdt.corpus import corpus_text
    from text2mdt.errors import Text2MDTError
    from text2mdt.export.dot import printable
    from text2mdt.review.corpus_export import records_of_documents
    from text2mdt.review.corpus_records import Skipped
    from text2mdt.review.store import open_store
    from text2mdt.review.stored import Status
    from text2mdt.written_file import write_whole

    def tell(skipped: Skipped) -> None:
        typer.echo(printable(f"left out: {skipped.passage}: {skipped.reason}"), err=True)

    least = _one_of(Status, status)
    opened = open_store(store)
    records = records_of_documents(opened, documents or (), least, specialty, negatives=negatives, on_skip=tell)
    if not records:
        raise Text2MDTError("T2M147", opened.where)
    write_whole(output, corpus_text(records))
    topics = len({record.topic for record in records})
    typer.echo(f"→ {output}: {len(records)} record(s) of {topics} document(s)")


@_commands.command()
def upgrade(store: Store = None) -> None:
    """Bring a database to the schema of this release; make a backup before."""
    from text2mdt.review.database import Database, store_url

    database = Database(store_url(store))
    before, after = database.upgrade()
    typer.echo(f"{database.where}: schema {after}" + ("" if before == after else f" (it was {before or 'none'})"))


def _one_of(choices: Any, value: str) -> Any:
    try:
        return choices(value)
    except ValueError:
        raise typer.BadParameter(f"'{value}' is none of {', '.join(choices)}") from None


def _read_receipt(path: Path) -> Any:
    from text2mdt.bounded_file import named_errors
    from text2mdt.review.audit import Receipt

    with named_errors(path), path.open(encoding="utf-8") as file:
        return Receipt.read(file.read(10_000))


def _print_page(page: LibraryPage) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from text2mdt.export.dot import printable

    table = Table("", "document")
    for column in ("status", "checked", "warnings", "changed"):
        table.add_column(column, no_wrap=True, justify="right" if column in ("checked", "warnings") else "left")
    for row in page.rows:
        status = str(row.status or "not extracted") if row.stage in (None, "finished") else str(row.stage)
        name = Text(printable(f"{row.title} ({row.name})" if row.title else row.name), overflow="fold")
        figures = (f"{row.checked}/{row.triples}", f"{row.warnings}", f"{row.changed:%Y-%m-%d %H:%M}")
        table.add_row(str(row.id), name, status, *figures)
    if page.rows:
        Console().print(table)
    typer.echo(f"{len(page.rows)} of {page.total} documents")


def _print_verification(found: Verification, compared: bool) -> None:
    for finding in found.findings:
        typer.echo(f"{finding.kind}: {finding.text}")
    if found.more:
        typer.echo(f"… and {found.more} more")
    if not found.intact:
        typer.echo(f"NOT INTACT: {len(found.findings) + found.more} findings in {found.entries} entries")
    elif compared:
        typer.echo(f"intact: {found.entries} entries, and they continue those of the receipt")
    else:
        typer.echo(f"intact: {found.entries} entries (without a receipt a trail that was written anew is not seen)")
