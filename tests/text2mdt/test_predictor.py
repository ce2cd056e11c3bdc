import pytest
from tiny_model import tiny_llama, tiny_tokenizer
from toy_corpus import toy_records
from written_engine import WrittenEngine, gold_answers

from text2mdt.engines.transformers import TransformersEngine
from text2mdt.grammar import passage_grammar
from text2mdt.predictor import Predictor
from text2mdt.prompts import passage_prompt
from text2mdt.relations import ENGLISH
from text2mdt.schema import Role

RECORDS = toy_records(6)
PASSAGES = [(record.population, record.text) for record in RECORDS]


@pytest.fixture(scope="module")
def tokenizer():
    return tiny_tokenizer()


def engine(tokenizer, seed=0, **options):
    return TransformersEngine(tiny_llama(tokenizer, seed), tokenizer, **options)


def test_under_the_grammar_any_model_writes_legal_trees_of_the_words_of_the_passage(tokenizer):
    models = [engine(tokenizer, seed, max_new_tokens=300) for seed in (0, 3, 6, 7)]  # others answer "none" mostly
    predictions = [prediction for model in models for prediction in Predictor(model).predict(PASSAGES)]
    for (population, text), prediction in zip(PASSAGES * len(models), predictions, strict=True):
        assert prediction.error is None
        assert prediction.generation.truncated or prediction.repairs == ()
        for tree in prediction.trees:
            assert tree.nodes[0].role is Role.CONDITION
            for node in tree.nodes:
                for subject, relation, words in node.triples:
                    assert ENGLISH.named(relation).role == node.role
                    assert words in text
                    assert subject == population or subject in text
    assert sum(bool(prediction.trees) for prediction in predictions if not prediction.generation.truncated) > 4


def test_predictions_come_in_the_order_of_the_passages(tokenizer):
    predictor = Predictor(engine(tokenizer, batch_size=2, max_new_tokens=40))
    together = [prediction.generation.text for prediction in predictor.predict(PASSAGES)]
    assert together == [predictor.predict([passage])[0].generation.text for passage in PASSAGES]
    assert len(set(together)) > 1


def test_progress(tokenizer):
    heard: list[int] = []
    Predictor(engine(tokenizer, batch_size=4, max_new_tokens=5)).predict(PASSAGES, heard.append)
    assert heard == [1, 2, 3, 4, 5, 6]
    assert Predictor(engine(tokenizer)).predict([], heard.append) == []


def test_the_prompt_and_the_grammar_are_those_of_the_passage():
    written = WrittenEngine(gold_answers(RECORDS))
    Predictor(written).predict(PASSAGES)
    for (population, text), prompt in zip(PASSAGES, written.prompts, strict=True):
        assert prompt.text == passage_prompt(population, text)
        assert prompt.grammar == passage_grammar(text, population, ENGLISH)
    free = WrittenEngine(gold_answers(RECORDS))
    Predictor(free, use_grammar=False, prompt=lambda population, text: f"Hint.\nText: {text}\nTree:\n").predict(
        PASSAGES
    )
    assert {prompt.grammar for prompt in free.prompts} == {None}
    assert free.prompts[0].text == f"Hint.\nText: {RECORDS[0].text}\nTree:\n"


def test_a_written_tree_is_read():
    predictions = Predictor(WrittenEngine(gold_answers(RECORDS))).predict(PASSAGES)
    assert [prediction.trees for prediction in predictions] == [record.trees for record in RECORDS]
    assert all(prediction.repairs == () and prediction.error is None for prediction in predictions)


def test_what_cannot_be_read_is_the_error_of_its_passage_alone():
    answers = gold_answers(RECORDS)
    answers[RECORDS[1].text] = "I think that rest is best."
    answers[RECORDS[2].text] = "1 if feature: kidney disease\n1 yes drug: prednisolone"
    answers[RECORDS[4].text] = ""
    predictions = Predictor(WrittenEngine(answers), use_grammar=False).predict(PASSAGES)
    for number, (record, prediction) in enumerate(zip(RECORDS, predictions, strict=True)):
        assert prediction.generation.text == answers[record.text]
        if number in (1, 4):
            assert prediction.trees == []
            assert prediction.error is not None and prediction.error.startswith("T2M002: ")
        else:
            assert prediction.trees == record.trees
            assert prediction.error is None
        assert bool(prediction.repairs) == (number == 2)


def test_a_random_model_without_the_grammar_writes_what_cannot_be_read(tokenizer):
    predictions = Predictor(engine(tokenizer, max_new_tokens=20), use_grammar=False).predict(PASSAGES)
    assert any(prediction.error for prediction in predictions)
    assert all(prediction.error or prediction.repairs or prediction.trees for prediction in predictions)


def test_another_format():
    answers = gold_answers(RECORDS) | {RECORDS[0].text: "[]"}
    engine = WrittenEngine(answers)
    assert Predictor(engine, format_name="json").predict(PASSAGES[:1])[0].trees == []
    assert engine.prompts[0].grammar is None, "JSON has no grammar"
