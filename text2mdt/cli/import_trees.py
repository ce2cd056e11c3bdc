"""`text2mdt import`: trees that were edited elsewhere, compared and taken back into an extraction."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from text2mdt.imports import Difference


def register(app: typer.Typer) -> None:
    app.command("import")(import_trees)


def import_trees(
    extraction: Annotated[Path, typer.Argument(help="The .json file that the trees were exported from.")],
    edited: Annotated[
        list[Path], typer.Argument(help="Edited files: .json (own or FHIR), .csv, .dmn, .mmd, .md; several at once.")
    ],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="New extraction; by default NAME-edited.json beside the old.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Take the trees without asking.")] = False,
) -> None:
    """Show what edited trees change, and take them into a new extraction."""
    from text2mdt.errors import Text2MDTError
    from text2mdt.export import export
    from text2mdt.guideline import read_extraction
    from text2mdt.imports import differences, read_trees, taken
    from text2mdt.written_file import write_whole

    original = read_extraction(extraction)
    trees = [tree for path in edited for tree in read_trees(path)]
    found = differences(original, trees)
    changed = _show(found)
    if all(one.passage is None for one in found):
        raise Text2MDTError("T2M125", ", ".join(map(str, edited)))
    if not changed:
        typer.echo("nothing to take")
        return
    if not yes and not _agreed():
        typer.echo("nothing was taken")
        return
    target = output or extraction.with_name(f"{extraction.stem}-edited.json")
    write_whole(target, export(taken(original, trees), "json")[".json"], (extraction, *edited))
    typer.echo(f"→ {target}")


def _show(found: Sequence[Difference]) -> bool:
    """Prints what changes; whether anything does that can be taken."""
    from text2mdt.export.dot import printable
    from text2mdt.imports import heading, sentences

    for one in found:
        if not one.identical:
            typer.echo(printable(heading(one)))
            for said in sentences(one):
                typer.echo(f"  {printable(' '.join(said.split()))}")
    same = sum(one.identical for one in found)
    if same:
        typer.echo(f"{same} of {len(found)} trees came back as they were")
    return any(one.passage is not None and not one.identical for one in found)


def _agreed() -> bool:
    """Whether the user says yes; the end of the input is a no."""
    typer.echo("Take these changes? [y/N] ", nl=False)
    said = sys.stdin.readline(100)
    if not said:
        typer.echo("")
    return said.strip().casefold() in ("y", "yes")
