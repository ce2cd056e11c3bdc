"""Micro-batches bounded by tokens: sequences of like length together, never more than a number of padded tokens."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch
from torch.utils.data import Sampler


class TokenBatchSampler(Sampler[list[int]]):
    """Batches of indices whose padded size stays within a number of tokens.

    Each epoch shuffles anew (by seed and epoch, so that a resumed run sees the same order), sorts by length class,
    cuts, and shuffles the batches. The classes are eight to an octave and a batch counts each sequence as long as its
    class allows, so the cuts fall at the same places and the number of batches is the same in every epoch: step
    counts, and with them schedules and resuming, rely on it.

    Args:
        lengths: tokens of each sequence.
        max_tokens: bound on rows x longest row; a longer single sequence makes a batch of its own.
        max_rows: bound on rows.
        seed: of the shuffles; None keeps the given order (for evaluation).
        ordered_epochs: epochs at the beginning whose batches go from the shortest to the longest.
    """

    def __init__(
        self,
        lengths: Sequence[int],
        max_tokens: int,
        max_rows: int = 64,
        seed: int | None = 0,
        ordered_epochs: int = 0,
    ) -> None:
        self.lengths = list(lengths) if seed is None else [_class_length(length) for length in lengths]
        self.max_tokens = max_tokens
        self.max_rows = max_rows
        self.seed = seed
        self.ordered_epochs = ordered_epochs
        self._batches: list[list[int]] = []
        self.set_epoch(0)

    def set_epoch(self, epoch: int) -> None:
        if self.seed is None:
            self._batches = self._cut(sorted(range(len(self.lengths)), key=self.lengths.__getitem__))
            return
        generator = torch.Generator().manual_seed(self.seed * 1_000_003 + epoch)
        shuffled = torch.randperm(len(self.lengths), generator=generator).tolist()
        batches = self._cut(sorted(shuffled, key=self.lengths.__getitem__))
        if epoch < self.ordered_epochs:
            self._batches = batches
            return
        self._batches = [batches[i] for i in torch.randperm(len(batches), generator=generator).tolist()]

    def _cut(self, order: list[int]) -> list[list[int]]:
        batches: list[list[int]] = []
        current: list[int] = []
        longest = 0
        for index in order:
            longest = max(longest, self.lengths[index])
            if current and (longest * (len(current) + 1) > self.max_tokens or len(current) >= self.max_rows):
                batches.append(current)
                current, longest = [], self.lengths[index]
            current.append(index)
        return [*batches, current] if current else batches

    def __iter__(self) -> Iterator[list[int]]:
        return iter(self._batches)

    def __len__(self) -> int:
        return len(self._batches)


def _class_length(length: int) -> int:
    """The longest length of the class: three binary digits behind the leading one, rounded up."""
    step = 1 << max(0, length.bit_length() - 4)
    return -(-length // step) * step
