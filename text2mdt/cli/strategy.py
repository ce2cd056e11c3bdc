"""The options by which a strategy is chosen."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from text2mdt.voting.settings import VotingSettings


class Strategy(StrEnum):
    """How the trees of a passage are chosen."""

    GREEDY = "greedy"
    VOTE = "vote"


StrategyOption = Annotated[Strategy, typer.Option(help="Take the best token at each step, or vote (docs/voting.md).")]
VoteAdaptersOption = Annotated[
    list[str] | None,
    typer.Option("--vote-adapters", help="Adapters that vote beside the first one; with commas, or repeated."),
]
SamplesOption = Annotated[int | None, typer.Option(min=0, help="Samples of each adapter that vote as well.")]
TemperatureOption = Annotated[float | None, typer.Option(help="Of the samples; 0.7 where it is not given.")]
SeedOption = Annotated[int | None, typer.Option(help="Of the samples; 0 where it is not given.")]


def chosen_voting(
    strategy: Strategy,
    vote_adapters: list[str] | None,
    samples: int | None,
    temperature: float | None,
    seed: int | None,
) -> VotingSettings | None:
    """The settings of the vote; None for greedy answers.

    Raises:
        typer.BadParameter: for an option of the vote without it.
        Text2MDTError: T2M170 for a vote that cannot be.
    """
    given = {"--vote-adapters": vote_adapters, "--samples": samples, "--temperature": temperature, "--seed": seed}
    if strategy is Strategy.GREEDY:
        if named := [name for name, value in given.items() if value]:
            raise typer.BadParameter(f"{', '.join(named)} needs --strategy vote")
        return None
    from text2mdt.voting.settings import TEMPERATURE, VotingSettings

    names = (name.strip() for listed in vote_adapters or () for name in listed.split(","))
    return VotingSettings(
        adapters=tuple(name for name in names if name),
        samples=samples or 0,
        temperature=TEMPERATURE if temperature is None else temperature,
        seed=seed or 0,
    )
