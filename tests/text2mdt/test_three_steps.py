"""Triples, nodes, tree: three prompts a passage in training and in prediction."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from llguidance import LLMatcher
from test_grammar import LL, TOKENIZER
from toy_corpus import POPULATION, toy_records

from text2mdt.engines import Prompt
from text2mdt.grammar import passage_grammar
from text2mdt.predictor import Predictor
from text2mdt.prompts import passage_prompt
from text2mdt.relations import ENGLISH
from text2mdt.schema import Generation
from text2mdt.training_data import TrainingExamples, encode_record

WITH, WITHOUT = toy_records(2, first=2)
TRIPLES = "triples\nfeature: {sign}\ndrug: {drug}\n"
NODES = "groups\n? feature: {sign}\n! drug: {drug}\n"


class StepEngine:
    """Answers by the heading that a prompt ends with; remembers the prompts."""

    def __init__(self, answers: dict[tuple[str, str], str]) -> None:
        self.answers = answers
        self.calls: list[list[Prompt]] = []

    def generate(self, prompts: Sequence[Prompt], progress: Callable[[int], None] | None = None) -> list[Generation]:
        self.calls.append(list(prompts))
        return [Generation(text=self._answer(prompt.text)) for prompt in prompts]

    def _answer(self, prompt: str) -> str:
        return next(text for (passage, end), text in self.answers.items() if passage in prompt and prompt.endswith(end))


def said(template: str) -> str:
    condition, decision = WITH.tree[:2]
    return template.format(sign=condition.triples[0].object, drug=decision.triples[0].object)


def gold() -> dict[tuple[str, str], str]:
    sign, drug = (node.triples[0].object for node in WITH.tree[:2])
    return {
        (WITH.text, "\nTriples:\n"): said(TRIPLES),
        (WITH.text, "\nNodes:\n"): said(NODES),
        (WITH.text, "\nTree:\n"): f"1 if feature: {sign}\n1 yes drug: {drug}\n1 no none",
        (WITHOUT.text, "\nTriples:\n"): "none",
    }


def test_training_has_an_example_for_each_step_and_one_for_no_tree():
    assert WITH.tree and not WITHOUT.tree
    head = passage_prompt(POPULATION, WITH.text).removesuffix("Tree:\n")
    found = encode_record(WITH, TOKENIZER, "three_steps", ENGLISH)
    wanted = [
        (f"{head}Triples:\n", said(TRIPLES)),
        (f"{head}Triples:\n{said(TRIPLES)}Nodes:\n", said(NODES)),
        (f"{head}Nodes:\n{said(NODES)}Tree:\n", gold()[WITH.text, "\nTree:\n"]),
    ]
    decoded = [(TOKENIZER.decode(one.prompt), TOKENIZER.decode(one.target[:-1])) for one in found]
    assert decoded == wanted
    (alone,) = encode_record(WITHOUT, TOKENIZER, "three_steps", ENGLISH)
    assert TOKENIZER.decode(alone.target[:-1]) == "none"
    assert len(TrainingExamples([WITH, WITHOUT], TOKENIZER, "three_steps", ENGLISH, 1000)) == 4


def test_the_answers_of_a_step_are_shown_to_the_next_one():
    engine = StepEngine(gold())
    predictor = Predictor(engine, format_name="three_steps", no_decision_bias=1.5)
    with_tree, without = predictor.predict([(POPULATION, WITH.text), (POPULATION, WITHOUT.text)])
    assert [node for tree in with_tree.trees for node in tree.nodes] == list(WITH.tree)
    assert without.trees == [] and without.generation.text == "none" and without.error is None
    assert [len(call) for call in engine.calls] == [2, 1, 1]
    trained = encode_record(WITH, TOKENIZER, "three_steps", ENGLISH)
    assert [call[0].text for call in engine.calls] == [TOKENIZER.decode(one.prompt) for one in trained]
    assert [call[0].opening_bias for call in engine.calls] == [(("none", 1.5),), (), ()]


def test_each_step_has_its_grammar():
    engine = StepEngine(gold())
    Predictor(engine, format_name="three_steps").predict([(POPULATION, WITH.text)])
    texts = [said(TRIPLES), said(NODES), gold()[WITH.text, "\nTree:\n"], "none"]
    for place, (prompt,) in enumerate(engine.calls):
        legal = []
        for text in texts:
            tokens = TOKENIZER(text, add_special_tokens=False)["input_ids"]
            matcher = LLMatcher(LL, prompt.grammar, log_level=0)
            legal.append(matcher.try_consume_tokens(tokens) == len(tokens) and matcher.is_accepting())
        assert legal == [place == 0, place == 1, place == 2, place != 1]
    assert passage_grammar("…", POPULATION, ENGLISH, format="step_nodes") == 'start: "none"\n'


def test_an_engine_that_fails_in_a_step_ends_the_passage():
    class Failing(StepEngine):
        def generate(self, prompts, progress=None):
            super().generate(prompts)
            return [Generation(text="", error="T2M027: too much") for _ in prompts]

    (found,) = Predictor(Failing(gold()), format_name="three_steps").predict([(POPULATION, WITH.text)])
    assert found.error == "T2M027: too much" and found.trees == []


def test_the_tokens_of_all_steps_count_and_progress_reaches_the_last_passage():
    class Counting(StepEngine):
        def generate(self, prompts, progress=None):
            found = super().generate(prompts)
            for number in range(len(prompts)):
                if progress is not None:
                    progress(number + 1)
            lengths = {"\nTriples:\n": (512, True), "\nNodes:\n": (20, False), "\nTree:\n": (10, False)}
            counts = [next(count for end, count in lengths.items() if each.text.endswith(end)) for each in prompts]
            return [
                answer.model_copy(update={"token_count": tokens, "truncated": cut})
                for answer, (tokens, cut) in zip(found, counts, strict=True)
            ]

    heard: list[int] = []
    predictor = Predictor(Counting(gold()), format_name="three_steps")
    whole, none = predictor.predict([(POPULATION, WITH.text), (POPULATION, WITHOUT.text)], heard.append)
    assert (whole.generation.token_count, whole.generation.truncated) == (542, True)
    assert none.generation.token_count == 512 and heard == [1, 2]


def test_openings_are_the_answers_of_the_first_step():
    engine = StepEngine(gold())
    predictor = Predictor(engine, format_name="three_steps")
    found = predictor.openings([(POPULATION, WITH.text), (POPULATION, WITHOUT.text)])
    assert [answer.text for answer in found] == [said(TRIPLES), "none"] and len(engine.calls) == 1
