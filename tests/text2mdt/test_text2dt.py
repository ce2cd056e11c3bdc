"""The Chinese data set: reading, target text, grammar, training and evaluation, on made-up records of its form."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from chinese_records import POPULATION, chinese_record, write_chinese
from command import run
from hypothesis import given, settings
from hypothesis import strategies as st
from llguidance import LLMatcher
from tiny_model import save_tiny_adapter, save_tiny_model, tiny_llama, tiny_tokenizer
from toy_corpus import toy_config, toy_records
from written_engine import WrittenEngine

from pilora.checkpoint import read_adapter_config
from text2mdt.adapters import adapted_predictor
from text2mdt.corpus import read_corpus, write_corpus
from text2mdt.data_folder import split_file
from text2mdt.engines import Engine
from text2mdt.engines.token_mask import TokenMasks
from text2mdt.engines.transformers import TransformersEngine
from text2mdt.errors import Text2MDTError
from text2mdt.evaluate import evaluate
from text2mdt.grammar import passage_grammar
from text2mdt.linear import encode_target, get_format
from text2mdt.metrics import Counts, counts_from_json
from text2mdt.parser import parse
from text2mdt.predictor import Predictor
from text2mdt.relations import ENGLISH, TEXT2DT, relation_set, relations_of
from text2mdt.schema import DecisionTree, Logic, Node, Role, Triple, join_forest
from text2mdt.scores import Scores
from text2mdt.train import train
from text2mdt.training_config import TrainingConfig


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return write_chinese(tmp_path / "Small_dev.json", range(6))


def refused(path: Path) -> Text2MDTError:
    with pytest.raises(Text2MDTError) as error:
        read_corpus(path)
    return error.value


def test_records_keep_text_and_tree(data):
    records = read_corpus(data)
    assert [record.id for record in records[:2]] == ["Small_dev-001", "Small_dev-002"]
    for number, record in enumerate(records):
        written = chinese_record(number)
        assert f"{record.population}@{record.text}" == written["text"]
        assert [node.model_dump(mode="json") for node in record.tree] == written["tree"]
        assert record.topic == "Small_dev"


def test_what_the_file_says_beside_the_rules_stays(tmp_path):
    item = chinese_record(0)
    item["tree"][0]["triples"][0][1] = "治疗方案"  # a treatment in a condition
    item["tree"][1]["triples"].append(["别的", "治疗方案", "多饮水"])  # neither the population nor a drug
    item["text"] += "a@b"
    path = tmp_path / "odd.json"
    path.write_text("\ufeff\n " + json.dumps([item]), encoding="utf-8")
    record = read_corpus(path)[0]
    assert record.text.endswith("a@b")
    assert [node.model_dump(mode="json") for node in record.tree] == item["tree"]


@pytest.mark.parametrize(
    ("content", "place", "told"),
    [
        ('[{"text": "a@b", "tree": []}', "", "column"),
        ("[" * 100_000, "", "nested too deeply"),
        ("[1]", "record 1", "no JSON object"),
        ('[{"text": "a@b", "tree": []}, {"tree": []}]', "record 2", "population@passage"),
        ('[{"text": "no population", "tree": []}]', "record 1", "population@passage"),
        ('[{"text": 5, "tree": []}]', "record 1", "population@passage"),
        ('[{"text": "a@b"}]', "record 1", "tree"),
        ('[{"text": "a@b", "tree": [{"role": "X"}]}]', "record 1", "tree.0.role"),
        ('[{"text": "a@b", "tree": [{"role": "C", "triples": [["a", "b", "c"]]}]}]', "record 1", "does not close"),
    ],
)
def test_what_is_no_such_file(tmp_path, content, place, told):
    path = tmp_path / "bad.json"
    path.write_text(content, encoding="utf-8")
    error = refused(path)
    assert error.code == "T2M171"
    assert error.where == (f"{path}: {place}" if place else str(path))
    assert told in error.what


def test_an_empty_list(tmp_path):
    (tmp_path / "empty.json").write_text("[]")
    assert refused(tmp_path / "empty.json").code == "T2M033"


def test_the_relations_are_told_from_the_records(data):
    chinese = read_corpus(data)
    assert relations_of(chinese) is TEXT2DT
    assert relations_of(toy_records(4)) is ENGLISH
    assert relations_of([record.model_copy(update={"tree": ()}) for record in chinese]) is None
    assert relation_set("text2dt") is TEXT2DT
    with pytest.raises(Text2MDTError) as error:
        relation_set("klingon")
    assert error.value.code == "T2M172"
    for role in "CD":
        names = {relation.keyword for relation in TEXT2DT.of_role(role)}
        assert names <= {relation.keyword for relation in ENGLISH.of_role(role)}


@pytest.mark.parametrize("form", ["outline", "json"])
def test_the_target_text_reads_back(data, form):
    for record in read_corpus(data):
        text = get_format(form).write(record.trees, record.population, TEXT2DT)
        found = parse(text, record.population, form, TEXT2DT)
        assert (found.trees, found.repairs) == (record.trees, ())


@pytest.fixture(scope="module")
def tokenizer():
    return tiny_tokenizer()


def accepts(tokenizer: Any, grammar: str, tokens: list[int]) -> bool:
    masks = TokenMasks(tokenizer, [tokenizer.eos_token_id], 1, len(tokenizer))
    matcher = masks.matcher(grammar)
    assert isinstance(matcher, LLMatcher)
    return all(matcher.consume_token(token) for token in tokens) and matcher.is_accepting()


def test_the_grammar_takes_the_gold_targets_token_by_token(data, tokenizer):
    for record in read_corpus(data):
        segments = get_format("outline").segments(record.trees, record.population, TEXT2DT)
        tokens = encode_target(tokenizer, segments)
        by_characters = passage_grammar(record.text, record.population, TEXT2DT, granularity="chars")
        assert accepts(tokenizer, by_characters, tokens)
        assert not accepts(tokenizer, passage_grammar(record.text, record.population, TEXT2DT), tokens)


PASSAGE = "轻度脱水且不伴酸中毒者口服生理盐水500ml，中度以上（含）静脉滴注。"


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_an_object_is_any_run_of_characters_of_the_passage_and_nothing_else(tokenizer, data):
    start = data.draw(st.integers(0, len(PASSAGE) - 1))
    piece = PASSAGE[start : data.draw(st.integers(start + 1, len(PASSAGE)))]
    changed = data.draw(st.booleans())
    if changed:
        piece += "癌"
    nodes = (
        Node(role=Role.CONDITION, triples=(Triple("p", "临床表现", piece),), logical_rel=Logic.NULL),
        Node(role=Role.DECISION),
        Node(role=Role.DECISION),
    )
    segments = get_format("outline").segments([DecisionTree(nodes=nodes)], "p", TEXT2DT)
    grammar = passage_grammar(PASSAGE, "p", TEXT2DT, granularity="chars")
    holds_a_letter = any(char.isalnum() for char in piece)
    assert accepts(tokenizer, grammar, encode_target(tokenizer, segments)) == (holds_a_letter and not changed)


def test_any_model_writes_trees_of_the_passage(data, tokenizer):
    records = read_corpus(data)
    found = []
    for seed in (0, 3, 7):
        engine = TransformersEngine(tiny_llama(tokenizer, seed), tokenizer, max_new_tokens=200)
        passages = [(record.population, record.text) for record in records]
        found += list(zip(records, Predictor(engine, relations=TEXT2DT).predict(passages), strict=True))
    for record, prediction in found:
        assert prediction.error is None
        for node in join_forest(prediction.trees):
            for _, relation, words in node.triples:
                assert TEXT2DT.named(relation).role == node.role
                assert words in record.text
    assert any(prediction.trees for _, prediction in found)


def gold_engine(records: Any) -> Engine:
    form = get_format("outline")
    return WrittenEngine({r.text: form.write(r.trees, r.population, TEXT2DT) for r in records})


def test_evaluation_counts_as_the_published_scorer(data):
    records = read_corpus(data)
    engine = gold_engine(records)
    engine.answers[records[0].text] = "none"  # the published script leaves it out of tree accuracy
    answer = engine.answers[records[1].text]
    engine.answers[records[1].text] = answer.replace("1 no 2 if feature: 吞咽困难", "1 no 2 if feature: 困难")
    found = evaluate(Predictor(engine, relations=TEXT2DT), records)
    gold = [chinese_record(number)["tree"] for number in range(6)]
    own = [[node.model_dump(mode="json") for node in join_forest(one.trees)] for one in found.predictions]
    total = sum((counts_from_json(one, other) for one, other in zip(own, gold, strict=True)), Counts())
    assert found.comparison.scores == Scores.of(total)
    assert found.comparison.scores.tree_accuracy == 4 / 6
    assert found.report()["published"]["tree accuracy"] == 4 / 5
    assert found.report()["published"]["DP-F1"] == Scores.of(total).path.f1 < 1
    assert set(found.comparison.relations) >= {"临床表现", "治疗药物", "用法用量"}


def test_equal_chinese_words_of_two_conditions_are_not_taken_for_one(tmp_path):
    """Questions that were answered are told by English words; Chinese trees stay as they were written."""
    records = read_corpus(write_chinese(tmp_path / "d.json", range(1, 2)))
    answer = "1 if feature: 咽痛明显\n1 yes drug: 阿莫西林\n1 no 2 if feature: 咽痛\n2 yes drug: 含片\n2 no none"
    engine = WrittenEngine({records[0].text: answer})
    found = Predictor(engine, relations=TEXT2DT).predict([(POPULATION, records[0].text)])[0]
    assert (len(join_forest(found.trees)), found.repairs) == (5, ())


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    return save_tiny_model(tmp_path_factory.mktemp("model"), seed=7)


def test_training_and_evaluation_from_a_folder(model, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    folder = tmp_path / "text2dt"
    folder.mkdir()
    write_chinese(folder / "Text2DT_train.json", range(6))
    dev = write_chinese(folder / "Text2DT_dev.json", range(6, 9))
    base = toy_config(tmp_path, model, training={"epochs": 1, "batch_tokens": 2000}).model_dump(mode="json")
    config = TrainingConfig.model_validate({**base, "data": {"path": str(folder), "max_tokens": 800}})
    assert (config.data.train.name, config.data.dev.name) == ("Text2DT_train.json", "Text2DT_dev.json")
    result = train(config)
    assert read_adapter_config(result.adapter)["about"]["relations"] == "text2dt"
    assert adapted_predictor(WrittenEngine({}), result.adapter).relations is TEXT2DT
    report = tmp_path / "report.json"
    words = ["--model", model, "--device", "cpu", "--max-new-tokens", 120, "--report", report]
    done = run(capsys, "evaluate", result.adapter, dev, *words)
    assert done.code == 0, done.err
    assert json.loads(report.read_text())["scores"]["records"] == 3
    assert "as the published scorer gives them: tree accuracy" in done.out
    voted = run(capsys, "evaluate", result.adapter, dev, *words, "--strategy", "vote", "--vote-adapters", "none")
    assert voted.code == 0, voted.err
    assert json.loads(report.read_text())["strategy"]["name"] == "vote"


def test_an_adapter_of_other_relations_is_refused(model, tmp_path, capsys, data):
    english = save_tiny_adapter(model, tmp_path / "english")
    done = run(capsys, "evaluate", english, data, "--model", model, "--device", "cpu")
    assert (done.code, done.last_error[:8]) == (2, "T2M173: ")
    assert "english" in done.last_error


def test_the_bare_model_takes_the_relations_of_the_data(model, data, capsys):
    words = ["--model", model, "--device", "cpu", "--max-new-tokens", 60, "--few-shot", 1, "--examples", data]
    assert run(capsys, "evaluate", "none", data, *words).code == 0


def test_the_files_of_a_folder(tmp_path):
    write_corpus(toy_records(2), tmp_path / "train.jsonl")
    write_chinese(tmp_path / "Text2DT_dev.json", range(2))
    (tmp_path / "README.md").write_text("train")
    assert split_file(tmp_path, "train").name == "train.jsonl"
    assert split_file(tmp_path, "dev").name == "Text2DT_dev.json"
    write_corpus(toy_records(2), tmp_path / "other-train.jsonl")
    for folder, part in ((tmp_path, "train"), (tmp_path, "test"), (tmp_path / "nowhere", "train")):
        with pytest.raises(Text2MDTError) as error:
            split_file(folder, part)
        assert error.value.code == "T2M174"
