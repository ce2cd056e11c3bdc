"""Adapters of a vote on a tiny model, and the commands that hold one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from command import Outcome, run
from tiny_model import save_tiny_adapter, save_tiny_model
from toy_corpus import toy_records

from pilora import attach, save_pretrained
from pilora.checkpoint import read_adapter_config
from pilora.errors import PiloraError
from pilora.temporary_merge import is_plain_update
from text2mdt import Extraction, Extractor
from text2mdt.adapters import adapted_predictor, load_with_adapter
from text2mdt.cli.strategy import Strategy, chosen_voting
from text2mdt.content_hash import file_hash
from text2mdt.corpus import write_corpus
from text2mdt.engines.transformers import TransformersEngine
from text2mdt.errors import Text2MDTError
from text2mdt.models import load_backbone, shipped_adapters
from text2mdt.voting import VotingSettings
from text2mdt.voting.settings import shipped_voters
from text2mdt.voting.voters import Turn, load_vote

RECORDS = toy_records(4)
PASSAGES = [(record.population, record.text) for record in RECORDS]
LIMIT = 60


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    return save_tiny_model(tmp_path_factory.mktemp("model"), seed=7)


@pytest.fixture(scope="module")
def adapters(model, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    folder = tmp_path_factory.mktemp("adapters")
    return [save_tiny_adapter(model, folder / f"seed-{seed}", seed) for seed in (1, 2)]


@pytest.fixture(scope="module")
def prompt_aware(model, tmp_path_factory: pytest.TempPathFactory) -> str:
    adapted = attach(load_backbone(model, progress=False).model, {"method": "pedro"})
    torch.manual_seed(3)
    for parameter in adapted.parameters():
        if parameter.requires_grad:
            torch.nn.init.normal_(parameter, std=0.3)
    folder = tmp_path_factory.mktemp("pedro")
    save_pretrained(adapted, folder)
    return str(folder)


def alone(model: str, adapter: str, dtype: str = "auto") -> list[str]:
    """The greedy answers of one adapter."""
    backbone = load_with_adapter(model, adapter, "cpu", dtype)
    engine = TransformersEngine(backbone.model, backbone.tokenizer, max_new_tokens=LIMIT)
    return [found.generation.text for found in adapted_predictor(engine, adapter).predict(PASSAGES)]


@pytest.mark.parametrize("dtype", ["auto", "float32"])
def test_every_adapter_gives_the_answers_that_it_gives_alone(model, adapters, prompt_aware, dtype):
    names = [adapters[0], adapters[1], "none", prompt_aware]
    vote = load_vote(model, names[0], VotingSettings(tuple(names[1:])), "cpu", dtype, max_new_tokens=LIMIT)
    assert list(vote.names) == names
    assert [type(voter.engine) for voter in vote.voters] == [
        Turn,
        Turn,
        Turn,
        TransformersEngine,
    ]
    wanted = [alone(model, name, dtype) for name in names]
    assert len({tuple(texts) for texts in wanted}) == 4
    for _ in range(2):  # nothing of a turn stays
        assert [[p.generation.text for p in voter.predict(PASSAGES)] for voter in vote.voters] == wanted
    for place, found in enumerate(vote.predict(PASSAGES)):
        texts = [found.generation.text, *(other.text for other in found.others)]
        asked = wanted[:2] if len(texts) == 2 else wanted  # the first two may settle it
        assert sorted(texts) == sorted(answers[place] for answers in asked)
        assert 0 <= found.agreement <= 1


def test_a_name_given_twice_votes_once(model, adapters):
    twice = (adapters[0], adapters[1], str(Path(adapters[1]) / ".." / Path(adapters[1]).name))
    assert list(load_vote(model, adapters[0], VotingSettings(twice), "cpu").names) == adapters
    with pytest.raises(Text2MDTError) as error:
        load_vote(model, adapters[0], VotingSettings((adapters[0],)), "cpu")
    assert error.value.code == "T2M170"


def test_samples_of_one_adapter_need_no_turns(model, adapters):
    vote = load_vote(model, adapters[0], VotingSettings(samples=2), "cpu", max_new_tokens=LIMIT)
    assert [type(voter.engine) for voter in vote.voters] == [TransformersEngine]
    found = vote.predict(PASSAGES)
    greedy = alone(model, adapters[0])
    for wanted, prediction in zip(greedy, found, strict=True):
        texts = [prediction.generation.text, *(other.text for other in prediction.others)]
        assert len(texts) == 3
        assert wanted in texts
    again = load_vote(model, adapters[0], VotingSettings(samples=2), "cpu", max_new_tokens=LIMIT, batch_size=3)
    assert [other.generation.text for other in again.predict(PASSAGES)] == [one.generation.text for one in found]


def test_a_damaged_voter_is_told_before_anything_is_generated(model, adapters, tmp_path):
    other = save_tiny_model(tmp_path / "other", seed=8)
    stranger = save_tiny_adapter(other, tmp_path / "stranger")
    with pytest.raises(PiloraError) as error:
        load_vote(model, adapters[0], VotingSettings((stranger,)), "cpu")
    assert error.value.code == "PIL004"
    with pytest.raises(Text2MDTError) as missing:
        load_vote(model, adapters[0], VotingSettings(("nowhere",)), "cpu")
    assert missing.value.code == "T2M023"


def test_in_python(model, adapters):
    extractor = Extractor.from_pretrained(model, adapters[0], "cpu", voting=VotingSettings((adapters[1],)))
    extraction = extractor.extract(b"# Gout\n\nIf there is fever, give colchicine.\n", "gout.md")
    assert extraction.adapter == f"vote of {adapters[0]}, {adapters[1]}"


@pytest.fixture
def evaluate(model, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "400")
    write_corpus(RECORDS, tmp_path / "data.jsonl")

    def run_evaluate(adapter: object, *words: object) -> Outcome:
        return run(capsys, "evaluate", adapter, tmp_path / "data.jsonl", "--model", model, "--device", "cpu", *words)

    return run_evaluate


def test_evaluate_tells_strategy_and_speed(evaluate, adapters, tmp_path):
    reports = []
    for words in ([], ["--strategy", "vote", "--vote-adapters", adapters[1], "--samples", 1, "--seed", 4]):
        report, predictions = tmp_path / "report.json", tmp_path / "predictions.jsonl"
        done = evaluate(adapters[0], "--report", report, "--predictions", predictions, *words)
        assert done.code == 0
        assert "passages/s" in done.out
        reports.append(json.loads(report.read_text()))
        lines = [json.loads(line) for line in predictions.read_text().splitlines()]
        assert all(("agreement" in line) == bool(words) for line in lines)
    greedy, voted = reports
    assert greedy["strategy"] == {"name": "greedy"}
    assert greedy["agreement"] is None
    assert voted["strategy"] == {
        "name": "vote",
        "adapters": adapters,
        "samples": 1,
        "temperature": 0.7,
        "seed": 4,
    }
    assert 0 <= voted["agreement"] <= 1
    assert voted["tokens"] > greedy["tokens"]
    for found in reports:
        assert found["passages_per_second"] == pytest.approx(4 / found["seconds"])
        assert found["tokens_per_second"] == pytest.approx(found["tokens"] / found["seconds"])
    assert f"strategy: vote; adapters {', '.join(adapters)}; samples 1" in done.out
    assert "strategy: greedy" in evaluate(adapters[0]).out


def test_evaluate_documents_by_a_vote(model, adapters, tmp_path, capsys):
    (tmp_path / "gout.md").write_text("# Gout in adults\n\nIf there is fever, give colchicine.\n")
    passage = {"id": "gout-001", "population": "Gout in adults", "text": "If there is fever, give colchicine."}
    gold = {"document": "gout.md", "passages": [{**passage, "tree": []}]}
    (tmp_path / "gold.jsonl").write_text(json.dumps(gold) + "\n")
    report = tmp_path / "report.json"
    words = ["--strategy", "vote", "--vote-adapters", adapters[1], "--report", report]
    done = run(capsys, "evaluate", adapters[0], tmp_path, "--model", model, "--device", "cpu", *words)
    assert done.code == 0, done.err
    found = json.loads(report.read_text())
    assert found["strategy"]["adapters"] == adapters
    assert found["passages_per_second"] > 0
    assert found["made"]["data_hash"] == file_hash(tmp_path / "gold.jsonl")
    assert list(found["made"]["adapters"]) == adapters


def test_extract_by_a_vote(model, adapters, tmp_path, capsys):
    source = tmp_path / "gout.md"
    source.write_text("# Gout in adults\n\nIf there is fever, give colchicine. Otherwise naproxen is given.\n")
    listed = f"{adapters[1]},none"
    words = ["--model", model, "--adapter", adapters[0], "--format", "json", "-o", tmp_path / "out"]
    done = run(capsys, "extract", source, *words, "--strategy", "vote", "--vote-adapters", listed)
    assert done.code == 0, done.err
    found = Extraction.model_validate_json((tmp_path / "out" / "gout.json").read_text())
    assert found.adapter == f"vote of {adapters[0]}, {adapters[1]}, none"
    assert len(found.passages) == 1


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--samples", 3), "--samples needs --strategy vote"),
        (("--vote-adapters", "a"), "--vote-adapters needs --strategy vote"),
        (("--strategy", "vote"), "T2M170"),
        (("--strategy", "vote", "--samples", 2, "--temperature", 0), "T2M170"),
        (("--strategy", "vote", "--samples", -1), "--samples"),
        (("--strategy", "guess"), "--strategy"),
        (("--strategy", "greedy", "--beams", 4), "--strategy beam"),
        (("--strategy", "beam", "--beams", 17), "--batch-size 16"),
        (("--strategy", "vote", "--vote-adapters", "nowhere"), "T2M023"),
    ],
)
def test_wrong_usage(evaluate, words, told):
    done = evaluate("none", *words)
    assert done.code == 2
    assert told in done.err
    assert "Traceback" not in done.err


def test_the_shipped_adapters_vote_where_nobody_is_named():
    assert chosen_voting(Strategy.VOTE, None, None, None, None, "default") == VotingSettings(shipped_voters())
    assert chosen_voting(Strategy.VOTE, None, 3, None, None, "default") == VotingSettings(samples=3)
    assert chosen_voting(Strategy.VOTE, ["a,b"], None, None, None, "default") == VotingSettings(("a", "b"))
    with pytest.raises(Text2MDTError, match="T2M170"):
        chosen_voting(Strategy.VOTE, None, None, None, None, "another/model")


def test_the_shipped_adapters_can_vote_together():
    stored = [read_adapter_config(folder) for folder in shipped_adapters().values()]
    assert len(stored) == 1 + len(shipped_voters()) >= 3
    assert len({json.dumps(one["backbone"], sort_keys=True) for one in stored}) == 1
    assert {one["about"]["format"] for one in stored} == {"outline"}
    assert {one["about"].get("relations", "english") for one in stored} == {"english"}
    assert all(is_plain_update(folder) for folder in shipped_adapters().values())
