"""What the model reads before it writes a tree; the same words in training and in extraction."""

from __future__ import annotations

from collections.abc import Sequence

from text2mdt.linear import get_format
from text2mdt.relations import ENGLISH, RelationSet
from text2mdt.schema import Record

INSTRUCTION = "Write the decisions of the text as decision trees.\n\n"
"""Opens a few-shot prompt; a fine-tuned model needs no instruction."""


_LAST_LINE = "Tree:\n"


def passage_prompt(population: str, text: str) -> str:
    """The prompt of one passage. The target follows it directly."""
    return f"Population: {population}\nText: {text}\n{_LAST_LINE}"


def step_prompt(prompt: str, heading: str | None = None, given: tuple[str, str] | None = None) -> str:
    """The prompt of one step out of that of the passage.

    Args:
        prompt: of the passage; it ends with the line that asks for a tree.
        heading: what the step writes; None for the tree.
        given: heading and text of the step before, which the model gets to see.
    """
    if heading is None and given is None:
        return prompt
    shown = "" if given is None else f"{given[0]}:\n{given[1].rstrip()}\n"
    return prompt.removesuffix(_LAST_LINE) + shown + (_LAST_LINE if heading is None else f"{heading}:\n")


def few_shot_prompt(
    examples: Sequence[Record],
    population: str,
    text: str,
    format_name: str = "outline",
    relations: RelationSet = ENGLISH,
) -> str:
    """The same prompt after solved examples, for a backbone that was not fine-tuned."""
    target_format = get_format(format_name)
    solved = "".join(
        passage_prompt(example.population, example.text)
        + target_format.write(example.trees, example.population, relations)
        + "\n\n"
        for example in examples
    )
    return INSTRUCTION + solved + passage_prompt(population, text)


def choose_examples(records: Sequence[Record], number: int) -> list[Record]:
    """The shortest records of different shapes, one of them without a decision: a few-shot prompt must be short."""
    by_shape: dict[int, Record] = {}
    for record in sorted(records, key=lambda record: (len(record.text), record.id)):
        by_shape.setdefault(len(record.tree), record)
    return sorted(by_shape.values(), key=lambda record: len(record.tree))[:number]
