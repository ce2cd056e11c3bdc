"""An engine that writes answers given to it, to test what stands around the engine."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from text2mdt.engines import Prompt
from text2mdt.linear import get_format
from text2mdt.relations import ENGLISH
from text2mdt.schema import Generation, Record


class WrittenEngine:
    """Answers a prompt by the passage that it holds; remembers the prompts.

    Args:
        answers: passage → target text.
        limit: characters, behind which an answer is truncated.
    """

    def __init__(self, answers: Mapping[str, str], limit: int = 10_000) -> None:
        self.answers = answers
        self.limit = limit
        self.prompts: list[Prompt] = []

    def generate(self, prompts: Sequence[Prompt], progress: Callable[[int], None] | None = None) -> list[Generation]:
        self.prompts += prompts
        found = []
        for prompt in prompts:
            passage = prompt.text.rpartition("\nText: ")[2].removesuffix("\nTree:\n")
            answer = self.answers[passage]
            found.append(Generation(text=answer[: self.limit], token_count=3, truncated=len(answer) > self.limit))
            if progress is not None:
                progress(len(found))
        return found


def gold_answers(records: Sequence[Record]) -> dict[str, str]:
    """The gold target text of each record, by its passage."""
    form = get_format("outline")
    return {record.text: form.write(record.trees, record.population, ENGLISH) for record in records}
