"""Batched, grammar-constrained decoding."""

from __future__ import annotations

import math

import pytest
import torch
from tiny_model import tiny_llama, tiny_tokenizer

from text2mdt.engines import Prompt
from text2mdt.engines.transformers import TransformersEngine
from text2mdt.grammar import passage_grammar
from text2mdt.parser import parse
from text2mdt.relations import ENGLISH
from text2mdt.schema import Generation

TEXTS = [
    "Children younger than 6 months, or with otorrhoea, get amoxicillin 45 mg/kg twice daily.",
    "Severe symptoms: amoxicillin. Else watchful waiting.",
    "In croup, oral dexamethasone (0.15 mg/kg) is followed by home care; severe croup calls for adrenaline & oxygen.",
    "Refer if temperature is above 39 °C or the child is drowsy.",
    "One [two] three | four \\ five.",
]
POPULATION = "Children with acute otitis media"


@pytest.fixture(scope="module")
def tokenizer():
    return tiny_tokenizer()


@pytest.fixture(scope="module")
def model(tokenizer):
    return tiny_llama(tokenizer)


def constrained_prompts() -> list[Prompt]:
    """Of all texts, with their grammars."""
    made = ((text, passage_grammar(text, POPULATION, ENGLISH, max_depth=2)) for text in TEXTS)
    return [Prompt(f"Population: {POPULATION}\nText: {text}\nTree:\n", grammar) for text, grammar in made]


@pytest.fixture(scope="module")
def prompts() -> list[Prompt]:
    return constrained_prompts()


def same(one: Generation, other: Generation) -> bool:
    bare = {"log_probability": 0.0, "choices": ()}
    logs = [
        ([choice.start for choice in found.choices], [choice.log_probability for choice in found.choices])
        for found in (one, other)
    ]
    return (
        one.model_copy(update=bare) == other.model_copy(update=bare)
        and math.isclose(one.log_probability or 0, other.log_probability or 0, rel_tol=1e-3, abs_tol=1e-3)
        and logs[0][0] == logs[1][0]
        and logs[0][1] == pytest.approx(logs[1][1], rel=1e-3, abs=1e-3)
    )


@pytest.mark.parametrize("constrained", [True, False])
def test_batch_rows_equal_rows_alone_in_the_order_given(model, tokenizer, prompts, constrained):
    given = prompts if constrained else [Prompt(prompt.text) for prompt in prompts]
    together = TransformersEngine(model, tokenizer, batch_size=3, max_new_tokens=60).generate(given)
    engine = TransformersEngine(model, tokenizer, batch_size=1, max_new_tokens=60)
    alone = [engine.generate([prompt])[0] for prompt in given]
    assert all(same(one, other) for one, other in zip(together, alone, strict=True))
    assert len({generation.text for generation in together}) > 1


def test_runs_of_forced_tokens_read_at_once_change_nothing(model, tokenizer, prompts):
    engine = TransformersEngine(model, tokenizer, batch_size=5, max_new_tokens=60)
    engine._pass_cost = 1000.0  # long runs, with gaps in the rows that have none
    blocks = engine.generate(prompts)
    engine._may_leave_gaps = False
    singles = engine.generate(prompts)
    assert all(same(one, other) for one, other in zip(blocks, singles, strict=True))
    assert sum(generation.forced_count for generation in blocks) > 0


def test_unconstrained_greedy_equals_generate(model, tokenizer):
    texts = [f"Text: {text}\n" for text in TEXTS]
    found = TransformersEngine(model, tokenizer, batch_size=2, max_new_tokens=40).generate(
        [Prompt(text) for text in texts]
    )
    for text, generation in zip(texts, found, strict=True):
        inputs = tokenizer(text, return_tensors="pt", return_token_type_ids=False)
        wanted = model.generate(**inputs, do_sample=False, max_new_tokens=40)[0, inputs["input_ids"].shape[1] :]
        assert generation.text == tokenizer.decode(wanted, skip_special_tokens=True)
        assert generation.truncated == (tokenizer.eos_token_id not in wanted.tolist())
        assert generation.forced_count == 0


@pytest.mark.parametrize("seed", range(3))
def test_outputs_under_the_grammar_parse_strictly_and_copy_the_passage(tokenizer, prompts, seed):
    engine = TransformersEngine(tiny_llama(tokenizer, seed), tokenizer, max_new_tokens=600)
    finished = 0
    for text, generation in zip(TEXTS, engine.generate(prompts), strict=True):
        assert generation.log_probability is not None
        assert generation.log_probability <= 0
        if generation.truncated:
            continue
        finished += 1
        parsed = parse(generation.text, POPULATION, "outline", ENGLISH)
        assert parsed.repairs == ()
        for tree in parsed.trees:
            for node in tree.nodes:
                assert all(triple.object in text for triple in node.triples)
    assert finished


def test_log_probability_is_that_of_the_chosen_tokens_among_the_allowed(model, tokenizer):
    prompt = Prompt("Text: x\n", 'start: "yes" | "no"')
    generation = TransformersEngine(model, tokenizer).generate([prompt])[0]
    assert generation.text in ("yes", "no")
    ids = tokenizer(prompt.text, return_tensors="pt")["input_ids"]
    logits = model(input_ids=ids).logits[0, -1]
    starts = {
        word: [i for i in range(len(tokenizer)) if (t := tokenizer.decode([i])) and word.startswith(t)]
        for word in ("yes", "no")
    }
    allowed = torch.tensor(starts["yes"] + starts["no"])
    chosen = torch.log_softmax(logits[allowed], dim=0).max().item()
    assert generation.log_probability <= chosen + 1e-4
    if generation.forced_count == generation.token_count - 1:
        assert generation.log_probability == pytest.approx(chosen, abs=1e-4)


def test_truncation(model, tokenizer, prompts):
    generation = TransformersEngine(model, tokenizer, max_new_tokens=7).generate(prompts[:1])[0]
    assert generation.truncated
    assert generation.token_count == 7


def test_a_text_that_is_wholly_forced_needs_no_choice(model, tokenizer):
    generation = TransformersEngine(model, tokenizer).generate(
        [Prompt("x", 'start: "none"'), Prompt("x", 'start: "none"')]
    )[1]
    assert (generation.text, generation.truncated, generation.log_probability) == ("none", False, 0.0)
    assert generation.forced_count == generation.token_count


def test_a_wholly_forced_text_beside_others_changes_nothing(model, tokenizer, prompts):
    engine = TransformersEngine(model, tokenizer, max_new_tokens=60)
    forced, *others = engine.generate([Prompt("a b c", 'start: "none"'), *prompts])
    assert forced.text == "none"
    assert all(same(one, other) for one, other in zip(others, engine.generate(prompts), strict=True))


def test_progress_counts_finished_prompts(model, tokenizer, prompts):
    heard: list[int] = []
    TransformersEngine(model, tokenizer, batch_size=2, max_new_tokens=5).generate(prompts, heard.append)
    assert heard == [1, 2, 3, 4, 5]
    assert TransformersEngine(model, tokenizer).generate([], heard.append) == []


@pytest.mark.parametrize("batch_size", [1, 16])
def test_a_grammar_that_cannot_be_compiled_fails_its_own_prompt_alone(model, tokenizer, batch_size):
    heard: list[int] = []
    bad, good = Prompt("x", "start: nowhere"), Prompt("y", 'start: "none"')
    found = TransformersEngine(model, tokenizer, batch_size=batch_size).generate([bad, good, bad], heard.append)
    assert [generation.text for generation in found] == ["", "none", ""]
    assert [str(generation.error)[:7] for generation in found] == ["T2M027:", "None", "T2M027:"]
    assert heard == [1, 2, 3]


@pytest.mark.parametrize("method", ["milora", "pedro"])
@pytest.mark.parametrize("constrained", [True, False])
def test_an_adapter_that_looks_at_the_prompt_keeps_each_rows_state(tokenizer, prompts, method, constrained):
    from pilora import attach

    adapted = attach(tiny_llama(tokenizer), {"method": method})
    torch.manual_seed(3)
    for parameter in adapted.parameters():
        if parameter.requires_grad:
            torch.nn.init.normal_(parameter, std=0.3)
    given = prompts if constrained else [Prompt(prompt.text) for prompt in prompts]
    together = TransformersEngine(adapted, tokenizer, batch_size=3, max_new_tokens=40).generate(given)
    engine = TransformersEngine(adapted, tokenizer, batch_size=1, max_new_tokens=40)
    alone = [engine.generate([prompt])[0] for prompt in given]
    assert all(same(one, other) for one, other in zip(together, alone, strict=True))
    bare = TransformersEngine(tiny_llama(tokenizer), tokenizer, batch_size=3, max_new_tokens=40).generate(given)
    assert [generation.text for generation in bare] != [generation.text for generation in together]
