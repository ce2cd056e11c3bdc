"""One row of a batch while it is decoded: its tokens, its grammar, what is still to be fed."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from copy import copy

from llguidance import LLMatcher

from text2mdt.engines.token_sampler import TokenSampler


class DecodingRow:
    """The state of one prompt's answer.

    Attributes:
        index: the place of the prompt in what the caller gave.
        prompt: token ids of the prompt.
        matcher: the grammar's state, or None.
        opening_bias: (token, nats) pairs for the choice of the first token.
        sampler: draws the tokens; None where the best is taken.
        tokens: the answer so far, without end token.
        pending: the tail of `tokens` that the model has not read yet.
        position: position id of the next token to be fed.
        forced_count: tokens of the answer that the grammar left no choice about.
        log_probability: of the chosen tokens, in nats, at temperature 1.
        choices: (tokens of the answer before it, nats) of each of them, the end token as well.
        done: nothing more is to be generated.
        truncated: done because of the limit (or because the grammar met a limit of its own).
    """

    def __init__(
        self,
        index: int,
        prompt: list[int],
        matcher: LLMatcher | None,
        end_tokens: Collection[int],
        limit: int,
        opening_bias: Sequence[tuple[int, float]] = (),
        sampler: TokenSampler | None = None,
    ) -> None:
        self.index = index
        self.prompt = prompt
        self.matcher = matcher
        self.opening_bias = opening_bias
        self.sampler = sampler
        self.tokens: list[int] = []
        self.pending: list[int] = []
        self.position = len(prompt)
        self.forced_count = 0
        self.log_probability = 0.0
        self.choices: list[tuple[int, float]] = []
        self.done = False
        self.truncated = False
        self._end_tokens = end_tokens
        self._limit = limit
        self._take_forced()

    def choose(self, token: int, log_probability: float) -> None:
        """Adds a chosen token, and behind it all that the grammar then forces."""
        ends = token in self._end_tokens
        if not ends and self.matcher is not None and not self.matcher.consume_token(token):
            self.stop_truncated()
            return
        self.log_probability += log_probability
        self.choices.append((len(self.tokens), log_probability))
        if ends:
            self.done = True
            return
        self._add(token)
        self._take_forced()

    def fork(self) -> DecodingRow:
        """Another row with the same beginning, for another choice."""
        other = copy(self)
        other.matcher = None if self.matcher is None else self.matcher.deep_copy()
        other.tokens, other.pending, other.choices = [*self.tokens], [*self.pending], [*self.choices]
        return other

    def stop_truncated(self) -> None:
        self.done = self.truncated = True

    def take(self, width: int) -> list[int]:
        """Up to `width` pending tokens, to be fed now."""
        fed, self.pending = self.pending[:width], self.pending[width:]
        self.position += len(fed)
        return fed

    def _add(self, token: int) -> None:
        self.tokens.append(token)
        self.pending.append(token)

    def _take_forced(self) -> None:
        if self.matcher is not None:
            for token in self.matcher.compute_ff_tokens():
                if token in self._end_tokens or len(self.tokens) >= self._limit:
                    break
                self.matcher.consume_token(token)
                self._add(token)
                self.forced_count += 1
            if self.matcher.is_error():
                self.stop_truncated()
            elif self.matcher.is_stopped():
                self.done = True  # only the end token could follow
        if not self.done and len(self.tokens) >= self._limit:
            self.stop_truncated()
