"""Grammars as masks over the vocabulary."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cached_property
from typing import cast

import llguidance.hf
import llguidance.numpy
import numpy as np
import torch
from llguidance import LLMatcher, LLTokenizer
from torch import Tensor
from transformers import PreTrainedTokenizerBase, PreTrainedTokenizerFast

from text2mdt.engines.decoding_row import DecodingRow
from text2mdt.errors import Text2MDTError


class TokenMasks:
    """Builds matchers and applies their masks to logits.

    Args:
        tokenizer: a fast tokenizer.
        end_tokens: the ids that end an answer.
        rows: the largest number of rows in a batch.
        vocabulary: the width of the logits.
    """

    def __init__(
        self, tokenizer: PreTrainedTokenizerBase, end_tokens: Collection[int], rows: int, vocabulary: int
    ) -> None:
        self._tokenizer = tokenizer
        self._end_tokens = sorted(end_tokens)
        self._vocabulary = vocabulary
        self._bits = llguidance.numpy.allocate_token_bitmask(rows, vocabulary)

    @cached_property
    def _ll_tokenizer(self) -> LLTokenizer:
        # Built once, on the first grammar: it takes some tenths of a second.
        return llguidance.hf.from_tokenizer(
            cast(PreTrainedTokenizerFast, self._tokenizer), n_vocab=self._vocabulary, eos_token=self._end_tokens
        )

    def matcher(self, grammar: str | None) -> LLMatcher | None:
        """The grammar at its start; raises T2M027 where it cannot be compiled."""
        if grammar is None:
            return None
        matcher = LLMatcher(self._ll_tokenizer, grammar, log_level=0)
        if matcher.is_error():
            raise Text2MDTError("T2M027", detail=matcher.get_error().partition("\n")[0])
        return matcher

    def apply(self, rows: Sequence[DecodingRow], logits: Tensor) -> None:
        """Sets the logits (rows, vocabulary) of tokens that a row's grammar forbids to minus infinity, in place.

        A row whose grammar has failed (a limit of llguidance's own) stops as truncated.
        """
        bits = self._bits[: len(rows)]
        masked = False
        for place, row in enumerate(rows):
            if row.matcher is None:
                bits[place] = -1
                continue
            llguidance.numpy.fill_next_token_bitmask(row.matcher, bits, place)
            masked = True
            if row.matcher.is_error():
                row.stop_truncated()
                bits[place] = -1
        if masked:
            allowed = np.unpackbits(bits.view(np.uint8), axis=1, count=self._vocabulary, bitorder="little")
            forbidden = torch.from_numpy(allowed == 0).to(logits.device)
            logits.masked_fill_(forbidden, float("-inf"))
