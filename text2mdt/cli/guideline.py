"""`text2mdt guideline`: the trees of one document as a forest, with the conflicts between its passages."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.table import Table

    from text2mdt.guideline import Group, Guideline


def register(app: typer.Typer) -> None:
    app.command()(guideline)


def guideline(
    extraction: Annotated[Path, typer.Argument(help="The .json file that `text2mdt extract` wrote.")],
    output: Annotated[Path | None, typer.Option("-o", "--output", help="File for the guideline as JSON.")] = None,
    html: Annotated[Path | None, typer.Option("--html", help="File for a page to read.")] = None,
) -> None:
    """Join the trees of one document: by population, duplicates folded, shared conditions once, conflicts named."""
    from text2mdt.guideline import build_guideline, read_extraction
    from text2mdt.written_file import write_whole

    read = read_extraction(extraction)
    built = build_guideline(read)
    if output is not None:
        write_whole(output, built.model_dump_json(indent=2, ensure_ascii=False) + "\n", (extraction,))
    if html is not None:
        from text2mdt.guideline.guideline_page import guideline_page

        write_whole(html, guideline_page(built, read), (extraction,))
    _show(built)
    for path in (output, html):
        if path is not None:
            typer.echo(f"→ {path}")


def _show(built: Guideline) -> None:
    from rich.console import Console
    from rich.text import Text

    from text2mdt.export.dot import printable
    from text2mdt.guideline.conflict_kinds import KINDS

    console = Console()
    if not built.groups:
        typer.echo("no tree in it")
    else:
        console.print(_table(built))
    for number, conflict in enumerate(built.conflicts, start=1):
        if number == 1:
            console.print(Text("conflicts between passages", style="bold"))
        weak = " (narrower population)" if conflict.narrower_population else ""
        console.print(Text(f"{number}. {KINDS[conflict.kind]}{weak}"))
        console.print(Text(f"   {printable(conflict.text)}"), soft_wrap=True)
    if not built.conflicts:
        typer.echo("no conflict found between its passages")
    if built.more_conflicts:
        typer.echo("there are more conflicts than are listed")
    for one in built.left_out:
        console.print(Text(printable(f"left out: {one.passage}: {one.reason}")), soft_wrap=True)


def _table(built: Guideline) -> Table:
    from rich.table import Table
    from rich.text import Text

    from text2mdt.export.dot import printable

    table = Table("population", title=Text(printable(built.document.name)))
    for column in ("passages", "trees", "folded", "entries"):
        table.add_column(column, justify="right")
    for group in built.groups:
        _add_rows(table, group, "")
    return table


def _add_rows(table: Table, group: Group, indent: str) -> None:
    from rich.text import Text

    from text2mdt.export.dot import printable

    folded = sum(len(tree.sources) - 1 for tree in group.trees)
    figures = (len(group.passages), len(group.trees), folded, len(group.entries))
    table.add_row(Text(indent + printable(group.population)), *map(str, figures))
    for narrower in group.narrower:
        _add_rows(table, narrower, indent + "  ")
