"""Who generates: engines take prompts and give back target texts."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from text2mdt.schema import Generation


@dataclass(frozen=True)
class Sampling:
    """How an answer is drawn at random.

    Attributes:
        temperature: above 0; 1 draws from the model's own distribution, less keeps closer to the best token.
        seed, number: of the stream of random numbers; answers of different numbers are independent.
    """

    temperature: float
    seed: int = 0
    number: int = 1

    def __post_init__(self) -> None:
        if not 0 < self.temperature < math.inf:
            raise ValueError("the temperature must be a finite number above 0")


@dataclass(frozen=True)
class Prompt:
    """What the model reads.

    Attributes:
        text: the prompt.
        grammar: the llguidance grammar (Lark) that the answer keeps to, if any.
        opening_bias: (opening, nats) pairs: what is added to the logits of the tokens that an opening may begin
            with when the answer's first token is chosen.
        sampling: how the answer is drawn; None takes the best token at each step.
    """

    text: str
    grammar: str | None = None
    opening_bias: tuple[tuple[str, float], ...] = ()
    sampling: Sampling | None = None


class Engine(Protocol):
    """Generates the target texts of prompts."""

    def generate(self, prompts: Sequence[Prompt], progress: Callable[[int], None] | None = None) -> list[Generation]:
        """One generation a prompt, in the order given; `progress` hears how many are done so far."""


__all__ = ["Engine", "Prompt", "Sampling"]
