"""What the tests in a browser share: Chromium, a Streamlit script that is served, pages that may ask only it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
START_SECONDS = 180
MILLISECONDS = 120_000


def served(script: Path, log: Path) -> AbstractContextManager[str]:
    """Where Streamlit serves a script."""
    settings = {
        "server.address": "localhost",
        "server.headless": "true",
        "server.fileWatcherType": "none",
        "browser.gatherUsageStats": "false",
        "client.toolbarMode": "minimal",
    }
    command = [sys.executable, "-m", "streamlit", "run", str(script)]
    return started([*command, *(f"--{name}={value}" for name, value in settings.items()), "--server.port"], log)


@contextmanager
def started(command: list[str], log: Path, **environment: str) -> Iterator[str]:
    """Where a server answers that is started by a command with a free port as its last word."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with log.open("w") as output:
        server = subprocess.Popen(
            [*command, str(port)],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        url = f"http://localhost:{port}"
        end = time.monotonic() + START_SECONDS
        while not _answers(f"{url}/_stcore/health"):
            assert server.poll() is None, log.read_text()
            assert time.monotonic() < end, log.read_text()
            time.sleep(0.3)
        yield url
    finally:
        server.terminate()
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as response:
            return response.status == 200
    except OSError:
        return False


@contextmanager
def watched_page(browser: Any, address: str, tolerated: str | None = None, **options: Any) -> Iterator[Any]:
    """A page; at its end no script has failed, no other error than the `tolerated` one was told in the console, and no
    other machine was asked."""
    opened = browser.new_page(**{"viewport": {"width": 1440, "height": 900}, **options})
    opened.set_default_timeout(MILLISECONDS)
    foreign: list[str] = []
    failures: list[str] = []
    own = (address, address.replace("http", "ws", 1), "data:", "blob:")
    opened.on("request", lambda request: None if request.url.startswith(own) else foreign.append(request.url))
    opened.on("pageerror", lambda error: failures.append(str(error)))
    opened.on(
        "console",
        lambda message: (
            failures.append(message.text)
            if message.type == "error" and not (tolerated and tolerated in message.text)
            else None
        ),
    )
    try:
        yield opened
    finally:
        opened.close()
    assert foreign == []
    assert not failures, failures
