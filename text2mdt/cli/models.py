"""`text2mdt models [fetch|export]`: what models and adapters there are, made ready here or written for servers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

_commands = typer.Typer(help="List models and adapters, fetch the embedded model, or write files for servers.")


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
def fetch(
    again: Annotated[
        bool, typer.Option("--again", help="Mend a damaged cache: convert anew what was fetched.")
    ] = False,
) -> None:
    """Fetch the embedded model (93 MB) and convert it (538 MB in the cache); needed once, then all works offline."""
    from text2mdt.models import ensure_embedded

    typer.echo(f"ready: {ensure_embedded(again=again)}")


@_commands.command()
def export(
    output: Annotated[Path, typer.Option("-o", "--output", help="Folder for `model` and `adapter`.")],
    model: Annotated[str, typer.Option(help="`default`, a folder or a hub id.")] = "default",
    adapter: Annotated[str, typer.Option(help="A shipped adapter, a folder, or `none`.")] = "default",
    dtype: Annotated[str, typer.Option(help="float32, bfloat16 or float16.")] = "bfloat16",
) -> None:
    """Write a model and an adapter (as a LoRA of PEFT) in the files that inference servers such as vLLM read."""
    from text2mdt.served_files import write_served_files

    for path in write_served_files(output, model, adapter, dtype):
        if path is not None:
            typer.echo(f"→ {path}")
