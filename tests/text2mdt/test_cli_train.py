from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from command import run
from tiny_model import save_tiny_model
from toy_corpus import toy_config

from pilora.checkpoint import read_adapter_config

SHORT = ("training.epochs=1", "data.max_tokens=500")


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    return save_tiny_model(tmp_path_factory.mktemp("model"))


def yaml_file(folder: Path, model: str, method: str = "pi_lora") -> Path:
    config = toy_config(folder, model, method)
    path = folder / "run.yaml"
    path.write_text(yaml.safe_dump(config.model_dump(mode="json")), encoding="utf-8")
    return path


def test_a_run(model, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    config = yaml_file(tmp_path, model)
    done = run(capsys, "train", config, *SHORT)
    assert done.code == 0
    result = json.loads((tmp_path / "run" / "result.json").read_text())
    assert result["ranks"] == read_adapter_config(tmp_path / "run" / "adapter")["ranks"]
    assert "T·e·x·t·:" in done.out  # a tokenised example
    header, first = (next(line for line in done.out.splitlines() if mark in line) for mark in ("q_proj", "│ 0 "))
    assert [word.strip() for word in header.split("┃")[1:-1]][:2] == ["layer", "q_proj"]
    ranks = [word.strip() for word in first.split("│")[1:-1]]
    assert ranks == ["0", *(str(rank) for name, rank in result["ranks"].items() if ".0." in name)]
    assert f"round 2: budget {result['rounds'][1]['budget']:,.4g}, saved" in done.out
    assert f"{result['parameters']:,} parameters, dev loss {result['dev_loss']:.4f}" in done.out
    assert f"adapter: {tmp_path / 'run' / 'adapter'}" in done.out

    again = run(capsys, "train", config, *SHORT)
    assert again.code == 0
    assert f"this run is finished: {tmp_path / 'run'}" in again.out.replace("\n", "")
    other = run(capsys, "train", config)
    assert (other.code, other.last_error[:8]) == (2, "T2M032: ")


def test_training_goes_on_after_a_key_was_corrected(model, tmp_path, capsys):
    config = yaml_file(tmp_path, model, "lora")
    wrong = run(capsys, "train", config, *SHORT, "adapter.rankk=3")
    assert (wrong.code, wrong.last_error[:8]) == (2, "PIL007: ")
    assert "rankk" in wrong.last_error
    assert run(capsys, "train", config, *SHORT).code == 0


@pytest.mark.parametrize(
    ("override", "code", "named"),
    [
        ("training.epoch=1", "T2M032", "training.epoch: "),
        ("colour=red", "T2M032", "colour: "),
        ("epochs", "T2M032", "key=value"),
        ("data.train=none.jsonl", "T2M010", "none.jsonl"),
        ("data.format=poem", "T2M003", "poem"),
        ("model=./nowhere", "T2M022", "nowhere"),
        ("init_from=nowhere", "PIL003", "nowhere"),
    ],
)
def test_a_mistake_is_one_line(model, tmp_path, capsys, override, code, named):
    done = run(capsys, "train", yaml_file(tmp_path, model), override)
    assert done.code == 2
    assert done.last_error.startswith(f"{code}: ")
    assert named in done.last_error
    assert "Traceback" not in done.err
    assert not (tmp_path / "run" / "config.json").exists()


def test_no_configuration(tmp_path, capsys):
    done = run(capsys, "train", tmp_path / "none.yaml")
    assert (done.code, done.err[:8], done.err.count("\n")) == (2, "T2M010: ", 1)
    assert run(capsys, "train").code == 2
