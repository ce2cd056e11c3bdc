"""The questions that a case answers: distinct triples of conditions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from text2mdt.guideline.normal_words import Words, normal_words
from text2mdt.guideline.patient_groups import PatientGroup, patient_group
from text2mdt.schema import DecisionTree, Triple


class QuestionKey(NamedTuple):
    """A triple in a form in which those that ask the same are equal: who, what kind of finding, which words."""

    subject: PatientGroup
    relation: str
    object: Words


def question_key(triple: Triple) -> QuestionKey:
    """The key of a triple; case, articles, plurals, and how a quantity is written do not count."""
    return QuestionKey(patient_group(triple.subject), triple.relation, normal_words(triple.object))


def distinct_questions(trees: Iterable[DecisionTree]) -> dict[QuestionKey, Triple]:
    """What the conditions of the trees ask, in pre-order, each as it is said first."""
    found: dict[QuestionKey, Triple] = {}
    for tree in trees:
        for node in tree.nodes:
            if node.is_condition:
                for triple in node.triples:
                    found.setdefault(question_key(triple), triple)
    return found
