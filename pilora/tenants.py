"""Many adapters on one backbone: rows of one batch may use different ones, of different methods.

    model = MultiAdapterModel(backbone)
    model.add("asthma", "adapters/asthma")
    model.add("gout", "adapters/gout")
    model.generate(**inputs, adapter_names=["asthma", "gout", "gout", None])

Switching costs no reload: adapters stay in memory, beside each other. Which adapter a row uses, and what its prompt
gave, is prompt state, so both follow the rows of the key-value cache.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from pilora.checkpoint import check_backbone, load_tensors, read_adapter_config
from pilora.config import parse_config
from pilora.errors import PiloraError
from pilora.lowrank import LowRankLinear
from pilora.model import SITES, AdaptedModel, mark_adapted, refuse_adapted, refuse_partial_prompts
from pilora.prompt_state import (
    CACHE_ARGUMENT,
    PromptCache,
    PromptPass,
    ScaledLinear,
    decoder_layers,
    given_cache,
    given_tokens,
)
from pilora.virtual_tokens import VirtualTokens
from pilora.wrapping import WrappedModel, replace_module

EVERYWHERE = -1
"""The layer under which the prompt state keeps what belongs to no layer: the adapter of each row."""


class LowRankUpdate(NamedTuple):
    """`B A x` of one adapter on one module; A is (rank, in), B is (out, rank) with the scale folded in.

    `column` is the expert's place in the layer's route, or None where the update always counts fully.
    """

    A: Tensor
    B: Tensor
    column: int | None


class TenantLinear(ScaledLinear):
    """A linear module with the scales and low-rank updates of several adapters.

    Low-rank updates of a mixed batch are gathered once a prompt (under beam search whenever the beams change places),
    row by row, padded to the largest rank, and then applied to all rows by two batched products. Rows whose adapter
    has nothing here, or has not chosen this expert, are left out of the products.
    """

    def __init__(self, base: nn.Module, prompt: PromptPass, layer: int, name: str) -> None:
        super().__init__(base, prompt, layer, name)
        self.updates: dict[int, LowRankUpdate] = {}

    def forward(self, x: Tensor) -> Tensor:
        # The base module's output is new and nobody else's, so all is added into it: a copy of a long prompt's
        # activations costs more than the update.
        y: Tensor = self.base(x)
        scale = self.prompt.state.get(self.layer, self.name)
        if scale is not None:
            y = y.mul_(scale.to(y.dtype).unsqueeze(1))
        gathered = self.prompt.state.remembered((self.layer, self.name), self._gather) if self.updates else None
        if gathered is None:
            return y
        rows, A, B = gathered
        if rows is None:
            return y.baddbmm_(x @ A, B)
        return y.index_add_(0, rows, x[rows] @ A @ B)

    def _gather(self) -> tuple[Tensor | None, Tensor, Tensor] | None:
        """The rows that are updated (None for all) and their matrices, (rows, in, rank) and (rows, rank, out)."""
        owners = self.prompt.state.need(EVERYWHERE, "adapter")
        route = self.prompt.state.get(self.layer, "route")
        used: list[tuple[int, LowRankUpdate, Tensor | None]] = []
        for row, owner in enumerate(owners.tolist()):
            update = self.updates.get(owner)
            if update is None:
                continue
            weight = None if update.column is None or route is None else route[row, update.column]
            if weight is None or float(weight) != 0:
                used.append((row, update, weight))
        if not used:
            return None
        dtype, device = used[0][1].A.dtype, used[0][1].A.device
        rank = max(update.A.shape[0] for _, update, _ in used)
        A = torch.zeros(len(used), self.in_features, rank, dtype=dtype, device=device)
        B = torch.zeros(len(used), rank, self.out_features, dtype=dtype, device=device)
        for place, (_, update, weight) in enumerate(used):
            own = update.A.shape[0]
            A[place, :, :own] = update.A.T
            B[place, :own] = update.B.T if weight is None else update.B.T * weight
        rows = None if len(used) == len(owners) else torch.tensor([row for row, _, _ in used], device=device)
        return rows, A, B


class _LayerOfTenants:
    """A forward pre-hook of a decoder layer: the parts of all adapters of the batch, each on its own rows."""

    def __init__(self, layer: int, parts: Mapping[int, nn.Module], prompt: PromptPass) -> None:
        self.layer = layer
        self.parts = parts
        self.prompt = prompt

    def __call__(self, layer: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        mask, owners = self.prompt.mask, self.prompt.state.get(EVERYWHERE, "adapter")
        if mask is None or owners is None:
            return
        hidden = args[0] if args else kwargs["hidden_states"]
        whole: dict[str, Tensor] = {}
        for owner, part in self.parts.items():
            rows = (owners == owner).nonzero().squeeze(1)
            if len(rows):
                for name, value in part(hidden[rows], mask[rows]).items():
                    # Rows of other adapters: a scale or route of 1 changes nothing, nor does a gate of 0.
                    neutral = 0.0 if name in ("gate", "soft_prompt") else 1.0
                    all_rows = whole.setdefault(name, value.new_full((len(owners), *value.shape[1:]), neutral))
                    all_rows[rows] = value
        if whole:
            self.prompt.state.put(self.layer, whole)


class MultiAdapterModel(WrappedModel):
    """A backbone with named adapters, used as the backbone itself; for inference.

    Args:
        backbone: a Hugging Face causal LM without an adapter; it is changed in place and frozen.

    Raises:
        PiloraError: PIL008 when it carries an adapter, PIL013 for another kind of backbone.
    """

    def __init__(self, backbone: nn.Module) -> None:
        super().__init__(backbone)
        refuse_adapted(backbone)
        layers = decoder_layers(backbone)
        backbone.requires_grad_(False)
        self.prompt = PromptPass()
        self.parts = nn.ModuleDict()
        self._numbers: dict[str, int] = {}
        self._newest = 0  # a number is never given twice: a cache may still know the adapter that had it
        self._layer_parts: list[dict[int, nn.Module]] = []
        self._given: list[str | None] | None = None
        self._may_repeat = False  # `generate` repeats rows for its beams
        self._virtual: VirtualTokens | None = None
        self._with_virtual: set[int] = set()
        self._present: set[int] = set()
        backbone.register_forward_pre_hook(self._begin, with_kwargs=True)
        self._layers = {module: index for index, layer in enumerate(layers) for module in layer.modules()}
        for index, layer in enumerate(layers):
            self._layer_parts.append({})
            entry = _LayerOfTenants(index, self._layer_parts[index], self.prompt)
            layer.register_forward_pre_hook(entry, with_kwargs=True)
        mark_adapted(backbone)

    @property
    def names(self) -> list[str]:
        """Of the adapters."""
        return list(self._numbers)

    @torch.no_grad()
    def add(self, name: str, folder: str | Path) -> None:
        """Loads an adapter beside the others; it takes the place of one of the same name.

        Raises:
            PiloraError: PIL003 to PIL007 for a folder that is damaged or of another backbone; PIL014 for soft prompts
                of another number of virtual tokens than those that are or were there, for an adapter of PEFT, and for
                updates outside the decoder layers.
        """
        stored = read_adapter_config(folder)
        check_backbone(stored["backbone"], self.backbone, folder)
        adapter = AdaptedModel(self._skeleton(), parse_config(stored["config"], folder), ranks={})
        if adapter.foreign is not None:
            mend = "load it alone, by pilora.load"
            raise PiloraError("PIL014", folder, method=adapter.adapter_config.method, what="one of many", mend=mend)
        sites = [name for name, module in adapter.backbone.named_modules() if isinstance(module, SITES)]
        outside = [name for name in sites if self._plain(name) not in self._layers]
        if outside:
            mend = "train it on modules of the decoder layers"
            what = f"one of many with an update of {outside[0]}"
            raise PiloraError("PIL014", folder, method=adapter.adapter_config.method, what=what, mend=mend)
        adapter.parts.to_empty(device="cpu")
        load_tensors(adapter, folder)
        if adapter.virtual is not None:
            self._make_room(adapter.virtual.slots, folder)
        if name in self._numbers:
            self.remove(name)
        self._newest += 1
        number = self._numbers[name] = self._newest
        self._take_updates(number, adapter)
        self._take_parts(number, name, adapter)
        if adapter.virtual is not None:
            self._with_virtual.add(number)

    def remove(self, name: str) -> None:
        """Forgets an adapter.

        Raises:
            PiloraError: PIL015 where there is none of this name.
        """
        number = self._number(name)
        del self._numbers[name]
        self._with_virtual.discard(number)
        if name in self.parts:
            del self.parts[name]
        for parts in self._layer_parts:
            parts.pop(number, None)
        for module in self.backbone.modules():
            if isinstance(module, TenantLinear):
                module.updates.pop(number, None)

    def new_cache(self) -> PromptCache:
        """An empty cache to decode with."""
        return PromptCache(self.config)

    def forward(
        self,
        *args: Any,
        adapter_names: Sequence[str | None] | None = None,
        prompt_mask: Tensor | None = None,
        **kwargs: Any,
    ) -> Any:
        """The backbone's own pass.

        Args:
            adapter_names: the adapter of each row, None for the bare backbone; left out where a cache is gone on with.
            prompt_mask: (rows, tokens), as in `AdaptedModel`.

        Raises:
            PiloraError: PIL012 where a prompt-aware adapter is not told the prompt, PIL015 for an unknown adapter.
        """
        self._given = None if adapter_names is None else list(adapter_names)
        self._may_repeat, self.prompt.given = False, prompt_mask
        return self.backbone(*args, **kwargs)

    def generate(self, *args: Any, adapter_names: Sequence[str | None] | None = None, **kwargs: Any) -> Any:
        """The backbone's own `generate`; `adapter_names` is for the rows of the inputs, before beams are made."""
        names = [] if adapter_names is None else [self._number(name) for name in adapter_names if name is not None]
        if any(set(names) & parts.keys() for parts in self._layer_parts):
            refuse_partial_prompts("one of its adapters", kwargs)
        self._given = None if adapter_names is None else list(adapter_names)
        self._may_repeat, self.prompt.given = True, None
        if given_cache(kwargs) is None:
            kwargs[CACHE_ARGUMENT] = self.new_cache()
        return self.backbone.generate(*args, **kwargs)  # type: ignore[operator]

    def _begin(self, backbone: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        cache = given_cache(kwargs)
        names, self._given = self._given, None
        if isinstance(cache, PromptCache) and cache.get_seq_length():
            self.prompt.begin(backbone, args, kwargs)
            return
        given, self.prompt.given = self.prompt.given, None  # gone, should the names be refused
        if names is None and cache is not None and cache.get_seq_length():
            raise PiloraError("PIL012")
        tokens = given_tokens(args, kwargs)
        owners = self._owners(names, tokens.shape[0], tokens.device)
        self.prompt.given = given
        self.prompt.begin(backbone, args, kwargs, needs_prompt=self._look_at_prompts(owners))
        self.prompt.state.put(EVERYWHERE, {"adapter": owners})

    def _owners(self, names: list[str | None] | None, rows: int, device: torch.device) -> Tensor:
        """(rows,) the number of each row's adapter, 0 for none."""
        if names is None:
            names = [None] * rows
        if not names or (rows % len(names) if self._may_repeat else rows != len(names)):
            raise PiloraError("PIL016", names=len(names), rows=rows)
        numbers = [0 if name is None else self._number(name) for name in names]
        return torch.tensor(numbers, device=device).repeat_interleave(rows // len(names))

    def _number(self, name: str) -> int:
        if name not in self._numbers:
            raise PiloraError("PIL015", name, known=", ".join(self._numbers) or "none")
        return self._numbers[name]

    def _look_at_prompts(self, owners: Tensor) -> bool:
        self._present = set(owners.tolist())
        return any(self._present & parts.keys() for parts in self._layer_parts)

    def _make_room(self, slots: int, folder: str | Path) -> None:
        """Virtual tokens in front of every row; a row whose adapter has no soft prompts does not see them."""
        if self._virtual is None:
            self._virtual = VirtualTokens(self.backbone, self.prompt, slots, self._any_virtual)
        elif self._virtual.slots != slots:
            mend = (
                f"all soft prompts on one backbone have the same number of virtual tokens, here {self._virtual.slots}"
            )
            raise PiloraError("PIL014", folder, method="spt", what=f"added with {slots} slots", mend=mend)

    def _any_virtual(self) -> bool:
        return bool(self._present & self._with_virtual)

    def _plain(self, name: str) -> nn.Module:
        """The backbone's own module of this name."""
        module = self.backbone.get_submodule(name)
        return module.base if isinstance(module, TenantLinear) else module

    def _skeleton(self) -> nn.Module:
        """A backbone of the same shape without memory, to build an adapter on."""
        with torch.device("meta"):
            return type(self.backbone)(self.backbone.config).to(self.dtype)

    def _take_updates(self, number: int, adapter: AdaptedModel) -> None:
        for name, module in adapter.low_rank_modules():
            if module.rank:
                column = None if module.route is None else module.route.column
                A, B = (part.detach().to(self.device, self.dtype) for part in (module.A, module.scale * module.B))
                self._site(name).updates[number] = LowRankUpdate(A, B, column)

    def _take_parts(self, number: int, name: str, adapter: AdaptedModel) -> None:
        if not adapter.prompt_aware:
            return
        self.parts[name] = adapter.parts.to(self.device).eval()
        for index, part in adapter.parts.items():
            self._layer_parts[int(index)][number] = part
        for site, module in adapter.backbone.named_modules():
            if isinstance(module, SITES) and not isinstance(module, LowRankLinear):
                self._site(site)

    def _site(self, name: str) -> TenantLinear:
        """The module of this name, wrapped where it is not yet."""
        module = self.backbone.get_submodule(name)
        if isinstance(module, TenantLinear):
            return module
        site = TenantLinear(module, self.prompt, self._layers[module], name.rpartition(".")[2])
        replace_module(self.backbone, name, site)
        return site
