"""How a relation is shown in every view: a short word, a colour by number, and what it means."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypedDict

from text2mdt.relations import ENGLISH

COLOURS = 8


class RelationLook(TypedDict):
    """`colour` is a number from 0 to COLOURS - 1, the same one in all views and in the HTML export."""

    word: str
    name: str
    meaning: str
    colour: int


def relation_looks(names: Iterable[str]) -> dict[str, RelationLook]:
    """The looks of these relations, the known ones first, in their own order; unknown ones show their name."""
    wanted = dict.fromkeys(names)
    order = list(ENGLISH.by_name) + [name for name in wanted if name not in ENGLISH.by_name]
    return {name: _look(name, order.index(name)) for name in order if name in wanted}


def _look(name: str, number: int) -> RelationLook:
    known = ENGLISH.by_name.get(name)
    plain = name.replace("_", " ")
    return RelationLook(
        word=known.keyword if known else plain,
        name=plain,
        meaning=known.meaning if known else "",
        colour=number % COLOURS,
    )
