"""A small comparison from the search to the results, in this process."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml
from tiny_model import save_tiny_model
from toy_comparison import PI_LORA, run_here, toy_comparison
from toy_corpus import toy_records

from text2mdt.compare.config import ComparisonConfig, read_comparison_config
from text2mdt.compare.gather import gather, without_measured
from text2mdt.compare.run import run_comparison
from text2mdt.compare.run_unit import run_unit, unit_states
from text2mdt.compare.training_clock import TrainingPaused
from text2mdt.compare.unit_inputs import UnitInputs
from text2mdt.compare.unit_store import UNIT_FILE, UnitStore
from text2mdt.compare.units import UnitKind
from text2mdt.corpus import read_corpus, write_corpus
from text2mdt.errors import Text2MDTError
from text2mdt.metrics import Counts
from text2mdt.scores import Scores

SMALL: dict[str, Any] = {"speed": None, "splits": ["dev"], "seeds": [1], "examples": 0}


class Done(NamedTuple):
    path: Path
    config: ComparisonConfig
    store: UnitStore
    started: list[str]
    results: dict[str, Any]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    return save_tiny_model(tmp_path_factory.mktemp("model"))


@pytest.fixture(scope="module")
def done(model: str, tmp_path_factory: pytest.TempPathFactory) -> Done:
    """A comparison that has come to its end."""
    path = toy_comparison(tmp_path_factory.mktemp("toy"), model)
    config, store, failed, started = run_here(path)
    assert failed == {}
    return Done(path, config, store, started, gather(config, store))


def small(folder: Path, model: str, **changes: Any) -> Path:
    methods = {"pi_lora": {"adapter": PI_LORA}, "none": {"few_shot": 0}}
    return toy_comparison(folder, model, **{"methods": methods, **SMALL, **changes})


def test_every_unit_runs_once_and_in_order(done):
    assert done.started == [unit.name for unit in unit_states(done.config, done.store)]
    assert set(unit_states(done.config, done.store).values()) == {"finished"}
    assert run_here(done.path)[3] == []


def test_what_an_adapter_can_do_is_measured_before_the_next_one_is_trained(done):
    kinds = [name.partition("-")[0] for name in done.started if not name.endswith("-test")]
    searches = kinds.count("search")
    assert kinds[:searches] == ["search"] * searches and kinds[searches] == "evaluate"  # the bare backbone
    assert kinds[searches + 1 :] == ["train", "evaluate", "speed"] * 2 + ["train", "evaluate"] * 2
    assert [name for name in done.started if name.startswith("train")] == [
        "train-toy-pi_lora-1", "train-toy-lora-1", "train-toy-pi_lora-2", "train-toy-lora-2",
    ]  # fmt: skip


def test_what_is_done_stays_done_where_adapters_were_not_kept(done, tmp_path):
    kept = tmp_path / "units"
    shutil.copytree(done.store.root, kept, ignore=shutil.ignore_patterns("adapter", "run", "*.lock"))
    states = states_after(done, units=str(kept))
    assert set(states.values()) == {"finished"}
    changed = {"units": str(kept), "decoding": {"max_new_tokens": 41}}
    config = read_comparison_config(changed_config(done, **changed))
    (kept / "train-toy-lora-1").glob("*").__next__().joinpath("adapter").mkdir()  # as a copy of folders alone leaves it
    with pytest.raises(Text2MDTError, match="T2M165"):
        run_unit(config, UnitStore(kept), "evaluate-toy-lora-1-dev", print)


def test_the_rate_with_the_lowest_dev_loss_is_taken(done):
    for method in ("pi_lora", "lora"):
        search = done.results["search"]["toy"][method]
        assert set(search["losses"]) == {"0.001", "0.01"}
        assert search["chosen"] == float(min(search["losses"], key=search["losses"].get))
        trained = [one for one in done.results["trainings"] if one["method"] == method]
        assert [(one["seed"], one["learning_rate"]) for one in trained] == [
            (1, search["chosen"]),
            (2, search["chosen"]),
        ]
    assert "few_shot" not in done.results["search"]["toy"]


def test_searches_see_fewer_records_and_the_same_ones(done):
    inputs = UnitInputs(done.config, done.store)
    searches = [inputs.of(unit) for unit in inputs.units.values() if unit.kind is UnitKind.SEARCH]
    assert len({one["train"] for one in searches}) == 1
    (part,) = (done.config.units_folder / "data").glob("train-6-*.jsonl")
    ids = [record.id for record in read_corpus(part)]
    assert len(ids) == 6
    assert set(ids) < {record.id for record in toy_records(12)}


def test_a_recipe_is_of_its_row_alone(model, tmp_path):
    lora = {"adapter": {"method": "lora", "rank": 2}}
    recipe = {"format": "plan_outline", "substitution": {"copies": 1}, "epochs": 2, "curriculum_epochs": 1}
    methods = {"pi_lora": lora, "other": {**lora, "recipe": recipe}}
    path = toy_comparison(tmp_path, model, methods=methods, seeds=[1], splits=["dev"], speed=None)
    config, store, failed, _ = run_here(path)
    assert not failed
    inputs = UnitInputs(config, store)
    plain, other = (inputs.of(inputs.units[f"train-toy-{name}-1"]) for name in ("pi_lora", "other"))
    assert {key for key in other if other[key] != plain.get(key)} == {"format", "substitution", "training"}
    assert (other["training"]["epochs"], other["training"]["curriculum_epochs"]) == (2, 1)
    search = inputs.of(inputs.units["search-toy-other-0.001"])
    assert (search["format"], search["training"]["epochs"], search["training"]["curriculum_epochs"]) == (
        "plan_outline", 1, 0,
    )  # fmt: skip
    assert search["substitution"] == other["substitution"]
    run = {name: inputs.finished(inputs.units[f"train-toy-{name}-1"]) for name in ("pi_lora", "other")}
    assert [len(run[name].result["curve"]) for name in run] == [1, 2]
    adapter = json.loads((run["other"].folder / "adapter" / "adapter.json").read_text())
    assert adapter["about"]["format"] == "plan_outline"


def test_the_figures_are_those_of_the_evaluations(done):
    row = done.results["main"]["toy"]["dev"]["lora"]
    reports = [one["report"] for one in done.results["evaluations"] if (one["method"], one["split"]) == ("lora", "dev")]
    assert row["by_seed"]["edit_distance"] == [report["scores"]["edit_distance"] for report in reports]
    assert row["values"]["edit_distance"] == pytest.approx(sum(row["by_seed"]["edit_distance"]) / 2)
    unit = done.store.root.glob(f"evaluate-toy-lora-1-dev/*/{UNIT_FILE}")
    counts = json.loads(next(unit).read_text())["result"]["counts"]
    total = sum((Counts(*record) for record in counts), Counts())
    assert Scores.of(total).edit_distance == reports[0]["scores"]["edit_distance"]
    assert set(done.results["main"]["toy"]["dev"]["few_shot"]["by_seed"]["triple_f1"]) <= {0.0, None}
    assert "against_reference" not in done.results["main"]["toy"]["dev"]["pi_lora"]
    assert 0 < row["against_reference"]["edit_distance"]["p_holm"] <= 1


def test_costs_are_noted(done):
    first = done.results["trainings"][0]
    assert first["start_parameters"] == 3 * 1024
    assert 1024 < first["kept_parameters"] <= 2 * 1024
    assert first["adapter_bytes"] > 4 * first["kept_parameters"]
    measured = first["measured"]
    assert 0 < measured["scoring_seconds"] < measured["seconds"] < 600
    assert measured["peak_memory"]["host"] > 2**26
    assert [entry["step"] for entry in first["rounds"]] == sorted(entry["step"] for entry in first["rounds"])
    assert any("dev" in entry for entry in first["curve"])
    speeds = {one["method"]: one["measured"] for one in done.results["speeds"]}
    assert speeds["lora"]["single"] > 0 and speeds["lora"]["mixed"] > 0


def test_each_reading_of_test_is_logged(done):
    readings = done.results["readings"]
    assert sorted(reading["unit"] for reading in readings) == sorted(
        name for name in done.started if name.endswith("-test")
    )
    assert all(
        reading["file"].endswith("test.jsonl") and reading["date"] and reading["command"] for reading in readings
    )


def test_examples_are_of_dev_and_hold_every_method(done):
    examples = done.results["examples"]
    assert len(examples) == 3
    dev = {record.id: record for record in toy_records(6, first=30)}
    for example in examples:
        assert example["text"] == dev[example["id"]].text
        assert set(example["predicted"]) == {"pi_lora", "lora", "few_shot"}
    assert len({len(example["tree"]) for example in examples}) == 3  # one of each shape


def test_a_finished_unit_leaves_its_adapter_and_no_checkpoints(done):
    (folder,) = (path for path in (done.store.root / "train-toy-lora-1").iterdir() if path.is_dir())
    assert (folder / "adapter" / "adapter.safetensors").is_file()
    assert list(folder.rglob("checkpoint-*")) == []
    (searched,) = (path for path in (done.store.root / "search-toy-lora-0.01").iterdir() if path.is_dir())
    assert list(searched.rglob("*.safetensors")) == []


def test_results_gathered_elsewhere_are_the_same(done, tmp_path):
    """Paths, folders and the device are no inputs."""
    import shutil

    shutil.copytree(done.path.parent, tmp_path / "moved")
    values = yaml.safe_load(done.path.read_text())
    values["datasets"]["toy"] = {name: str(tmp_path / "moved" / f"{name}.jsonl") for name in ("train", "dev", "test")}
    values |= {"output": str(tmp_path / "elsewhere"), "units": str(tmp_path / "moved" / "report" / "units")}
    (tmp_path / "moved.yaml").write_text(yaml.safe_dump({**values, "device": "auto"}, sort_keys=False))
    config = read_comparison_config(tmp_path / "moved.yaml")
    found = gather(config, UnitStore(config.units_folder))
    assert without_measured(found) == without_measured(done.results)


def changed_config(done: Done, **changes: Any) -> Path:
    values = {**yaml.safe_load(done.path.read_text()), **changes}
    path = done.path.with_name("changed.yaml")
    path.write_text(yaml.safe_dump(values, sort_keys=False))
    return path


def states_after(done: Done, **changes: Any) -> dict[str, str]:
    config = read_comparison_config(changed_config(done, **changes))
    return {unit.name: state for unit, state in unit_states(config, UnitStore(config.units_folder)).items()}


def test_only_what_has_changed_is_done_again(done):
    titled = states_after(done, title="Another title", examples=1, budget={"tolerance": 0.1})
    assert set(titled.values()) == {"finished"}
    decoded = states_after(done, decoding={"max_new_tokens": 41})
    assert {state for name, state in decoded.items() if name.startswith("evaluate")} == {"ready"}
    assert {state for name, state in decoded.items() if not name.startswith("evaluate")} == {"finished"}
    searched = states_after(done, search={"rates": [0.001, 0.01, 0.02], "records": 6, "epochs": 1})
    assert searched["search-toy-lora-0.01"] == "finished"
    assert (searched["search-toy-lora-0.02"], searched["train-toy-lora-1"]) == ("ready", "waiting")
    more = states_after(done, seeds=[1, 2, 3])
    assert (more["train-toy-lora-2"], more["train-toy-lora-3"]) == ("finished", "ready")
    longer = states_after(done, training={"epochs": 2, "batch_tokens": 600, "keep": "last"})
    assert (longer["search-toy-lora-0.01"], longer["train-toy-lora-1"]) == ("finished", "ready")


def test_changed_data_are_noticed_by_their_content(done, tmp_path):
    copied = {name: str(tmp_path / f"{name}.jsonl") for name in ("train", "dev", "test")}
    for name, path in copied.items():
        Path(path).write_bytes((done.path.parent / f"{name}.jsonl").read_bytes())
    assert set(states_after(done, datasets={"toy": copied}).values()) == {"finished"}
    write_corpus(toy_records(5, first=50), tmp_path / "test.jsonl")
    states = states_after(done, datasets={"toy": copied})
    assert {name for name, state in states.items() if state != "finished"} == {n for n in states if n.endswith("-test")}


def test_another_state_of_the_code_makes_units_anew_unless_it_is_allowed(done, monkeypatch):
    monkeypatch.setattr("text2mdt.compare.unit_inputs.code_version", lambda kind: "other")
    states = unit_states(done.config, UnitStore(done.store.root))
    assert {state for unit, state in states.items() if unit.kind is UnitKind.SEARCH} == {"ready"}
    kept = unit_states(done.config, UnitStore(done.store.root, any_code=True))
    assert set(kept.values()) == {"finished"}


def test_a_unit_alone(done, capsys):
    said: list[str] = []
    run_unit(done.config, done.store, "train-toy-lora-1", said.append)
    assert said[0].startswith("train-toy-lora-1 is finished")
    with pytest.raises(Text2MDTError, match="T2M162"):
        run_unit(done.config, done.store, "train-toy-nobody-1", said.append)


def test_a_unit_waits_for_what_it_needs(model, tmp_path):
    config = read_comparison_config(small(tmp_path, model))
    with pytest.raises(Text2MDTError) as error:
        run_unit(config, UnitStore(config.units_folder), "train-toy-pi_lora-1", print)
    assert error.value.code == "T2M164"
    assert "search-toy-pi_lora-0.001, search-toy-pi_lora-0.01" in str(error.value)


def test_two_processes_do_not_do_the_same(model, tmp_path):
    config = read_comparison_config(small(tmp_path, model))
    store = UnitStore(config.units_folder)
    name = "search-toy-pi_lora-0.001"
    inputs = UnitInputs(config, store).of(UnitInputs(config, store).units[name])
    with store.lock(name, inputs):
        assert {unit.name: state for unit, state in unit_states(config, store).items()}[name] == "running"
        with pytest.raises(Text2MDTError, match="T2M163"):
            run_unit(config, UnitStore(config.units_folder), name, print)
    assert {unit.name: state for unit, state in unit_states(config, store).items()}[name] == "ready"


def test_a_unit_that_fails_ends_neither_the_others_nor_later_calls(model, tmp_path, monkeypatch):
    path = small(tmp_path, model)

    def fail(*args: Any, **options: Any) -> None:
        raise Text2MDTError("T2M033")

    with monkeypatch.context() as patch:
        patch.setattr("text2mdt.compare.train_unit.train", fail)
        config, store, failed, _ = run_here(path)
    assert failed == {f"search-toy-pi_lora-{rate}": str(Text2MDTError("T2M033")) for rate in ("0.001", "0.01")}
    results = gather(config, store)
    assert list(results["main"]["toy"]["dev"]) == ["none"]
    assert results["units"]["missing"] == [
        "search-toy-pi_lora-0.001",
        "search-toy-pi_lora-0.01",
        "train-toy-pi_lora-1",
        "evaluate-toy-pi_lora-1-dev",
    ]
    assert run_here(path)[2] == {}
    assert gather(config, UnitStore(config.units_folder))["units"]["missing"] == []


def test_a_training_pauses_at_a_checkpoint_and_gives_the_same(model, tmp_path):
    training = {"epochs": 2, "batch_tokens": 600, "keep": "last"}
    (tmp_path / "whole").mkdir()
    (tmp_path / "paused").mkdir()
    whole = small(tmp_path / "whole", model, training=training)
    config, _store, _, _ = run_here(whole)
    paused = read_comparison_config(small(tmp_path / "paused", model, training=training))
    own = UnitStore(paused.units_folder)
    for rate in ("0.001", "0.01"):
        run_unit(paused, own, f"search-toy-pi_lora-{rate}", lambda line: None)
    said: list[str] = []
    calls = 0
    while True:
        calls += 1
        try:
            run_unit(paused, own, "train-toy-pi_lora-1", said.append, limit=0.0)
            break
        except TrainingPaused:
            assert calls < 10
    assert calls == 2
    assert any("resuming from" in line for line in said)
    run_here(tmp_path / "paused" / "toy.yaml")
    results = [gather(one, UnitStore(one.units_folder)) for one in (config, paused)]
    assert without_measured(results[0]) == without_measured(results[1])


def test_no_time_runs_nothing(model, tmp_path):
    config, store, failed, started = run_here(small(tmp_path, model), seconds=0.0)
    assert (failed, started) == ({}, [])
    assert len(gather(config, store)["units"]["missing"]) == 5


@pytest.mark.parametrize("content", ["", "{}", "[1]", '{"inputs": {}, "result": {}}', "\x00"])
def test_a_damaged_unit_is_told(model, tmp_path, content):
    config = read_comparison_config(small(tmp_path, model))
    store = UnitStore(config.units_folder)
    resolved = UnitInputs(config, store)
    unit = resolved.units["search-toy-pi_lora-0.001"]
    folder = store.folder(unit.name, resolved.of(unit))
    folder.mkdir(parents=True)
    (folder / UNIT_FILE).write_text(content)
    with pytest.raises(Text2MDTError, match="T2M161"):
        unit_states(config, store)


def test_a_loss_that_is_no_number_is_never_chosen(model, tmp_path):
    config = read_comparison_config(small(tmp_path, model))
    store = UnitStore(config.units_folder)
    resolved = UnitInputs(config, store)
    for name, loss in (("search-toy-pi_lora-0.001", 2.0), ("search-toy-pi_lora-0.01", None)):
        inputs = resolved.of(resolved.units[name])
        store.folder(name, inputs).mkdir(parents=True)
        store.finish(name, inputs, {"dev_loss": loss}, {})
    assert resolved.chosen_rate("toy", "pi_lora") == 0.001
    assert gather(config, store)["search"]["toy"]["pi_lora"] == {
        "losses": {"0.001": 2.0, "0.01": None},
        "chosen": 0.001,
        "at_edge": True,
    }


def test_a_unit_whose_inputs_change_while_it_runs_is_not_started_for_ever(model, tmp_path):
    config = read_comparison_config(small(tmp_path, model))
    store = UnitStore(config.units_folder)

    class Nothing:
        def error(self) -> str:
            return ""

        def stop(self) -> None: ...

    started: list[str] = []

    def start(name: str, limit: float | None) -> Nothing:
        started.append(name)
        return Nothing()

    failed = run_comparison(config, store, start, say=lambda line: None)
    assert sorted(started) == sorted(failed) == sorted({*started})
    assert "have changed meanwhile" in next(iter(failed.values()))
