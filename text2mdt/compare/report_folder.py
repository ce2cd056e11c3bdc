"""Finished reports of a folder: which there are, and a page of one that can do nothing to the page around it."""

from __future__ import annotations

import base64
import json
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from text2mdt.bounded_file import read_bounded
from text2mdt.errors import Text2MDTError

RESULTS_FILE = "results.json"
HTML_FILE = "report.html"
MARKDOWN_FILE = "report.md"
LARGEST = 64 * 1024**2
"""Bytes of a file that is read."""

_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-src data:; base-uri 'none'; form-action 'none'"
)
_STYLE = "html, body, iframe { margin: 0; border: 0; width: 100%; height: 100%; }"
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class FoundReport:
    """A report of a comparison.

    Attributes:
        folder: that holds it.
        name: of the folder, below the one that was searched.
        title, date: plain text.
        missing: units that were not finished.
    """

    folder: Path
    name: str
    title: str
    date: str
    missing: int


def find_reports(folder: Path) -> list[FoundReport]:
    """The reports right below a folder, the newest first; what cannot be read is passed over."""
    found = []
    for path in sorted(folder.glob(f"*/{RESULTS_FILE}")):
        try:
            results = json.loads(read_bounded(path, LARGEST))
            found.append(_found(path.parent, results))
        except (Text2MDTError, ValueError, KeyError, TypeError, RecursionError) as error:
            logger.warning("%s is passed over: %s", path, error)
    return sorted(found, key=lambda report: report.date, reverse=True)


def framed_report(report: FoundReport) -> str:
    """A page that shows a report in a frame without scripts, without an origin and without a network, whatever the
    file holds.

    Raises:
        Text2MDTError: T2M010, T2M011, T2M013, T2M016 or T2M053 where the report cannot be read.
    """
    content = read_bounded(report.folder / HTML_FILE, LARGEST)
    policy = f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
    # As a data URL, not as srcdoc: there links within the page would lead to the page around it.
    source = "data:text/html;charset=utf-8;base64," + base64.b64encode(content.encode()).decode()
    frame = f'<iframe sandbox="" referrerpolicy="no-referrer" title="report" src="{source}"></iframe>'
    head = f'<meta charset="utf-8">{policy}<style>{_STYLE}</style>'
    return f"<!DOCTYPE html><html><head>{head}</head><body>{frame}</body></html>"


def _found(folder: Path, results: Any) -> FoundReport:
    missing = len(results["units"]["missing"])
    return FoundReport(folder, folder.name, str(results["title"]), str(results["made"]["date"]), missing)
