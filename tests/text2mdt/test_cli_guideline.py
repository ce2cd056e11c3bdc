"""`text2mdt guideline` and `text2mdt editions`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from built_extractions import NOTHING, condition, decision, extraction, passage, tree
from command import Outcome, run

from text2mdt.export import export
from text2mdt.guideline import EditionComparison, Guideline
from text2mdt.schema import Extraction

FEVER = tree(condition("fever"), decision("metformin", ("dose", "metformin: 500 mg")), NOTHING)
AGAIN = tree(condition("Fever"), decision(("avoid", "[bold]metformin[/bold]"), ("plan", "rest")), NOTHING)
FORBIDDEN = tree(condition("Fever"), decision(("avoid", "metformin")), NOTHING)
TEXT = "Where there is fever, metformin 500 mg is given, and it goes on for as long as the fever lasts."


def written(folder: Path, name: str, found: Extraction) -> Path:
    path = folder / name
    path.write_text(export(found, "json")[".json"], encoding="utf-8")
    return path


@pytest.fixture
def old(tmp_path: Path) -> Path:
    found = extraction(passage(1, FEVER, text=TEXT), passage(2, FORBIDDEN), passage(3, AGAIN))
    return written(tmp_path, "old.json", found)


@pytest.fixture
def new(tmp_path: Path) -> Path:
    dose = tree(condition("fever"), decision("metformin", ("dose", "metformin: 850 mg")), NOTHING)
    return written(tmp_path, "new.json", extraction(passage(1, dose, text=TEXT.replace("500", "850")), name="new.pdf"))


def refused(done: Outcome, code: str, where: object) -> None:
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(f"{code}: ") and done.err.count("\n") == 1
    assert str(where) in done.err
    assert "Traceback" not in done.err


def test_guideline(old, tmp_path, capsys):
    done = run(capsys, "guideline", old, "-o", tmp_path / "sub" / "g.json", "--html", tmp_path / "g.html")
    assert (done.code, done.err) == (0, "")
    built = Guideline.model_validate_json((tmp_path / "sub" / "g.json").read_text(encoding="utf-8"))
    assert [one.kind for one in built.conflicts] == ["given_and_forbidden"]
    assert "Adults with acute gout" in done.out
    assert "1. a drug is given and forbidden under the same conditions\n" in done.out
    assert "'metformin' is given in g-001 and forbidden in g-002; both where 'fever' holds." in done.out
    assert (tmp_path / "g.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert sorted(path.name for path in tmp_path.rglob("*.part")) == []


def test_guideline_on_the_terminal_alone(tmp_path, capsys):
    broken = passage(2, text="[red]x[/red]", error="[bold]T2M002[/bold] \x1b[31m")
    path = written(tmp_path, "a.json", extraction(passage(1, AGAIN, population="[u]Adults[/u] \x1b[31m"), broken))
    done = run(capsys, "guideline", path)
    assert done.code == 0
    assert "[u]Adults[/u]" in done.out and "[bold]T2M002[/bold]" in done.out
    assert "\x1b[31m" not in done.out
    assert "no conflict found" in done.out
    empty = written(tmp_path, "b.json", extraction())
    assert "no tree in it" in run(capsys, "guideline", empty).out


def test_editions(old, new, tmp_path, capsys):
    done = run(capsys, "editions", old, new, "-o", tmp_path / "e.json", "--html", tmp_path / "e.html")
    assert (done.code, done.err) == (0, "")
    compared = EditionComparison.model_validate_json((tmp_path / "e.json").read_text(encoding="utf-8"))
    assert compared.tree_counts == {"dose_changed": 1, "tree_removed": 2}
    assert "the dose of 'metformin' changed from '500 mg' to '850 mg'" in done.out
    assert "removed: g-003: the passage was removed" in done.out
    assert "<del>500</del>" in (tmp_path / "e.html").read_text(encoding="utf-8")


def test_editions_that_are_the_same(old, capsys):
    done = run(capsys, "editions", old, old)
    assert done.code == 0
    assert "changed:" not in done.out


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "T2M011"),
        (b" \n", "T2M011"),
        (b"# Gout\n", "T2M060"),
        (b"[]", "T2M060"),
        (b"{}", "T2M060"),
        (b'{"schema_version": 1}', "T2M060"),
        (b'{"schema_version": 2, "trees": []}', "T2M060"),
        (b"[" * 100_000, "T2M060"),
        (b'{"document": NaN}', "T2M060"),
        (b"\xff\xfe\x00", "T2M013"),
        (None, "T2M010"),
    ],
)
@pytest.mark.parametrize("command", ["guideline", "editions"])
def test_a_file_that_is_no_extraction(old, tmp_path, capsys, command, content, code):
    path = tmp_path / "other.json"
    if content is not None:
        path.write_bytes(content)
    refused(run(capsys, command, path, *([old] if command == "editions" else [])), code, path)
    if command == "editions":
        refused(run(capsys, command, old, path), code, path)


def test_a_folder(tmp_path, capsys):
    refused(run(capsys, "guideline", tmp_path), "T2M016", tmp_path)


@pytest.mark.parametrize("more", [{}, {"new_field": 1}])
def test_another_schema_version(old, capsys, more):
    value = json.loads(old.read_text(encoding="utf-8")) | {"schema_version": 2} | more
    old.write_text(json.dumps(value), encoding="utf-8")
    refused(run(capsys, "guideline", old), "T2M061", old)


def test_a_guideline_is_no_extraction(old, tmp_path, capsys):
    assert run(capsys, "guideline", old, "-o", tmp_path / "g.json").code == 0
    refused(run(capsys, "guideline", tmp_path / "g.json"), "T2M060", tmp_path / "g.json")


def test_two_passages_of_one_id(tmp_path, capsys):
    path = written(tmp_path, "a.json", extraction(passage(1, FEVER), passage(1, FEVER)))
    refused(run(capsys, "guideline", path), "T2M062", "gout.pdf")


def test_an_output_that_cannot_be_written(old, tmp_path, capsys):
    before = old.read_bytes()
    refused(run(capsys, "guideline", old, "-o", old), "T2M041", old)
    refused(run(capsys, "guideline", old, "--html", tmp_path), "T2M041", tmp_path)
    refused(run(capsys, "guideline", old, "--html", old / "below" / "g.html"), "T2M041", old)
    refused(run(capsys, "editions", old, old, "-o", old), "T2M041", old)
    assert old.read_bytes() == before


@pytest.mark.parametrize("words", [("guideline",), ("editions", "a.json")])
def test_wrong_usage(capsys, words):
    assert run(capsys, *words).code == 2
