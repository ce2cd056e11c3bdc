"""`text2mdt export`: the files it writes, and what it says of a file that is no extraction."""

from __future__ import annotations

from pathlib import Path

import pytest
from built_extractions import NOTHING, condition, decision, extraction, passage, tree
from command import run

from text2mdt.export import export


@pytest.fixture
def file(tmp_path: Path) -> Path:
    one = extraction(passage(1, tree(condition("fever"), decision("colchicine"), NOTHING)))
    path = tmp_path / "gout.json"
    path.write_text(export(one, "json")[".json"], encoding="utf-8")
    return path


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_it_writes_the_formats_asked_for(file, tmp_path, capsys):
    done = run(capsys, "export", file, "--to", "dot, html", "-o", tmp_path / "out")
    assert done.code == 0
    assert names(tmp_path / "out") == ["gout-001-1.dot", "gout.html"]
    assert done.out.splitlines() == [f"→ {tmp_path / 'out' / name}" for name in ("gout-001-1.dot", "gout.html")]


def test_the_file_read_is_not_written_over(file, tmp_path, capsys):
    before = file.read_bytes()
    done = run(capsys, "export", file, "--to", "json", "-o", tmp_path)
    assert (done.code, file.read_bytes()) == (2, before)
    assert done.err.startswith("T2M041: ")


def test_no_tree_no_picture(tmp_path, capsys):
    path = tmp_path / "gout.json"
    path.write_text(export(extraction(), "json")[".json"], encoding="utf-8")
    done = run(capsys, "export", path, "--to", "svg", "-o", tmp_path / "out")
    assert (done.code, done.out) == (0, "no tree in it, so no file\n")


@pytest.mark.parametrize(
    ("content", "formats", "code"),
    [
        ("{}", "dot", "T2M060"),
        ("", "dot", "T2M011"),
        (None, "dot", "T2M010"),
        ("{}", "pptx", "T2M040"),
        ("{}", ",", "T2M040"),
    ],
)
def test_what_it_cannot_do(tmp_path, capsys, content, formats, code):
    path = tmp_path / "bad.json"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    done = run(capsys, "export", path, "--to", formats, "-o", tmp_path / "out")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(f"{code}: ")
    assert not (tmp_path / "out").exists()
