"""`text2mdt walk`: questions in the terminal, answers from a file, the outcome in words and as JSON."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from built_extractions import NOTHING, condition, decision, extraction, passage, tree
from command import Outcome, run

from text2mdt.export import export

FIRST = tree(condition("fever", "rash"), condition("cough"), decision("a"), decision("b"), NOTHING)
SECOND = tree(condition("cough"), decision("c"), decision("d"))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "gout.json"
    found = extraction(passage(1, FIRST, SECOND, pages=(3,)), passage(2, SECOND, pages=(7,)))
    path.write_text(export(found, "json")[".json"], encoding="utf-8")
    return path


@pytest.fixture
def typed(monkeypatch):
    def type_lines(words: str) -> None:
        monkeypatch.setattr("sys.stdin", io.StringIO(words.replace(" ", "\n") + "\n" if words else ""))

    return type_lines


def answers(folder: Path, value: object) -> Path:
    path = folder / "answers.json"
    path.write_text(json.dumps(value), encoding="utf-8")
    return path


def refused(done: Outcome, code: str) -> None:
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(code)
    assert done.err.count("\n") == 1


def test_questions_and_answers(file, typed, capsys):
    typed("n b y n")
    done = run(capsys, "walk", file, "--passage", "g-001", "--tree", 1)
    assert done.code == 0
    assert done.out.count("clinical feature: fever?") == 2, "asked again after going back"
    assert "clinical feature: rash?" in done.out
    assert '"fever" (g-001, page 3)' in done.out
    assert done.out.rstrip().splitlines()[-2:] == ["decision: 'b'", '    "b" (g-001, page 3)']


def test_unknown_leaves_both_branches(file, typed, capsys):
    typed("u u y")
    done = run(capsys, "walk", file, "--passage", 1, "--tree", 1)
    assert "possible, 2 decisions:" in done.out
    assert "hangs on: 'fever' or 'rash' no" in done.out


def test_wrong_words_and_the_end_of_input(file, typed, capsys):
    typed("b perhaps \x1b[31m")
    done = run(capsys, "walk", file, "--passage", "g-002")
    assert done.code == 0
    assert "this is the first question" in done.out
    assert "'perhaps' is no answer" in done.out
    assert "\x1b" not in done.out
    assert "possible, 2 decisions:" in done.out, "where it stands is said all the same"


def test_a_list_to_choose_from(file, typed, capsys):
    typed("7 x 2 y")
    done = run(capsys, "walk", file)
    assert "  2. g-001, tree 2: Adults with acute gout: cough" in done.out
    assert "'7' is none of them" in done.out
    assert "decision: 'c'" in done.out
    typed("q")
    assert run(capsys, "walk", file).code == 0
    typed("")
    assert run(capsys, "walk", file).code == 0


def test_all_trees_share_their_questions(file, typed, capsys):
    typed("a n n y")
    done = run(capsys, "walk", file)
    assert done.out.count("cough?") == 1
    assert "decision: no recommendation given" in done.out
    assert "said in: g-001, g-002" in done.out
    assert '"c" (g-002, page 7)' in done.out


def test_answers_from_a_file(file, tmp_path, capsys):
    path = answers(tmp_path, {"fever": "yes", "cough": False})
    done = run(capsys, "walk", file, "--answers", path)
    assert done.code == 0
    assert "decision: 'b'" in done.out
    assert done.out.count("decision: 'd'") == 2
    done = run(capsys, "walk", file, "--all", "--answers", path)
    assert done.out.count("decision: 'd'") == 1


def test_the_outcome_as_json(file, typed, tmp_path, capsys):
    typed("y u")
    done = run(capsys, "walk", file, "--passage", "g-001", "--tree", 1, "--json")
    found = json.loads(done.out)
    assert "fever?" in done.err
    assert [one["answer"] for one in found["case"]["answers"]] == ["yes", "unknown"]
    (told,) = found["trees"]
    assert [step["holds"] for step in told["path"]] == [True]
    assert [one["triples"][0]["triple"][2] for one in told["decisions"]] == ["a", "b"]
    assert told["path"][0]["triples"][0]["quotes"][0]["pages"] == [3]
    assert found["next_question"] is None
    again = run(capsys, "walk", file, "--passage", 1, "--tree", 1, "--answers", answers(tmp_path, found), "--json")
    assert json.loads(again.out) == found


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--passage", "g-009"), "T2M073"),
        (("--passage", "g-002", "--tree", "2"), "T2M073"),
        (("--answers", "no-such.json"), "T2M010"),
    ],
)
def test_what_is_not_there(file, capsys, words, code):
    refused(run(capsys, "walk", file, *words), code)


def test_inputs_that_cannot_be_used(file, tmp_path, capsys):
    refused(run(capsys, "walk", tmp_path / "none.json"), "T2M010")
    refused(run(capsys, "walk", answers(tmp_path, {})), "T2M060")
    refused(run(capsys, "walk", file, "--answers", answers(tmp_path, {"fever": "maybe"})), "T2M070")
    empty = tmp_path / "empty.json"
    empty.write_text(export(extraction(), "json")[".json"])
    refused(run(capsys, "walk", empty), "T2M073")
