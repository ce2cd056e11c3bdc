"""`text2mdt calibrate`: fits the decoding of an adapter to annotated passages."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from text2mdt.cli.dtype_option import DtypeOption


def register(app: typer.Typer) -> None:
    app.command()(calibrate)


def calibrate(
    adapter: Annotated[Path, typer.Argument(help="The folder of an adapter; calibration.json is written there.")],
    data: Annotated[Path, typer.Argument(help="A JSON Lines file of records that it was not trained on (dev).")],
    model: Annotated[str, typer.Option(help="`default`, a folder or a hub id.")] = "default",
    device: Annotated[str, typer.Option(help="cpu, cuda, … or auto.")] = "auto",
    dtype: DtypeOption = "auto",
) -> None:
    """Fit when an adapter answers that there is no decision, and how sure it is of its trees.

    Training does it by itself at its end.
    """
    from text2mdt.adapters import find_adapter
    from text2mdt.calibrate import calibrate_adapter
    from text2mdt.cli.progress import progress_bar
    from text2mdt.corpus import read_corpus

    folder = find_adapter(str(adapter))
    if folder is None:
        raise typer.BadParameter("give the folder of an adapter", param_hint="ADAPTER")
    records = read_corpus(data)
    total = 2 * len(records)
    with progress_bar("calibrating") as move:
        found = calibrate_adapter(folder, records, model, device, dtype, progress=lambda done: move(done, total))
    typer.echo(
        f'{found.no_decision_bias:+.3f} nats for "no decision", from {found.passages} passages, '
        f"{found.without_decision} of them without a decision"
    )
    if found.confidence is None:
        typer.echo("no curves of confidence: too few trees, or a format that does not tell it")
        return
    for kind in ("triple", "node", "tree"):
        curve = getattr(found.confidence, kind)
        typer.echo(f"confidence of a {kind}: slope {curve.slope:.3f}, intercept {curve.intercept:+.3f}")
