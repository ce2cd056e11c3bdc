from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from browser_pages import SKIPPED_WITHOUT_BROWSER, watched_page
from built_results import built_results

from text2mdt.compare.charts import _spread_out, all_charts
from text2mdt.compare.cost_tables import budget_table
from text2mdt.compare.fidelity import fidelity_rows
from text2mdt.compare.quality_tables import main_table, significance_table, verdict_line
from text2mdt.compare.report import write_report
from text2mdt.compare.report_markdown import escaped
from text2mdt.compare.report_table import duration, number, signed, table
from text2mdt.errors import Text2MDTError

HOSTILE = "<img src=x onerror=alert(1)>|`*_[x](http://evil.example)"
QUALITIES = {"pi_lora": 0.85, "lora": 0.84, "weak": 0.3}


class Elements(HTMLParser):
    """The elements and attributes of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))


def elements(html: str) -> list[tuple[str, dict[str, str | None]]]:
    parser = Elements()
    parser.feed(html)
    return parser.found


def with_example(results):
    nodes = [
        {"role": "C", "triples": [["Adults", "clinical_feature", "fever"]], "logical_rel": "null"},
        {"role": "D", "triples": [["Adults", "therapeutic_drug", HOSTILE]], "logical_rel": "null"},
        {"role": "D", "triples": [], "logical_rel": "null"},
    ]
    wrong = [{**nodes[0], "triples": [["Adults", "clinical_feature", "cough"]]}, *nodes[1:]]
    predicted = {"pi_lora": wrong, "lora": nodes, "weak": []}
    example = {"dataset": "english", "id": "r1", "population": "Adults", "text": HOSTILE, "tree": nodes}
    return {**results, "title": HOSTILE, "examples": [{**example, "predicted": predicted}]}


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("report")
    results = with_example(built_results(QUALITIES))
    results["methods"]["weak"]["label"] = HOSTILE
    results["readings"] = [{"date": "2026-01-01", "unit": HOSTILE, "command": "text2mdt compare"}]
    assert write_report(results, folder) == folder / "report.html"
    return folder


def test_the_page_needs_nothing_beside_it_and_runs_nothing(report):
    html = (report / "report.html").read_text(encoding="utf-8")
    found = elements(html)
    tags = {tag for tag, _ in found}
    assert not tags & {"script", "link", "iframe", "object", "form", "base"}
    images = [attributes for tag, attributes in found if tag == "img"]
    assert len(images) == 3
    assert all(image["src"].startswith("data:image/svg+xml;base64,") and image["alt"] for image in images)
    assert all(attributes.get("href", "#").startswith("#") for tag, attributes in found if tag == "a")
    assert not any(name.startswith("on") for _, attributes in found for name in attributes)
    policy = next(a["content"] for tag, a in found if a.get("http-equiv") == "Content-Security-Policy")
    assert policy.startswith("default-src 'none'")
    assert html.count("&lt;img src=x onerror") > 5


def test_every_link_within_the_page_leads_somewhere(report):
    found = elements((report / "report.html").read_text(encoding="utf-8"))
    ids = {attributes["id"] for _, attributes in found if "id" in attributes}
    assert {attributes["href"][1:] for tag, attributes in found if tag == "a"} == ids


def test_the_results_are_written_whole(report):
    assert json.loads((report / "results.json").read_text(encoding="utf-8"))["title"] == HOSTILE
    assert list(report.rglob("*.part")) == []


def test_markdown_says_the_same_and_is_escaped(report):
    text = (report / "report.md").read_text(encoding="utf-8")
    for name in re.findall(r"!\[[^\]]*\]\(([^)]+)\)", text):
        assert (report / name).is_file()
    assert "<img" not in text.replace("\\<img", "")
    rows = [line for line in text.splitlines() if line.startswith("| ")]
    tables = [re.sub(r"\\.", "", line).count("|") for line in rows]
    assert len(rows) > 20 and min(tables) >= 3
    assert "missing: clinical feature: fever" in text.replace("\\", "")


def test_the_example_shows_what_is_right_and_what_is_missing(report):
    html = (report / "report.html").read_text(encoding="utf-8")
    assert '<span class="wrong">✗ clinical feature: cough</span>' in html
    assert '<span class="right">✓ therapeutic drug: &lt;img' in html
    assert "<b>missing:</b> clinical feature: fever</p>" in html
    assert "The other 2: lora ✓," in html


def test_the_best_is_bold_and_a_clear_loser_is_named():
    results = built_results(QUALITIES)
    rows = {row[0].text: row for row in main_table(results, "english", "dev").rows}
    triple, edit = 2, 7
    best = max(rows, key=lambda name: float(rows[name][triple].text))
    assert [name for name in rows if rows[name][triple].strong] == [best]
    least = min(rows, key=lambda name: float(rows[name][edit].text))
    assert [name for name in rows if rows[name][edit].strong] == [least]
    tested = {row[0].text: row for row in significance_table(results, "english", "dev").rows}
    assert tested["weak"][1].small[1] == "p < 0.001, worse"
    assert tested["weak"][6].small[1].endswith("worse")  # a larger edit distance
    assert "worse" not in tested["lora"][1].small[1] and "better" not in tested["lora"][1].small[1]
    line = verdict_line(results, "english", "dev")
    assert "significantly better: none; significantly worse: weak; not told apart: lora." in line


def test_the_other_way_round_the_reference_loses():
    line = verdict_line(built_results({"pi_lora": 0.3, "lora": 0.9}), "english", "dev", "edit_distance")
    assert "significantly better: lora; significantly worse: none" in line


def test_ranks_that_went_to_larger_modules_show_in_the_budget():
    results = built_results(QUALITIES)
    budget = results["methods"]["pi_lora"]["kept"]
    for training in results["trainings"]:
        training["kept_parameters"] = round(budget * (1.063 if training["method"] == "lora" else 1.04))
    said = {row[0].text: row[-1].text for row in budget_table(results).rows}
    assert said["pi_lora"] == "within the budget"
    assert said["lora"].endswith("it is +6.3 %")


def test_a_comparison_that_has_only_begun_has_a_report(tmp_path):
    results = built_results(QUALITIES)
    empty = {"trainings": [], "evaluations": [], "speeds": [], "main": {"english": {"dev": {}}}}
    empty["search"] = {"english": {name: {"losses": {}, "chosen": None, "at_edge": False} for name in QUALITIES}}
    empty["units"] = {"planned": 20, "missing": [f"unit-{number}" for number in range(20)], "code": {}}
    html = write_report({**results, **empty}, tmp_path).read_text(encoding="utf-8")
    assert "Not finished: 20 of 20 units" in html and "and 12 more" in html


def test_charts_are_the_same_each_time_and_without_colour():
    results = built_results({"pi_lora": 0.8, "lora": 0.7}, layers=2)
    charts = all_charts(results)
    assert [chart.name for chart in charts] == ["figures-english-dev", "curves-english", "ranks-english-pi_lora-1"]
    assert [chart.svg for chart in all_charts(results)] == [chart.svg for chart in charts]
    for chart in charts:
        for colour in re.findall(r"#([0-9a-f]{6})\b", chart.svg.split("</metadata>")[-1]):
            assert colour[:2] == colour[2:4] == colour[4:]
        assert "http" not in re.sub(r'xmlns(:\w+)?="[^"]*"', "", chart.svg.split("</metadata>")[-1])


def test_many_rounds_are_thinned_out_to_the_last():
    rounds = [{"step": number, "ranks": {"layers.0.q_proj": number}} for number in range(1, 21)]
    assert [entry["step"] for entry in _spread_out(rounds)] == [1, 5, 9, 12, 16, 20]
    assert [entry["number"] for entry in _spread_out(rounds[:3])] == [1, 2, 3]


def test_a_folder_that_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(Text2MDTError, match="T2M041"):
        write_report(built_results(QUALITIES), tmp_path / "file")


def test_fidelity_of_the_rules():
    rows = fidelity_rows(Path(__file__).parents[2] / "docs" / "methods" / "pi_lora_fidelity.json")
    found = {(row["rule"], row["basis"]): row for row in rows}
    assert found["Shapley", "as trained"]["spearman"] == pytest.approx(1)
    assert 0.9 < found["path, 8 nodes", "as trained"]["spearman"] < 1
    assert found["path, 8 nodes", "as trained"]["passes"] == 16


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"a": {"seeds": {}}}', '{"a": 1}'])
def test_a_file_that_tells_no_fidelity(tmp_path, content):
    path = tmp_path / "fidelity.json"
    path.write_text(content)
    with pytest.raises(Text2MDTError, match="T2M161"):
        fidelity_rows(path)
    with pytest.raises(Text2MDTError, match="T2M010"):
        fidelity_rows(tmp_path / "none.json")


def test_words_for_people():
    assert (number(None), number(0.12345), signed(-0.5, 1), duration(None)) == ("–", "0.123", "−0.5", "–")
    assert (duration(59), duration(600), duration(9000)) == ("59 s", "10 min", "2.5 h")
    assert escaped("a|b\n<c>") == "a\\|b \\<c\\>"
    made = table("t", ["", "n", "w"], [["x", "1.5", "fast"], ["y", "–", "9 lives left"], ["z", "12 min", "–"]])
    assert [made.has_numbers(column) for column in range(3)] == [False, True, False]


@pytest.mark.e2e
@SKIPPED_WITHOUT_BROWSER
def test_the_page_opens_without_a_network_or_an_error(report, browser):
    address = (report / "report.html").as_uri()
    with watched_page(browser, address, viewport={"width": 390, "height": 800}) as page:
        page.goto(address)
        assert page.title() == HOSTILE
        loaded = page.evaluate("[...document.images].map(image => image.naturalWidth > 100)")
        assert loaded == [True] * 3
        assert page.evaluate("document.documentElement.scrollWidth") <= 390  # wide tables scroll by themselves
