"""From passages to trees: prompt, grammar, generation, parsing. What extraction and evaluation share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from pilora.errors import CodedError
from text2mdt.confidence import ConfidenceCurves, ForestConfidence, ForestLogs, forest_logs
from text2mdt.engines import Engine, Prompt
from text2mdt.gbnf import passage_gbnf
from text2mdt.grammar import FORMATS_WITH_GRAMMAR, passage_grammar
from text2mdt.linear import DEFAULT_FORMAT, get_format
from text2mdt.parser import parse
from text2mdt.prompts import passage_prompt
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
        repairs: what the parser mended, empty when the text was legal.
        error: why there is no tree where the text could not be read.
        logs: how sure the engine's choices were, where they tell it.
        confidence: the same as shares of right ones.
    """

    trees: list[DecisionTree]
    generation: Generation
    repairs: tuple[str, ...] = ()
    error: str | None = None
    logs: ForestLogs | None = None
    confidence: ForestConfidence | None = None


@dataclass(frozen=True)
class Predictor:
    """Writes the trees of passages.

    Attributes:
        engine: generates.
        use_grammar: whether generation keeps to the grammar of the passage, where the format has one.
        format_name: the target format that the model writes.
        dialect: language of the grammars that the engine takes.
        no_decision_bias: nats added to the logit of "no decision" (`text2mdt.calibration`).
        curves: from the engine's choices to shares of right ones (`text2mdt.calibration`); without them there are
            none.
        prompt: makes the prompt of (population, text).
    """

    engine: Engine
    use_grammar: bool = True
    format_name: str = "outline"
    relations: RelationSet = ENGLISH
    prompt: Callable[[str, str], str] = field(default=passage_prompt)
    no_decision_bias: float = 0.0
    dialect: Literal["lark", "gbnf"] = "lark"
    curves: ConfidenceCurves | None = None

    def predict(
        self, passages: Sequence[PassageText], progress: Callable[[int], None] | None = None
    ) -> list[Prediction]:
        """The predictions in the order of the passages; `progress` hears how many are generated so far."""
        bias = self._opening_bias()
        prompts = [Prompt(self.prompt(*passage), self._grammar(*passage), bias) for passage in passages]
        generations = self.engine.generate(prompts, progress)
        return [
            self._read(population, generation)
            for (population, _), generation in zip(passages, generations, strict=True)
        ]

    def _opening_bias(self) -> tuple[tuple[str, float], ...]:
        if not self.no_decision_bias:
            return ()
        return ((get_format(self.format_name).write([], "", self.relations), self.no_decision_bias),)

    def _grammar(self, population: str, text: str) -> str | None:
        if not self.use_grammar or self.format_name not in FORMATS_WITH_GRAMMAR:
            return None
        if self.dialect == "gbnf":
            return passage_gbnf(text, population, self.relations)
        return passage_grammar(text, population, self.relations, format=self.format_name)

    def _read(self, population: str, generation: Generation) -> Prediction:
        try:
            parsed = parse(generation.text, population, self.format_name, self.relations)
        except CodedError as error:
            return Prediction([], generation, error=str(error))
        logs = None
        if self.format_name == DEFAULT_FORMAT and not parsed.repairs:
            logs = forest_logs(generation, parsed.trees)
        sure = None if logs is None or self.curves is None else logs.calibrated(self.curves)
        return Prediction(list(parsed.trees), generation, parsed.repairs, logs=logs, confidence=sure)
