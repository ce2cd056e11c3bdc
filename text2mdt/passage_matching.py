"""Found passages against gold passages of a document: which were found, and how much else was taken along."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import astuple, dataclass
from difflib import SequenceMatcher

from text2mdt.documents.document import BlockKind, Document
from text2mdt.schema import Passage, Record

COVERED = 0.8
"""A gold passage is found when one found passage holds this share of its words, in their order."""
ON_TARGET = 0.5
"""A found passage is on target when this share of its words belongs to gold passages."""

_WORD = re.compile(r"\w+(?:[.,/'’-]\w+)*")


@dataclass(frozen=True)
class PassageCounts:
    """What one document, or a sum of documents, counts; words are words of running text, headings left out.

    Attributes:
        gold, found: passages.
        covered: gold passages that were found.
        right_population: of these, those whose population is the gold one (but for case).
        on_target: found passages that are mostly gold.
        off_target_with_tree: the other found passages of which trees were written.
        other_words: words outside of gold passages; `other_sent` of them were handed to the model.
    """

    gold: int = 0
    found: int = 0
    covered: int = 0
    right_population: int = 0
    on_target: int = 0
    off_target_with_tree: int = 0
    other_words: int = 0
    other_sent: int = 0

    def __add__(self, other: PassageCounts) -> PassageCounts:
        return PassageCounts(*(one + two for one, two in zip(astuple(self), astuple(other), strict=True)))


@dataclass(frozen=True)
class Match:
    """A gold passage with the found passage (by index) that holds most of it, and the share of its words it holds."""

    gold: int
    found: int | None
    cover: float


def match_passages(
    document: Document, found: Sequence[Passage], gold: Sequence[Record], with_trees: Collection[str] = ()
) -> tuple[list[Match], PassageCounts]:
    """Matches by the words, in their order, that two passages share; `with_trees` are ids of found passages."""
    own = [_words(passage.text) for passage in found]
    wanted = [_words(record.text) for record in gold]
    shared = [[_common(one, other) for one in own] for other in wanted]
    matches = []
    for number, row in enumerate(shared):
        best = max(range(len(row)), key=row.__getitem__, default=None)
        cover = row[best] / max(len(wanted[number]), 1) if best is not None else 0.0
        matches.append(Match(number, best, cover))
    covered = [match for match in matches if match.cover >= COVERED]
    inside = [
        min(sum(shared[number][index] for number in range(len(wanted))), len(words)) for index, words in enumerate(own)
    ]
    on_target = [part >= ON_TARGET * len(words) for part, words in zip(inside, own, strict=True)]
    total = sum(len(_words(block.text)) for block in document.blocks if block.kind is not BlockKind.HEADING)
    return matches, PassageCounts(
        gold=len(gold),
        found=len(found),
        covered=len(covered),
        right_population=sum(
            match.found is not None
            and found[match.found].population.casefold() == gold[match.gold].population.casefold()
            for match in covered
        ),
        on_target=sum(on_target),
        off_target_with_tree=sum(
            passage.id in with_trees and not hit for passage, hit in zip(found, on_target, strict=True)
        ),
        other_words=max(total - sum(map(len, wanted)), 0),
        other_sent=sum(len(words) - part for part, words in zip(inside, own, strict=True)),
    )


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())


def _common(one: list[str], other: list[str]) -> int:
    """Number of words that both have in the same order."""
    if (Counter(one) & Counter(other)).total() < 0.2 * min(len(one), len(other)):
        return 0
    blocks = SequenceMatcher(None, one, other, autojunk=False).get_matching_blocks()
    return sum(block.size for block in blocks if block.size > 1)  # single words fall together by chance
