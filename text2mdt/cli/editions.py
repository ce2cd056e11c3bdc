"""`text2mdt editions`: what changed from one edition of a guideline to the next."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from text2mdt.guideline import EditionComparison


def register(app: typer.Typer) -> None:
    app.command()(editions)


def editions(
    old: Annotated[Path, typer.Argument(help="The .json file that `text2mdt extract` wrote of the old edition.")],
    new: Annotated[Path, typer.Argument(help="The same of the new edition.")],
    output: Annotated[Path | None, typer.Option("-o", "--output", help="File for the comparison as JSON.")] = None,
    html: Annotated[Path | None, typer.Option("--html", help="File for a page to read.")] = None,
) -> None:
    """Compare two editions of a guideline: passages, their words, and what changed in the trees."""
    from text2mdt.guideline import compare_editions, read_extraction
    from text2mdt.written_file import write_whole

    before, after = read_extraction(old), read_extraction(new)
    comparison = compare_editions(before, after)
    if output is not None:
        write_whole(output, comparison.model_dump_json(indent=2, ensure_ascii=False) + "\n", (old, new))
    if html is not None:
        from text2mdt.guideline.editions_page import editions_page

        write_whole(html, editions_page(comparison, before, after), (old, new))
    _show(comparison)
    for path in (output, html):
        if path is not None:
            typer.echo(f"→ {path}")


def _show(comparison: EditionComparison) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from text2mdt.export.dot import printable

    console = Console()
    table = Table("passages", title=Text(printable(f"{comparison.old.name} → {comparison.new.name}")))
    table.add_column("", justify="right")
    for name, number in comparison.passage_counts.items():
        table.add_row(name.replace("_", " "), str(number))
    console.print(table)
    for note in comparison.notes:
        console.print(Text(printable(note)), soft_wrap=True)
    for change in comparison.passages:
        if change.change == "unchanged" and not change.tree_changes:
            continue
        names = " → ".join(dict.fromkeys(name for name in (change.old, change.new) if name))
        console.print(Text(printable(f"{change.change}: {names}: {change.text}"), style="bold"), soft_wrap=True)
        for one in change.tree_changes:
            console.print(Text(printable(f"   {one.text}")), soft_wrap=True)
