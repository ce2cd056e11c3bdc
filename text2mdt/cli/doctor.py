"""`text2mdt doctor`: what is installed, what is missing, what is slow, and how to mend it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.table import Table

    from text2mdt.doctor import Finding

_COLOURS = {"ok": "green", "absent": "dim", "slow": "yellow", "missing": "bold red", "broken": "bold red"}


def register(app: typer.Typer) -> None:
    app.command()(doctor)


def doctor(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """Say what is installed, missing or slow here, each with the command that mends it.

    Exit code 1 where something is missing or broken that extraction needs. Fetches nothing.
    """
    from text2mdt.cli import FAILED_INPUTS
    from text2mdt.doctor import diagnose, is_fit

    findings = list(diagnose())
    fit = is_fit(findings)
    if as_json:
        typer.echo(json.dumps({"fit": fit, "findings": [finding.report() for finding in findings]}, indent=1))
    else:
        from rich.console import Console

        Console().print(_table(findings))
        typer.echo("Ready to extract." if fit else "Not ready to extract: mend what is missing or broken.")
    if not fit:
        raise typer.Exit(FAILED_INPUTS)


def _table(findings: list[Finding]) -> Table:
    from rich.markup import escape
    from rich.table import Table

    table = Table("state", "what")
    for title in ("found", "mend"):  # a path or a command is never cut
        table.add_column(title, overflow="fold")
    area = findings[0].area if findings else ""
    for finding in findings:
        if finding.area != area:
            table.add_section()
            area = finding.area
        state = f"[{_COLOURS[finding.state]}]{finding.state}[/]"
        table.add_row(state, escape(finding.name), escape(finding.detail), escape(finding.mend))
    return table
