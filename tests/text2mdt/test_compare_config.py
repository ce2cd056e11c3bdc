from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from toy_comparison import PI_LORA, toy_comparison

from text2mdt.compare.config import read_comparison_config
from text2mdt.compare.units import UnitKind, plan
from text2mdt.errors import Text2MDTError

ROOT = Path(__file__).parents[2]
LORA = {"adapter": {"method": "lora", "rank": 2}}


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"colour": "red"}, "colour"),
        ({"reference": "few_shot"}, "few_shot"),
        ({"reference": "nobody"}, "nobody"),
        ({"seeds": [1, 1]}, "seed"),
        ({"methods": {"pi_lora": LORA}}, "methods"),
        ({"methods": {"pi_lora": LORA, "../up": LORA}}, "../up"),
        ({"methods": {"pi_lora": LORA, "none": {}}}, "few_shot alone"),
        ({"methods": {"pi_lora": LORA, "both": {**LORA, "few_shot": 2}}}, "few_shot alone"),
        ({"methods": {"pi_lora": LORA, "few_shot": {"few_shot": 2, "recipe": {"format": "json"}}}}, "recipe"),
        ({"methods": {"pi_lora": LORA, "other": {**LORA, "recipe": {"learning_rate": 0.1}}}}, "learning_rate"),
        ({"methods": {"pi_lora": LORA, "other": {**LORA, "recipe": {"format": "prose"}}}}, "prose"),
        ({"format": "prose"}, "prose"),
        ({"search": {"rates": [0.001]}}, "search.rates"),
        ({"search": {"rates": [0.001, 0.001]}}, "different"),
        ({"search": {"rates": [0.001, -1]}}, "positive"),
        ({"training": {"learning_rate": 0.1}}, "search gives"),
        ({"splits": ["train"]}, "splits"),
    ],
)
def test_a_mistake_is_named(tmp_path, change, named):
    with pytest.raises(Text2MDTError) as error:
        read_comparison_config(toy_comparison(tmp_path, "default", **change))
    assert error.value.code == "T2M032"
    assert named in str(error.value)


@pytest.mark.parametrize("content", ["- 1", "{", "\x00", "a: &a [*a]"])
def test_a_file_that_is_no_configuration(tmp_path, content):
    path = tmp_path / "bad.yaml"
    path.write_text(content)
    with pytest.raises(Text2MDTError, match="T2M032"):
        read_comparison_config(path)
    with pytest.raises(Text2MDTError, match="T2M010"):
        read_comparison_config(tmp_path / "none.yaml")


def test_the_adapter_of_a_training_configuration_is_taken(tmp_path, monkeypatch):
    monkeypatch.chdir(ROOT)
    methods = {"pi_lora": {"config": "configs/train/pi_lora.yaml", "adapter": {"rank": 6}}, "lora": LORA}
    adapter = read_comparison_config(toy_comparison(tmp_path, "default", methods=methods)).methods["pi_lora"].adapter
    assert (adapter["method"], adapter["rank"], adapter["start_factor"]) == ("pi_lora", 6, 1.5)


def test_every_method_searches_the_same_rates_before_it_is_trained(tmp_path):
    units = plan(read_comparison_config(toy_comparison(tmp_path, "default")))
    names = [unit.name for unit in units]
    assert len(set(names)) == len(names) == 4 + 4 + 5 + 2 + 5
    rates = {m: [u.rate for u in units if u.kind is UnitKind.SEARCH and u.method == m] for m in ("pi_lora", "lora")}
    assert rates == {"pi_lora": [0.001, 0.01], "lora": [0.001, 0.01]}
    for place, unit in enumerate(units):
        assert all(names.index(need) < place for need in unit.needs)
    training = next(unit for unit in units if unit.name == "train-toy-lora-2")
    assert training.needs == ("search-toy-lora-0.001", "search-toy-lora-0.01")
    first_test = next(place for place, unit in enumerate(units) if unit.split == "test")
    assert {unit.split for unit in units[first_test:]} == {"test"}


def test_test_is_not_planned_where_it_is_not_named(tmp_path):
    config = read_comparison_config(toy_comparison(tmp_path, "default", splits=["dev"], speed=None))
    assert {unit.split for unit in plan(config)} == {None, "dev"}
    assert UnitKind.SPEED not in {unit.kind for unit in plan(config)}


@pytest.mark.parametrize("path", sorted((ROOT / "configs" / "compare").glob("*.yaml")), ids=lambda path: path.name)
def test_the_configurations_are_valid(path, monkeypatch, tmp_path):
    text2dt = tmp_path / "data" / "text2dt"  # its files are no part of the project
    text2dt.mkdir(parents=True)
    for part in ("train", "dev"):
        (text2dt / f"Text2DT_{part}.json").write_text("[]", encoding="utf-8")
    for folder in ("configs", "data/corpus"):
        (tmp_path / folder).symlink_to(ROOT / folder)
    monkeypatch.chdir(tmp_path)
    config = read_comparison_config(path)
    assert config.reference in config.methods
    for data in config.datasets.values():
        assert data.train.is_file() and data.dev.is_file()
    assert yaml.safe_load(path.read_text(encoding="utf-8"))["output"].startswith("runs/")


def test_names_with_a_colon_make_file_names(tmp_path):
    methods = {"pi_lora": {"adapter": PI_LORA}, "peft:lora": {"adapter": {"method": "peft:lora"}}}
    units = plan(read_comparison_config(toy_comparison(tmp_path, "default", methods=methods)))
    assert not any(set(unit.name) & set(':/\\ "') for unit in units)


def test_a_folder_of_data_is_enough(tmp_path):
    config = toy_comparison(tmp_path, "default", datasets={"toy": {"path": str(tmp_path)}}, splits=["dev"])
    data = read_comparison_config(config).datasets["toy"]
    assert (data.train, data.dev, data.test) == (tmp_path / "train.jsonl", tmp_path / "dev.jsonl", None)
    with pytest.raises(Text2MDTError, match="T2M174"):
        read_comparison_config(toy_comparison(tmp_path, "default", datasets={"toy": {"path": str(tmp_path / "none")}}))
