"""Cases: what is known of a patient, walked through decision trees in three-valued logic."""

from __future__ import annotations

from text2mdt.cases.answers_file import read_answers
from text2mdt.cases.case import Answer, Case, GivenAnswer
from text2mdt.cases.evaluate import Evaluation, PossibleDecision, evaluate
from text2mdt.cases.explain import Explanation, explain
from text2mdt.cases.forest import CaseTree, plain_trees, trees_of_extraction, trees_of_guideline
from text2mdt.cases.in_words import in_words
from text2mdt.cases.next_question import Question, next_question
from text2mdt.cases.questions import QuestionKey, distinct_questions, question_key

__all__ = [
    "Answer",
    "Case",
    "CaseTree",
    "Evaluation",
    "Explanation",
    "GivenAnswer",
    "PossibleDecision",
    "Question",
    "QuestionKey",
    "distinct_questions",
    "evaluate",
    "explain",
    "in_words",
    "next_question",
    "plain_trees",
    "question_key",
    "read_answers",
    "trees_of_extraction",
    "trees_of_guideline",
]
