"""`text2mdt train`: trains an adapter."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from text2mdt.training_config import TrainingConfig
    from text2mdt.training_run_folder import TrainingResult


def register(app: typer.Typer) -> None:
    app.command()(train)


def train(
    config: Annotated[Path, typer.Argument(help="A YAML file, such as configs/train/pi_lora.yaml.")],
    overrides: Annotated[
        list[str] | None, typer.Argument(help="section.key=value, laid over the file; values in YAML.")
    ] = None,
    memory: Annotated[bool, typer.Option("--memory", help="Tell the memory that it would take, and end.")] = False,
) -> None:
    """Train an adapter as a configuration says; a run that was stopped is gone on with."""
    from rich.console import Console as RichConsole

    from text2mdt.training_config import read_training_config

    console = RichConsole()
    wanted = read_training_config(config, overrides or ())
    if memory:
        _show_memory(wanted, console)
        return
    from text2mdt.train import train as run

    _show(run(wanted, say=lambda line: console.print(line, markup=False, highlight=False)), console)


def _show_memory(config: TrainingConfig, console: Console) -> None:
    from rich.table import Table

    from text2mdt.models import model_shape
    from text2mdt.training_memory import HEADER, memory_rows

    table = Table(*HEADER, title=f"memory in GiB, micro-batches of {config.training.batch_tokens} tokens")
    for row in memory_rows(config, model_shape(config.model)):
        table.add_row(*row)
    console.print(table)
    console.print("* as configured; recompute: training.gradient_checkpointing.")
    console.print("Without what the driver and the allocator take: about 1 GiB on CUDA, more on a CPU.")


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
