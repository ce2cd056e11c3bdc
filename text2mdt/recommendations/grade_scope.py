"""Which decisions a printed grade belongs to: those of the sentence or list item that it closes."""

from __future__ import annotations

import re
from collections.abc import Sequence

from text2mdt.grounding import Place
from text2mdt.recommendations.clauses import Clauses

_WORD = re.compile(r"[^\W\d_]{2,}")


class GradeScope:
    """The grades of a passage, each with the sentence or list item that it closes.

    A grade behind a full stop ("… is given. (1A)") closes the sentence before it, one in a lead-in ("any of these
    (2B): …") counts for the items below that have none, and so does a single one behind the last item. A text whose
    first sentence begins with a grade has them all in front.
    """

    def __init__(self, clauses: Clauses, grades: Sequence[Place]) -> None:
        self.clauses = clauses
        self._in_front = bool(grades) and not _WORD.search(clauses.text[: grades[0][0]])
        self._closed: list[tuple[int, Place, bool]] = []  # the unit, the grade, whether a full stop parts them
        for grade in grades:
            unit = clauses.clauses[clauses.at(grade[0])].unit
            opens = self._opens_unit(unit, grade)
            if opens and unit and not self._in_front:
                self._closed.append((unit - 1, grade, True))
            else:
                self._closed.append((unit, grade, False))

    def closing(self, place: Place) -> list[Place]:
        """The grade of what is mentioned at `place`, or nothing."""
        number = self.clauses.at(place[0])
        unit = self.clauses.clauses[number].unit
        own = [grade for closed, grade, _ in self._closed if closed == unit]
        if self._in_front:
            own = [grade for grade in own if grade[1] <= place[0]][-1:]
        else:
            own = [grade for grade in own if grade[0] >= place[1]][:1]
        return own or self._of_leads(number) or self._of_list(number)

    def _opens_unit(self, unit: int, grade: Place) -> bool:
        return not _WORD.search(self.clauses.text[self.clauses.unit_span(unit)[0] : grade[0]])

    def _of_leads(self, number: int) -> list[Place]:
        for lead in self.clauses.leads(number):
            clause = self.clauses.clauses[lead]
            found = [grade for _, grade, _ in self._closed if clause.start <= grade[0] < clause.end]
            if found:
                return found[-1:]
        return []

    def _of_list(self, number: int) -> list[Place]:
        """The grade behind a whole list whose items have none of their own."""
        clause = self.clauses.clauses[number]
        if not clause.is_item:
            return []
        outer = self._outermost(number)
        units = {
            other.unit
            for index, other in enumerate(self.clauses.clauses)
            if other.is_item and self._outermost(index) == outer
        }
        closed = [(grade, is_apart) for unit, grade, is_apart in self._closed if unit in units]
        return [closed[0][0]] if len(closed) == 1 and closed[0][1] else []

    def _outermost(self, number: int) -> int:
        return next(iter(self.clauses.leads(number)[::-1]), -1)
