"""`text2mdt models`: what models and adapters there are; `text2mdt models fetch` makes the embedded one ready."""

from __future__ import annotations

import json
from typing import Annotated

import typer

_commands = typer.Typer(help="List models and adapters, or fetch the embedded model.")


def register(app: typer.Typer) -> None:
    app.add_typer(_commands, name="models")


@_commands.callback(invoke_without_command=True)
def show(context: typer.Context, as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """List the embedded model with its state and the adapters that come with the package."""
    if context.invoked_subcommand:
        return
    from text2mdt.models import embedded_state, shipped_adapters
    from text2mdt.models.embedded import NAME

    state = embedded_state()
    ready = "ready" if state.converted else "fetched, not converted yet" if state.gguf else "not fetched yet"
    adapters = {name: str(path) for name, path in shipped_adapters().items()}
    if as_json:
        model = {"name": "default", "model": NAME, "state": ready, "cache": str(state.cache)}
        typer.echo(json.dumps({"embedded": model, "adapters": adapters}, indent=1))
        return
    typer.echo(f"default   {NAME} (embedded): {ready}; cache {state.cache}")
    for name, path in adapters.items():
        typer.echo(f"adapter   {name}: {path}")
    if not adapters:
        typer.echo("adapter   none comes with this installation")
    typer.echo("Any folder with config.json or hub id works as well: --model FOLDER|HUB_ID")


@_commands.command()
def fetch() -> None:
    """Fetch the embedded model (93 MB) and convert it (538 MB in the cache); needed once, then all works offline."""
    from text2mdt.models import ensure_embedded

    typer.echo(f"ready: {ensure_embedded()}")
