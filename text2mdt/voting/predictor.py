"""Writes the trees of passages by a vote of several adapters, several samples, or both."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from text2mdt.errors import Text2MDTError
from text2mdt.grounding import ground
from text2mdt.predictor import PassageText, Prediction, Predictor
from text2mdt.relations import RelationSet
from text2mdt.safety import check
from text2mdt.schema import Passage, join_forest
from text2mdt.voting.minimum_risk import vote
from text2mdt.voting.settings import VotingSettings


@dataclass(frozen=True)
class VotingPredictor:
    """Chooses among the candidates of several predictors: of each its greedy answer, and samples.

    Candidates whose trees draw a warning of `text2mdt.safety` count for less. Without samples, a passage is settled
    where the first two of three or four voters write the same and no warning stands on it: the others are not asked.
    (Aggarwal et al., "Let's Sample Step by Step", EMNLP 2023, stop a majority vote so; the rule of two is ours,
    docs/voting.md.)

    Attributes:
        voters: all write the same relations. Their greedy answers are the first candidates, in this order.
        names: of the voters' adapters.
        settings: how many samples, and how they are drawn.

    Raises:
        Text2MDTError: T2M170 for fewer than two candidates, T2M173 for voters of different relations.
    """

    voters: tuple[Predictor, ...]
    names: tuple[str, ...]
    settings: VotingSettings

    def __post_init__(self) -> None:
        if len(self.voters) * len(self.settings.samplings) < 2:
            detail = "all names are of one adapter, which is one candidate only"
            raise Text2MDTError("T2M170", detail=detail, mend="name further adapters, or ask for samples")
        for voter in self.voters:
            if voter.relations is not self.relations:
                raise Text2MDTError("T2M173", own=voter.relations.name, wanted=self.relations.name)

    @property
    def relations(self) -> RelationSet:
        return self.voters[0].relations

    @property
    def strategy(self) -> dict[str, Any]:
        settings = self.settings
        told = {"name": "vote", "adapters": list(self.names), "samples": settings.samples}
        if settings.samples:
            told |= {"temperature": settings.temperature, "seed": settings.seed}
        return told

    @property
    def description(self) -> str:
        """The same in a line for people."""
        settings = self.settings
        drawn = f", {settings.samples} samples each at temperature {settings.temperature:g}, seed {settings.seed}"
        return f"vote of {', '.join(self.names)}" + (drawn if settings.samples else "")

    @property
    def _stops_early(self) -> bool:
        return 2 < len(self.voters) < 5 and not self.settings.samples

    def predict(
        self, passages: Sequence[PassageText], progress: Callable[[int], None] | None = None
    ) -> list[Prediction]:
        """The chosen predictions in the order of the passages.

        Args:
            passages: (population, text) each.
            progress: hears how many passages' worth of answers are generated so far.
        """
        samplings = self.settings.samplings
        answers: list[list[list[Prediction]]] = [[] for _ in passages]
        going = list(range(len(passages)))
        done, every = 0, len(self.voters) * len(samplings)
        for number, voter in enumerate(self.voters):
            heard = None if progress is None else _in_passages(progress, done, every)
            written = voter.candidates([passages[place] for place in going], samplings, heard)
            for place, own in zip(going, written, strict=True):
                answers[place].append(own)
            done += len(written) * len(samplings)
            if number == 1 and self._stops_early:
                going = [place for place in going if not _is_settled(answers[place], passages[place], self.relations)]
                done += (len(passages) - len(going)) * (every - 2)
                if progress is not None and len(going) < len(passages):
                    progress(done // every)
        return [
            _chosen(_greedy_first(own), passage, self.relations) for own, passage in zip(answers, passages, strict=True)
        ]


def _in_passages(progress: Callable[[int], None], before: int, each: int) -> Callable[[int], None]:
    """Tells progress in passages, of `each` answers, from answers done behind `before` of earlier voters."""
    return lambda done: progress((before + done) // each)


def _is_settled(answers: Sequence[Sequence[Prediction]], passage: PassageText, relations: RelationSet) -> bool:
    """Whether the greedy answers of the first two voters are the same, and nothing speaks against it."""
    one, other = (own[0] for own in answers)
    if one.error or other.error or join_forest(one.trees) != join_forest(other.trees):
        return False
    return not _draws_a_warning(one, passage, relations)


def _greedy_first(answers: Sequence[list[Prediction]]) -> list[Prediction]:
    """All answers to a passage: every voter's greedy one, then every voter's samples."""
    return [own[0] for own in answers] + [sample for own in answers for sample in own[1:]]


def _chosen(candidates: Sequence[Prediction], passage: PassageText, relations: RelationSet) -> Prediction:
    forests = [None if candidate.error else join_forest(candidate.trees) for candidate in candidates]
    differ = any(forest != forests[0] for forest in forests)  # else warnings cannot tell them apart
    warned = {
        place
        for place, candidate in enumerate(candidates)
        if differ and _draws_a_warning(candidate, passage, relations)
    }
    found = vote(forests, warned)
    others = tuple(other.generation for place, other in enumerate(candidates) if place != found.chosen)
    return replace(candidates[found.chosen], agreement=found.agreement, others=others)


def _draws_a_warning(candidate: Prediction, given: PassageText, relations: RelationSet) -> bool:
    """Whether one of the checks on trees has something against it."""
    population, text = given
    passage = Passage(id="candidate", population=population, text=text)
    return bool(check(passage, candidate.trees, ground(passage, candidate.trees, relations), relations))
