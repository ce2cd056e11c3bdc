import json

import pytest
from tiny_model import tiny_llama, tiny_tokenizer
from toy_corpus import POPULATION, toy_records
from written_engine import WrittenEngine, gold_answers

from text2mdt.engines.transformers import TransformersEngine
from text2mdt.errors import Text2MDTError
from text2mdt.evaluate import evaluate, write_predictions, write_report
from text2mdt.metrics import Counts, counts_from_json
from text2mdt.predictor import Predictor
from text2mdt.scores import Scores

RECORDS = toy_records(8)
GOLD = gold_answers(RECORDS)
WRONG = {
    **GOLD,
    RECORDS[0].text: GOLD[RECORDS[0].text].replace("colchicine", "give colchicine"),
    RECORDS[1].text: "none",
    RECORDS[2].text: "no tree at all",
    RECORDS[3].text: "1 if feature: few harms\n1 yes drug: ice\n1 no none",  # a negative
    RECORDS[5].text: GOLD[RECORDS[5].text].removesuffix("\n1 no none"),
}


def outcome(answers, limit=10_000):
    return evaluate(Predictor(WrittenEngine(answers, limit), use_grammar=False), RECORDS)


def test_gold_answers_are_perfect():
    found = outcome(GOLD)
    for name, value in found.comparison.scores.flat().items():
        if name not in ("records", "edit_distance", "empty_on_decisions", "invented_on_negatives"):
            assert value == 1, name
    assert (found.comparison.scores.records, found.comparison.scores.edit_distance) == (8, 0)
    assert (found.comparison.scores.empty_on_decisions, found.comparison.scores.invented_on_negatives) == (0, 0)
    assert found.comparison.intervals["triple_f1"] == (1, 1)
    assert found.comparison.errors == {**dict.fromkeys(found.comparison.errors, 0), "correct": 8}
    assert found.output.empty == 2 / 8  # the negatives
    assert (found.output.truncated, found.output.repaired, found.output.unreadable) == (0, 0, 0)
    assert found.tokens == 3 * 8


def test_wrong_answers_are_less():
    found, gold = outcome(WRONG), outcome(GOLD)
    for name in ("triple_f1", "node_f1", "path_f1", "tree_accuracy", "detection_f1"):
        assert 0 < found.comparison.scores.flat()[name] < gold.comparison.scores.flat()[name]
    low, high = found.comparison.intervals["triple_f1"]
    assert low < found.comparison.scores.triple.f1 < high
    assert found.comparison.scores.tree_accuracy == 4 / 8
    assert (found.comparison.scores.empty_on_decisions, found.comparison.scores.invented_on_negatives) == (2 / 6, 1 / 2)
    assert {kind: number for kind, number in found.comparison.errors.items() if number} == {
        "correct": 4,
        "invented tree": 1,
        "empty": 2,
        "wrong triple": 1,
    }


def test_how_the_outputs_came_out():
    found = outcome(WRONG)
    assert (found.output.empty, found.output.repaired, found.output.unreadable) == (3 / 8, 1 / 8, 1 / 8)
    assert found.predictions[2].error is not None
    short = outcome(GOLD, limit=20)
    assert short.output.truncated == 6 / 8


def test_lenient_figures_forgive_borders():
    answers = {text: answer.replace("drug: ", "drug: give ") for text, answer in GOLD.items()}
    record = RECORDS[4].model_copy(
        update={
            "text": "If the joint is red, hot and swollen, rest.",
            "tree": tuple(
                node.model_copy(
                    update={"triples": tuple(t._replace(object="joint is red, hot and swollen") for t in node.triples)}
                )
                for node in RECORDS[0].tree[:1]
            )
            + RECORDS[0].tree[1:],
        }
    )
    answers[record.text] = "1 if feature: the joint is red, hot and swollen\n1 yes drug: colchicine\n1 no none"
    found = evaluate(Predictor(WrittenEngine(answers), use_grammar=False), [record])
    assert found.comparison.scores.triple.f1 == 1 / 2
    assert found.comparison.lenient.triple.f1 == 1
    assert found.comparison.errors["span border"] == 1


def test_tables_by_relation_and_shape():
    found = outcome(WRONG)
    assert set(found.comparison.relations) == {"clinical_feature", "therapeutic_drug"}
    assert list(found.comparison.shapes) == ["3", "5", "negative"]
    assert found.comparison.shapes["5"].triple_f1 == 1
    assert found.comparison.shapes["negative"].tree_accuracy == 1 / 2
    assert sum(row.records for row in found.comparison.shapes.values()) == 8


def test_the_report_is_json():
    found = outcome(WRONG)
    report = json.loads(json.dumps(found.report(), allow_nan=False))
    assert "predictions" not in report
    assert report["scores"]["triple"]["f1"] == found.comparison.scores.triple.f1
    assert report["intervals"]["path_f1"] == list(found.comparison.intervals["path_f1"])
    assert report["errors"]["invented tree"] == 1
    assert report["output"]["unreadable"] == 1 / 8
    wanted = found.comparison.relations["therapeutic_drug"].precision
    assert report["relations"]["therapeutic_drug"]["precision"] == wanted
    assert report["shapes"]["5"]["records"] == 1


def test_a_report_of_negatives_only_has_figures_that_cannot_be_measured(tmp_path):
    negatives = [record for record in RECORDS if not record.tree]
    found = evaluate(Predictor(WrittenEngine(GOLD), use_grammar=False), negatives)
    write_report(found.report(), tmp_path / "report.json")
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["scores"]["triple"]["f1"] is None
    assert report["scores"]["tree_accuracy"] == 1
    assert report["intervals"]["triple_f1"] is None


def test_any_other_scorer_can_check_the_written_predictions(tmp_path):
    found = outcome(WRONG)
    write_predictions(found, RECORDS, tmp_path / "predictions.jsonl")
    lines = [json.loads(line) for line in (tmp_path / "predictions.jsonl").read_text().splitlines()]
    assert [line["id"] for line in lines] == [record.id for record in RECORDS]
    gold = [[node.model_dump(mode="json") for node in record.tree] for record in RECORDS]
    total = sum((counts_from_json(line["tree"], tree) for line, tree in zip(lines, gold, strict=True)), Counts())
    assert Scores.of(total) == found.comparison.scores
    assert [line["generated"] for line in lines] == [WRONG[record.text] for record in RECORDS]
    assert [line["error_kind"] for line in lines][:4] == ["wrong triple", "empty", "empty", "invented tree"]
    assert lines[3]["tree"][0] == {
        "role": "C",
        "triples": [[POPULATION, "clinical_feature", "few harms"]],
        "logical_rel": "null",
    }


@pytest.mark.parametrize(
    "write",
    [
        lambda found, path: write_predictions(found, RECORDS, path),
        lambda found, path: write_report(found.report(), path),
    ],
)
def test_files_that_cannot_be_written(tmp_path, write):
    with pytest.raises(Text2MDTError, match="T2M041"):
        write(outcome(GOLD), tmp_path / "nowhere" / "file.json")


def test_no_records():
    with pytest.raises(Text2MDTError, match="T2M033"):
        evaluate(Predictor(WrittenEngine({})), [])


def test_a_real_model_under_the_grammar():
    tokenizer = tiny_tokenizer()
    heard: list[int] = []
    engine = TransformersEngine(tiny_llama(tokenizer), tokenizer, max_new_tokens=60)
    found = evaluate(Predictor(engine), RECORDS, heard.append)
    assert heard == list(range(1, 9))
    assert found.output.unreadable == 0
    assert 0 < found.forced_tokens < found.tokens == sum(p.generation.token_count for p in found.predictions)
    assert found.output.truncated == sum(p.generation.truncated for p in found.predictions) / 8
    assert found.comparison.scores.triple.f1 < 0.5
    assert 0 < found.seconds < 100
