"""Codes that may be meant by the words of a tree: for a person to accept or not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict
from rapidfuzz import fuzz, process

from text2mdt.guideline.normal_triples import WEIGHTY
from text2mdt.guideline.normal_words import Words, is_number, normal_words
from text2mdt.safety.negation_words import denies
from text2mdt.terminology.code_list import Concept
from text2mdt.terminology.terms import Term

LEAST_SCORE = 90.0
"""Lower ones are mostly wrong: "hyperkalaemia" and "hypokalaemia" have 88."""
MOST_CODES = 3
_LONGEST_NAME = 8
"""Words of a name that is looked for inside of longer words."""


class Suggestion(BaseModel):
    """A code that may be meant. Nothing but its name was compared: whether it fits, a person has to say.

    Attributes:
        name: the name of the concept, display or synonym, that is like the words.
        score: how like, 0 to 100: `rapidfuzz.fuzz.ratio` of the sorted words of both in normal form.
        match: "whole" where the name is like all of the words, "part" where it stands among them.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    term: Term
    concept: Concept
    name: str
    score: float
    match: Literal["whole", "part"]


def suggestions(
    terms: Sequence[Term], concepts: Sequence[Concept], least: float = LEAST_SCORE, most: int = MOST_CODES
) -> list[Suggestion]:
    """For each term its best codes, best first, in the order of the terms.

    Words that deny something ("no fever") get no code of what they deny, and a name that differs from the words in a
    number or in a word such as "left", "severe" or "without" is never like all of them.

    Args:
        least: score from which a name is like the words; names that stand among the words need none.
        most: codes a term.
    """
    names = _Names(concepts)
    return [one for term in terms for one in names.like(term, least)[:most]]


class _Names:
    """All names of a code list, to be searched."""

    def __init__(self, concepts: Sequence[Concept]) -> None:
        self._concepts = concepts
        self._names = [
            (place, name) for place, one in enumerate(concepts) for name in dict.fromkeys((one.display, *one.synonyms))
        ]
        self._sorted: list[str] = []
        self._places: dict[Words, list[int]] = {}
        for number, (_, name) in enumerate(self._names):
            words = normal_words(name)
            self._sorted.append(_sorted(words))
            self._places.setdefault(words, []).append(number)

    def like(self, term: Term, least: float) -> list[Suggestion]:
        words = normal_words(term.words)
        query = _sorted(words)
        best: dict[tuple[str, str], Suggestion] = {}
        whole = process.extract(query, self._sorted, scorer=fuzz.ratio, score_cutoff=least, limit=None)
        for name, score, number in whole:
            if not _differs_in_weight(words, name.split()):
                self._keep(best, self._suggestion(term, number, score, "whole"))
        for number in self._among(words):
            score = fuzz.ratio(query, self._sorted[number])
            self._keep(best, self._suggestion(term, number, score, "part"))
        return sorted(best.values(), key=lambda one: -one.score)

    def _among(self, words: Words) -> Iterator[int]:
        """The names that are a run of the words, not all of them."""
        for length in range(min(_LONGEST_NAME, len(words) - 1), 0, -1):
            for start in range(len(words) - length + 1):
                yield from self._places.get(words[start : start + length], ())

    def _suggestion(self, term: Term, number: int, score: float, match: Literal["whole", "part"]) -> Suggestion:
        place, name = self._names[number]
        return Suggestion(term=term, concept=self._concepts[place], name=name, score=round(score, 1), match=match)

    @staticmethod
    def _keep(best: dict[tuple[str, str], Suggestion], one: Suggestion) -> None:
        if denies(one.term.words) != denies(one.name):
            return
        place = one.concept.system, one.concept.code
        if place not in best or best[place].score < one.score:
            best[place] = one


def _sorted(words: Words) -> str:
    return " ".join(sorted(words))


def _differs_in_weight(one: Sequence[str], other: Sequence[str]) -> bool:
    return any(word in WEIGHTY or is_number(word) for word in set(one) ^ set(other))
