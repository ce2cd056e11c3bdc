"""Manifest of a batch → one HTML page: what there is, what failed, and where to look first."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import quote

from jinja2 import Environment
from markupsafe import Markup

from text2mdt.batch.manifest import Manifest
from text2mdt.batch.records import DocumentRecord
from text2mdt.batch.settings import BatchSettings
from text2mdt.export.dot import printable
from text2mdt.export.html import asset
from text2mdt.export.page_templates import page_templates

_TEMPLATES = Path(__file__).parent / "templates"
_MOST_LINKS = 12


@dataclass(frozen=True)
class _Link:
    address: str
    text: str


@dataclass(frozen=True)
class _Row:
    """A document on the page."""

    record: DocumentRecord
    links: tuple[_Link, ...]
    more_files: int
    warning_count: int


def summary_page(manifest: Manifest, manifest_file: str = "manifest.json") -> str:
    """A page that stands alone, without script; its policy forbids it to load anything.

    Seconds and times stand in `<time>` elements: all else is the same for runs that compute the same.
    """
    done = manifest.done
    return (
        _environment()
        .get_template("summary.html.j2")
        .render(
            manifest=manifest,
            manifest_file=manifest_file,
            facts=_facts(manifest.settings) | {"settings": manifest.key},
            rows=[_row(record) for record in done],
            passages=sum(record.passages for record in done),
            trees=sum(record.trees for record in done),
            empty=sum(not record.trees for record in done),
            seconds=sum(record.seconds for record in manifest.documents),
            style=Markup(asset("page.css")),
        )
    )


def _facts(settings: BatchSettings) -> dict[str, str]:
    """What made the trees, with its versions."""
    extractor, versions = settings.extractor, settings.versions
    facts = {
        "model": f"{extractor.model} ({versions.model})",
        "adapter": f"{extractor.adapter_name or 'none'} ({versions.adapter or 'none'})",
    }
    if extractor.voting is not None:
        voters = zip(extractor.voting.adapters, versions.voters, strict=True)
        facts["vote with"] = ", ".join([f"{name} ({version or 'none'})" for name, version in voters])
        if extractor.voting.samples:
            facts["samples of each"] = f"{extractor.voting.samples}, temperature {extractor.voting.temperature:g}"
    return facts | {
        "text2mdt": versions.text2mdt,
        "grammar": versions.grammar or "none",
        "prompt": versions.prompt,
    }


def _row(record: DocumentRecord) -> _Row:
    # The page and the data first, then the trees by number.
    names = sorted(record.files, key=lambda name: (not name.endswith(".html"), not name.endswith(".json"), name))
    links = tuple(_Link(quote(name), Path(name).name) for name in names[:_MOST_LINKS])
    return _Row(record, links, max(0, len(names) - _MOST_LINKS), sum(record.warnings.values()))


@cache
def _environment() -> Environment:
    environment = page_templates(_TEMPLATES)
    environment.finalize = lambda value: printable(value) if type(value) is str else value
    environment.filters["said"] = lambda name: name.replace("_", " ")
    return environment
