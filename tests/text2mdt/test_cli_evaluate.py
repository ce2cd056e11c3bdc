from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from command import Outcome, run
from tiny_model import save_tiny_adapter, save_tiny_model
from toy_corpus import toy_records

from text2mdt.content_hash import adapter_hash, file_hash
from text2mdt.corpus import write_corpus
from text2mdt.metrics import Counts, counts_from_json
from text2mdt.scores import Scores


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    return save_tiny_model(tmp_path_factory.mktemp("model"), seed=7)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    write_corpus(toy_records(4), tmp_path / "data.jsonl")
    return tmp_path / "data.jsonl"


@pytest.fixture
def evaluate(model, data, capsys, monkeypatch):
    """Runs `evaluate` with the tiny model on four records."""
    monkeypatch.setenv("COLUMNS", "200")

    def run_evaluate(adapter: object, *words: object) -> Outcome:
        return run(capsys, "evaluate", adapter, data, "--model", model, *words)

    return run_evaluate


def test_figures_predictions_and_report(evaluate, model, data, tmp_path):
    adapter = save_tiny_adapter(model, tmp_path / "adapter")
    predictions, report = tmp_path / "predictions.jsonl", tmp_path / "report.json"
    done = evaluate(adapter, "--predictions", predictions, "--report", report)
    assert done.code == 0
    figures = json.loads(report.read_text())
    lines = [json.loads(line) for line in predictions.read_text().splitlines()]
    gold = [[node.model_dump(mode="json") for node in record.tree] for record in toy_records(4)]
    total = sum((counts_from_json(line["tree"], tree) for line, tree in zip(lines, gold, strict=True)), Counts())
    for name, value in Scores.of(total).flat().items():
        row = next(line for line in done.out.splitlines() if line.startswith(f"│ {name} "))
        shown = "-" if value is None else str(value) if isinstance(value, int) else f"{value:.3f}"
        assert row.split("│")[2].strip() == shown
    assert figures["scores"]["triple"]["f1"] == Scores.of(total).triple.f1
    assert figures["output"]["unreadable"] == 0
    assert sum(figures["errors"].values()) == 4
    made = figures["made"]
    assert (made["adapter"], made["grammar"], made["few_shot"]) == (str(adapter), True, 0)
    assert made["data_hash"] == file_hash(data)
    assert made["adapters"] == {str(adapter): adapter_hash(Path(adapter))}
    assert made["machine"]["packages"]["torch"] == torch.__version__
    for word in ("4 records", "clinical_feature", "negative", "kind of error", "95 % interval", "outputs: ", "forced"):
        assert word in done.out


def test_the_adapter_counts(evaluate, model, tmp_path):
    written = []
    for adapter in ("none", save_tiny_adapter(model, tmp_path / "adapter")):
        predictions = tmp_path / "predictions.jsonl"
        assert evaluate(adapter, "--predictions", predictions).code == 0
        written.append([json.loads(line)["generated"] for line in predictions.read_text().splitlines()])
    assert written[0] != written[1]


def test_without_the_grammar(evaluate, tmp_path):
    report = tmp_path / "report.json"
    assert evaluate("none", "--no-grammar", "--report", report).code == 0
    figures = json.loads(report.read_text())
    assert figures["output"]["unreadable"] + figures["output"]["repaired"] > 0
    assert figures["forced_tokens"] == 0


def test_solved_examples_in_the_prompt(evaluate, data, tmp_path):
    written = []
    for words in ((), ("--few-shot", 2, "--examples", data)):
        predictions = tmp_path / "predictions.jsonl"
        assert evaluate("none", "--predictions", predictions, *words).code == 0
        written.append(predictions.read_text())
    assert written[0] != written[1]
    done = evaluate("none", "--few-shot", 2)
    assert done.code == 2
    assert "--few-shot needs --examples FILE" in done.err


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--report", "/nowhere/report.json"), "T2M041"),
        (("--predictions", "/nowhere/predictions.jsonl"), "T2M041"),
        (("--model", "./nowhere"), "T2M022"),
        (("--few-shot", 1, "--examples", "none.jsonl"), "T2M010"),
    ],
)
def test_a_mistake_is_one_line(evaluate, words, code):
    done = evaluate("none", *words)
    assert (done.code, done.out) == (2, "")
    assert done.last_error.startswith(f"{code}: ")
    assert "Traceback" not in done.err


def test_an_unknown_adapter(evaluate, tmp_path):
    done = evaluate(tmp_path / "nowhere")
    assert (done.code, done.err[:8], done.err.count("\n")) == (2, "T2M023: ", 1)


@pytest.mark.parametrize(("content", "code"), [("", "T2M033"), ("{", "T2M031"), ('{"id": "a"}', "T2M030")])
def test_a_corpus_that_cannot_be_read(evaluate, data, content, code):
    data.write_text(content)
    done = evaluate("none")
    assert (done.code, done.err[:8], done.err.count("\n")) == (2, f"{code}: ", 1)


@pytest.mark.parametrize("words", [("--few-shot", -1), ("--batch-size", 0)])
def test_wrong_usage(evaluate, words):
    assert evaluate("none", *words).code == 2
