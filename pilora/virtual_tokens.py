"""Virtual tokens in front of the text, whose hidden states soft prompts take over layer by layer.

With `p_l` and `a_l` the soft prompt and gate that the part of layer l made, a virtual token's state and its openness go
by the same rule, from `h = 0` and `o = 0` on:

    h ← (1 - a_l) h + a_l p_l        o ← (1 - a_l) o + a_l

So `o` is the share of the token's state that comes from prompts, and attention of the text to it carries `log o`: it
does not exist before the first open layer, exists wholly from a layer with gate 1 on, and a closed gate changes
nothing (our reading). Virtual tokens see one another as any tokens do, and never the text, which stands behind them.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from transformers.cache_utils import DynamicLayer

from pilora.errors import PiloraError
from pilora.prompt_state import CACHE_ARGUMENT, PromptCache, PromptPass, decoder_layers

Arguments = tuple[tuple[Any, ...], dict[str, Any]]


class VirtualTokens:
    """Hooks that put virtual tokens before the text, on a backbone with eager or SDPA attention.

    Parts give `soft_prompt` (rows, slots, width) and `gate` (rows,) to the prompt state. The text keeps its positions,
    and the virtual tokens stand at -slots … -1 (our reading). Where a layer has a sliding window, it holds for the
    text alone. The last hidden states, and so the logits, are those of the text.

    Args:
        backbone: gets the hooks.
        prompt: of the model.
        slots: virtual tokens.
        is_open: whether any gate is more than 0; where none is, the backbone runs as it is, to the bit.

    Attributes:
        remember: whether `inputs` and `hidden` (rows, tokens, width) of the last pass in training mode are kept.

    Raises:
        PiloraError: PIL013 for attention of another kind than full and sliding, PIL014 for other implementations.
    """

    def __init__(self, backbone: nn.Module, prompt: PromptPass, slots: int, is_open: Callable[[], bool]) -> None:
        self.prompt = prompt
        self.slots = slots
        self.is_open = is_open
        self.remember = False
        self.inputs: dict[str, Tensor] = {}
        self.hidden: Tensor | None = None
        layers = decoder_layers(backbone)
        self.windows = _windows(backbone, len(layers))
        self._columns = 0  # virtual tokens at the start of this pass's keys
        self._openness: Tensor
        self._real: Tensor  # (rows, all tokens of the text), False on padding
        self._tokens = 0  # of the text, in this pass
        self._dtype = torch.float32
        self._texts: dict[int | None, Tensor] = {}
        self._masks: dict[int | None, Tensor] = {}
        decoder = next(m for m in backbone.modules() if any(child is layers for child in m.children()))
        decoder.register_forward_pre_hook(self._begin, with_kwargs=True)
        decoder.register_forward_hook(self._end)
        for index, layer in enumerate(layers):
            layer.register_forward_pre_hook(partial(self._enter, index), with_kwargs=True)

    @property
    def _reading(self) -> bool:
        """Whether this pass reads prompts, so that the virtual tokens run along."""
        return self.prompt.mask is not None

    def forget(self) -> None:
        """Lets go of what `remember` kept."""
        self.inputs, self.hidden = {}, None

    def _begin(self, decoder: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Arguments | None:
        cache = kwargs.get(CACHE_ARGUMENT)
        if self.remember and decoder.training and self.prompt.mask is not None:
            names = ("input_ids", "inputs_embeds", "attention_mask", "position_ids")
            self.inputs = {name: kwargs[name] for name in names if kwargs.get(name) is not None}
            self.inputs["prompt_mask"] = self.prompt.mask
        self._texts.clear()  # of a pass that an error cut short
        self._masks.clear()
        self._columns = self._count(cache)
        if not self._columns:
            return None
        text = kwargs.get("inputs_embeds")
        if text is None:
            text = decoder.get_input_embeddings()(kwargs["input_ids"])
        self._dtype, self._tokens = text.dtype, text.shape[1]
        self._real = _real_tokens(kwargs, text, cache.get_seq_length() if cache is not None else 0)
        self._openness = text.new_zeros(text.shape[0], dtype=torch.promote_types(text.dtype, torch.float32))
        positions = kwargs.get("position_ids")
        if positions is None:
            positions = (self._real.cumsum(1) - 1).clamp(min=0)[:, -text.shape[1] :]
        if self.prompt.mask is not None:
            rows, width = text.shape[0], text.shape[2]
            self.prompt.mask = torch.cat([self.prompt.mask.new_zeros(rows, self._columns), self.prompt.mask], dim=1)
            text = torch.cat([text.new_zeros(rows, self._columns, width), text], dim=1)
            ahead = torch.arange(-self._columns, 0, device=positions.device).expand(positions.shape[0], -1)
            positions = torch.cat([ahead, positions], dim=1)
        changed = {"input_ids": None, "inputs_embeds": text, "position_ids": positions}
        # A mask of four dimensions is passed on as it is; every layer then gets its own.
        return args, {**kwargs, **changed, "attention_mask": self._mask(self.windows[0])}

    def _count(self, cache: Any) -> int:
        """Virtual tokens of this pass; an empty cache is made ready for them."""
        if not self._reading:
            return cache.virtual_tokens if isinstance(cache, PromptCache) else 0
        count = self.slots if self.is_open() else 0
        if isinstance(cache, PromptCache):
            cache.virtual_tokens = count
            if count and any(cache.is_sliding):
                # A sliding cache forgets its first columns, which here are wanted to the end.
                cache.layers = [DynamicLayer() for _ in cache.layers]
        return count

    def _enter(self, index: int, layer: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Arguments | None:
        if not self._columns:
            return None
        hidden = args[0] if args else kwargs.pop("hidden_states")
        gate, soft = (self.prompt.state.get(index, name) for name in ("gate", "soft_prompt"))
        if gate is not None and soft is not None:
            self._openness = (1 - gate) * self._openness + gate
            self._masks.clear()
            if self._reading:
                share = gate.view(-1, 1, 1)
                virtual = (1 - share) * hidden[:, : self._columns] + share * soft
                hidden = torch.cat([virtual.to(hidden.dtype), hidden[:, self._columns :]], dim=1)
        return (hidden, *args[1:]), {**kwargs, "attention_mask": self._mask(self.windows[index])}

    def _end(self, decoder: Any, args: tuple[Any, ...], output: Any) -> None:
        if self._columns and self._reading:
            output.last_hidden_state = output.last_hidden_state[:, self._columns :]
        if self.remember and decoder.training:
            self.hidden = output.last_hidden_state
        self._texts.clear()
        self._masks.clear()

    def _mask(self, window: int | None) -> Tensor:
        """(rows, 1, queries, keys), to be added to the scores; kept while the openness stays."""
        if window not in self._masks:
            text = self._text_mask(window)
            virtual = _log(self._openness).to(self._dtype).view(-1, 1, 1).expand(*text.shape[:2], self._columns)
            whole = torch.cat([virtual, text], dim=2)
            if self._reading:
                # One openness for all virtual keys: among themselves it cancels out, so no row is all -inf.
                ahead = whole.new_full((self._columns, whole.shape[2]), -torch.inf).triu(1)
                whole = torch.cat([ahead.expand(whole.shape[0], -1, -1), whole], dim=1)
            self._masks[window] = whole.unsqueeze(1)
        return self._masks[window]

    def _text_mask(self, window: int | None) -> Tensor:
        """(rows, queries, keys) among the text: causal, within the window, no padding; each token sees itself."""
        if window not in self._texts:
            places = torch.arange(self._real.shape[1], device=self._real.device)
            queries = places[-self._tokens :].unsqueeze(1)
            seen = places <= queries
            if window is not None:
                seen &= places > queries - window
            seen = (seen & self._real.unsqueeze(1)) | (places == queries)
            mask = torch.zeros(seen.shape, dtype=self._dtype, device=seen.device)
            self._texts[window] = mask.masked_fill(~seen, -torch.inf)
        return self._texts[window]


def _log(openness: Tensor) -> Tensor:
    """-inf where it is 0, with a gradient of 0 there."""
    tiny = torch.finfo(openness.dtype).tiny
    return torch.where(openness > 0, openness.clamp(min=tiny).log(), -torch.inf)


def _real_tokens(kwargs: dict[str, Any], text: Tensor, past: int) -> Tensor:
    """(rows, tokens so far), False on padding."""
    given = kwargs.get("attention_mask")
    if given is None:
        return torch.ones(text.shape[0], past + text.shape[1], dtype=torch.bool, device=text.device)
    if not isinstance(given, Tensor) or given.dim() != 2:
        mend = "pass the mask of padding, (rows, tokens)"
        raise PiloraError("PIL014", method="spt", what="run under a ready-made attention mask", mend=mend)
    return given.bool()


def _windows(backbone: Any, layers: int) -> list[int | None]:
    """The sliding window of each layer, None for full attention."""
    config = backbone.config.get_text_config()
    implementation = getattr(config, "_attn_implementation", None)
    if implementation not in ("eager", "sdpa", None):
        mend = "load the backbone with attn_implementation='sdpa' or 'eager'"
        raise PiloraError("PIL014", method="spt", what=f"run with {implementation}", mend=mend)
    window = getattr(config, "sliding_window", None)
    kinds = getattr(config, "layer_types", None)
    if kinds is None:
        kinds = ["sliding_attention" if window else "full_attention"] * layers
    if set(kinds) - {"sliding_attention", "full_attention"}:
        raise PiloraError("PIL013", type(backbone).__name__)
    return [window if kind == "sliding_attention" else None for kind in kinds]
