"""Answers that are drawn."""

from __future__ import annotations

import math

import pytest
import torch
from tiny_model import tiny_llama, tiny_tokenizer
from toy_corpus import toy_records

from text2mdt.engines import Prompt, Sampling
from text2mdt.engines.token_sampler import TokenSampler
from text2mdt.engines.transformers import TransformersEngine
from text2mdt.predictor import Predictor

PASSAGES = [(record.population, record.text) for record in toy_records(5)]


@pytest.fixture(scope="module")
def tokenizer():
    return tiny_tokenizer()


@pytest.fixture(scope="module")
def model(tokenizer):
    return tiny_llama(tokenizer, seed=7)


def texts(model, tokenizer, samplings, passages=PASSAGES, batch_size=16) -> list[list[str]]:
    engine = TransformersEngine(model, tokenizer, batch_size=batch_size, max_new_tokens=60)
    return [[found.generation.text for found in row] for row in Predictor(engine).candidates(passages, samplings)]


def test_a_sample_does_not_depend_on_the_batch(model, tokenizer):
    samplings = (None, Sampling(1.0, 3, 1), Sampling(1.0, 3, 2))
    together = texts(model, tokenizer, samplings)
    assert together == texts(model, tokenizer, samplings, batch_size=4)
    alone = [
        [texts(model, tokenizer, (sampling,), [passage], 1)[0][0] for sampling in samplings] for passage in PASSAGES
    ]
    assert together == alone
    assert [greedy for greedy, *_ in together] == [row[0] for row in texts(model, tokenizer, (None,))]


def test_seeds_and_numbers_draw_differently(model, tokenizer):
    samplings = [Sampling(2.0, seed, number) for seed in (0, 1) for number in (1, 2)]
    columns = list(zip(*texts(model, tokenizer, samplings), strict=True))
    assert len(set(columns)) == 4


def test_a_low_temperature_is_greedy(model, tokenizer):
    for greedy, cold in texts(model, tokenizer, (None, Sampling(1e-4))):
        assert cold == greedy


def test_samples_keep_to_the_grammar(model, tokenizer):
    engine = TransformersEngine(model, tokenizer, max_new_tokens=300)
    found = Predictor(engine).candidates(PASSAGES, [Sampling(5.0, 0, number) for number in range(1, 5)])
    finished = [(row, one) for row, ones in enumerate(found) for one in ones if not one.generation.truncated]
    assert len(finished) > 5
    for row, one in finished:
        assert one.error is None
        objects = [triple.object for tree in one.trees for node in tree.nodes for triple in node.triples]
        assert all(words in PASSAGES[row][1] for words in objects)


@pytest.mark.parametrize("temperature", [0.5, 1.0, 3.0])
def test_tokens_are_drawn_by_their_probability(temperature):
    logits = torch.tensor([1.0, -math.inf, 0.0, -1.0, 2.0])
    wanted = torch.softmax(logits / temperature, dim=0)
    sampler = TokenSampler(Sampling(temperature, seed=5), "prompt")
    draws = 4000
    counted = torch.bincount(torch.tensor([sampler.choose(logits) for _ in range(draws)]), minlength=5) / draws
    spread = torch.sqrt(wanted * (1 - wanted) / draws)
    assert ((counted - wanted).abs() <= 4 * spread + 1e-9).all()
    assert counted[1] == 0


def test_the_log_probability_is_that_at_temperature_1(model, tokenizer):
    grammar = 'start: "y" | "n"'
    engine = TransformersEngine(model, tokenizer)
    drawn = engine.generate([Prompt("x", grammar, sampling=Sampling(50.0, 0, number)) for number in range(1, 30)])
    by_text = {generation.text: generation.log_probability for generation in drawn}
    assert set(by_text) == {"y", "n"}
    assert sum(math.exp(value) for value in by_text.values()) == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize("temperature", [0.0, -1.0, math.inf, math.nan])
def test_a_temperature_that_is_none(temperature):
    with pytest.raises(ValueError, match="temperature"):
        Sampling(temperature)
