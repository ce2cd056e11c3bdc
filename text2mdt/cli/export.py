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
    codes: Annotated[
        Path | None, typer.Option(help="File of `text2mdt terminology` with the accepted codes, for FHIR.")
    ] = None,
) -> None:
    """Write the decision trees of an extraction in other formats."""
    from text2mdt.cli.chosen_formats import chosen_formats
    from text2mdt.errors import Text2MDTError
    from text2mdt.export import export as export_as
    from text2mdt.export import takes_codes
    from text2mdt.guideline import read_extraction
    from text2mdt.terminology.accepted import NO_CODES, read_codes
    from text2mdt.written_file import write_whole

    wanted = chosen_formats(formats)
    if codes is not None and not any(map(takes_codes, wanted)):
        raise Text2MDTError("T2M128")
    read = read_extraction(extraction)
    chosen = NO_CODES if codes is None else read_codes(codes)
    contents: dict[Path, str | bytes] = {}
    for name in wanted:
        contents |= {
            output / f"{extraction.stem}{ending}": text for ending, text in export_as(read, name, chosen).items()
        }
    for path, content in contents.items():
        write_whole(path, content, (extraction,) if codes is None else (extraction, codes))
        typer.echo(f"→ {path}")
    if not contents:
        typer.echo("no tree in it, so no file")
