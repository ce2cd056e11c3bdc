"""Beam search: the likeliest answer where it follows enough beginnings, whatever is decoded beside it."""

from __future__ import annotations

import math

import pytest
import torch
import typer
from command import run
from llguidance import LLMatcher
from test_engine_transformers import POPULATION, constrained_prompts, same
from tiny_model import save_tiny_model, tiny_llama, tiny_tokenizer

from text2mdt import Extraction
from text2mdt.cli.strategy import Strategy, chosen_beams
from text2mdt.engines import Beams, Prompt, Sampling
from text2mdt.engines.transformers import TransformersEngine
from text2mdt.errors import Text2MDTError
from text2mdt.extractor_settings import ExtractorSettings
from text2mdt.parser import parse
from text2mdt.relations import ENGLISH
from text2mdt.voting.settings import VotingSettings


@pytest.fixture(scope="module")
def tokenizer():
    return tiny_tokenizer()


@pytest.fixture(scope="module")
def model(tokenizer):
    return tiny_llama(tokenizer)


@pytest.fixture(scope="module")
def prompts() -> list[Prompt]:
    return constrained_prompts()


GRAMMAR = 'start: ("a" | "e") ("i" | "o") ("a" | "e" | "none")?\n'


def searched(prompts: list[Prompt], beams: Beams) -> list[Prompt]:
    return [Prompt(prompt.text, prompt.grammar, prompt.opening_bias, beams=beams) for prompt in prompts]


def likeliest(engine: TransformersEngine, prompt: str, grammar: str, power: float) -> tuple[float, str]:
    """The best (score, text) of all answers that the grammar allows, by following every one of them."""
    ids = engine._tokenizer(prompt)["input_ids"]

    def follow(matcher: LLMatcher, tokens: list[int], log_probability: float, choices: int) -> tuple[float, str]:
        if matcher.is_stopped():
            return log_probability / max(choices, 1) ** power, engine._decode_tokens(tokens)
        mask = torch.tensor(list(matcher.compute_bitmask()), dtype=torch.uint8)
        allowed = [token for token in range(len(mask) * 8) if mask[token // 8] >> (token % 8) & 1]
        with torch.no_grad():
            logits = engine._model(torch.tensor([ids + tokens])).logits[0, -1, allowed].float()
        found = []
        for token, value in zip(allowed, logits.log_softmax(0).tolist(), strict=True):
            further = log_probability + value, choices + (len(allowed) > 1)
            if token in engine._end_tokens:
                found.append((further[0] / max(further[1], 1) ** power, engine._decode_tokens(tokens)))
                continue
            branch = matcher.deep_copy()
            branch.consume_token(token)
            found.append(follow(branch, [*tokens, token], *further))
        return max(found)

    matcher = engine._masks.matcher(grammar)
    assert matcher is not None
    return follow(matcher, [], 0.0, 0)


@pytest.mark.parametrize("power", [0.0, 1.0])
def test_with_enough_beams_the_answer_is_the_likeliest_of_all(model, tokenizer, power):
    engine = TransformersEngine(model, tokenizer, batch_size=64)
    for text in ("x", "croup: ", "If there is fever, give paracetamol. "):
        (answer,) = engine.generate(searched([Prompt(text, GRAMMAR)], Beams(64, power)))
        score, wanted = likeliest(engine, text, GRAMMAR, power)
        assert answer.text == wanted
        assert answer.log_probability == pytest.approx(score * len(answer.choices) ** power, abs=1e-3)
        assert math.fsum(choice.log_probability for choice in answer.choices) == pytest.approx(answer.log_probability)


def test_neighbours_in_the_batch_change_nothing(model, tokenizer, prompts):
    wanted = searched(prompts, Beams(3))
    forced = Prompt("a b c", 'start: "none"', beams=Beams(3))
    together = TransformersEngine(model, tokenizer, batch_size=9, max_new_tokens=60).generate([*wanted, forced])
    assert together.pop().text == "none"
    engine = TransformersEngine(model, tokenizer, batch_size=3, max_new_tokens=60)
    alone = [engine.generate([prompt])[0] for prompt in wanted]
    assert all(same(one, other) for one, other in zip(together, alone, strict=True))


def test_what_is_found_is_legal(model, tokenizer, prompts):
    engine = TransformersEngine(model, tokenizer, batch_size=8, max_new_tokens=300)
    found = engine.generate(searched(prompts, Beams(8)))
    whole = [answer for answer in found if not answer.truncated]
    assert len(whole) > len(found) / 2
    assert all(parse(answer.text, POPULATION, "outline", ENGLISH).repairs == () for answer in whole)
    assert found != engine.generate(prompts)


def test_without_a_grammar_the_limit_ends_every_beginning(model, tokenizer):
    engine = TransformersEngine(model, tokenizer, batch_size=4, max_new_tokens=5)
    (answer,) = engine.generate([Prompt("In croup,", beams=Beams(2, 1.0))])
    assert answer.token_count <= 5 and answer.text


def test_what_cannot_be_searched_is_told(model, tokenizer):
    engine = TransformersEngine(model, tokenizer, batch_size=4)
    with pytest.raises(ValueError, match="8 beams"):
        engine.generate([Prompt("a", beams=Beams(8))])
    with pytest.raises(ValueError, match="alike"):
        engine.generate([Prompt("a", beams=Beams(2)), Prompt("a")])
    engine._may_leave_gaps = False
    with pytest.raises(Text2MDTError, match="T2M039"):
        engine.generate([Prompt("a", beams=Beams(2))])
    for wrong in (lambda: Beams(1), lambda: Prompt("a", sampling=Sampling(1.0), beams=Beams(2))):
        with pytest.raises(ValueError):
            wrong()


def test_options_of_the_search_need_it_and_fit():
    assert chosen_beams(Strategy.BEAM, None, 0.5, 16) == Beams(4, 0.5)
    assert chosen_beams(Strategy.GREEDY, None, None, 16) is None
    for strategy, beams, penalty, told in (
        (Strategy.VOTE, 3, None, "--strategy beam"),
        (Strategy.BEAM, 17, None, "--batch-size 16"),
        (Strategy.BEAM, 4, math.inf, "finite"),
    ):
        with pytest.raises(typer.BadParameter, match=told):
            chosen_beams(strategy, beams, penalty, 16)


def test_extract_by_a_search(tmp_path, capsys):
    source = tmp_path / "gout.md"
    source.write_text("# Gout in adults\n\nIf there is fever, give colchicine. Otherwise naproxen is given.\n")
    tiny = save_tiny_model(tmp_path / "model", seed=7)
    words = ["--model", tiny, "--adapter", "none", "--format", "json", "--device", "cpu"]
    found = []
    for strategy in (["greedy"], ["beam", "--beams", 3]):
        done = run(capsys, "extract", source, *words, "-o", tmp_path / strategy[0], "--strategy", *strategy)
        assert done.code == 0, done.err
        found.append(Extraction.model_validate_json((tmp_path / strategy[0] / "gout.json").read_text()))
    assert [extraction.adapter for extraction in found] == [None, "none, 3 beams"]
    greedy, searched = (extraction.passages[0].generated for extraction in found)
    assert greedy != searched


@pytest.mark.parametrize("other", [{"voting": VotingSettings(samples=1)}, {"engine": "vllm"}])
def test_a_search_is_of_one_adapter_and_of_one_engine(other):
    with pytest.raises(ValueError, match="beams are of"):
        ExtractorSettings(beams=Beams(2), **other)
    with pytest.raises(ValueError, match="batches of 4"):
        ExtractorSettings(beams=Beams(5), batch_size=4)
    assert ExtractorSettings(beams=Beams(3, 0.5)).adapter_name == "default, 3 beams, length penalty 0.5"
    kept = ExtractorSettings(beams=Beams(2, 1.0)).model_dump(mode="json", exclude_defaults=True)
    assert ExtractorSettings.model_validate(kept).beams == Beams(2, 1.0)
