"""The words of trees that a code can stand for."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import BaseModel, ConfigDict

from text2mdt.relations import ENGLISH
from text2mdt.schema import DecisionTree, Triple

POPULATION = "population"
"""What the subject of a triple is called beside the relations; of a dose it is a drug."""


class Term(BaseModel):
    """Words that stand in trees.

    Attributes:
        words: letter for letter.
        uses: what they are: relations, or "population".
        times: in how many triples they stand.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    words: str
    uses: tuple[str, ...]
    times: int


def terms_of(trees: Iterable[DecisionTree]) -> list[Term]:
    """The distinct words, in the order of the text: populations, findings, drugs, actions. A dose is no term."""
    uses: dict[str, dict[str, None]] = {}
    times: dict[str, int] = {}
    for tree in trees:
        for node in tree.nodes:
            for triple in node.triples:
                for words, use in _used(triple):
                    if words.strip():
                        uses.setdefault(words, {})[use] = None
                        times[words] = times.get(words, 0) + 1
    return [Term(words=words, uses=tuple(found), times=times[words]) for words, found in uses.items()]


def _used(triple: Triple) -> list[tuple[str, str]]:
    if triple.relation == ENGLISH.dosage:
        return [(triple.subject, ENGLISH.drugs[0])]
    return [(triple.subject, POPULATION), (triple.object, triple.relation)]
