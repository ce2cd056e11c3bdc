"""Passages with gold trees out of a grammar: a first stage of training, before the annotated corpus.

Skeleton first (how many trees, how many conditions), then facts of one area of medicine, then words. The tree and its
words are built by one function, and every object is a marked piece of the text, so the two cannot disagree.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from text2mdt.corpus_check import WORDS
from text2mdt.schema import Record
from text2mdt.synthetic import background
from text2mdt.synthetic.areas import all_areas
from text2mdt.synthetic.chains import grown
from text2mdt.synthetic.facts import Facts
from text2mdt.synthetic.layouts import prose
from text2mdt.synthetic.told import Teller, Told
from text2mdt.synthetic.writer import Writer

NEGATIVES = 0.12
"""Share of passages that hold no decision."""
SKELETONS: dict[tuple[int, ...], float] = {
    (1,): 35, (2,): 30, (3,): 17, (4,): 5, (5,): 3, (1, 1): 7.5, (1, 2): 1.3, (2, 1): 1.2,
}  # fmt: skip
"""Conditions of each tree of a passage, with weights; a tree has twice as many nodes as conditions, and one."""
_SHORTEST = 33


@dataclass(frozen=True)
class Synthetic:
    """A generated record and the names of the constructions in it."""

    record: Record
    kinds: tuple[str, ...]


def synthesise(number: int, seed: int = 0) -> list[Record]:
    """Records with ids from `synthetic-00001`, no two of one text; the same arguments give the same records.

    The first records of a longer run are those of a shorter one with the same seed.
    """
    return [item.record for item in synthesise_with_kinds(number, seed)]


def synthesise_with_kinds(number: int, seed: int = 0) -> list[Synthetic]:
    """As `synthesise`, with the constructions that each record was built from."""
    rng = Random(seed)
    texts: set[str] = set()
    found: list[Synthetic] = []
    while len(found) < number:
        item = _one(rng, f"synthetic-{len(found) + 1:05d}")
        if item.record.text not in texts:
            texts.add(item.record.text)
            found.append(item)
    return found


def _one(rng: Random, name: str) -> Synthetic:
    skeleton = () if rng.random() < NEGATIVES else rng.choices(list(SKELETONS), list(SKELETONS.values()))[0]
    while True:
        item = _attempt(rng, name, skeleton)
        if WORDS[0] <= len(item.record.text.split()) <= WORDS[1] - 20:
            return item


def _attempt(rng: Random, name: str, skeleton: tuple[int, ...]) -> Synthetic:
    area = rng.choice(all_areas())
    population = rng.choice(area.populations)
    w = Writer(population, rng)
    teller = Teller(w, Facts(area, population, rng))
    told = [grown(teller, size) for size in skeleton]
    text = _with_decisions(teller, told) if told else " ".join(background.without_decision(teller))
    text, nodes = w.finish(text, [item.tree for item in told])
    record = Record(id=name, population=population, text=text, tree=nodes, specialty=area.specialty, source="synthetic")
    return Synthetic(record, tuple(kind for item in told for kind in item.kinds) or ("negative",))


_BOTH = (
    "Two questions arise.", "Two points need attention.", "Two decisions are independent of each other.",
    "Consider two problems separately.", "",
)  # fmt: skip
_SECOND = (
    "separately, ", "independently of this, ", "as a second point, ", "apart from that, ", "besides, ", "secondly, ",
    "in addition, whatever the answer to the first question, ",
)  # fmt: skip


def _with_decisions(t: Teller, told: list[Told]) -> str:
    """The decisions of a passage, with background around them."""
    parts = []
    if len(told) > 1 and (opening := t.w.pick(_BOTH)):
        parts.append(opening)
    for index, item in enumerate(told):
        clauses = list(item.clauses)
        if index and "layout" not in item.kinds and t.w.chance(0.6):
            clauses[0] = t.w.pick(_SECOND) + clauses[0]
        parts.append(prose(t.w, clauses, joined=not item.nested))
    for _ in range(t.rng.choices((0, 1, 2), (3, 5, 2))[0]):
        _put(t, parts)
    while len(" ".join(parts).split()) < _SHORTEST:
        _put(t, parts)
    return " ".join(parts)


def _put(t: Teller, parts: list[str]) -> None:
    line = background.beside(t)
    if t.w.chance(0.5):
        parts.insert(0, line)
    else:
        parts.append(line)
