"""The options by which a strategy is chosen."""

from __future__ import annotations

import math
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from text2mdt.engines import Beams
    from text2mdt.voting.settings import VotingSettings


class Strategy(StrEnum):
    """How the trees of a passage are chosen."""

    GREEDY = "greedy"
    VOTE = "vote"
    BEAM = "beam"


StrategyOption = Annotated[
    Strategy, typer.Option(help="Take the best token at each step, vote (docs/voting.md), or search with beams.")
]
VoteAdaptersOption = Annotated[
    list[str] | None,
    typer.Option(
        "--vote-adapters",
        help="Adapters that vote beside the first one, with commas or repeated; by default those shipped.",
    ),
]
SamplesOption = Annotated[int | None, typer.Option(min=0, help="Samples of each adapter that vote as well.")]
TemperatureOption = Annotated[float | None, typer.Option(help="Of the samples; 0.7 where it is not given.")]
SeedOption = Annotated[int | None, typer.Option(help="Of the samples; 0 where it is not given.")]
BeamsOption = Annotated[int | None, typer.Option(min=2, help="Beginnings that a beam search follows; 4 by default.")]
LengthPenaltyOption = Annotated[
    float | None, typer.Option(min=0, help="Of a beam search: log-probabilities are divided by choices to this power.")
]


def chosen_beams(strategy: Strategy, beams: int | None, length_penalty: float | None, batch_size: int) -> Beams | None:
    """The beams of a search; None where there is none.

    Raises:
        typer.BadParameter: for an option of the search without it, and for values that cannot be.
    """
    if strategy is not Strategy.BEAM:
        given = {"--beams": beams, "--length-penalty": length_penalty}
        if named := [name for name, value in given.items() if value is not None]:
            raise typer.BadParameter(f"{', '.join(named)} needs --strategy beam")
        return None
    from text2mdt.engines import Beams

    width = beams or 4
    if width > batch_size:
        raise typer.BadParameter(f"{width} beams do not fit into --batch-size {batch_size}")
    if length_penalty is not None and not math.isfinite(length_penalty):
        raise typer.BadParameter("--length-penalty must be a finite number")
    return Beams(width, length_penalty or 0.0)


def chosen_voting(
    strategy: Strategy,
    vote_adapters: list[str] | None,
    samples: int | None,
    temperature: float | None,
    seed: int | None,
    model: str,
) -> VotingSettings | None:
    """The settings of the vote; None for another strategy. Where nothing is said of the voters, the adapters that were
    shipped for the default model vote.

    Raises:
        typer.BadParameter: for an option of the vote without it.
        Text2MDTError: T2M170 for a vote that cannot be.
    """
    given = {"--vote-adapters": vote_adapters, "--samples": samples, "--temperature": temperature, "--seed": seed}
    if strategy is not Strategy.VOTE:
        if named := [name for name, value in given.items() if value]:
            raise typer.BadParameter(f"{', '.join(named)} needs --strategy vote")
        return None
    from text2mdt.models.backbone import DEFAULT
    from text2mdt.voting.settings import TEMPERATURE, VotingSettings, shipped_voters

    names = tuple(name.strip() for listed in vote_adapters or () for name in listed.split(",") if name.strip())
    if not names and not samples and model == DEFAULT:
        names = shipped_voters()
    return VotingSettings(
        adapters=names,
        samples=samples or 0,
        temperature=TEMPERATURE if temperature is None else temperature,
        seed=seed or 0,
    )
