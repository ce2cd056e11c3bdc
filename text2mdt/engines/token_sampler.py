"""Draws the tokens of one answer: the Gumbel-max trick with a stream of random numbers of the answer's own."""

from __future__ import annotations

from hashlib import blake2b

import torch
from torch import Tensor

from text2mdt.engines import Sampling


class TokenSampler:
    """Draws from `softmax(logits / temperature)` as the best of `logits / temperature + Gumbel noise`.

    The noise depends on the seed, the number and the prompt alone, not on the rows that are decoded beside this one;
    and where logits differ by rounding only, as they do between batches, the same token is nearly always the best.

    Args:
        sampling: temperature, seed and number.
        prompt: the text of the prompt.
    """

    def __init__(self, sampling: Sampling, prompt: str) -> None:
        self._temperature = sampling.temperature
        key = f"{sampling.seed}/{sampling.number}/{prompt}".encode("utf-8", "surrogatepass")
        self._noise = torch.Generator().manual_seed(int.from_bytes(blake2b(key, digest_size=7).digest(), "big"))

    def choose(self, logits: Tensor) -> int:
        """A token, from logits (vocabulary,) in which forbidden ones are minus infinity."""
        allowed = torch.isfinite(logits).nonzero()[:, 0]
        # The logarithm of an exponential variable, its sign turned, is Gumbel-distributed.
        gumbel = -torch.empty(len(allowed)).exponential_(generator=self._noise).log()
        perturbed = logits[allowed] / self._temperature + gumbel.to(logits.device)
        return int(allowed[perturbed.argmax()])
