import pytest
import torch
from tiny_model import tiny_tokenizer
from tokenizers import processors
from toy_corpus import POPULATION, toy_records

from text2mdt.errors import Text2MDTError
from text2mdt.linear import encode_target, get_format
from text2mdt.prompts import passage_prompt
from text2mdt.relations import ENGLISH
from text2mdt.training_data import NO_LABEL, Collator, TrainingExample, TrainingExamples, encode_record, preview

RECORDS = toy_records(5)
END = "<end>"


@pytest.fixture(scope="module")
def tokenizer():
    return tiny_tokenizer()


def examples(tokenizer, format_name="outline", max_tokens=1000):
    return TrainingExamples(RECORDS, tokenizer, format_name, ENGLISH, max_tokens)


@pytest.mark.parametrize("format_name", ["outline", "json"])
def test_an_example_is_the_prompt_and_the_target_with_its_end(tokenizer, format_name):
    for record, example in zip(RECORDS, examples(tokenizer, format_name), strict=True):
        target = get_format(format_name).write(record.trees, POPULATION, ENGLISH)
        assert tokenizer.decode(example.prompt) == passage_prompt(POPULATION, record.text)
        assert tokenizer.decode(example.target) == target + END
        assert example.target.count(tokenizer.eos_token_id) == 1
        assert len(example) == len(example.prompt) + len(example.target)


def test_structure_and_spans_are_tokenised_apart():
    tokenizer = tiny_tokenizer(across_words=True)
    differing = 0
    for record in RECORDS:
        segments = get_format("outline").segments(record.trees, POPULATION, ENGLISH)
        (example,) = encode_record(record, tokenizer, "outline", ENGLISH)
        assert example.target == [*encode_target(tokenizer, segments), tokenizer.eos_token_id]
        whole = tokenizer(get_format("outline").write(record.trees, POPULATION, ENGLISH))["input_ids"]
        differing += whole != example.target[:-1]
    assert differing  # else this tokenizer could not tell the two ways apart


def test_special_tokens_go_to_the_prompt_alone():
    tokenizer = tiny_tokenizer()
    begin = tokenizer.convert_tokens_to_ids("Q")
    tokenizer.backend_tokenizer.post_processor = processors.TemplateProcessing(
        single="Q $A", special_tokens=[("Q", begin)]
    )
    (example,) = encode_record(RECORDS[0], tokenizer, "outline", ENGLISH)
    assert example.prompt[0] == begin
    assert begin not in example.target


def test_labels_stand_on_the_target_and_its_end_alone():
    batch = Collator(9)([TrainingExample([1, 2, 3], [4, 0]), TrainingExample([5], [6, 7, 8, 0, 0, 0])])
    assert {name: tensor.tolist() for name, tensor in batch.items()} == {
        "input_ids": [[1, 2, 3, 4, 0, 9, 9], [5, 6, 7, 8, 0, 0, 0]],
        "attention_mask": [[1, 1, 1, 1, 1, 0, 0], [1] * 7],
        "labels": [[NO_LABEL] * 3 + [4, 0] + [NO_LABEL] * 2, [NO_LABEL, 6, 7, 8, 0, 0, 0]],
        "prompt_mask": [[True] * 3 + [False] * 4, [True] + [False] * 6],
    }
    assert batch["input_ids"].dtype == batch["labels"].dtype == torch.long


def test_a_padded_batch_of_real_records(tokenizer):
    rows = list(examples(tokenizer))
    batch = Collator(tokenizer.pad_token_id)(rows)
    assert len({len(row) for row in rows}) > 1
    # Padding and end token are the same id here: only positions can tell them apart.
    for row, example in enumerate(rows):
        assert tokenizer.decode(batch["input_ids"][row][batch["prompt_mask"][row]]) == tokenizer.decode(example.prompt)
        assert batch["labels"][row][batch["labels"][row] != NO_LABEL].tolist() == example.target
        assert batch["attention_mask"][row].sum() == len(example)
        assert batch["attention_mask"][row].sum() == batch["prompt_mask"][row].sum() + len(example.target)


def test_lengths(tokenizer):
    made = examples(tokenizer)
    assert made.token_lengths() == [len(made[index]) for index in range(len(made))]
    assert len(made) == len(RECORDS)


def test_a_record_that_is_too_long_is_named(tokenizer):
    lengths = examples(tokenizer).token_lengths()
    longest = max(lengths)
    assert len(examples(tokenizer, max_tokens=longest)) == len(RECORDS)
    with pytest.raises(Text2MDTError) as error:
        examples(tokenizer, max_tokens=longest - 1)
    assert (error.value.code, error.value.where) == ("T2M035", RECORDS[lengths.index(longest)].id)
    assert f"{longest} tokens, the limit is {longest - 1}" in str(error.value)


def test_no_records(tokenizer):
    with pytest.raises(Text2MDTError, match="T2M033"):
        TrainingExamples([], tokenizer, "outline", ENGLISH, 100)


def test_the_preview_shows_every_token_once(tokenizer):
    example = examples(tokenizer)[0]
    shown = preview(example, tokenizer)
    prompt, _, target = shown.partition("\n  → ")
    assert prompt.count("·") == len(example.prompt) - 1
    assert prompt.replace("·", "").replace("⏎", "") == passage_prompt(POPULATION, RECORDS[0].text)
    first, _, counts = target.rpartition("\n")
    assert first.replace("·", "").replace("⏎", "") == "1 if feature: fever\n1 yes drug: colchicine\n1 no none" + END
    assert counts == f"({len(example.prompt)} + {len(example.target)} tokens)"
