"""A case: what is known of one patient, as answers to the questions of trees."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from functools import cached_property

from pydantic import BaseModel, ConfigDict

from text2mdt.cases.questions import QuestionKey, question_key
from text2mdt.schema import Triple


class Answer(StrEnum):
    """Whether a condition holds; `unknown` is final: it will not be asked again."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"

    @property
    def truth(self) -> bool | None:
        return None if self is Answer.UNKNOWN else self is Answer.YES


class GivenAnswer(BaseModel):
    """An answer and the triple it was asked with."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    subject: str
    relation: str
    object: str
    answer: Answer

    @property
    def triple(self) -> Triple:
        return Triple(self.subject, self.relation, self.object)


class Case(BaseModel):
    """The answers given so far, in their order; a question that was answered twice has the later answer.

    Equal questions (see `question_key`) share their answer, wherever they stand.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    answers: tuple[GivenAnswer, ...] = ()

    @classmethod
    def of(cls, answers: Mapping[Triple, Answer | str] | Iterable[tuple[Triple, Answer | str]]) -> Case:
        """The case of these answers ("yes", "no" or "unknown")."""
        pairs = answers.items() if isinstance(answers, Mapping) else answers
        return cls(answers=tuple(_given(triple, Answer(answer)) for triple, answer in pairs))

    def with_answer(self, triple: Triple, answer: Answer) -> Case:
        """The case with one more answer; an earlier one to the same question is left out."""
        key = question_key(triple)
        kept = tuple(one for one in self.answers if question_key(one.triple) != key)
        return Case(answers=(*kept, _given(triple, answer)))

    def without_last(self) -> Case:
        """The case before its last answer."""
        return Case(answers=self.answers[:-1])

    def answer(self, triple: Triple) -> Answer | None:
        """The answer to a triple; None where it was not asked yet."""
        return self.by_question.get(question_key(triple))

    def truth(self, triple: Triple) -> bool | None:
        """Whether a triple holds; None where that is unknown or was not asked yet."""
        answer = self.answer(triple)
        return None if answer is None else answer.truth

    @cached_property
    def by_question(self) -> dict[QuestionKey, Answer]:
        return {question_key(one.triple): one.answer for one in self.answers}


def _given(triple: Triple, answer: Answer) -> GivenAnswer:
    return GivenAnswer(subject=triple.subject, relation=triple.relation, object=triple.object, answer=answer)
