"""The report of a comparison: one HTML file that needs nothing beside it, the same as Markdown, and its charts."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment
from markupsafe import Markup

from text2mdt.compare.charts import Chart, all_charts
from text2mdt.compare.cost_tables import (
    budget_table,
    cost_table,
    fidelity_table,
    reading_table,
    search_table,
    training_table,
)
from text2mdt.compare.example_view import ExampleView, example_views
from text2mdt.compare.machine import machine_line
from text2mdt.compare.quality_tables import (
    error_tables,
    main_table,
    relation_table,
    shape_tables,
    significance_table,
    verdict_line,
)
from text2mdt.compare.report_folder import HTML_FILE, MARKDOWN_FILE, RESULTS_FILE
from text2mdt.compare.report_markdown import markdown
from text2mdt.compare.report_table import ReportTable
from text2mdt.export.page_templates import page_templates
from text2mdt.written_file import write_whole

Results = dict[str, Any]

CHARTS = "charts"
_TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True)
class Section:
    """A part of the report: tables and charts in their order, then examples."""

    title: str
    parts: tuple[ReportTable | Chart, ...]
    examples: tuple[ExampleView, ...] = ()
    note: str = ""


def write_report(results: Results, folder: Path) -> Path:
    """Writes results.json, report.md with its charts, and report.html; gives the path of the last.

    Raises:
        Text2MDTError: T2M041 where the folder cannot be written.
    """
    write_whole(folder / RESULTS_FILE, json.dumps(results, indent=1, ensure_ascii=False, allow_nan=False) + "\n")
    charts = all_charts(results)
    for chart in charts:
        write_whole(folder / CHARTS / f"{chart.name}.svg", chart.svg)
    made = sections(results, charts)
    facts, verdicts = facts_of(results), verdicts_of(results)
    write_whole(folder / MARKDOWN_FILE, markdown(results["title"], facts, verdicts, made, CHARTS))
    page = _environment().get_template("report.html.j2")
    style = Markup((_TEMPLATES / "report.css").read_text(encoding="utf-8"))
    html = page.render(title=results["title"], facts=facts, verdicts=verdicts, sections=made, style=style)
    write_whole(folder / HTML_FILE, html)
    return folder / HTML_FILE


def sections(results: Results, charts: list[Chart]) -> list[Section]:
    """The parts of the report that there is something to say in."""
    datasets = list(results["datasets"])
    places = [(dataset, split) for dataset in datasets for split in results["main"][dataset]]
    by_name = {chart.name: chart for chart in charts}

    def charts_named(start: str) -> list[Chart]:
        return [chart for name, chart in by_name.items() if name.startswith(start)]

    main: list[ReportTable | Chart | None] = []
    for dataset, split in reversed(places):
        if results["main"][dataset][split]:
            main += [main_table(results, dataset, split), by_name.get(f"figures-{dataset}-{split}")]
            main.append(significance_table(results, dataset, split))
    errors: list[ReportTable | Chart | None] = [t for place in places for t in error_tables(results, *place)]
    kinds: list[ReportTable | Chart | None] = []
    for place in places:
        kinds += [relation_table(results, *place), *shape_tables(results, *place)]
    made = [
        _section("Results", main),
        _section("Parameters and cost", [budget_table(results), *(cost_table(results, name) for name in datasets)]),
        _section("Learning rates", [search_table(results, name) for name in datasets]),
        _section("Learning curves", [*charts_named("curves-"), *(training_table(results, name) for name in datasets)]),
        _section("Where the ranks went", [*charts_named("ranks-"), fidelity_table(results)]),
        _section("Where the errors lie", errors),
        _section("By relation and by shape", kinds),
        Section("Worked examples", (), tuple(example_views(results)), _EXAMPLES_NOTE),
        _section("Readings of test", [reading_table(results)]),
    ]
    return [section for section in made if section.parts or section.examples]


_EXAMPLES_NOTE = (
    "From dev: in turn of each shape of gold trees the record whose triple F1 differs most between the methods, "
    "so these are no fair sample. First seed. ✓ stands also in the gold trees in a node of the same role, ✗ does "
    "not; below are the gold triples that the method has nowhere."
)


def facts_of(results: Results) -> list[str]:
    """Lines on what was compared, where, and what is missing."""
    settings = results["settings"]
    seeds = ", ".join(str(seed) for seed in settings["seeds"])
    made = results["made"]
    lines = [f"Made {made['date']} by text2mdt {made['text2mdt']}. Backbone: {settings['model']}. Seeds: {seeds}."]
    for name, splits in results["datasets"].items():
        told = "; ".join(f"{split} {one['records']:,} records ({one['sha256']})" for split, one in splits.items())
        lines.append(f"Data {name}: {told}.")
    stage = settings["first_stage"]
    training = ", ".join(f"{key} {value}" for key, value in settings["training"].items())
    first = f" After a first stage on {stage['records']:,} synthetic passages." if stage else ""
    lines.append(f"Training, the same for all: {training}, backbone in {settings['dtype']}.{first}")
    decoding = settings["decoding"]
    grammar = "under the grammar" if decoding["grammar"] else "without the grammar"
    lines.append(
        f"Decoding, the same for all: greedy, {grammar}, at most {decoding['max_new_tokens']} tokens, "
        f"{decoding['batch_size']} passages together, {decoding['dtype']}."
    )
    lines.append(
        "Order of the data: by the seed alone, so the same for all methods that train on the same records; a "
        "method that holds records back for scores or an upper level trains on the others."
    )
    machines = {machine_line(one["measured"]["machine"]) for kind in _KINDS for one in results[kind]}
    lines += [f"Machine: {line}." for line in sorted(machines)]
    several = [kind for kind, codes in results["units"]["code"].items() if len(codes) > 1]
    if several:
        lines.append(f"Units of more than one state of the code are together here ({', '.join(several)}).")
    missing = results["units"]["missing"]
    if missing:
        shown = ", ".join(missing[:8]) + (f" and {len(missing) - 8} more" if len(missing) > 8 else "")
        lines.append(f"Not finished: {len(missing)} of {results['units']['planned']} units ({shown}).")
    return lines


_KINDS = ("trainings", "evaluations", "speeds")


def verdicts_of(results: Results) -> list[str]:
    """Sentences on who is better than the reference, on test where it was read."""
    found = []
    for dataset, splits in results["main"].items():
        for split in [split for split in ("test", "dev") if splits.get(split)][:1]:
            found += [verdict_line(results, dataset, split, name) for name in ("triple_f1", "path_f1", "tree_accuracy")]
    return [line for line in found if line is not None]


def _section(title: str, parts: list[Any]) -> Section:
    return Section(title, tuple(part for part in parts if part is not None))


@cache
def _environment() -> Environment:
    made = page_templates(_TEMPLATES)
    made.filters["data_url"] = lambda svg: "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()
    made.filters["anchor"] = lambda title: "".join(c if c.isalnum() else "-" for c in title.lower())
    return made
