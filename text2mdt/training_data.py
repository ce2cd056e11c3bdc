"""Records as token sequences for training: prompt, target, and which is which."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.utils.data import Dataset

from text2mdt.errors import Text2MDTError
from text2mdt.linear import Segment, encode_target, get_format
from text2mdt.linear.segments import join
from text2mdt.prompts import passage_prompt, step_prompt
from text2mdt.relations import RelationSet
from text2mdt.schema import Record

NO_LABEL = -100


@dataclass(frozen=True)
class TrainingExample:
    """One tokenised record.

    Attributes:
        prompt: token ids of the prompt.
        target: token ids of the target, the end token last. Structure and spans are tokenised apart.
    """

    prompt: list[int]
    target: list[int]

    def __len__(self) -> int:
        return len(self.prompt) + len(self.target)


def encode_record(record: Record, tokenizer: Any, format_name: str, relations: RelationSet) -> list[TrainingExample]:
    """Prompt and target of a record, as the model sees them; those of every step where the format has several.

    A record without a tree has the first step alone, which says so.
    """
    form = get_format(format_name)
    prompt, given, found = passage_prompt(record.population, record.text), None, []
    for step in form.earlier:
        segments = step.write(record.trees, record.population, relations, record.text)
        found.append(_example(tokenizer, step_prompt(prompt, step.heading, given), segments))
        if not record.trees:
            return found
        given = (step.heading, join(segments))
    segments = form.segments(record.trees, record.population, relations, record.text)
    return [*found, _example(tokenizer, step_prompt(prompt, None, given), segments)]


def _example(tokenizer: Any, prompt: str, segments: list[Segment]) -> TrainingExample:
    return TrainingExample(
        tokenizer(prompt)["input_ids"], [*encode_target(tokenizer, segments), tokenizer.eos_token_id]
    )


class TrainingExamples(Dataset):
    """Tokenised records, an example each, or one for each step of the format.

    Raises:
        Text2MDTError: T2M033 when there are none, T2M035 when one is longer than `max_tokens`.
    """

    def __init__(
        self, records: Sequence[Record], tokenizer: Any, format_name: str, relations: RelationSet, max_tokens: int
    ) -> None:
        if not records:
            raise Text2MDTError("T2M033")
        self.examples = []
        for record in records:
            for example in encode_record(record, tokenizer, format_name, relations):
                if len(example) > max_tokens:
                    raise Text2MDTError("T2M035", record.id, tokens=len(example), limit=max_tokens)
                self.examples.append(example)

    def __len__(self) -> int:
        return len(self.examples)

    def __getitem__(self, index: int) -> TrainingExample:
        return self.examples[index]

    def token_lengths(self) -> list[int]:
        return [len(example) for example in self.examples]


@dataclass(frozen=True)
class Collator:
    """Pads examples on the right into `input_ids`, `attention_mask`, `labels` and `prompt_mask`, (rows, tokens).

    Labels stand on the target alone. The prompt mask is given explicitly: labels cannot tell prompt from padding.
    """

    pad_token_id: int

    def __call__(self, examples: Sequence[TrainingExample]) -> dict[str, Tensor]:
        longest = max(len(example) for example in examples)
        shape = (len(examples), longest)
        batch = {
            "input_ids": torch.full(shape, self.pad_token_id),
            "attention_mask": torch.zeros(shape, dtype=torch.long),
            "labels": torch.full(shape, NO_LABEL),
            "prompt_mask": torch.zeros(shape, dtype=torch.bool),
        }
        for row, example in enumerate(examples):
            start, end = len(example.prompt), len(example)
            batch["input_ids"][row, :end] = torch.tensor([*example.prompt, *example.target])
            batch["attention_mask"][row, :end] = 1
            batch["labels"][row, start:end] = torch.tensor(example.target)
            batch["prompt_mask"][row, :start] = True
        return batch


def batches_by_length(examples: TrainingExamples, collator: Collator, rows: int = 8) -> list[dict[str, Tensor]]:
    """All examples, the shortest first, so many to a batch: little is padded."""
    ordered = sorted(examples.examples, key=len)
    return [collator(ordered[start : start + rows]) for start in range(0, len(ordered), rows)]


def preview(example: TrainingExample, tokenizer: Any) -> str:
    """One tokenised example for people to look at: tokens parted by `·`, the target behind an arrow."""
    prompt, target = (
        "·".join(tokenizer.decode([token]) for token in part).replace("\n", "⏎\n")
        for part in (example.prompt, example.target)
    )
    return f"{prompt}\n  → {target}\n({len(example.prompt)} + {len(example.target)} tokens)"
