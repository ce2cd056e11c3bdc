"""What the tests in a browser share: Chromium, a script that is served, pages that may ask only it."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

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
NEEDS_BROWSER = [
    pytest.mark.e2e,
    # Continuous integration must not pass because the browser is missing.
    pytest.mark.skipif(CHROMIUM is None and not os.environ.get("CI"), reason="no Chromium on this machine"),
]

Opened = Callable[..., AbstractContextManager[Any]]
"""Opens the page of the views with a passage: `with opened("11") as view`."""


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


def axe_violations(view: Any, within: str = "body") -> list[tuple[str, str, str, list[str]]]:
    """What axe-core objects to within a selector: rule, impact, help, and the first elements."""
    found = find_spec("axe_playwright_python")
    assert found is not None and found.origin is not None
    view.evaluate(Path(found.origin).with_name("axe.min.js").read_text(encoding="utf-8"))
    result = view.evaluate("within => axe.run({include: [within]}, {resultTypes: ['violations']})", within)
    assert len(result["passes"]) > 10, "it has looked at something"
    return [
        (one["id"], one["impact"], one["help"], [part["html"][:200] for part in one["nodes"]][:3])
        for one in result["violations"]
    ]


def told(view: Any, **expected: Any) -> dict[str, Any]:
    """Waits until Python has these values; "tree" is (node, triple), "triples" and "range" are the source's."""
    view.wait_for_function(
        """wanted => {
            const state = JSON.parse(document.querySelector('#state').textContent);
            const has = {
                tree: state.tree && [state.tree.node, state.tree.triple], triples: state.source.triples,
                range: state.source.range && state.source.range.text, runs: state.runs, mark: state.source.mark,
            };
            return Object.keys(wanted).every(name => JSON.stringify(has[name]) === JSON.stringify(wanted[name]));
        }""",
        arg=expected,
    )
    state: dict[str, Any] = json.loads(view.locator("#state").text_content())
    return state


def node(view: Any, name: str) -> Any:
    return view.locator(f"[data-node={name}]")


def focused(view: Any) -> dict[str, str]:
    """The data attributes of the focused element, inside of shadow roots too."""
    found: dict[str, str] = view.evaluate(
        """() => {
            let at = document.activeElement;
            while (at.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
            return {...at.dataset};
        }"""
    )
    return found


def press(view: Any, *keys: str) -> dict[str, str]:
    for key in keys:
        view.keyboard.press(key)
    return focused(view)
