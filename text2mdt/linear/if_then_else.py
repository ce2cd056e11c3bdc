"""The if-then-else format: the outline in words, without its labels.

    if feature: otorrhoea | basic: younger than 6 months
    then drug: amoxicillin & dose: 45 mg/kg twice daily for 7 days
    else if feature: severe symptoms
    then drug: amoxicillin
    else none

The order says which question a line answers: the last one that still waits, `then` before `else`. Triples are written
as in the outline.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from text2mdt.linear.outline import OutlineFormat
from text2mdt.linear.segments import Segment, Step, join, structure
from text2mdt.relations import RelationSet
from text2mdt.schema import DecisionTree

_LABEL = re.compile(r"(?:\d+ (yes|no) )?(?:\d+ (if|do) )?")
_WORDS = {"yes": "then ", "no": "else ", "if": "if ", "do": "do "}
_LINE = re.compile(r"\s*+(?:(then|else) )?+(?:(if|do)(?: |$))?+(.*+)", re.DOTALL)
_OUTLINE = OutlineFormat()


class IfThenElseFormat:
    """Writes and reads the if-then-else format."""

    name = "if_then_else"
    earlier: tuple[Step, ...] = ()

    def segments(
        self, trees: Sequence[DecisionTree], population: str, relations: RelationSet, text: str = ""
    ) -> list[Segment]:
        """The target text in pieces; raises T2M004 for a relation that the set does not hold."""
        pieces = []
        for index, piece in enumerate(_OUTLINE.segments(trees, population, relations)):
            if not piece.is_span:
                first, *others = piece.text.split("\n")
                lines = [first if index else _in_words(first), *map(_in_words, others)]
                piece = structure("\n".join(lines))
            pieces.append(piece)
        return pieces

    def write(self, trees: Sequence[DecisionTree], population: str, relations: RelationSet) -> str:
        """The target text: the segments joined."""
        return join(self.segments(trees, population, relations))

    def read(self, text: str, population: str, relations: RelationSet) -> tuple[list[DecisionTree], tuple[str, ...]]:
        """The trees of a text and what had to be mended; raises T2M002 where nothing can be read."""
        return _OUTLINE.read(_with_labels(text), population, relations)


def _in_words(line: str) -> str:
    """A line of the outline with words in the place of its labels."""
    return _LABEL.sub(lambda match: "".join(_WORDS[part] for part in match.groups() if part), line, count=1)


def _with_labels(text: str) -> str:
    """The outline of a text; lines that are none of this format stay as they are, for the outline's reader to mend."""
    lines = []
    waiting: list[tuple[int, str]] = []  # questions by depth, with the answer that each waits for
    for line in re.split(r"\r\n?|\n", text):
        answer, kind, rest = _LINE.fullmatch(line).groups()  # type: ignore[union-attr]
        if answer is None and kind is None:
            lines.append(line)
            continue
        head, depth = "", 0
        if answer is None:
            waiting.clear()
        else:
            depth = waiting[-1][0] if waiting else 1
            head = f"{depth} {'yes' if answer == 'then' else 'no'} "
            if waiting:
                waiting.pop()
            if answer == "then":
                waiting.append((depth, "else"))
        if kind == "if":
            waiting.append((depth + 1, "then"))
        lines.append(head + (f"{depth + 1} {kind} " if kind else "") + rest)
    return "\n".join(lines)
