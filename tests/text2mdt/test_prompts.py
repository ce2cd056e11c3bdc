from toy_corpus import POPULATION, toy_records

from text2mdt.linear import get_format
from text2mdt.parser import parse
from text2mdt.predictor import Predictor
from text2mdt.prompts import INSTRUCTION, choose_examples, few_shot_prompt, passage_prompt
from text2mdt.relations import ENGLISH

RECORDS = toy_records(20)


def test_the_prompt_of_a_passage():
    assert passage_prompt("Adults", "If fever, rest.") == "Population: Adults\nText: If fever, rest.\nTree:\n"
    assert Predictor.__dataclass_fields__["prompt"].default is passage_prompt


def test_a_few_shot_prompt_is_solved_examples_and_then_the_passage():
    examples = RECORDS[:4]
    prompt = few_shot_prompt(examples, "Children", "If fever, rest.")
    head, *parts = prompt.split("Population: ")
    assert head == INSTRUCTION
    assert "Population: " + parts[-1] == passage_prompt("Children", "If fever, rest.")
    for example, part in zip(examples, parts[:-1], strict=True):
        shown, _, target = part.partition("\nTree:\n")
        assert shown == f"{POPULATION}\nText: {example.text}"
        assert target.endswith("\n\n")
        parsed = parse(target.removesuffix("\n\n"), POPULATION, "outline", ENGLISH)
        assert (parsed.trees, parsed.repairs) == (example.trees, ())


def test_a_few_shot_prompt_in_another_format():
    target = get_format("json").write(RECORDS[0].trees, POPULATION, ENGLISH)
    assert f"\nTree:\n{target}\n\nPopulation: Children\n" in few_shot_prompt(RECORDS[:1], "Children", "x", "json")


def test_examples_are_the_shortest_of_each_shape_and_one_has_no_decision():
    chosen = choose_examples(RECORDS, 3)
    assert [len(record.tree) for record in chosen] == [0, 3, 5]
    for record in chosen:
        alike = [other for other in RECORDS if len(other.tree) == len(record.tree)]
        assert len(record.text) == min(len(other.text) for other in alike)
    assert choose_examples(RECORDS[::-1], 3) == chosen
    assert choose_examples(RECORDS, 2) == chosen[:2]
    assert choose_examples(RECORDS, 0) == []
