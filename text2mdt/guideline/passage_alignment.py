"""Which passage of the old edition is which of the new one."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from heapq import nlargest
from typing import NamedTuple

from text2mdt.guideline.word_diff import similarity, word_keys
from text2mdt.schema import PassageResult

LEAST_SIMILARITY = 0.5
"""Passages that share less of their words, in their order, are not the same passage."""
_CANDIDATES = 6
_RARE_WORDS = 30
_MOST_HOLDERS = 300
_SAME_HEADING = 0.1


class _Candidate(NamedTuple):
    score: float
    distance: float
    old: int
    new: int


def aligned(old: Sequence[PassageResult], new: Sequence[PassageResult]) -> dict[int, int]:
    """The pairs of passages that are the same, as index in `old` → index in `new`; none twice.

    Equal words come first, under an equal heading before others; then the most similar ones, an equal heading helping.
    """
    old_words, new_words = ([word_keys(result.text) for result in edition] for edition in (old, new))
    pairs = _equal(old, new, old_words, new_words)
    taken = set(pairs.values())
    left = {index: Counter(words) for index, words in enumerate(old_words) if index not in pairs}
    free = {index: Counter(words) for index, words in enumerate(new_words) if index not in taken}
    scale = len(new) / max(len(old), 1)
    candidates = []
    for one, other in _worth_comparing(left, free):
        score = similarity(old_words[one], new_words[other])
        if score >= LEAST_SIMILARITY:
            same_heading = old[one].passage.heading_path == new[other].passage.heading_path
            candidates.append(_Candidate(-score - _SAME_HEADING * same_heading, abs(one * scale - other), one, other))
    for candidate in sorted(candidates):
        if candidate.old not in pairs and candidate.new not in taken:
            pairs[candidate.old] = candidate.new
            taken.add(candidate.new)
    return pairs


def _equal(
    old: Sequence[PassageResult],
    new: Sequence[PassageResult],
    old_words: Sequence[tuple[str, ...]],
    new_words: Sequence[tuple[str, ...]],
) -> dict[int, int]:
    """Passages with equal words; repeated ones first where the heading is the same as well, then in their order."""
    pairs: dict[int, int] = {}
    taken: set[int] = set()
    for keys, others in (
        (_with_headings(old, old_words), _with_headings(new, new_words)),
        ([*old_words], [*new_words]),
    ):
        places: dict[object, list[int]] = {}
        for index in range(len(others) - 1, -1, -1):
            if index not in taken:
                places.setdefault(others[index], []).append(index)
        for index, key in enumerate(keys):
            if index not in pairs and (waiting := places.get(key)):
                pairs[index] = waiting.pop()
                taken.add(pairs[index])
    return pairs


def _with_headings(edition: Sequence[PassageResult], words: Sequence[tuple[str, ...]]) -> list[object]:
    return [(result.passage.heading_path, own) for result, own in zip(edition, words, strict=True)]


def _worth_comparing(left: Mapping[int, Counter[str]], free: Mapping[int, Counter[str]]) -> Iterator[tuple[int, int]]:
    """For each old passage the few new ones that share most of its rare words and could be similar enough."""
    holders: dict[str, list[int]] = {}
    for index, words in free.items():
        for word in words:
            holders.setdefault(word, []).append(index)
    for index, words in left.items():
        votes: dict[int, float] = {}
        known = sorted((len(holders[word]), word) for word in words if word in holders)
        for number, word in known[:_RARE_WORDS]:
            for other in holders[word][:_MOST_HOLDERS]:
                votes[other] = votes.get(other, 0.0) + 1 / number
        for other in nlargest(_CANDIDATES, votes, key=votes.__getitem__):
            shared = 2 * (words & free[other]).total()
            if shared >= LEAST_SIMILARITY * (words.total() + free[other].total()):  # the words alone, in any order
                yield index, other


def out_of_order(pairs: dict[int, int]) -> set[int]:
    """The old passages that must be moved to bring the others into the order of the new edition; as few as can be."""
    old = sorted(pairs)
    ends: list[int] = []  # of the ascending runs of each length, the smallest last place
    holders: list[int] = []
    before: dict[int, int | None] = {}
    for index in old:
        length = bisect_left(ends, pairs[index])
        ends[length : length + 1] = [pairs[index]]
        holders[length : length + 1] = [index]
        before[index] = holders[length - 1] if length else None
    kept, at = set(), holders[-1] if holders else None
    while at is not None:
        kept.add(at)
        at = before[at]
    return set(old) - kept
