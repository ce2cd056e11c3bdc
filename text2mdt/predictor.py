"""From passages to trees: prompt, grammar, generation, parsing. What extraction and evaluation share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, Protocol

from pilora.errors import CodedError
from text2mdt.answered_questions import REPAIR, without_answered_questions
from text2mdt.confidence import ConfidenceCurves, ForestConfidence, ForestLogs, forest_logs
from text2mdt.engines import Beams, Engine, Prompt, Sampling
from text2mdt.gbnf import passage_gbnf
from text2mdt.grammar import FORMATS_WITH_GRAMMAR, passage_grammar
from text2mdt.linear import DEFAULT_FORMAT, get_format
from text2mdt.linear.segments import Step
from text2mdt.parser import parse
from text2mdt.prompts import passage_prompt, step_prompt
from text2mdt.relations import ENGLISH, RelationSet
from text2mdt.schema import DecisionTree, Generation

PassageText = tuple[str, str]
"""(population, text)."""


@dataclass(frozen=True)
class Prediction:
    """What became of one passage.

    Attributes:
        trees: possibly none.
        generation: as the engine wrote it.
        repairs: what was mended: by the parser, and questions left out that were answered already.
        error: why there is no tree where the text could not be read.
        logs: how sure the engine's choices were, where they tell it.
        confidence: the same as shares of right ones.
        agreement: where candidates were voted on, the mean similarity of this one to the others, 0 to 1
            (`text2mdt.voting`); how sure the vote is.
        others: what the engine wrote for the other candidates.
    """

    trees: list[DecisionTree]
    generation: Generation
    repairs: tuple[str, ...] = ()
    error: str | None = None
    logs: ForestLogs | None = None
    confidence: ForestConfidence | None = None
    agreement: float | None = None
    others: tuple[Generation, ...] = ()


class TreeWriter(Protocol):
    """Writes the trees of passages: with one adapter (`Predictor`), or by a vote (`text2mdt.voting`)."""

    @property
    def relations(self) -> RelationSet:
        """The relations of the trees."""

    @property
    def strategy(self) -> dict[str, Any]:
        """How the trees are chosen, as JSON values; `name` says which strategy it is."""

    def predict(
        self, passages: Sequence[PassageText], progress: Callable[[int], None] | None = None
    ) -> list[Prediction]:
        """The predictions in the order of the passages; `progress` hears how many passages are done so far."""


@dataclass(frozen=True)
class _Ahead:
    """What the earlier steps of a passage have given.

    Attributes:
        given: heading and text of the last one.
        ended: the answer that ends the passage.
        written: the answers that do not.
    """

    given: tuple[str, str] | None = None
    ended: Generation | None = None
    written: tuple[Generation, ...] = ()

    def counted(self, last: Generation) -> Generation:
        """The last answer with the tokens of all, and truncated where any of them was."""
        if not self.written:
            return last
        every = (*self.written, last)
        return last.model_copy(
            update={
                "token_count": sum(answer.token_count for answer in every),
                "forced_count": sum(answer.forced_count for answer in every),
                "truncated": any(answer.truncated for answer in every),
            }
        )


@dataclass(frozen=True)
class Predictor:
    """Writes the trees of passages with one model, taking the best token at each step, or by beam search.

    Attributes:
        engine: generates.
        use_grammar: whether generation keeps to the grammar of the passage, where the format has one.
        format_name: the target format that the model writes.
        dialect: language of the grammars that the engine takes.
        relations: the relations of its trees; they also say where an object may begin and end.
        no_decision_bias: nats added to the logit of "no decision" (`text2mdt.calibration`).
        curves: from the engine's choices to shares of right ones (`text2mdt.calibration`); without them there are
            none.
        prompt: makes the prompt of (population, text).
        beams: of a search; None takes the best token at each step.
    """

    engine: Engine
    use_grammar: bool = True
    format_name: str = "outline"
    relations: RelationSet = ENGLISH
    prompt: Callable[[str, str], str] = field(default=passage_prompt)
    no_decision_bias: float = 0.0
    dialect: Literal["lark", "gbnf"] = "lark"
    curves: ConfidenceCurves | None = None
    beams: Beams | None = None

    @property
    def strategy(self) -> dict[str, Any]:
        return {"name": "greedy"} if self.beams is None else {"name": "beam", **asdict(self.beams)}

    def predict(
        self, passages: Sequence[PassageText], progress: Callable[[int], None] | None = None
    ) -> list[Prediction]:
        """The predictions in the order of the passages; `progress` hears how many are generated so far."""
        return [prediction for (prediction,) in self.candidates(passages, (None,), progress)]

    def candidates(
        self,
        passages: Sequence[PassageText],
        samplings: Sequence[Sampling | None],
        progress: Callable[[int], None] | None = None,
    ) -> list[list[Prediction]]:
        """Several answers to each passage.

        Args:
            passages: (population, text) each.
            samplings: how each answer is chosen; None is greedy.
            progress: hears how many answers are generated so far.

        Returns:
            By passage, one prediction for each of `samplings`.
        """
        ahead = self._earlier_steps(passages)
        asked = [
            self._prompt(passage, before, None, each)
            for passage, before in zip(passages, ahead, strict=True)
            for each in (samplings if before.ended is None else ())
        ]
        done = sum(before.ended is not None for before in ahead) * len(samplings)
        if progress is not None and done:
            progress(done)
        generations = iter(self.engine.generate(asked, _from(progress, done)))
        return [
            [self._read(population, before.counted(before.ended or next(generations))) for _ in samplings]
            for (population, _), before in zip(passages, ahead, strict=True)
        ]

    def openings(
        self, passages: Sequence[PassageText], progress: Callable[[int], None] | None = None
    ) -> list[Generation]:
        """The answers to the first prompt of each passage, whose first token says whether there is a tree at all."""
        if not self._steps:
            return [prediction.generation for prediction in self.predict(passages, progress)]
        first = self._steps[0]
        return self.engine.generate([self._prompt(passage, _Ahead(), first) for passage in passages], progress)

    @property
    def _steps(self) -> tuple[Step, ...]:
        return get_format(self.format_name).earlier

    def _earlier_steps(self, passages: Sequence[PassageText]) -> list[_Ahead]:
        """What the steps before the last have given; each of them takes the best token at each step."""
        ahead = [_Ahead()] * len(passages)
        for step in self._steps:
            going = [place for place, before in enumerate(ahead) if before.ended is None]
            answers = self.engine.generate([self._prompt(passages[place], ahead[place], step) for place in going])
            for place, answer in zip(going, answers, strict=True):
                written = ahead[place].written
                if answer.error is not None or answer.text.strip() == "none":
                    ahead[place] = _Ahead(ended=answer, written=written)
                else:
                    ahead[place] = _Ahead(given=(step.heading, answer.text), written=(*written, answer))
        return ahead

    def _prompt(
        self, passage: PassageText, before: _Ahead, step: Step | None, sampling: Sampling | None = None
    ) -> Prompt:
        """That of an earlier step, or of the last one (None); only the first one may say that there is no tree."""
        text = step_prompt(self.prompt(*passage), step and step.heading, before.given)
        grammar = self._grammar(*passage, step and step.grammar)
        return Prompt(text, grammar, () if before.written else self._opening_bias(), sampling, self.beams)

    def _opening_bias(self) -> tuple[tuple[str, float], ...]:
        if not self.no_decision_bias:
            return ()
        return ((get_format(self.format_name).write([], "", self.relations), self.no_decision_bias),)

    def _grammar(self, population: str, text: str, name: str | None = None) -> str | None:
        """That of the format, or of this name; None where there is none or it is not wanted."""
        if not self.use_grammar or self.format_name not in FORMATS_WITH_GRAMMAR:
            return None
        write = passage_gbnf if self.dialect == "gbnf" else passage_grammar
        granularity = self.relations.granularity
        return write(text, population, self.relations, format=name or self.format_name, granularity=granularity)

    def _read(self, population: str, generation: Generation) -> Prediction:
        if generation.error is not None:
            return Prediction([], generation, error=generation.error)
        try:
            parsed = parse(generation.text, population, self.format_name, self.relations)
        except CodedError as error:
            return Prediction([], generation, error=str(error))
        logs = None
        if self.format_name == DEFAULT_FORMAT and not parsed.repairs:
            logs = forest_logs(generation, parsed.trees)
        trees = list(parsed.trees)
        if self.relations is ENGLISH:  # its words tell what is answered
            trees = [without_answered_questions(tree) for tree in trees]
        repairs = parsed.repairs if trees == parsed.trees else (*parsed.repairs, REPAIR)
        logs = None if logs is None else logs.of_kept(parsed.trees, trees)
        sure = None if logs is None or self.curves is None else logs.calibrated(self.curves)
        return Prediction(trees, generation, repairs, logs=logs, confidence=sure)


def _from(progress: Callable[[int], None] | None, done: int) -> Callable[[int], None] | None:
    """Progress behind what is done already."""
    return None if progress is None else lambda more: progress(done + more)
