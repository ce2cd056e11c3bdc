"""`text2mdt compare`: methods against each other, unit by unit, and the report of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from text2mdt.compare.config import ComparisonConfig
    from text2mdt.compare.unit_store import UnitStore


def register(app: typer.Typer) -> None:
    app.command()(compare)


def compare(
    configs: Annotated[list[Path], typer.Argument(help="YAML files, such as configs/compare/*.yaml.")],
    jobs: Annotated[int, typer.Option(min=1, help="Units at once, each in a process of its own.")] = 1,
    minutes: Annotated[
        float | None, typer.Option(min=0, help="Start no unit after so long; a training pauses at its next checkpoint.")
    ] = None,
    unit: Annotated[str | None, typer.Option(help="Run this unit alone, in this process, and write no report.")] = None,
    list_units: Annotated[bool, typer.Option("--list-units", help="Show every unit and its state, and end.")] = False,
    report_only: Annotated[bool, typer.Option("--report-only", help="Run nothing; write the report.")] = False,
    any_code: Annotated[
        bool, typer.Option("--any-code", help="Keep finished units that another state of the code has made.")
    ] = False,
) -> None:
    """Compare methods: search, train and evaluate what is not done yet, then write the report.

    A finished unit is done again only where its inputs have changed. Several processes, on several machines with a
    shared folder, may work on one comparison at once.
    """
    from text2mdt.compare.config import read_comparison_config
    from text2mdt.compare.unit_store import UnitStore

    if unit is not None and len(configs) > 1:
        raise typer.BadParameter("--unit is for one configuration")
    failed = False
    for path in configs:
        config = read_comparison_config(path)
        store = UnitStore(config.units_folder, any_code)
        if list_units:
            _list(config, store)
        elif unit is not None:
            _run_one(config, store, unit, minutes)
        else:
            failed |= _run_all(config, path, store, jobs, 0.0 if report_only else minutes, any_code)
    if failed:
        raise typer.Exit(1)


def _list(config: ComparisonConfig, store: UnitStore) -> None:
    from text2mdt.compare.run_unit import unit_states

    for unit, state in unit_states(config, store).items():
        typer.echo(f"{state}\t{unit.name}")


def _run_one(config: ComparisonConfig, store: UnitStore, name: str, minutes: float | None) -> None:
    from text2mdt.compare.budget import planned_parameters
    from text2mdt.compare.run_unit import run_unit
    from text2mdt.compare.training_clock import TrainingPaused

    planned_parameters(config)
    try:
        run_unit(config, store, name, typer.echo, None if minutes is None else 60 * minutes)
    except TrainingPaused:
        typer.echo(f"{name} pauses at a checkpoint; the next call goes on with it")


def _run_all(
    config: ComparisonConfig, path: Path, store: UnitStore, jobs: int, minutes: float | None, any_code: bool
) -> bool:
    """Runs a comparison and writes its report; gives whether a unit failed."""
    from filelock import FileLock

    from text2mdt.compare.gather import gather
    from text2mdt.compare.report import write_report
    from text2mdt.compare.run import children, note_failures, run_comparison

    start = children(path, store, ["--any-code"] if any_code else [])
    seconds = None if minutes is None else 60 * minutes
    failed = run_comparison(config, store, start, jobs=jobs, seconds=seconds, say=typer.echo)
    config.output.mkdir(parents=True, exist_ok=True)
    with FileLock(config.output / "report.lock"):
        note_failures(config.output, failed)
        written = write_report(gather(config, store), config.output)
    for name, reason in failed.items():
        typer.echo(f"{name} failed: {reason}", err=True)
    typer.echo(f"report: {written}")
    return bool(failed)
