"""Prompt state: what a prompt-aware method computes once from a prompt and reuses for every generated token.

It is the second of the engine's three parts. A *part* of the method sits at a decoder layer and computes values from
the hidden states of the prompt tokens that enter the layer; *sites* (scaled modules, routed experts, virtual tokens)
read them. The values of a batch lie in a `PromptState`, which lives in the key-value cache, so that both follow
the same rows.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from typing import Any, NamedTuple, TypeVar

import torch
from torch import Tensor, nn
from transformers import PreTrainedConfig
from transformers.cache_utils import DynamicCache
from transformers.modeling_outputs import CausalLMOutputWithPast

from pilora.errors import PiloraError
from pilora.wrapping import WrappedLinear

CACHE_ARGUMENT = "cache" if "cache" in CausalLMOutputWithPast.__dataclass_fields__ else "past_key_values"
"""What a decoder calls its cache: transformers renamed it in 5.24 and warns about the old name."""


Value = TypeVar("Value")


class PromptState:
    """Values by layer and name, each (rows, ...)."""

    def __init__(self) -> None:
        self._values: dict[tuple[int, str], Tensor] = {}
        self._remembered: dict[tuple[Hashable, ...], Any] = {}

    def __len__(self) -> int:
        return len(self._values)

    def put(self, layer: int, values: Mapping[str, Tensor]) -> None:
        """Notes what the part of a layer computed."""
        for name, value in values.items():
            self._values[layer, name] = value
        for key in [key for key in self._remembered if key[0] == layer]:
            del self._remembered[key]

    def get(self, layer: int, name: str) -> Tensor | None:
        """The value, (rows, ...), or None where no part of the layer computes it."""
        return self._values.get((layer, name))

    def need(self, layer: int, name: str) -> Tensor:
        """The value, (rows, ...); raises PIL012 where nothing has computed it."""
        value = self.get(layer, name)
        if value is None:
            raise PiloraError("PIL012")
        return value

    def rows_on(self, layer: int, name: str, column: int) -> Tensor | None:
        """Indices of the rows whose value in a column is not 0, or None where that is all of them."""

        def find() -> Tensor | None:
            on = self.need(layer, name)[:, column] != 0
            return None if bool(on.all()) else on.nonzero().squeeze(1)

        return self.remembered((layer, name, column), find)

    def remembered(self, key: tuple[Hashable, ...], make: Callable[[], Value]) -> Value:
        """What `make` gives, kept until the layer's values or the rows change: it is asked for at every token.

        Args:
            key: begins with the layer.
        """
        if key not in self._remembered:
            self._remembered[key] = make()
        found: Value = self._remembered[key]
        return found

    def change_rows(self, change: Callable[[Tensor], Tensor]) -> None:
        """Applies a selection or repetition of rows to every value."""
        self._values = {key: change(value) for key, value in self._values.items()}
        self._remembered.clear()


class PromptCache(DynamicCache):
    """A key-value cache with the prompt state of its rows.

    Args:
        config: of the backbone.
        virtual_tokens: places at the start of the cache that are no tokens of the text; they do not count in
            `get_seq_length`, by which `generate` knows how much text was read.
    """

    def __init__(self, config: PreTrainedConfig, virtual_tokens: int = 0) -> None:
        super().__init__(config=config)
        self.prompt_state = PromptState()
        self.virtual_tokens = virtual_tokens

    def get_seq_length(self, layer_idx: int = 0) -> int:
        return max(0, super().get_seq_length(layer_idx) - self.virtual_tokens)

    def reorder_cache(self, beam_idx: torch.LongTensor) -> None:
        super().reorder_cache(beam_idx)
        self.batch_select_state(beam_idx)

    def batch_select_indices(self, indices: Tensor) -> None:
        super().batch_select_indices(indices)
        self.batch_select_state(indices)

    def batch_select_state(self, indices: Tensor) -> None:
        self.prompt_state.change_rows(lambda value: value[indices.to(value.device)])

    def batch_repeat_interleave(self, repeats: int) -> None:
        super().batch_repeat_interleave(repeats)
        self.prompt_state.change_rows(lambda value: value.repeat_interleave(repeats, dim=0))


class PromptPass:
    """What the sites of a model share in one forward pass.

    Attributes:
        mask: (rows, tokens), True on the prompt tokens of this pass; None where the state of an earlier pass is reused.
        state: of the rows of this pass.
        given: the prompt mask that came with the call, until the pass begins.
    """

    def __init__(self) -> None:
        self.mask: Tensor | None = None
        self.state = PromptState()
        self.given: Tensor | None = None

    def begin(
        self, backbone: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any], *, needs_prompt: bool = True
    ) -> None:
        """A forward pre-hook of the backbone: finds out whether this pass reads prompts or goes on from a cache.

        Raises:
            PiloraError: PIL012 where neither a prompt mask nor a `PromptCache` tells the prompt.
        """
        given, self.given = self.given, None
        cache = given_cache(kwargs)
        if isinstance(cache, PromptCache) and cache.get_seq_length():
            if not len(cache.prompt_state):
                raise PiloraError("PIL012")
            self.mask, self.state = None, cache.prompt_state
            return
        # Whatever is read into an empty cache, before the first generated token, is the prompt.
        real = _all_tokens(args, kwargs)
        if given is None and isinstance(cache, PromptCache):
            given = real
        goes_on_later = cache is not None or kwargs.get("use_cache")
        if needs_prompt and (given is None or (goes_on_later and not isinstance(cache, PromptCache))):
            raise PiloraError("PIL012")
        self.mask, self.state = None, PromptState()
        if needs_prompt and given is not None:
            self.mask = _prompt_tokens(given, real)
        if isinstance(cache, PromptCache):
            cache.prompt_state = self.state


def given_cache(kwargs: Mapping[str, Any]) -> Any:
    """The cache of a call, under its new or its old name."""
    return kwargs.get("cache", kwargs.get("past_key_values"))


def given_tokens(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Tensor:
    """The ids (rows, tokens) of a call, or the embeddings that stand for them."""
    ids = args[0] if args else kwargs.get("input_ids")
    found: Tensor = kwargs["inputs_embeds"] if ids is None else ids
    return found


def _prompt_tokens(given: Tensor, real: Tensor) -> Tensor:
    """The prompt mask without padding; every row must have a prompt, or there is nothing to compute from."""
    if given.shape != real.shape or not bool((given.bool() & real).any(1).all()):
        raise PiloraError("PIL012")
    return given.bool() & real


def _all_tokens(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Tensor:
    """(rows, tokens), True on every token that is no padding."""
    tokens = given_tokens(args, kwargs)
    mask = kwargs.get("attention_mask")
    if isinstance(mask, Tensor) and mask.dim() == 2:
        return mask.bool()
    return torch.ones(tokens.shape[:2], dtype=torch.bool, device=tokens.device)


class LayerEntry:
    """A forward pre-hook of a decoder layer: its part computes the layer's values where prompts are read.

    Args:
        part: called with hidden states (rows, tokens, width) and the prompt mask; gives values by name, (rows, ...).
    """

    def __init__(self, layer: int, part: nn.Module, prompt: PromptPass) -> None:
        self.layer = layer
        self.part = part
        self.prompt = prompt

    def __call__(self, layer: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        if self.prompt.mask is not None:
            hidden = args[0] if args else kwargs["hidden_states"]
            self.prompt.state.put(self.layer, self.part(hidden, self.prompt.mask))


class Route(NamedTuple):
    """Says how much a low-rank update counts for each row: a column of a value of its layer's prompt state."""

    prompt: PromptPass
    layer: int
    name: str
    column: int

    def rows(self) -> Tensor | None:
        """The rows with a weight that is not 0; None for all."""
        return self.prompt.state.rows_on(self.layer, self.name, self.column)

    def weights(self) -> Tensor:
        """(rows,)"""
        return self.prompt.state.need(self.layer, self.name)[:, self.column]


class ScaledLinear(WrappedLinear):
    """`y = l ⊙ (W x)` with a vector `l` for each row, taken from the prompt state; (rows, out).

    The scale comes before any norm of queries and keys, which is no part of the linear module.
    """

    def __init__(self, base: nn.Module, prompt: PromptPass, layer: int, name: str) -> None:
        super().__init__(base)
        self.prompt = prompt
        self.layer = layer
        self.name = name

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.base(x)
        scale = self.prompt.state.get(self.layer, self.name)
        return y if scale is None else y * scale.to(y.dtype).unsqueeze(1)


def decoder_layers(backbone: nn.Module) -> nn.ModuleList:
    """The decoder layers of a Hugging Face causal LM.

    Raises:
        PiloraError: PIL013 where the backbone has none that are built as usual.
    """
    for module in backbone.modules():
        if isinstance(module, nn.ModuleList) and len(module) and hasattr(module[0], "self_attn"):
            return module
    raise PiloraError("PIL013", type(backbone).__name__)
