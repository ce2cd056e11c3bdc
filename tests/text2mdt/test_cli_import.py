"""`text2mdt import`: what edited files change is shown, and taken only when the user says so."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from built_extractions import NOTHING, condition, decision, extraction, passage, tree
from command import run

from text2mdt.errors import Text2MDTError
from text2mdt.export import export
from text2mdt.guideline import read_extraction
from text2mdt.imports import NO_POPULATION, differences, read_csv, read_json, taken

FIRST = tree(condition("fever"), decision("colchicine"), NOTHING)
SECOND = tree(condition("rash"), decision("rest"), NOTHING)
FOUND = extraction(passage(1, FIRST, SECOND), passage(2, FIRST))
FORMATS = {"json": "json", "csv": "csv", "markdown": "md", "fhir": "json", "fhir-r5": "json", "fhir-r5-rules": "json"}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "gout.json"
    path.write_text(export(FOUND, "json")[".json"], encoding="utf-8")
    return path


@pytest.fixture
def typed(monkeypatch):
    return lambda words: monkeypatch.setattr("sys.stdin", io.StringIO(words))


def edited(folder: Path, format: str = "csv", old: str = "rest", new: str = "ice") -> Path:
    (content,) = export(FOUND, format).values()
    path = folder / f"edited.{FORMATS[format]}"
    path.write_text(content.replace(old, new), encoding="utf-8")
    return path


@pytest.mark.parametrize("format", FORMATS)
def test_it_is_shown_and_taken(format, file, tmp_path, capsys):
    done = run(capsys, "import", file, edited(tmp_path, format), "--yes", "-o", tmp_path / "new.json")
    assert done.code == 0
    lines = done.out.splitlines()
    assert lines[0] == "g-001, tree 2"
    assert lines[1] == "  the therapeutic drug 'rest' became 'ice' where 'rash' holds"
    assert "2 of 3 trees came back as they were" in lines
    changed = read_extraction(tmp_path / "new.json")
    assert [triple.object for node in changed.trees[1].nodes for triple in node.triples] == ["rash", "ice"]
    assert changed.passages[1] == FOUND.passages[1]


def test_the_user_is_asked(file, tmp_path, typed, capsys):
    path = edited(tmp_path)
    for answer, wrote in (("n\n", False), ("", False), ("what\n", False), ("y\n", True)):
        typed(answer)
        done = run(capsys, "import", file, path)
        assert done.code == 0
        assert "Take these changes? [y/N]" in done.out
        assert (tmp_path / "gout-edited.json").exists() == wrote
    assert read_extraction(file) == FOUND, "the old one stays"


def test_several_files_at_once_and_nothing_to_take(file, tmp_path, capsys):
    for ending, content in export(FOUND, "dmn").items():
        (tmp_path / f"gout{ending}").write_text(content, encoding="utf-8")
    done = run(capsys, "import", file, *sorted(tmp_path.glob("*.dmn")))
    assert done.out.splitlines() == ["3 of 3 trees came back as they were", "nothing to take"]


def test_what_cannot_be_taken(file, tmp_path, capsys):
    lone = tmp_path / "a.mmd"
    lone.write_text("flowchart TD\n a[fever] -->|yes| b[rest]\n a -->|no| c[none]\n")
    other = edited(tmp_path, new="x", old="g-002")
    refused = [((file, lone), "T2M125"), ((file, other), "T2M123"), ((file, tmp_path / "x.txt"), "T2M015")]
    refused += [((edited(tmp_path, "fhir"), lone), "T2M124"), ((file, file, "-o", file), "")]
    for words, code in refused:
        done = run(capsys, "import", *words, "--yes")
        assert done.err.startswith(code), words
        assert done.code == (2 if code else 0)
    assert run(capsys, "import", file, edited(tmp_path), "--yes", "-o", file).err.startswith("T2M041")


def test_hostile_words_are_shown_as_words(file, tmp_path, capsys):
    path = edited(tmp_path, new="ice \x1b[31m <b>")
    done = run(capsys, "import", file, path, "--yes")
    assert "\x1b" not in done.out


def test_json_of_either_kind_is_told_apart():
    own, fhir = export(FOUND, "json")[".json"], export(FOUND, "fhir")[".fhir.json"]
    assert [one.tree for one in read_json(own)] == [one.tree for one in read_json(fhir)] == FOUND.trees
    speaking = extraction(passage(1, FIRST, text='fever "resourceType" colchicine'))
    assert [one.tree for one in read_json(export(speaking, "json")[".json"])] == [FIRST]
    for content, code in [
        ("{}", "T2M120"), ("[]", "T2M120"), ('{"resourceType": "Bundle"}', "T2M075"), ('{"resourceType"', "T2M075"),
        ('{"x": "resourceType', "T2M120"), ('["resourceType"]', "T2M120"),
    ]:  # fmt: skip
        with pytest.raises(Text2MDTError) as caught:
            read_json(content, "a.json")
        assert caught.value.code == code, content


def test_a_population_that_a_file_leaves_out_stays():
    trees = read_csv(export(FOUND, "csv")[".csv"].replace('"population",', '"note",'))
    assert {one.population for one in trees} == {NO_POPULATION}
    assert all(one.identical for one in differences(FOUND, trees))
    assert taken(FOUND, trees) == FOUND


def test_the_population_of_a_passage_is_one():
    content = export(FOUND, "csv")[".csv"]
    adults = FOUND.passages[0].population
    head, *rows = content.splitlines(True)
    only_second = "".join([head, *(row.replace(adults, "Women") if '"2"' in row else row for row in rows)])
    with pytest.raises(Text2MDTError, match=r"T2M129.*'g-001'.*'Women'"):
        differences(FOUND, read_csv(only_second))
    alone = "".join([head, *(row.replace(adults, "Women") for row in rows if '"g-001","2"' in row)])
    after = taken(FOUND, read_csv(alone))
    assert {triple.subject for node in after.passages[0].tree for triple in node.triples} == {"Women"}
    assert json.loads(after.model_dump_json())["passages"][0]["population"] == "Women"
