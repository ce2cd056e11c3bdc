"""`text2mdt terminology`: which codes of a user's list may be meant by the words of the trees."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    app.command()(terminology)


def terminology(
    extraction: Annotated[Path, typer.Argument(help="The .json file that `text2mdt extract` wrote.")],
    code_list: Annotated[
        Path, typer.Option(help="CSV file with the columns code, system, display, synonyms (separated by |).")
    ],
    output: Annotated[
        Path, typer.Option("-o", "--output", help="CSV file for the suggestions; what is accepted in it stays.")
    ] = Path("codes.csv"),
    least: Annotated[float, typer.Option(min=50, max=100, help="Score from which a name is like the words.")] = 90,
    most: Annotated[int, typer.Option(min=1, max=50, help="Codes for the same words.")] = 3,
) -> None:
    """Suggest codes of your own list for the words of the trees; write yes beside those that fit, then export them."""
    from text2mdt.guideline import read_extraction
    from text2mdt.terminology import read_code_list, read_said, suggestions, suggestions_file, terms_of
    from text2mdt.written_file import write_whole

    terms = terms_of(read_extraction(extraction).trees)
    concepts = read_code_list(code_list)
    said = read_said(output) if output.exists() else {}
    found = suggestions(terms, concepts, least, most)
    write_whole(output, suggestions_file(found, said), (extraction, code_list))
    with_any = len({one.term.words for one in found})
    typer.echo(f"suggestions for {with_any} of {len(terms)} terms, by their names alone → {output}")
    typer.echo("Write yes in the column 'accepted' beside the codes that fit, then:")
    typer.echo(f"  text2mdt export {extraction} --to fhir --codes {output}")
