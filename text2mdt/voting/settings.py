"""Where the candidates of a vote come from."""

from __future__ import annotations

import math
from dataclasses import dataclass

from text2mdt.engines import Sampling
from text2mdt.errors import Text2MDTError
from text2mdt.models.shipped import DEFAULT_ADAPTER, shipped_adapters

TEMPERATURE = 0.7
"""Of the samples by default; Wang et al. (2022) find 0.5 to 0.7 best."""


@dataclass(frozen=True)
class VotingSettings:
    """Where the candidates of a vote come from: each adapter's greedy answer, and samples of each.

    Attributes:
        adapters: those that vote beside the first one, by shipped name, folder or `none` (the bare backbone).
        samples: drawn from each adapter, beside its greedy answer.
        temperature: of the samples, above 0.
        seed: of the samples.

    Raises:
        Text2MDTError: T2M170 for settings that give fewer than two candidates, or cannot be.
    """

    adapters: tuple[str, ...] = ()
    samples: int = 0
    temperature: float = TEMPERATURE
    seed: int = 0

    def __post_init__(self) -> None:
        if self.samples < 0:
            raise Text2MDTError("T2M170", detail=f"{self.samples} samples", mend="ask for 0 or more")
        if not 0 < self.temperature < math.inf:
            detail = f"the temperature {self.temperature} is not above 0"
            raise Text2MDTError("T2M170", detail=detail, mend="give a number such as 0.7")
        if not self.adapters and not self.samples:
            raise Text2MDTError(
                "T2M170", detail="there is one candidate only", mend="name further adapters, or ask for samples"
            )

    @property
    def samplings(self) -> tuple[Sampling | None, ...]:
        """How the answers of each adapter are chosen: greedily first, then the samples."""
        drawn = (Sampling(self.temperature, self.seed, number) for number in range(1, self.samples + 1))
        return (None, *drawn)


def shipped_voters() -> tuple[str, ...]:
    """The shipped adapters that vote beside the default one, by name: all of the default model."""
    return tuple(name for name in shipped_adapters() if name != DEFAULT_ADAPTER)
