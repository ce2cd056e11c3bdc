"""Which words of strength govern a decision: those of its clause, of the lead-in of its list, of the clause before."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from text2mdt.grounding import Place
from text2mdt.recommendations.clauses import Clause, Clauses
from text2mdt.recommendations.strength_words import Cue, find_cues

_SUBORDINATE = re.compile(
    r"\b(?:if|when|whenever|where|unless|until|once|although|though|because|since|while|as long as|provided|in whom|"
    r"for whom|despite)\b",
    re.IGNORECASE,
)
_RELATIVE = re.compile(r"(?<!,) who(?:m|se)?(?: \w+)? $", re.IGNORECASE)  # "those who should not …"
_CONTRAST = re.compile(r"\b(?:but|whereas|while|although|though|however)\b", re.IGNORECASE)
_TURNS = re.compile(r"\b(?:but not|whereas|while|although|though|however)\b", re.IGNORECASE)
_NO_VERB = re.compile(  # how the words behind a decision go on where it has no verb of its own ("…; B if A fails")
    r"\s*(?:$|[,;.(\[\d]|(?:if|when|where|unless|until|for|in|on|at|by|as|to|once|twice|daily|plus|or|and|with|without|"
    r"instead|after|before|from)\b)"
)
_JOINS = re.compile(r"\b(?:or|with|plus|followed by)\b", re.IGNORECASE)


class StrengthScope:
    """The words of strength of a passage, without those inside a condition or a grade, and what they govern."""

    def __init__(self, clauses: Clauses, conditions: Sequence[Place], grades: Sequence[Place]) -> None:
        self.text = clauses.text
        self.clauses = clauses
        self.conditions = sorted(conditions)
        masked = [*conditions, *grades, *self._subordinate()]
        self.cues = [
            cue
            for cue in find_cues(self.text)
            if not any(start < cue.end and cue.start < end for start, end in masked)
            and not _RELATIVE.search(self.text[max(0, cue.start - 30) : cue.start])
        ]

    def governing(self, place: Place, forbids: bool = False) -> Cue | None:
        """The words that govern what is mentioned at `place`.

        Args:
            forbids: look only for words against it. Otherwise an order to stop something else is passed over.
        """
        usable = [cue for cue in self.cues if (cue.strength == "against" if forbids else not cue.stops)]
        number = self.clauses.at(place[0])
        cue = self._of_clause(usable, place, number) or self._of_leads(usable, number) or self._inside(place)
        if forbids:
            return cue
        cue = cue or self._of_clause_before(usable, place, number)
        if cue and cue.strength == "against" and cue.start < place[1] and place[0] < cue.end:
            return replace(cue, strength="strong")  # the decision itself is to avoid or stop something
        return cue

    def _of_clause(self, cues: Sequence[Cue], place: Place, number: int) -> Cue | None:
        clause = self.clauses.clauses[number]
        mine = [cue for cue in cues if clause.start <= cue.start < clause.end]
        before = max((cue for cue in mine if cue.start < place[0]), key=lambda cue: cue.start, default=None)
        after = min((cue for cue in mine if cue.start >= place[1]), key=lambda cue: cue.start, default=None)
        if before and before.reach == "backward" and not _JOINS.search(self.text[before.end : place[0]]):
            before = None
        if before and _TURNS.search(self.text[before.end : place[0]]):
            before = None
        if after and (after.reach == "forward" or _CONTRAST.search(self.text[place[1] : after.start])):
            after = None
        inside = self._inside(place)
        if before and inside and inside.start == place[0]:  # "consider A and reduce B"
            return inside
        if before and after and not before.frames:
            return before if place[0] - before.end <= after.start - place[1] else after
        return before or after

    def _of_leads(self, cues: Sequence[Cue], number: int) -> Cue | None:
        for lead in self.clauses.leads(number):
            clause = self.clauses.clauses[lead]
            found = [cue for cue in cues if clause.start <= cue.start < clause.end]
            if found:
                return found[-1]
        return None

    def _inside(self, place: Place) -> Cue | None:
        """An order that is part of the decision's own words ("reduce the dose")."""
        return next((cue for cue in self.cues if place[0] <= cue.start and cue.end <= place[1]), None)

    def _of_clause_before(self, cues: Sequence[Cue], place: Place, number: int) -> Cue | None:
        """Of "give A; if it fails, B" the words of the part before the semicolon."""
        if not number or not _NO_VERB.match(self.text, place[1]):
            return None
        clause, before = self.clauses.clauses[number], self.clauses.clauses[number - 1]
        if (before.unit, before.lead) != (clause.unit, clause.lead) or self.text[before.end - 1] != ";":
            return None
        found = [cue for cue in cues if before.start <= cue.start < before.end and cue.strength != "against"]
        return found[-1] if found else None

    def _subordinate(self) -> list[Place]:
        """The subordinate clauses: from "if" to the comma, at least over the condition that begins there."""
        return [
            (
                match.start(),
                self._end_of_subordinate(match.start(), self.clauses.clauses[self.clauses.at(match.start())]),
            )
            for match in _SUBORDINATE.finditer(self.text)
        ]

    def _end_of_subordinate(self, start: int, clause: Clause) -> int:
        comma = self.text.find(",", start, clause.end)
        limit = comma if comma >= 0 else clause.end
        conditions = [end for first, end in self.conditions if start <= first < limit]
        if comma >= 0:
            return max([comma, *conditions])
        if conditions:
            return max(conditions)
        is_first = not self.text[clause.start : start].strip(" •()0123456789.")
        return start if is_first else clause.end
