"""Who generates: engines take prompts and give back target texts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from text2mdt.schema import Generation


@dataclass(frozen=True)
class Prompt:
    """What the model reads, and the llguidance grammar (Lark) that its answer keeps to, if any."""

    text: str
    grammar: str | None = None


class Engine(Protocol):
    """Generates the target texts of prompts."""

    def generate(self, prompts: Sequence[Prompt], progress: Callable[[int], None] | None = None) -> list[Generation]:
        """One generation a prompt, in the order given; `progress` hears how many are done so far."""


__all__ = ["Engine", "Prompt"]
