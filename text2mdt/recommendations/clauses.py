"""A passage cut into clauses: which sentence or list item each stands in, and the lead-in above it."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from text2mdt.grounding import Place

_BRACKETS = re.compile(r"\([^()]{0,200}\)|\[[^\[\]]{0,200}\]")
_SENTENCE = r"(?<!\be\.g)(?<!\bi\.e)(?<!\bvs)[.!?]+[)\]]?(?=\s+(?![a-z])|\s*$)"
_MARK = r"(?:[•▪‣◦·]|\(?(?:[a-h]|[ivx]{1,4}|\d{1,2})\))\s"  # a bullet, "(a)", "2)"
_BOUNDARY = re.compile(
    rf"(?P<stop>{_SENTENCE})|(?P<part>;(?=\s|$))|(?P<colon>:(?=\s|$))|(?:(?<=\s)|^)(?P<item>{_MARK})"
)
_ITEM = re.compile(_MARK)


@dataclass(frozen=True)
class Clause:
    """A stretch of a sentence between full stops, semicolons, colons and bullets.

    Attributes:
        start, end: its characters.
        unit: number of the sentence or list item that it belongs to.
        lead: number of the clause with the colon that introduces it; -1 where there is none.
        is_item: whether it belongs to a list item with a bullet or a line of its own.
    """

    start: int
    end: int
    unit: int
    lead: int
    is_item: bool


class Clauses:
    """The clauses of a text in order; every character belongs to one (a boundary to the clause that it ends).

    Args:
        text: the passage.
        whole: places that no boundary cuts, beside brackets.
        line_starts: where new lines or items of the document begin, as far as known.
    """

    def __init__(self, text: str, whole: Iterable[Place] = (), line_starts: Iterable[int] = ()) -> None:
        self.text = text
        self._kept = [*(match.span() for match in _BRACKETS.finditer(text)), *whole]
        self._lines = sorted(set(line_starts))
        self.clauses = self._cut()
        self._starts = [clause.start for clause in self.clauses]

    def at(self, position: int) -> int:
        """The number of the clause that holds a character."""
        return max(0, bisect_right(self._starts, position) - 1)

    def leads(self, number: int) -> list[int]:
        """The lead-ins of a clause, the nearest first."""
        found = []
        while (number := self.clauses[number].lead) >= 0:
            found.append(number)
        return found

    def unit_span(self, unit: int) -> Place:
        """The characters of a sentence or list item that has clauses."""
        members = [clause for clause in self.clauses if clause.unit == unit]
        return members[0].start, members[-1].end

    def _cut(self) -> list[Clause]:
        clauses: list[Clause] = []
        start, unit = 0, 0
        list_lead, label = -1, -1  # "Give one of:" over all items, "severe:" within one of them
        in_list = False
        for kind, position in self._boundaries():
            is_new_item = kind in ("item", "line")
            if position > start and (self.text[start:position].strip() or not is_new_item):
                lead = label if label >= 0 else list_lead
                clauses.append(Clause(start, position, unit, lead, in_list))
                start = position
                if kind == "colon":
                    if list_lead < 0:
                        list_lead = len(clauses) - 1
                    else:
                        label = len(clauses) - 1
            if kind == "part":
                label = -1
            if is_new_item:
                unit, label = unit + 1, -1
                in_list = list_lead >= 0
            if kind == "stop":
                unit, label = unit + 1, -1
                if not (in_list and self._item_follows(position)):
                    list_lead, in_list = -1, False
        return clauses or [Clause(0, len(self.text), 0, -1, False)]

    def _boundaries(self) -> Sequence[tuple[str, int]]:
        """(kind, where the next clause begins), in order; the end of the text is a full stop."""
        found: list[tuple[str, int]] = []
        for match in _BOUNDARY.finditer(self.text):
            is_item = match.lastgroup == "item"
            position = match.start() + (not is_item)  # "(c)" begins where its bracket does; ".)" may end a sentence
            if not any(start < position < end - 1 for start, end in self._kept):
                found.append((str(match.lastgroup), match.start() if is_item else match.end()))
        found += [("line", start) for start in self._lines if 0 < start < len(self.text)]
        return [*sorted(found, key=lambda pair: pair[1]), ("stop", len(self.text))]

    def _item_follows(self, position: int) -> bool:
        following = len(self.text) - len(self.text[position:].lstrip())
        return following in self._lines or bool(_ITEM.match(self.text, following))
