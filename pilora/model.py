"""AdaptedModel: a backbone with the sites and parts of a method on it, used as the backbone itself."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

import torch
from torch import nn
from torch.utils.hooks import RemovableHandle
from transformers.cache_utils import DynamicCache

from pilora.config import AdapterConfig, parse_config
from pilora.errors import PiloraError
from pilora.feed_forward import make_lean, make_plain
from pilora.lowrank import LowRankLinear
from pilora.prompt_state import (
    CACHE_ARGUMENT,
    LayerEntry,
    PromptCache,
    PromptPass,
    ScaledLinear,
    decoder_layers,
    given_cache,
)
from pilora.virtual_tokens import VirtualTokens
from pilora.wrapping import WrappedModel, replace_module

SITES = (LowRankLinear, ScaledLinear)
"""What a method puts in the place of a linear module, which stays within as `base`."""


_ADAPTED = "_pilora_adapted"


def refuse_adapted(backbone: nn.Module) -> None:
    """Raises PIL008 where a backbone carries an adapter, or the beginnings of one that could not be finished."""
    if getattr(backbone, _ADAPTED, False) or any(isinstance(module, SITES) for module in backbone.modules()):
        raise PiloraError("PIL008")


def mark_adapted(backbone: nn.Module, adapted: bool = True) -> None:
    """Notes on a backbone whether it carries an adapter: not every kind can be told by its modules."""
    setattr(backbone, _ADAPTED, adapted)


class AdaptedModel(WrappedModel):
    """Wraps a Hugging Face causal LM; `forward` and `generate` are the backbone's own.

    The backbone is changed in place: linear modules are wrapped by sites, everything that was there is frozen.

    Args:
        backbone: the model; its parameters are frozen.
        config: the method's configuration.
        ranks: ranks a module by name, for a loaded adapter of the LoRA family.

    Attributes:
        parts: what computes prompt state, by decoder layer; empty for methods that do not look at the prompt.
        prompt: what parts and sites share in one pass.
        virtual: the virtual tokens in front of the text, where the method has some.
        foreign: the object of another library that holds the adapter, where it is one of its own.

    Raises:
        PiloraError: PIL001 when no module matches, PIL008 when the backbone already carries an adapter, PIL010,
            PIL013.
    """

    def __init__(self, backbone: nn.Module, config: AdapterConfig, ranks: Mapping[str, int] | None = None) -> None:
        from pilora.methods import find_method  # the methods are built on this module

        super().__init__(backbone)
        refuse_adapted(backbone)
        self.adapter_config = config
        self.parts = nn.ModuleDict()
        self.prompt = PromptPass()
        self.virtual: VirtualTokens | None = None
        self._entries: dict[str, RemovableHandle] = {}
        self.foreign: Any = None
        self._foreign_names: tuple[str, ...] = ()
        backbone.requires_grad_(False)
        find_method(config.method).install(self, ranks)
        make_lean(backbone)
        if self.prompt_aware:
            backbone.register_forward_pre_hook(self.prompt.begin, with_kwargs=True)
            # Before all other hooks: those that the method has put on a layer find what its part has computed.
            layers = decoder_layers(backbone)
            for index, part in self.parts.items():
                entry, layer = LayerEntry(int(index), part, self.prompt), layers[int(index)]
                self._entries[index] = layer.register_forward_pre_hook(entry, with_kwargs=True, prepend=True)
        mark_adapted(backbone)

    @property
    def prompt_aware(self) -> bool:
        """Whether the method computes something from the prompt."""
        return len(self.parts) > 0

    def replace(self, name: str, site: nn.Module) -> None:
        """Puts a site in the place of a module of the backbone."""
        replace_module(self.backbone, name, site)

    def set_foreign(self, holder: nn.Module, names: Iterable[str]) -> None:
        """Notes an adapter that another library has put on the backbone, and which of the parameters are its own."""
        # Not as a submodule: it holds the backbone itself.
        object.__setattr__(self, "foreign", holder)
        self._foreign_names = tuple(names)

    def foreign_parameters(self) -> dict[str, nn.Parameter]:
        """Parameters of another library's adapter, by name in the backbone."""
        return {name: self.backbone.get_parameter(name) for name in self._foreign_names}

    def keep_parts(self, layers: Collection[int]) -> None:
        """Removes the parts of all other layers: their parameters and their hooks."""
        for index in list(self.parts):
            if int(index) not in layers:
                del self.parts[index]
                self._entries.pop(index).remove()

    def forward(self, *args: Any, prompt_mask: torch.Tensor | None = None, **kwargs: Any) -> Any:
        """The backbone's own pass.

        Args:
            prompt_mask: (rows, tokens), True on the tokens of the prompt; prompt-aware methods need it unless they
                read prompts into the cache of `new_cache`, others do not look at it.

        Raises:
            PiloraError: PIL012 where a prompt-aware method is not told the prompt.
        """
        self.prompt.given = prompt_mask
        return self.backbone(*args, **kwargs)

    def new_cache(self) -> DynamicCache:
        """An empty cache to decode with: one that holds the prompt state, where the method has some."""
        return PromptCache(self.config) if self.prompt_aware else DynamicCache(config=self.config)

    def generate(self, *args: Any, **kwargs: Any) -> Any:
        """The backbone's own.

        Raises:
            PiloraError: PIL014 where a prompt-aware method would not see the prompt whole: read in pieces, behind a
                prefix that others share, or without a cache.
        """
        if self.prompt_aware:
            refuse_partial_prompts(self.adapter_config.method, kwargs)
            self.prompt.given = None
            if given_cache(kwargs) is None:
                kwargs[CACHE_ARGUMENT] = self.new_cache()
        return self.backbone.generate(*args, **kwargs)  # type: ignore[operator]

    def low_rank_modules(self) -> Iterator[tuple[str, LowRankLinear]]:
        """(name in the backbone, module), in the backbone's order."""
        for name, module in self.backbone.named_modules():
            if isinstance(module, LowRankLinear):
                yield name, module

    def ranks(self) -> dict[str, int]:
        """Ranks by module name."""
        return {name: module.rank for name, module in self.low_rank_modules()}

    def adapter_state(self) -> dict[str, torch.Tensor]:
        """The adapter's tensors by name: `<module>.A` (rank, in), `<module>.B` (out, rank), and `parts.<layer>.…`."""
        state: dict[str, torch.Tensor] = {}
        for name, module in self.low_rank_modules():
            state[f"{name}.A"] = module.A.detach()
            state[f"{name}.B"] = module.B.detach()
        for name, tensor in self.parts.state_dict().items():
            state[f"parts.{name}"] = tensor.detach()
        for name, parameter in self.foreign_parameters().items():
            state[name] = parameter.detach()
        return state

    def trainable_parameters(self) -> int:
        return sum(parameter.numel() for parameter in self.parameters() if parameter.requires_grad)

    @torch.no_grad()
    def merge(self) -> nn.Module:
        """Adds every update to its weight and returns the backbone, which is then a plain model again.

        Raises:
            PiloraError: PIL011 when a weight is quantised, PIL014 when the method looks at the prompt, so that it is no
                change of weights; nothing is merged then.
        """
        if self.prompt_aware:
            mend = "use it unmerged, as the AdaptedModel"
            raise PiloraError("PIL014", method=self.adapter_config.method, what="merged into the weights", mend=mend)
        if self.foreign is not None:
            make_plain(self.backbone)
            merged: nn.Module = self.foreign.merge_and_unload()
            mark_adapted(merged, False)
            return merged
        modules = list(self.low_rank_modules())
        inputs = self.backbone.get_input_embeddings().weight  # type: ignore[operator]
        for name, module in modules:
            if module.rank and not module.base.weight.is_floating_point():  # type: ignore[operator]
                raise PiloraError("PIL011", name=name)
            if module.rank and module.base.weight is inputs:
                what, mend = f"merged into {name}, whose weight is also the input embeddings", "use it unmerged"
                raise PiloraError("PIL014", name, method=self.adapter_config.method, what=what, mend=mend)
        for name, module in modules:
            base: Any = module.base
            if module.rank:
                base.weight.add_(module.delta().to(base.weight.dtype))
            self.replace(name, base)
        make_plain(self.backbone)
        mark_adapted(self.backbone, False)
        return self.backbone

    def gradient_checkpointing_enable(self, **kwargs: Any) -> None:
        """As the backbone's; inputs must require grad, since every parameter before the first update is frozen.

        Under a prompt-aware method each pass must be differentiated before the next one: a layer that runs again in
        the backward pass reads the state of the newest pass.
        """
        self.backbone.gradient_checkpointing_enable(**kwargs)  # type: ignore[operator]
        self.backbone.enable_input_require_grads()  # type: ignore[operator]

    def gradient_checkpointing_disable(self) -> None:
        self.backbone.gradient_checkpointing_disable()  # type: ignore[operator]


def refuse_partial_prompts(method: str, kwargs: Mapping[str, Any]) -> None:
    """Raises PIL014 for settings of `generate` under which a prompt-aware method would not see the prompt whole."""
    cache, settings = given_cache(kwargs), kwargs.get("generation_config")
    named = {name: kwargs.get(name, getattr(settings, name, None)) for name in ("prefill_chunk_size", "use_cache")}
    in_pieces = bool(named["prefill_chunk_size"]) or named["use_cache"] is False
    if in_pieces or (cache is not None and cache.get_seq_length()):
        mend = "give it the whole prompt at once, with an empty cache"
        raise PiloraError("PIL014", method=method, what="generated with from a prompt in pieces", mend=mend)


def target_names(backbone: nn.Module, targets: tuple[str, ...]) -> list[str]:
    """Names of the linear modules whose last part is one of the targets.

    Raises:
        PiloraError: PIL001 when there is none, PIL010 when a target has no matrix to adapt.
    """
    names = [name for name, _ in backbone.named_modules() if name.rpartition(".")[2] in targets]
    if not names:
        raise PiloraError("PIL001", type(backbone).__name__, targets=", ".join(targets))
    for name in names:
        module = backbone.get_submodule(name)
        if not (hasattr(module, "in_features") and hasattr(module, "weight")):
            raise PiloraError("PIL010", type(module).__name__, name=name)
    return names


def attach(backbone: nn.Module, config: AdapterConfig | dict[str, Any]) -> AdaptedModel:
    """A fresh adapter on a backbone, which is changed in place and frozen; it computes what the backbone computes.

    Args:
        backbone: a Hugging Face causal LM.
        config: a method's configuration, or its values with `method`.

    Raises:
        PiloraError: PIL001, PIL002, PIL007, PIL008, PIL010.
    """
    return AdaptedModel(backbone, parse_config(config) if isinstance(config, dict) else config)
