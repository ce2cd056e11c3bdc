"""How long a guideline of 60 passages takes: its forest, the view of it, every export, and what comes back.

    OMP_NUM_THREADS=1 python benchmarks/guideline_exports.py --browser

Prints the table of docs/benchmarks.md. The passages are the first 60 records of the test corpus that hold a tree, with
their words found and marked as after an extraction. Time is that of the processor, so that other work on the machine
does not count; Graphviz counts, where it is installed. `--browser` also opens the guideline in the page, by Chromium.
"""

from __future__ import annotations

import argparse
import getpass
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

import psutil

from text2mdt.corpus import read_corpus
from text2mdt.errors import Text2MDTError
from text2mdt.export import FORMATS, export
from text2mdt.grounding import ground
from text2mdt.guideline import build_guideline
from text2mdt.guideline.guideline_page import guideline_page
from text2mdt.imports import differences, read_text
from text2mdt.review.reviewing import add_extraction
from text2mdt.review.store import open_store
from text2mdt.review.stored import PersonRole
from text2mdt.schema import DocumentInfo, Extraction, Passage, PassageResult, Record, Segment

ROOT = Path(__file__).resolve().parents[1]
PASSAGES = 60
BACK = ("json", "csv", "markdown", "fhir", "fhir-r5-rules")
SECONDS = 120
DRAWN = """document.querySelectorAll('[data-testid=stExpander]').length > 0
    && !document.querySelector('[data-testid=stApp][data-test-script-state=running]')"""
WHO = getpass.getuser()


def document() -> Extraction:
    """The records as the passages of one document, three a page."""
    records = [record for record in read_corpus(ROOT / "data" / "corpus" / "test.jsonl") if record.tree]
    results, texts, start = [], [], 0
    for number, record in enumerate(records[:PASSAGES], start=1):
        results.append(_result(record, number, start))
        texts.append(record.text)
        start += len(record.text) + 2
    text = "\n\n".join(texts)
    info = DocumentInfo(name="guideline.pdf", sha256="0" * 64, characters=len(text), pages=PASSAGES // 3)
    return Extraction(document=info, text=text, model="gold", adapter=None, passages=tuple(results))


def _result(record: Record, number: int, start: int) -> PassageResult:
    segment = Segment(passage_start=0, document_start=start, length=len(record.text))
    passage = Passage(
        id=f"p-{number:03d}",
        population=record.population,
        text=record.text,
        heading_path=(record.topic,),
        segments=(segment,),
        pages=((number - 1) // 3 + 1,),
    )
    found = tuple(ground(passage, record.trees))
    return PassageResult(
        id=passage.id,
        population=record.population,
        text=record.text,
        tree=record.tree,
        passage=passage,
        groundings=found,
    )


def processor(action: Callable[[], object]) -> float:
    """Processor time of this process with the programs it calls, in seconds."""
    before = os.times()
    action()
    after = os.times()
    return sum(after[:4]) - sum(before[:4])


def row(name: str, action: Callable[[], object], repeats: int, limit: float) -> str:
    """A row of the table: the first time in the process, then the median of `repeats`."""
    try:
        first = processor(action)
        again = median(processor(action) for _ in range(repeats))
    except Text2MDTError as error:
        return f"| {name} | {error.code} | | {limit:g} |"
    return f"| {name} | {first:.2f} | {again:.2f} | {limit:g} |"


def rows(found: Extraction, repeats: int) -> Iterator[str]:
    yield row("merge into a forest", lambda: build_guideline(found), repeats, 1)
    built = build_guideline(found)
    yield row("forest as a web page", lambda: guideline_page(built, found), repeats, 2)
    for name in FORMATS:
        yield row(f"export {name}", lambda name=name: export(found, name), repeats, 1)  # type: ignore[misc]
    for name in BACK:
        ((ending, content),) = export(found, name).items()
        yield row(f"import {name}", lambda c=content, e=ending: _back(found, str(c), e), repeats, 1)  # type: ignore[misc]


def _back(found: Extraction, content: str, ending: str) -> None:
    if not all(one.identical for one in differences(found, read_text(content, f"guideline{ending}"))):
        raise SystemExit(f"{ending}: what came back is another tree")


@contextmanager
def served(found: Extraction) -> Iterator[tuple[str, psutil.Process]]:
    """The address of the guideline in the page of a server with this extraction in its store, and the server."""
    with tempfile.TemporaryDirectory() as folder:
        place = str(Path(folder) / "reviews.sqlite")
        store = open_store(place)
        store.set_role(WHO, PersonRole.APPROVER, by=WHO)
        number = add_extraction(store, store.add_document("guideline.pdf", b"x", WHO), found, WHO)
        store.close()
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        command = [
            sys.executable,
            "-c",
            "from text2mdt.cli import main; main()",
            "app",
            "--headless",
            "--port",
            str(port),
        ]
        server = subprocess.Popen(
            command,
            env={**os.environ, "PYTHONPATH": str(ROOT), "TEXT2MDT_STORE": place},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            _wait_for(f"http://localhost:{port}/_stcore/health")
            yield f"http://localhost:{port}/guideline?extraction={number}", psutil.Process(server.pid)
        finally:
            server.terminate()
            server.wait()


def _wait_for(address: str) -> None:
    end = time.monotonic() + SECONDS
    while True:
        try:
            urllib.request.urlopen(address, timeout=5).close()
            return
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.2)


def browser_row(address: str, server: psutil.Process, repeats: int) -> str:
    """From opening the guideline until its last tree is drawn: what the server and the page's main thread work for it.

    The first time, which also loads the libraries of the server, is in the first column.
    """
    from playwright.sync_api import sync_playwright

    worked = []
    with sync_playwright() as driver:
        chromium = shutil.which("chromium") or shutil.which("chromium-browser")
        browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        for _ in range(repeats + 1):
            page: Any = browser.new_page(viewport={"width": 1440, "height": 900})
            metrics = page.context.new_cdp_session(page)
            metrics.send("Performance.enable", {"timeDomain": "threadTicks"})
            before = server.cpu_times()
            page.goto(address)
            page.wait_for_function(DRAWN, timeout=1000 * SECONDS)
            after = server.cpu_times()
            told = {one["name"]: one["value"] for one in metrics.send("Performance.getMetrics")["metrics"]}
            worked.append(after.user + after.system - before.user - before.system + told["TaskDuration"])
            page.close()
        browser.close()
    return f"| guideline in the page, from its address to drawn | {worked[0]:.2f} | {median(worked[1:]):.2f} | 2 |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--browser", action="store_true", help="measure the page in Chromium as well")
    options = parser.parse_args()
    found = document()
    nodes = sum(len(tree) for tree in found.trees)
    print(f"{len(found.passages)} passages, {len(found.trees)} trees, {nodes} nodes; seconds of one processor core\n")
    print("| | first in the process | then | at most |")
    print("| --- | --- | --- | --- |")
    for line in rows(found, options.repeats):
        print(line, flush=True)
    if options.browser:
        with served(found) as (address, server):
            print(browser_row(address, server, options.repeats))


if __name__ == "__main__":
    main()
