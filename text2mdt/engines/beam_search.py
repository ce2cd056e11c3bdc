"""Beam search over choices: the likeliest beginnings of an answer are followed side by side.

A step is a choice, not a token: what the grammar forces behind a choice comes with it, and beginnings with the same
number of choices are compared. Among tokens that a grammar allows, probabilities add up to 1, as in greedy decoding.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import torch
from torch import Tensor

from text2mdt.engines import Beams
from text2mdt.engines.batch import Batch
from text2mdt.engines.decoding_row import DecodingRow

LogProbabilities = Callable[[Sequence[DecodingRow], Tensor], Tensor]
"""From rows and their logits (rows, vocabulary) to log-probabilities of the next token, in nats."""


class BeamSearch:
    """Decodes the rows of a batch with beams.

    Args:
        batch: one row a prompt, none of them done.
        log_probabilities: of the next tokens.
        beams: how many, and how they are compared.
    """

    def __init__(self, batch: Batch, log_probabilities: LogProbabilities, beams: Beams) -> None:
        self._batch = batch
        self._log_probabilities = log_probabilities
        self._groups = [_Group(row, beams) for row in batch.rows]

    def run(self) -> Iterator[DecodingRow]:
        """The best answer to each prompt, as they are found."""
        logits = self._batch.read_prompts()
        while self._batch.rows:
            places = {row: place for place, row in enumerate(self._batch.rows)}
            self._note(logits, places)
            for group in self._groups:
                if group.is_ready:
                    group.expand()
            yield from (group.best for group in self._groups if group.is_done)
            self._groups = [group for group in self._groups if not group.is_done]
            kept = [(row, places[group.origin(row)]) for group in self._groups for row in group.live]
            self._batch.arrange([row for row, _ in kept], [place for _, place in kept])
            for group in self._groups:
                group.settle()
            if kept:
                logits = self._batch.read_pending()

    def _note(self, logits: Tensor, places: Mapping[DecodingRow, int]) -> None:
        """Keeps what each row that has read all its tokens says about the next one, until its group is ready."""
        new = [(group, row) for group in self._groups for row in group.live if not (row.pending or group.knows(row))]
        if new:
            scores = logits[torch.tensor([places[row] for _, row in new], device=logits.device)]
            noted = self._log_probabilities([row for _, row in new], scores)
            for (group, row), values in zip(new, noted, strict=True):
                group.note(row, values)


class _Group:
    """The beginnings of the answer to one prompt.

    Attributes:
        live: that go on.
        done: that have come to their end.
    """

    def __init__(self, row: DecodingRow, beams: Beams) -> None:
        self.live = [row]
        self.done: list[DecodingRow] = []
        self._beams = beams
        self._next: dict[DecodingRow, Tensor] = {}
        self._origins: dict[DecodingRow, DecodingRow] = {}

    def knows(self, row: DecodingRow) -> bool:
        return row in self._next

    def note(self, row: DecodingRow, log_probabilities: Tensor) -> None:
        """Keeps what a row says about its next token, (vocabulary,)."""
        self._next[row] = log_probabilities

    @property
    def is_ready(self) -> bool:
        """Whether every row waits for its next choice."""
        return all(map(self.knows, self.live))

    def origin(self, row: DecodingRow) -> DecodingRow:
        """The row of the batch whose cache a row goes on from."""
        return self._origins.get(row, row)

    def settle(self) -> None:
        """Notes that every row has a cache of its own now."""
        self._origins = {}

    def expand(self) -> None:
        """Takes the best choices of all rows together."""
        width = self._beams.width
        self.done += [row for row in self.live if row.done]  # its grammar has failed
        candidates = []
        for row in self.live:
            values, tokens = self._next[row].topk(width)
            pairs = zip(values.tolist(), tokens.tolist(), strict=True)
            candidates += [] if row.done else [(row, token, value) for value, token in pairs if value > -torch.inf]
        count = len(self.live[0].choices) + 1
        candidates.sort(key=lambda found: self._beams.score(found[0].log_probability + found[2], count), reverse=True)
        self.live, self._next = [], {}
        for row, token, value in candidates[:width]:
            child = row.fork()
            child.choose(token, value)
            if child.done:
                self.done.append(child)
            else:
                self.live.append(child)
                self._origins[child] = row

    @property
    def is_done(self) -> bool:
        """Whether no row that goes on can, or is let to, become the best."""
        if not self.live:
            return True
        whole = [row for row in self.done if not row.truncated]
        if self._beams.length_penalty:  # a longer answer may still become better
            return len(whole) >= self._beams.width
        return bool(whole) and max(map(self._score, whole)) >= max(map(self._score, self.live))

    @property
    def best(self) -> DecodingRow:
        return max(self.done, key=lambda row: (not row.truncated, self._score(row)))

    def _score(self, row: DecodingRow) -> float:
        return self._beams.score(row.log_probability, len(row.choices))
