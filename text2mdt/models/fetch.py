"""Fetching one wheel from the package index: with pip where it is installed, else straight from the index."""

from __future__ import annotations

import base64
import importlib.util
import json
import os
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.parse import unquote, urldefrag, urljoin, urlsplit, urlunsplit
from urllib.request import Request, urlopen

from tqdm import tqdm

from text2mdt.errors import Text2MDTError

_DEFAULT_INDEX = "https://pypi.org/simple"
_ACCEPT = "application/vnd.pypi.simple.v1+json, text/html;q=0.5"
_TIMEOUT = 30.0
"""Seconds without any byte."""


def fetch_wheel(
    distribution: str, version: str, filename: str, folder: Path, *, size: int, progress: bool = True
) -> Path:
    """Fetches a pure-Python wheel, without what it depends on; its checksum is the caller's business.

    pip goes first because it knows the user's mirrors, proxies and certificates; where pip is not installed or
    fails, the index named by `PIP_INDEX_URL` (or `UV_DEFAULT_INDEX`, else PyPI) is asked directly.

    Args:
        distribution: name on the index.
        version: exact version.
        filename: of the wheel.
        folder: an existing folder for the wheel and for what pip keeps meanwhile.
        size: bytes of the wheel, for the progress bar.
        progress: show the bar on the standard error stream.

    Raises:
        Text2MDTError: T2M020, with the reason of each way that was tried.
    """
    reasons = []
    with tqdm(total=size, unit="B", unit_scale=True, desc=f"fetching {distribution}", disable=not progress) as bar:
        if importlib.util.find_spec("pip"):
            reason = _fetch_with_pip(f"{distribution}=={version}", folder, bar)
            if (folder / filename).is_file():
                return folder / filename
            reasons.append(f"pip: {reason}")
            bar.reset()
        try:
            return _fetch_from_index(distribution, filename, folder, bar)
        except (URLError, HTTPException, OSError, ValueError) as error:
            reasons.append(str(error))
    raise Text2MDTError("T2M020", f"{distribution}=={version}", detail="; ".join(reasons))


def _fetch_with_pip(requirement: str, folder: Path, bar: tqdm[Any]) -> str:
    """Runs `pip download`; returns pip's last error line, empty when it has none."""
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary", ":all:", "--no-cache-dir"]
    command += ["--retries", "1", "--quiet", "--dest", str(folder), requirement]
    log = folder / "pip.log"
    with log.open("wb") as errors:
        # pip shows no bar to a pipe, but the file it is writing lies in TMPDIR and tells how far it is.
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            env={**os.environ, "TMPDIR": str(folder), "PIP_NO_INPUT": "1"},
        )
        try:
            while process.poll() is None:
                bar.update(min(_bytes_in(folder), bar.total) - bar.n)
                try:
                    process.wait(0.3)
                except subprocess.TimeoutExpired:
                    continue
        finally:
            process.kill()
            process.wait()
    lines = [line for line in log.read_text(errors="replace").splitlines() if line.startswith("ERROR")]
    return lines[-1].removeprefix("ERROR: ") if lines else f"exit code {process.returncode}"


def _bytes_in(folder: Path) -> int:
    total = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            try:
                total = max(total, os.stat(os.path.join(parent, name)).st_size)
            except OSError:  # pip moved it away meanwhile
                continue
    return total


def _fetch_from_index(distribution: str, filename: str, folder: Path, bar: tqdm[Any]) -> Path:
    index = os.environ.get("PIP_INDEX_URL") or os.environ.get("UV_DEFAULT_INDEX") or _DEFAULT_INDEX
    page = f"{index.rstrip('/')}/{distribution}/"
    with _open(page) as answer:
        links = _links(answer.read(), answer.headers.get_content_type(), page)
    for link in links:
        if unquote(urlsplit(link).path).rpartition("/")[2] == filename:
            return _download(link, folder / filename, bar)
    raise ValueError(f"{filename} is not on {_without_login(page)[0]}")


def _download(link: str, target: Path, bar: tqdm[Any]) -> Path:
    with _open(link) as answer, target.open("wb") as file:
        while block := answer.read(1 << 18):
            file.write(block)
            bar.update(len(block))
    return target


@contextmanager
def _open(url: str) -> Iterator[Any]:
    url, headers = _without_login(url)
    # pip's own variable for the certificates of a company's proxy; SSL_CERT_FILE is heeded by ssl itself.
    context = ssl.create_default_context(cafile=os.environ.get("PIP_CERT"))
    with urlopen(Request(url, headers={"Accept": _ACCEPT, **headers}), timeout=_TIMEOUT, context=context) as answer:
        yield answer


def _without_login(url: str) -> tuple[str, dict[str, str]]:
    """A URL without `user:password@`, and the header that takes its place."""
    parts = urlsplit(url)
    login, at, host = parts.netloc.rpartition("@")
    if not at:
        return url, {}
    token = base64.b64encode(unquote(login).encode()).decode()
    return urlunsplit(parts._replace(netloc=host)), {"Authorization": f"Basic {token}"}


class _Anchors(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self.links += [value for name, value in attrs if name == "href" and value]


def _links(content: bytes, content_type: str, page: str) -> list[str]:
    """The files that a page of the simple index names, as URLs without fragments (JSON or HTML: PEP 691, 503)."""
    if content_type.endswith("json"):
        hrefs = [file["url"] for file in json.loads(content)["files"]]
    else:
        anchors = _Anchors()
        anchors.feed(content.decode("utf-8", errors="replace"))
        hrefs = anchors.links
    return [urldefrag(urljoin(page, href)).url for href in hrefs]
