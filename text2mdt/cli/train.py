"""`text2mdt train`: trains an adapter."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from text2mdt.training_run_folder import TrainingResult


def register(app: typer.Typer) -> None:
    app.command()(train)


def train(
    config: Annotated[Path, typer.Argument(help="A YAML file, such as configs/train/pi_lora.yaml.")],
    overrides: Annotated[
        list[str] | None, typer.Argument(help="section.key=value, laid over the file; values in YAML.")
    ] = None,
) -> None:
    """Train an adapter as a configuration says; a run that was stopped is gone on with."""
    from rich.console import Console as RichConsole

    from text2mdt.train import train as run
    from text2mdt.training_config import read_training_config

    console = RichConsole()
    result = run(
        read_training_config(config, overrides or ()),
        say=lambda line: console.print(line, markup=False, highlight=False),
    )
    _show(result, console)


def _show(result: TrainingResult, console: Console) -> None:
    from rich.table import Table

    from text2mdt.train import rank_table

    if result.ranks:
        header, rows = rank_table(result.ranks)
        table = Table(*header, title="ranks")
        for row in rows:
            table.add_row(*row)
        console.print(table)
    for number, entry in enumerate(result.rounds, 1):
        facts = (f"{key} {value:,.4g}" for key, value in entry.items() if isinstance(value, (int, float)))
        console.print(f"round {number}: {', '.join(facts)}")
    console.print(
        f"{result.parameters:,} parameters, dev loss {result.dev_loss:.4f}, {result.seconds / 60:.1f} min, "
        f"peak memory {result.peak_memory / 2**30:.1f} GiB"
    )
    console.print(f"adapter: {result.adapter}")
