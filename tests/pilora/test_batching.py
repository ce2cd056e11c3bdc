"""Micro-batches bounded by tokens."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from pilora.batching import TokenBatchSampler

LENGTHS = random.Random(0).choices(range(20, 400), k=300)


def epoch(sampler: TokenBatchSampler, number: int) -> list[list[int]]:
    sampler.set_epoch(number)
    assert len(sampler) == len(list(sampler))
    return list(sampler)


def padded(batch: list[int], lengths: list[int]) -> int:
    return len(batch) * max(lengths[index] for index in batch)


@settings(deadline=None)
@given(
    st.lists(st.integers(1, 500), max_size=60),
    st.integers(1, 600),
    st.integers(1, 9),
    st.one_of(st.none(), st.integers(0, 5)),
)
def test_every_index_once_within_the_bounds(
    lengths: list[int], max_tokens: int, max_rows: int, seed: int | None
) -> None:
    sampler = TokenBatchSampler(lengths, max_tokens, max_rows, seed)
    counts = set()
    for number in range(3):
        batches = epoch(sampler, number)
        counts.add(len(batches))
        assert sorted(index for batch in batches for index in batch) == list(range(len(lengths)))
        assert all(len(batch) <= max_rows for batch in batches)
        assert all(len(batch) == 1 or padded(batch, lengths) <= max_tokens for batch in batches)
    assert len(counts) == 1  # steps an epoch are fixed at the start of a run


def test_epochs_are_repeatable_and_differ() -> None:
    one, other = TokenBatchSampler(LENGTHS, 1000, seed=1), TokenBatchSampler(LENGTHS, 1000, seed=1)
    first, second = epoch(one, 0), epoch(one, 1)
    assert epoch(other, 1) == second and epoch(other, 0) == first
    assert epoch(TokenBatchSampler(LENGTHS, 1000, seed=2), 0) != first
    assert first != second
    # Not only the order of the batches: who is together changes too.
    together = {frozenset(batch) for batch in first} & {frozenset(batch) for batch in second}
    assert len(together) < len(first) / 4
    assert list(TokenBatchSampler(LENGTHS, 1000, seed=1)) == first  # the epoch at the start is 0


def test_the_number_of_batches_is_the_same_in_every_epoch() -> None:
    sampler = TokenBatchSampler(LENGTHS, 1000, seed=0)
    assert len({len(epoch(sampler, number)) for number in range(30)}) == 1


def test_sequences_of_like_length_are_together_and_batches_are_full() -> None:
    batches = epoch(TokenBatchSampler(LENGTHS, 1000), 0)
    used = sum(LENGTHS) / sum(padded(batch, LENGTHS) for batch in batches)
    assert used > 0.9  # of the padded tokens are real
    assert sum(padded(batch, LENGTHS) for batch in batches) / len(batches) > 0.75 * 1000
    assert [len(batch) for batch in batches] != sorted((len(batch) for batch in batches), reverse=True)


def test_a_sequence_longer_than_the_bound_makes_a_batch_of_its_own() -> None:
    batches = epoch(TokenBatchSampler([48, 900, 40], 100), 0)
    assert [1] in batches and sorted(map(sorted, batches)) == [[0, 2], [1]]


def test_for_evaluation_the_order_is_by_length() -> None:
    sampler = TokenBatchSampler([30, 10, 20, 10], 40, seed=None)
    assert epoch(sampler, 0) == epoch(sampler, 7) == [[1, 3], [2], [0]]


def test_ordered_epochs_go_from_the_shortest_to_the_longest_and_hold_the_same() -> None:
    sampler = TokenBatchSampler(LENGTHS, 1000, seed=1, ordered_epochs=1)
    first, second = epoch(sampler, 0), epoch(sampler, 1)
    longest = [[max(sampler.lengths[index] for index in batch) for batch in batches] for batches in (first, second)]
    assert longest[0] == sorted(longest[0]) == sorted(longest[1]) != longest[1]
    for batches in (first, second):
        assert sorted(index for batch in batches for index in batch) == list(range(len(LENGTHS)))
