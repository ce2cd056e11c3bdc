"""A batch of rows with its key-value cache."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from pilora.prompt_state import CACHE_ARGUMENT
from text2mdt.engines.decoding_row import DecodingRow
from text2mdt.engines.growing_cache import growing


class Batch:
    """Feeds rows to the model, padded on the left, and keeps the cache of those that are not done.

    Args:
        model: a causal LM that takes `logits_to_keep` and returns its cache.
        rows: the rows; their prompts are read at once by `read_prompts`.
        pass_cost: what a pass costs beside its tokens, in tokens.
        may_leave_gaps: whether a row with fewer pending tokens than its neighbours may leave places of the
            cache unused; else all rows read equally many.
    """

    def __init__(self, model: Any, rows: Sequence[DecodingRow], pass_cost: float, may_leave_gaps: bool) -> None:
        self.rows = list(rows)
        self._model = model
        self._pass_cost = pass_cost
        self._may_leave_gaps = may_leave_gaps
        # An adapter that looks at the prompt keeps what it found there in a cache of its own kind.
        self._cache: Any = model.new_cache() if hasattr(model, "new_cache") else None
        self._seen = torch.zeros((len(self.rows), 0), dtype=torch.long)

    def read_prompts(self) -> Tensor:
        """Logits (rows, vocabulary) behind the prompts, in float32."""
        logits = self._forward([(row.prompt, 0) for row in self.rows])
        growing(self._cache)
        return logits

    def read_pending(self) -> Tensor:
        """Feeds each row's next pending tokens; logits (rows, vocabulary) behind the last one fed."""
        width = self._width([len(row.pending) for row in self.rows])
        fed = []
        for row in self.rows:
            position = row.position
            fed.append((row.take(width), position))
        return self._forward(fed)

    def _width(self, counts: Sequence[int]) -> int:
        """How many tokens a row to read now: the width with most pending tokens read for its cost."""
        if not self._may_leave_gaps:
            return min(counts)

        def yield_of(width: int) -> float:
            return sum(min(count, width) for count in counts) / (self._pass_cost + len(counts) * width)

        return max(range(min(counts), max(counts) + 1), key=yield_of)

    def drop_done(self) -> list[DecodingRow]:
        """Takes the rows that are done out of the batch and the cache, and returns them."""
        done = [row for row in self.rows if row.done]
        if done:
            kept = [place for place, row in enumerate(self.rows) if not row.done]
            self.arrange([self.rows[place] for place in kept], kept)
        return done

    def arrange(self, rows: Sequence[DecodingRow], places: Sequence[int]) -> None:
        """Makes these the rows of the batch, each going on from the cache of the row that is at a place now."""
        self.rows = list(rows)
        if rows and list(places) != list(range(len(self._seen))):
            chosen = torch.tensor(places)
            self._seen = self._seen[chosen]
            self._cache.batch_select_indices(chosen.to(self._model.device))

    def _forward(self, fed: Sequence[tuple[list[int], int]]) -> Tensor:
        """One pass over (tokens, position of the first) a row."""
        width = max(len(tokens) for tokens, _ in fed)
        ids = torch.zeros((len(fed), width), dtype=torch.long)
        positions = torch.zeros_like(ids)
        real = torch.zeros_like(ids)
        for place, (tokens, position) in enumerate(fed):
            start = width - len(tokens)
            ids[place, start:] = torch.tensor(tokens)
            positions[place, start:] = torch.arange(position, position + len(tokens))
            real[place, start:] = 1
        self._seen = torch.cat([self._seen, real], dim=1)
        device = self._model.device
        output = self._model(
            input_ids=ids.to(device),
            attention_mask=self._seen.to(device),
            position_ids=positions.to(device),
            use_cache=True,
            logits_to_keep=1,
            **{CACHE_ARGUMENT: self._cache},
        )
        self._cache = output[CACHE_ARGUMENT]
        return output.logits[:, -1].float()
