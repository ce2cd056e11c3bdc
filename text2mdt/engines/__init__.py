"""Who generates: engines take prompts and give back target texts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from text2mdt.schema import Generation


@dataclass(frozen=True)
class Prompt:
    """What the model reads.

    Attributes:
        text: the prompt.
        grammar: the llguidance grammar (Lark) that the answer keeps to, if any.
        opening_bias: (opening, nats) pairs: what is added to the logits of the tokens that an opening may begin
            with when the answer's first token is chosen.
    """

    text: str
    grammar: str | None = None
    opening_bias: tuple[tuple[str, float], ...] = ()


class Engine(Protocol):
    """Generates the target texts of prompts."""

    def generate(self, prompts: Sequence[Prompt], progress: Callable[[int], None] | None = None) -> list[Generation]:
        """One generation a prompt, in the order given; `progress` hears how many are done so far."""


__all__ = ["Engine", "Prompt"]
