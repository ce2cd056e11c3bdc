"""Populations read as who the patients are and what they have: which are the same, which are narrower."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from text2mdt.guideline.normal_words import Words, is_number, normal_words

_ANYONE_WORDS = "patient person individual case subject those all any other aged age"
_ANYONE = frozenset(_ANYONE_WORDS.split())
_IMPLIED = {"pregnant": "woman", "breastfeeding": "woman", "postmenopausal": "woman", "postpartum": "woman"}
_OPENING = re.compile(
    r"(?:,?\s|^)(?=(?:with|without|who|whose|whom|where|taking|receiving|undergoing|awaiting|starting|having|"
    r"considering|presenting|admitted|treated|given|seen|attending|suspected|after|before|on|in|at|for|during|"
    r"under (?!\d)|whatever)\b)",
    re.IGNORECASE,
)
_HAVING = re.compile(r"(?:with|having|who (?:have|has|had)|presenting with)\s+", re.IGNORECASE)
_NARROWING_WORDS = """
mild moderate severe acute chronic recurrent uncomplicated complicated confirmed proven symptomatic asymptomatic active
stable unstable resistant refractory persistent advanced early late newly diagnosed established untreated type primary
secondary bacterial viral fungal life threatening relapsing progressive localised disseminated fulminant
unilateral bilateral
"""
_NARROWING = frozenset(_NARROWING_WORDS.split())
"""Words in front of an illness that name some of those who have it; "suspected" and "previous" do not."""


@dataclass(frozen=True)
class PatientGroup:
    """A population in comparable form.

    Attributes:
        who: for each group that is named ("men and women": two) what marks its members; anyone has no mark.
        what: what they all have, take or went through, each as its words.
    """

    who: frozenset[frozenset[str]]
    what: frozenset[Words]

    @property
    def is_anyone(self) -> bool:
        """Whether it says nothing: "Patients"."""
        return not self.what and frozenset() in self.who

    def holds(self, other: PatientGroup) -> bool:
        """Whether the words say that all of `other`, which is not the same, belong to this group too."""
        if self == other or self.is_anyone:
            return False
        members = all(any(wide <= narrow for wide in self.who) for narrow in other.who)
        return members and all(any(_narrows(words, wide) for words in other.what) for wide in self.what)


@lru_cache(maxsize=8192)
def patient_group(population: str) -> PatientGroup:
    """A population read as a patient group.

    "Patients with gout", "people who have gout" and "person with gout" are the same. "Adults with gout" is another
    group, held by theirs; so is "pregnant women with severe gout".
    """
    head, *clauses = _OPENING.split(population.strip())
    what = frozenset(words for clause in clauses for words in _findings(clause))
    return PatientGroup(frozenset(_members(head)) or frozenset({frozenset()}), what)


def _members(head: str) -> Iterator[frozenset[str]]:
    for part in re.split(r"\s+(?:and|or)\s+(?![^\s]*\d|older|over|above|under|younger)|\s*[,/]\s*", head.strip()):
        words = normal_words(re.sub(r"\bnon[\s-]", "non", part, flags=re.IGNORECASE))
        marks = {word for word in words if word not in _ANYONE and word != "old"}
        if words:
            yield frozenset(marks | {_IMPLIED[mark] for mark in marks if mark in _IMPLIED})


def _findings(clause: str) -> Iterator[Words]:
    """What a clause ("with A and B", "who take C") says, each finding as its words."""
    having = _HAVING.match(clause)
    if not having:
        words = normal_words(clause)
        if words not in ((), ("presenting",)):
            yield words
        return
    rest = clause[having.end() :]
    parts = [rest] if re.search(r"\b(?:or|either|both|between)\b", rest) else re.split(r",?\s+and\s+", rest)
    for part in parts:
        if words := normal_words(part):
            yield ("with", *words)


def _narrows(words: Words, wide: Words) -> bool:
    """Whether a finding is a wider one, or that with narrowing words in front."""
    if words == wide:
        return True
    if (words[0], wide[0]) != ("with", "with") or len(words) <= len(wide) or words[-len(wide) + 1 :] != wide[1:]:
        return False
    return all(word in _NARROWING or is_number(word) for word in words[1 : 1 - len(wide)])


def parents(groups: Sequence[PatientGroup]) -> list[int | None]:
    """For each group the index of the narrowest one that holds it, of several the first; None where it stands alone."""
    found: list[int | None] = []
    for group in groups:
        wider = [index for index, other in enumerate(groups) if other.holds(group)]
        closest = [index for index in wider if not any(groups[index].holds(groups[other]) for other in wider)]
        found.append(min(closest, default=None))
    return found
