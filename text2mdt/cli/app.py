"""`text2mdt app`: the page in a browser."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

_PAGE = Path(__file__).resolve().parents[2] / "app" / "page.py"
"""The packages lie side by side, in a checkout as when installed."""

_SETTINGS = {
    "browser.gatherUsageStats": "false",
    "server.showEmailPrompt": "false",
    "server.fileWatcherType": "none",
    "server.maxUploadSize": "50",
    "client.toolbarMode": "minimal",
    "client.showErrorDetails": "none",
    "runner.magicEnabled": "false",
    "theme.base": "light",
    "theme.primaryColor": "#1f5f99",
}
"""No telemetry, nothing to sign up for, no traceback in the browser; the server refuses uploads above 50 MB, which a
browser may let through; a colour to act that stands out and is not red."""


def register(app: typer.Typer) -> None:
    app.command("app")(serve)


def serve(
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="Port to listen on; by default the first free one from 8501.")
    ] = None,
    address: Annotated[
        str, typer.Option(help="Address to listen on; by default only this machine can connect.")
    ] = "localhost",
    headless: Annotated[bool, typer.Option("--headless", help="Open no browser.")] = False,
) -> None:
    """Serve the page: a guideline in, its decision trees out, in the browser."""
    if find_spec("streamlit") is None:
        from text2mdt.errors import Text2MDTError

        raise Text2MDTError("T2M042", extra="app")
    from streamlit.web.cli import main

    settings = _SETTINGS | {"server.address": address, "server.headless": str(headless).lower()}
    if port is not None:
        settings["server.port"] = str(port)
    main(["run", str(_PAGE), *(f"--{name}={value}" for name, value in settings.items())], prog_name="streamlit")
