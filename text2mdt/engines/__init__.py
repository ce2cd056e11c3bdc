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
class Beams:
    """How an answer is searched for, in place of taking the best token at each step.

    Attributes:
        width: beginnings that are followed side by side.
        length_penalty: an answer's log-probability is divided by its number of choices to this power; 0 compares the
            probabilities themselves, which favours short answers.
    """

    width: int
    length_penalty: float = 0.0

    def __post_init__(self) -> None:
        if self.width < 2 or not 0 <= self.length_penalty < math.inf:
            raise ValueError("a beam search follows at least 2 beginnings, with a length penalty of at least 0")

    def score(self, log_probability: float, choices: int) -> float:
        """What beginnings and answers are compared by."""
        return log_probability / float(max(choices, 1)) ** self.length_penalty


@dataclass(frozen=True)
class Prompt:
    """What the model reads.

    Attributes:
        text: the prompt.
        grammar: the llguidance grammar (Lark) that the answer keeps to, if any.
        opening_bias: (opening, nats) pairs: what is added to the logits of the tokens that an opening may begin
            with when the answer's first token is chosen.
        sampling: how the answer is drawn; None takes the best token at each step.
        beams: how the answer is searched for; None takes the best token at each step. Only the default engine
            searches; the prompts of one call have the same.
    """

    text: str
    grammar: str | None = None
    opening_bias: tuple[tuple[str, float], ...] = ()
    sampling: Sampling | None = None
    beams: Beams | None = None

    def __post_init__(self) -> None:
        if self.sampling is not None and self.beams is not None:
            raise ValueError("an answer is drawn or searched for, not both")


class Engine(Protocol):
    """Generates the target texts of prompts."""

    def generate(self, prompts: Sequence[Prompt], progress: Callable[[int], None] | None = None) -> list[Generation]:
        """One generation a prompt, in the order given; `progress` hears how many are done so far."""


__all__ = ["Beams", "Engine", "Prompt", "Sampling"]
