"""A key-value cache that takes memory ahead, so that a new token does not copy all that were before it."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from transformers.cache_utils import DynamicLayer

_AHEAD = 64
"""Places taken at least beyond those that are needed."""


class GrowingLayer(DynamicLayer):
    """Keys and values as `DynamicLayer` keeps them, (rows, heads, places, width), as the beginning of a larger tensor.

    Where the larger tensor is full, one a quarter longer takes its place. For inference: a new place is written into
    the tensor that was handed out before, behind its end.
    """

    def __init__(self) -> None:
        super().__init__()
        self._key_store: Tensor | None = None
        self._value_store: Tensor | None = None

    def update(self, key_states: Tensor, value_states: Tensor, *args: Any, **kwargs: Any) -> tuple[Tensor, Tensor]:
        if not self.is_initialized:
            self.lazy_initialization(key_states, value_states)
        self._key_store, self.keys = _append(self._key_store, self.keys, key_states)
        self._value_store, self.values = _append(self._value_store, self.values, value_states)
        return self.keys, self.values

    def batch_select_indices(self, indices: Tensor) -> None:
        super().batch_select_indices(indices)
        self._let_go()

    def batch_repeat_interleave(self, repeats: int) -> None:
        super().batch_repeat_interleave(repeats)
        self._let_go()

    def reorder_cache(self, beam_idx: torch.LongTensor) -> None:
        super().reorder_cache(beam_idx)
        self._let_go()

    def crop(self, tokens_to_remove: int) -> None:
        super().crop(tokens_to_remove)
        self._let_go()

    def reset(self) -> None:
        super().reset()
        self._let_go()

    def _let_go(self) -> None:
        """Forgets the larger tensors where keys and values are no longer all of what they hold."""
        self._key_store = self._value_store = None


def growing(cache: Any) -> Any:
    """The cache with a `GrowingLayer` for every layer that keeps all places; others stay what they are."""
    layers = getattr(cache, "layers", None)
    if isinstance(layers, list):
        layers[:] = [_grown(layer) if type(layer) is DynamicLayer else layer for layer in layers]
    return cache


def _grown(layer: DynamicLayer) -> GrowingLayer:
    found = GrowingLayer()
    vars(found).update(vars(layer))
    return found


def _append(store: Tensor | None, held: Tensor | None, new: Tensor) -> tuple[Tensor, Tensor]:
    """A store and its beginning, (rows, heads, places, width): `held`, and behind it `new`."""
    if held is None or held.dim() != new.dim():  # nothing was read yet
        held = new[..., :0, :]
    used = held.shape[-2]
    end = used + new.shape[-2]
    if store is None or end > store.shape[-2]:
        store = new.new_empty((*new.shape[:-2], end + max(_AHEAD, end // 4), new.shape[-1]))
        store[..., :used, :] = held
    store[..., used:end, :] = new
    return store, store[..., :end, :]
