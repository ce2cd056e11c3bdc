"""`text2mdt export`: an extraction in other forms, without a model."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    app.command()(export)


def export(
    extraction: Annotated[Path, typer.Argument(help="The .json file that `text2mdt extract` wrote.")],
    formats: Annotated[str, typer.Option("--to", help="Formats as of `text2mdt extract`; several with commas.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="Folder for the files.")] = Path("exported"),
) -> None:
    """Write the decision trees of an extraction in other formats."""
    from text2mdt.cli.chosen_formats import chosen_formats
    from text2mdt.export import export as export_as
    from text2mdt.guideline import read_extraction
    from text2mdt.written_file import write_whole

    wanted = chosen_formats(formats)
    read = read_extraction(extraction)
    contents: dict[Path, str | bytes] = {}
    for name in wanted:
        contents |= {output / f"{extraction.stem}{ending}": text for ending, text in export_as(read, name).items()}
    for path, content in contents.items():
        write_whole(path, content, (extraction,))
        typer.echo(f"→ {path}")
    if not contents:
        typer.echo("no tree in it, so no file")
