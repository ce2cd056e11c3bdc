"""Training a tiny model end to end."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any, ClassVar

import pytest
import torch
from tiny_model import save_tiny_model
from toy_corpus import toy_config, toy_records

from pilora import AdaptedModel, load
from pilora.checkpoint import read_adapter_config
from pilora.errors import PiloraError
from pilora.loss import response_loss
from pilora.training import AdapterTrainer, KeepAdapter
from text2mdt.calibration import Calibration, read_calibration, write_calibration
from text2mdt.corpus import write_corpus
from text2mdt.errors import Text2MDTError
from text2mdt.models import load_backbone
from text2mdt.relations import ENGLISH
from text2mdt.train import first_stage, rank_table, train
from text2mdt.training_config import TrainingConfig
from text2mdt.training_data import Collator, TrainingExamples
from text2mdt.training_run_folder import ADAPTER_FOLDER, TrainingResult

METHODS = ("lora", "pi_lora")
STEPS = 12  # three micro-batches an epoch, four epochs
SECOND_ROUND = 8


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    return save_tiny_model(tmp_path_factory.mktemp("model"))


def run_config(folder: Path, model: str, method: str, **changes: Any) -> TrainingConfig:
    """With dropout, so that resuming has to go on with the same random numbers; rounds after step 2 and step 8."""
    adapter = {"dropout": 0.1} | ({"last_round": 0.7} if method == "pi_lora" else {}) | changes.pop("adapter", {})
    return toy_config(folder, model, method, adapter=adapter, **changes)


@pytest.fixture(scope="module")
def runs(model: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[TrainingConfig, TrainingResult]]:
    """A whole run of each method."""
    configs = {method: run_config(tmp_path_factory.mktemp(method), model, method) for method in METHODS}
    return {method: (config, train(config)) for method, config in configs.items()}


def adapted(model: str, folder: Path) -> AdaptedModel:
    return load(load_backbone(model, dtype="float32", progress=False).model, folder).eval()


def dev_loss(model: AdaptedModel | torch.nn.Module, backbone: str) -> float:
    """Mean over the target tokens of the dev records, one record at a time."""
    tokenizer = load_backbone(backbone, progress=False).tokenizer
    total, count = 0.0, 0
    for example in TrainingExamples(toy_records(4, first=30), tokenizer, "outline", ENGLISH, 1000):
        loss, tokens = response_loss(model, {k: v for k, v in Collator(0)([example]).items() if k != "prompt_mask"})
        total, count = total + loss.item(), count + tokens
    return total / count


def history(config: TrainingConfig, key: str) -> dict[int, float]:
    """Step → value, from the last checkpoint."""
    last = max(config.output.glob("checkpoint-*"), key=lambda folder: int(folder.name.rpartition("-")[2]))
    log = json.loads((last / "trainer_state.json").read_text())["log_history"]
    return {entry["step"]: entry[key] for entry in log if key in entry}


def same_adapter(model: str, one: Path, other: Path, tolerance: float = 1e-6) -> bool:
    states = [adapted(model, folder).adapter_state() for folder in (one, other)]
    return states[0].keys() == states[1].keys() and all(
        tensor.shape == states[1][name].shape and torch.allclose(tensor, states[1][name], rtol=0, atol=tolerance)
        for name, tensor in states[0].items()
    )


@pytest.mark.parametrize("method", METHODS)
def test_a_run_learns_and_keeps_its_best_adapter(model, runs, method):
    config, result = runs[method]
    losses = history(config, "eval_loss")
    assert list(losses) == [3, 6, 9, 12]
    bare = dev_loss(load_backbone(model, dtype="float32", progress=False).model, model)
    assert losses[12] < losses[6] < losses[3] < bare
    assert losses[12] < 0.95 * losses[3]
    assert result.adapter == config.output / ADAPTER_FOLDER
    assert result.dev_loss == min(losses.values()) == pytest.approx(dev_loss(adapted(model, result.adapter), model))


@pytest.mark.parametrize("method", METHODS)
def test_parameters_and_ranks_are_those_of_the_adapter_and_within_the_budget(model, runs, method):
    config, result = runs[method]
    kept = adapted(model, result.adapter)
    costs = {name: module.cost for name, module in kept.low_rank_modules()}
    budget = config.adapter["rank"] * sum(costs.values())
    assert result.ranks == kept.ranks()
    assert result.parameters == kept.trainable_parameters() <= budget < result.parameters + max(costs.values())
    if method == "lora":
        assert result.rounds == []
        assert set(result.ranks.values()) == {2}
    else:
        assert [entry["step"] for entry in result.rounds] == [2, SECOND_ROUND]
        assert result.rounds[-1]["budget"] == budget < result.rounds[0]["budget"]
        assert result.ranks == result.rounds[-1]["ranks"]
        assert len(set(result.ranks.values())) > 1


@pytest.mark.parametrize("method", METHODS)
def test_the_result_is_written_down(runs, method):
    config, result = runs[method]
    content = json.loads((config.output / "result.json").read_text())
    assert content == {**result.__dict__, "adapter": str(result.adapter)}
    assert 0 < result.seconds < 600
    assert 2**26 < result.peak_memory < 2**36
    assert TrainingConfig.model_validate_json((config.output / "config.json").read_text()) == config


class Interrupted(KeepAdapter):
    """Interrupts the run between two checkpoints."""

    def on_step_end(self, args, state, control, **kwargs):
        if state.global_step == SECOND_ROUND - 1:
            raise KeyboardInterrupt


class Counting(KeepAdapter):
    """Counts the steps of the call."""

    steps: ClassVar[list[int]] = []

    def on_step_end(self, args, state, control, **kwargs):
        Counting.steps.append(state.global_step)


@pytest.mark.parametrize("method", METHODS)
def test_a_run_that_was_stopped_is_gone_on_with(model, runs, tmp_path, monkeypatch, method):
    config = run_config(tmp_path, model, method)
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr("text2mdt.train.KeepAdapter", Interrupted)
        train(config)
    assert not (config.output / "result.json").exists()
    monkeypatch.setattr("text2mdt.train.KeepAdapter", Counting)
    monkeypatch.setattr(Counting, "steps", [])
    said: list[str] = []
    result = train(config, say=said.append)
    assert Counting.steps == [7, 8, 9, 10, 11, STEPS]
    assert f"resuming from {config.output / 'checkpoint-6'}" in said
    whole_config, whole = runs[method]
    assert same_adapter(model, result.adapter, whole.adapter)
    assert result.dev_loss == pytest.approx(whole.dev_loss, rel=1e-6)
    assert (result.ranks, result.rounds) == (whole.ranks, whole.rounds)
    assert history(config, "eval_loss") == pytest.approx(history(whole_config, "eval_loss"))


def test_a_checkpoint_that_was_cut_short_is_passed_over(model, runs, tmp_path, monkeypatch):
    config = run_config(tmp_path, model, "lora")
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr("text2mdt.train.KeepAdapter", Interrupted)
        train(config)
    state = config.output / "checkpoint-6" / "trainer_state.json"
    state.write_text(state.read_text()[:100])
    said: list[str] = []
    result = train(config, say=said.append)
    assert f"resuming from {config.output / 'checkpoint-3'}" in said
    assert result.dev_loss == pytest.approx(runs["lora"][1].dev_loss, rel=1e-6)


def test_the_last_adapter_is_that_of_the_last_step(model, tmp_path):
    config = run_config(tmp_path, model, "lora", training={"keep": "last", "epochs": 1.4})
    assert read_adapter_config(train(config).adapter)["about"]["step"] == 5  # evaluations come every 3 steps


@pytest.mark.parametrize("method", METHODS)
def test_a_first_stage_on_synthetic_passages(model, tmp_path, method):
    stage = {"records": 8, "epochs": 1, "data_seed": 3}
    config = run_config(tmp_path, model, method, first_stage=stage, data={"max_tokens": 2000})
    result = train(config)
    first = config.output / "first_stage"
    assert len((first / "synthetic.jsonl").read_text().splitlines()) == 8
    ranks = set(read_adapter_config(first / "adapter")["ranks"].values())
    assert ranks == {4 if method == "pi_lora" else 2}  # PI-LoRA starts with twice the budget here
    assert [entry["step"] for entry in result.rounds] == ([2, SECOND_ROUND] if method == "pi_lora" else [])
    assert (
        history(config, "eval_loss")[3]
        < history(first_stage(config), "eval_loss")[max(history(first_stage(config), "eval_loss"))]
    )


def test_a_run_goes_on_behind_a_finished_first_stage(model, tmp_path, monkeypatch):
    config = run_config(tmp_path, model, "lora", first_stage={"records": 8}, data={"max_tokens": 2000})
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr("text2mdt.train.KeepAdapter", Interrupted)
        train(config)
    stage = config.output / "first_stage" / "adapter" / "adapter.safetensors"
    before = stage.stat().st_mtime_ns if stage.exists() else None
    result = train(config)
    assert result.adapter.is_dir()
    assert before in (None, stage.stat().st_mtime_ns)


def test_a_first_stage_that_cannot_be(model, tmp_path):
    with pytest.raises(ValueError, match="two starts"):
        run_config(tmp_path, model, "lora", first_stage={"records": 8}, init_from=tmp_path)
    with pytest.raises(Text2MDTError, match="one stage only"):
        first_stage(
            run_config(tmp_path, model, "lora", first_stage={"records": 8}).model_copy(
                update={"adapter": {"method": "spt"}}
            )
        )


def test_the_adapter_tells_what_it_was_trained_for(runs):
    about = read_adapter_config(runs["lora"][1].adapter)["about"]
    assert (about["format"], about["seed"]) == ("outline", runs["lora"][0].seed)


def test_the_adapter_is_calibrated_on_dev(model, runs, tmp_path):
    assert read_calibration(runs["lora"][1].adapter) == Calibration()  # four records tell too little
    config = run_config(tmp_path, model, "lora", training={"epochs": 1})
    write_corpus(toy_records(24, first=30), tmp_path / "dev.jsonl")
    found = read_calibration(train(config).adapter)
    assert (found.passages, found.without_decision) == (24, 6)


@pytest.mark.parametrize("wanted", ["line", "nothing"])
def test_a_calibration_can_be_left_out_in_parts(model, tmp_path, monkeypatch, wanted):
    monkeypatch.setattr("text2mdt.calibrate.fit_curves", lambda judged: pytest.fail("the curves were not wanted"))
    config = run_config(tmp_path, model, "lora", training={"epochs": 1}, calibrate=wanted)
    write_corpus(toy_records(24, first=30), tmp_path / "dev.jsonl")
    adapter = train(config).adapter
    assert (adapter / "calibration.json").is_file() == (wanted == "line")
    assert read_calibration(adapter).passages == (24 if wanted == "line" else 0)


def test_a_finished_run_is_not_repeated(runs):
    config, result = runs["lora"]
    files = {path: path.stat().st_mtime_ns for path in config.output.rglob("*")}
    said: list[str] = []
    assert train(config, say=said.append) == result
    assert said == [f"this run is finished: {config.output}"]
    assert {path: path.stat().st_mtime_ns for path in config.output.rglob("*")} == files


def test_a_run_that_ran_out_of_patience_is_finished(model, tmp_path):
    config = toy_config(tmp_path, model, training={"learning_rate": 1e-9, "warmup": 0.9, "patience": 1, "epochs": 30})
    result = train(config)
    steps = list(history(config, "eval_loss"))
    assert steps[-1] < 90
    assert train(config) == result
    assert list(history(config, "eval_loss")) == steps


def test_a_folder_of_another_run_is_refused(runs):
    config, _ = runs["lora"]
    before = (config.output / "config.json").read_bytes()
    with pytest.raises(Text2MDTError) as error:
        train(config.model_copy(update={"seed": 2}))
    assert (error.value.code, error.value.where) == ("T2M032", str(config.output))
    assert "other settings" in str(error.value)
    assert (config.output / "config.json").read_bytes() == before


def test_a_mistake_in_the_settings_does_not_claim_the_folder(model, tmp_path):
    config = toy_config(tmp_path, model, adapter={"rank": 0})
    with pytest.raises(PiloraError, match=r"PIL007.*rank"):
        train(config)
    with pytest.raises(PiloraError, match=r"PIL002.*lorra"):
        train(config.model_copy(update={"adapter": {"method": "lorra"}}))
    with pytest.raises(Text2MDTError, match=r"T2M035.*toy-00"):
        train(toy_config(tmp_path, model, data={"max_tokens": 50}))
    with pytest.raises(Text2MDTError, match="T2M010"):
        train(toy_config(tmp_path, model, data={"dev": tmp_path / "none.jsonl"}))
    assert not (config.output / "config.json").exists()


def test_an_output_that_cannot_be_made(model, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(Text2MDTError, match="T2M041"):
        train(toy_config(tmp_path, model, output=tmp_path / "file" / "run"))


class Remembering(AdapterTrainer):
    """Remembers what it was given."""

    last: Remembering

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        Remembering.last = self
        self.seen: list[list[int]] = []

    def compute_loss(self, model, inputs, *args, **kwargs):
        for ids, mask in zip(inputs["input_ids"].tolist(), inputs["attention_mask"].tolist(), strict=True):
            self.seen.append(ids[: sum(mask)])
        return super().compute_loss(model, inputs, *args, **kwargs)


@pytest.mark.parametrize(("method", "held"), [("lora", 0), ("pi_lora", 2)])
def test_the_calibration_records_are_not_trained_on(model, tmp_path, monkeypatch, method, held):
    monkeypatch.setattr("text2mdt.train.AdapterTrainer", Remembering)
    train(toy_config(tmp_path, model, method, training={"epochs": 1}))
    trainer = Remembering.last
    tokenizer = load_backbone(model, progress=False).tokenizer
    examples = TrainingExamples(toy_records(10), tokenizer, "outline", ENGLISH, 1000)
    corpus = sorted([*example.prompt, *example.target] for example in examples)
    batches = trainer.schedule.calibration if held else []
    calibration = [
        ids[: sum(mask)]
        for batch in batches
        for ids, mask in zip(batch["input_ids"].tolist(), batch["attention_mask"].tolist(), strict=True)
    ]
    assert len(calibration) == held
    assert len(trainer.seen) == 10 - held
    assert sorted(trainer.seen + calibration) == corpus


def test_calibration_must_leave_records_to_train_on(model, tmp_path):
    with pytest.raises(Text2MDTError, match=r"T2M032.*calibration_records"):
        train(toy_config(tmp_path, model, "pi_lora", adapter={"calibration_records": 10}))


def test_an_adapter_without_a_named_method_is_lora(model, tmp_path):
    config = toy_config(tmp_path, model, training={"epochs": 1})
    del config.adapter["method"]
    assert set(train(config).ranks.values()) == {2}


def test_a_run_shorter_than_one_evaluation_still_gives_an_adapter(model, tmp_path):
    result = train(toy_config(tmp_path, model, training={"epochs": 0.4}))
    assert result.dev_loss == pytest.approx(dev_loss(adapted(model, result.adapter), model))


def test_going_on_from_an_adapter(model, runs, tmp_path, monkeypatch):
    _, first = runs["lora"]
    monkeypatch.setattr("text2mdt.train.AdapterTrainer", Remembering)
    still = {"epochs": 1, "learning_rate": 1e-12}
    config = run_config(tmp_path, model, "lora", init_from=first.adapter, training=still, adapter={"dropout": 0.3})
    result = train(config)
    assert {module.dropout for _, module in Remembering.last.adapted.low_rank_modules()} == {0.3}
    assert same_adapter(model, result.adapter, first.adapter)
    assert result.dev_loss == pytest.approx(first.dev_loss, rel=1e-5)


def test_a_shipped_adapter_is_gone_on_from_by_its_name_and_its_calibration_kept(model, runs, tmp_path, monkeypatch):
    shipped = Path(shutil.copytree(runs["lora"][1].adapter, tmp_path / "shipped"))
    fitted = Calibration(no_decision_bias=1.5, passages=30, without_decision=9)
    write_calibration(fitted, shipped)
    monkeypatch.setattr("text2mdt.train.shipped_adapters", lambda: {"mine": shipped})
    still = {"epochs": 1, "learning_rate": 1e-12}
    result = train(run_config(tmp_path, model, "lora", init_from=Path("mine"), training=still))
    assert same_adapter(model, result.adapter, shipped)
    assert read_calibration(result.adapter) == fitted, "the dev records are too few for a fit of their own"


def test_going_on_with_another_method_cuts_to_its_budget(model, runs, tmp_path):
    _, first = runs["lora"]
    changes = {"adapter": {"rank": 1, "alpha": 2, "start_factor": 2.0}, "training": {"epochs": 2}}
    result = train(run_config(tmp_path, model, "pi_lora", init_from=first.adapter, **changes))
    assert 0 < result.parameters <= first.parameters / 2
    kept = adapted(model, result.adapter)
    assert read_adapter_config(result.adapter)["config"]["method"] == "pi_lora"
    assert {module.scale for _, module in kept.low_rank_modules()} == {2.0}
    assert result.dev_loss == pytest.approx(dev_loss(kept, model))
    assert result.dev_loss < dev_loss(load_backbone(model, dtype="float32", progress=False).model, model)


@pytest.mark.parametrize(("change", "named"), [({"alpha": 9}, "alpha / rank"), ({"targets": ("q_proj",)}, "targets")])
def test_going_on_with_an_update_of_another_kind_is_refused(model, runs, tmp_path, change, named):
    _, first = runs["lora"]
    with pytest.raises(Text2MDTError) as error:
        train(run_config(tmp_path, model, "lora", init_from=first.adapter, adapter=change))
    assert (error.value.code, error.value.where) == ("T2M032", str(first.adapter))
    assert named in str(error.value)


def test_a_step_is_the_mean_over_its_tokens_however_the_batches_are_cut(model, tmp_path):
    """Four steps on the whole corpus, as one batch and in many small ones."""
    results = []
    for name, tokens, accumulation in (("one", 100_000, 1), ("many", 100, 100)):
        (tmp_path / name).mkdir()
        training = {"batch_tokens": tokens, "accumulation": accumulation, "learning_rate": 0.003}
        config = toy_config(tmp_path / name, model, training=training)
        results.append(train(config))
        assert list(history(config, "eval_loss")) == [1, 2, 3, 4]
    assert same_adapter(model, results[0].adapter, results[1].adapter, tolerance=1e-4)
    assert results[0].dev_loss == pytest.approx(results[1].dev_loss, rel=1e-5)


def test_substituted_records_are_trained_on_beside_the_others(model, tmp_path):
    changes = {"training": {"epochs": 1, "batch_tokens": 200, "curriculum_epochs": 1}}
    steps = []
    for name, substitution in (("plain", None), ("more", {"copies": 2, "made_up": True})):
        (tmp_path / name).mkdir()
        config = run_config(tmp_path / name, model, "lora", substitution=substitution, **changes)
        train(config)
        steps.append(max(history(config, "eval_loss")))
    assert steps[1] > 1.5 * steps[0]


def test_without_a_compiler_auto_trains_and_true_is_refused(model, tmp_path, monkeypatch):
    monkeypatch.setenv("CXX", str(tmp_path / "no-compiler"))
    config = run_config(tmp_path, model, "lora", training={"epochs": 1, "compile": "auto"})
    assert train(config).dev_loss > 0
    wanted = config.model_copy(update={"training": config.training.model_copy(update={"compile": True})})
    with pytest.raises(Text2MDTError, match=r"T2M038.*compile=false"):
        train(wanted.model_copy(update={"output": tmp_path / "other"}))


@pytest.mark.slow
@pytest.mark.parametrize("method", METHODS)
def test_a_compiled_run_ends_as_a_plain_one(model, tmp_path, method):
    """Through rounds that cut ranks and evaluations; without dropout, whose draws differ."""
    results = []
    for compiled in (False, True):
        folder = tmp_path / str(compiled)
        folder.mkdir()
        changes = {"adapter": {"dropout": 0.0}, "training": {"compile": compiled}}
        results.append(train(run_config(folder, model, method, **changes)))
    plain, compiled_result = results
    assert compiled_result.ranks == plain.ranks
    assert compiled_result.dev_loss == pytest.approx(plain.dev_loss, rel=1e-3)


def test_gradient_checkpointing_changes_nothing(model, tmp_path):
    results = []
    for name in ("plain", "checkpointed"):
        (tmp_path / name).mkdir()
        training = {"epochs": 1, "gradient_checkpointing": name == "checkpointed"}
        results.append(train(toy_config(tmp_path / name, model, training=training)))
    assert same_adapter(model, results[0].adapter, results[1].adapter, tolerance=1e-5)


def test_several_evaluations_an_epoch(model, tmp_path):
    config = toy_config(tmp_path, model, training={"epochs": 2, "evaluations_per_epoch": 3})
    train(config)
    assert list(history(config, "eval_loss")) == [1, 2, 3, 4, 5, 6]


def test_people_see_what_is_learnt(model, tmp_path):
    said: list[str] = []
    train(toy_config(tmp_path, model, training={"epochs": 0.4}), say=said.append)
    assert said[0] == "backbone in float32 on cpu"
    assert "1· if· feature·:· ·f·e·v·er·⏎" in said[1]


def test_the_rank_table():
    ranks = {"model.layers.0.self_attn.q_proj": 3, "model.layers.0.mlp.up_proj": 0, "model.layers.10.mlp.up_proj": 2}
    assert rank_table({**ranks, "lm_head": 1}) == (
        ["layer", "q_proj", "up_proj", "lm_head"],
        [["0", "3", "0", ""], ["10", "", "2", ""], ["-", "", "", "1"]],
    )


def test_a_tracker_that_is_not_installed_is_told_before_anything_is_done(model, tmp_path, monkeypatch):
    monkeypatch.setattr("text2mdt.train.find_spec", lambda name: None)
    with pytest.raises(Text2MDTError, match=r"T2M042.*'mlflow'"):
        train(toy_config(tmp_path, model, mlflow=True))
    assert not (tmp_path / "run").exists()


@pytest.mark.slow
def test_a_run_is_logged_where_the_configuration_says(model, tmp_path, monkeypatch):
    pytest.importorskip("mlflow")
    pytest.importorskip("tensorboard")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", (tmp_path / "mlruns").as_uri())
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    config = toy_config(tmp_path, model, training={"epochs": 1}, tensorboard=True, mlflow=True)
    train(config)
    assert list(config.output.rglob("events.out.tfevents.*"))
    logged = {path.name for path in (tmp_path / "mlruns").rglob("metrics/*")}
    assert "eval_loss" in logged


def test_a_run_noted_by_an_older_release_is_gone_on_with(model, runs, tmp_path):
    config = run_config(tmp_path, model, "lora", training={"epochs": 1})
    result = train(config)
    noted = json.loads((config.output / "config.json").read_text())
    del noted["mlflow"]
    (config.output / "config.json").write_text(json.dumps(noted))
    assert train(config) == result
    (config.output / "config.json").write_text("{}")
    with pytest.raises(Text2MDTError, match="T2M032"):
        train(config)
