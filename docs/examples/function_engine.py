"""An engine around any function from a prompt to an answer: the client of a service, or answers from a file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from text2mdt.engines import Prompt
from text2mdt.schema import Generation


@dataclass(frozen=True)
class FunctionEngine:
    """Asks for one answer after another.

    Attributes:
        ask: prompt text → answer text; what it raises ends the document that is being read.
        max_characters: longer answers are cut and marked as truncated, so that memory stays bounded.
    """

    ask: Callable[[str], str]
    max_characters: int = 20_000

    def generate(self, prompts: Sequence[Prompt], progress: Callable[[int], None] | None = None) -> list[Generation]:
        """One generation a prompt, in the order given. The grammar is not passed on: the parser mends what it can."""
        done = []
        for prompt in prompts:
            text = self.ask(prompt.text)
            done.append(Generation(text=text[: self.max_characters], truncated=len(text) > self.max_characters))
            if progress is not None:
                progress(len(done))
        return done
