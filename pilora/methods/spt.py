"""SPT, Selective Prompt Tuning (arXiv 2310.20127): soft prompts, made from the prompt, at the layers that pay.

[P] A generator at a layer makes soft prompts from the prompt's hidden states; a gate `a_l = sigmoid(α_l)` a layer says
how much they count; gates and prompts learn in turn on two shares of the training data; the gates learn
re-parametrised, under random masks of layers and with a consistency loss; the K layers with the highest gates keep
their prompts, which are then trained anew.

[R] How soft prompts enter the model is in `pilora.virtual_tokens`. The generator pools adaptively, as
`adaptive_avg_pool1d` over the prompt's tokens; 256 wide, without biases, with GeLU. While the layers are searched, a
pass in training mode runs with gates `m_l a_l / stop_gradient(a_l)`: 1 where its random mask m leaves the layer in, 0
where not, with the gradient of the gate. Each loss is that of the masked pass, plus the distance of its hidden states
from those of the pass with all layers; in evaluation mode the gates are `a_l`. The kept prompts start anew, with gates
fixed at 1, and train to the end of the run.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any, Literal

import torch
from pydantic import Field
from torch import Tensor, nn
from torch.nn import functional
from transformers import TrainerControl, TrainerState, TrainingArguments

from pilora.bilevel import BilevelConfig, BilevelSchedule
from pilora.errors import PiloraError
from pilora.methods.method import Batches, Method
from pilora.model import AdaptedModel
from pilora.prompt_state import decoder_layers
from pilora.virtual_tokens import VirtualTokens
from pilora.wrapping import master_dtype


class SPTConfig(BilevelConfig):
    """SPT: see the module.

    Attributes:
        slots: virtual tokens.
        bottleneck: width between the generator's two projections.
        layers: that have soft prompts; None for all, to be searched.
        keep: layers that keep theirs after the search; None for a quarter of those searched.
        search_share: of all training steps; the rest trains the kept prompts.
        start_gate: of every layer when the search begins; a fresh adapter's gates are 0.
        mask_share: of the layers, masked in a pass of the search.
        consistency: weight of the consistency loss.
    """

    method: Literal["spt"] = "spt"
    slots: int = Field(10, ge=1)
    bottleneck: int = Field(256, ge=1)
    layers: tuple[int, ...] | None = Field(None, min_length=1)
    keep: int | None = Field(None, ge=1)
    search_share: float = Field(0.5, gt=0, lt=1)
    start_gate: float = Field(0.5, gt=0, lt=1)
    mask_share: float = Field(0.5, ge=0, lt=1)
    consistency: float = Field(1.0, ge=0)
    upper_learning_rate: float = Field(1e-2, gt=0)

    def held_back(self, records: int) -> tuple[str, int]:
        """Nothing where the layers are given: then there is one level only."""
        return super().held_back(records) if self.layers is None else ("layers", 0)


class PromptGenerator(nn.Module):
    """`p = GeLU(pool(H_p) Wdᵀ) Wuᵀ` for each slot, and the layer's gate.

    Slot s of S pools the prompt's tokens from `⌊s n / S⌋` to `⌈(s + 1) n / S⌉` of n, so that all slots together see all
    tokens, and short prompts fill every slot.

    Shapes: down is (bottleneck, width), up is (width, bottleneck), alpha is (); gives `soft_prompt` (rows, slots,
    width) and `gate` (rows,), in float32 or wider. `alpha` is -inf at first, which closes the gate.

    Attributes:
        kept: while layers are searched, whether the mask of the next pass leaves this one in; else None.
    """

    def __init__(self, width: int, slots: int, bottleneck: int, device: torch.device, dtype: torch.dtype) -> None:
        super().__init__()
        self.slots = slots
        self.down = nn.Parameter(torch.empty(bottleneck, width, device=device, dtype=dtype))
        self.up = nn.Parameter(torch.empty(width, bottleneck, device=device, dtype=dtype))
        self.alpha = nn.Parameter(torch.full((), -torch.inf, device=device, dtype=dtype))
        self.kept: bool | None = None
        if not self.down.is_meta:
            self.reset()

    @torch.no_grad()
    def reset(self, generator: torch.Generator | None = None) -> None:
        """Draws both projections anew; the generator is on the CPU, so that every device gets the same numbers."""
        for weight in (self.down, self.up):
            bound = 1 / math.sqrt(weight.shape[1])
            weight.copy_(torch.empty(weight.shape, dtype=weight.dtype).uniform_(-bound, bound, generator=generator))

    def forward(self, hidden: Tensor, mask: Tensor) -> dict[str, Tensor]:
        hidden = hidden.to(torch.promote_types(hidden.dtype, torch.float32))
        # Pooling before the projection gives the same as after it, both being linear, for a share of the work.
        pooled = pooling_weights(mask, self.slots).to(hidden.dtype) @ hidden
        inner = functional.gelu(functional.linear(pooled, self.down.to(hidden.dtype)))
        soft_prompt = functional.linear(inner, self.up.to(hidden.dtype))
        return {"soft_prompt": soft_prompt, "gate": self.gate().to(hidden.dtype).expand(hidden.shape[0])}

    def gate(self) -> Tensor:
        gate = torch.sigmoid(self.alpha)
        return gate if self.kept is None or not self.training else self.kept * gate / gate.detach()


def pooling_weights(mask: Tensor, slots: int) -> Tensor:
    """(rows, slots, tokens): the mean over each slot's share of the tokens where the mask (rows, tokens) is True."""
    count = mask.sum(1, keepdim=True)
    slot = torch.arange(slots, device=mask.device)
    first = (slot * count // slots).unsqueeze(2)
    behind = (((slot + 1) * count + slots - 1) // slots).unsqueeze(2)
    rank = (mask.cumsum(1) - 1).unsqueeze(1)
    chosen = mask.unsqueeze(1) & (rank >= first) & (rank < behind)
    return chosen / chosen.sum(2, keepdim=True).clamp(min=1)


def _install(model: AdaptedModel, ranks: Mapping[str, int] | None) -> None:
    config = _config(model)
    layers = decoder_layers(model.backbone)
    chosen = range(len(layers)) if config.layers is None else sorted(set(config.layers))
    if chosen[0] < 0 or chosen[-1] >= len(layers):
        raise PiloraError("PIL007", detail=f"layers: the backbone has layers 0 to {len(layers) - 1}")
    width = int(model.config.get_text_config().hidden_size)
    for index in chosen:
        weight = next(layers[index].parameters())
        part = PromptGenerator(width, config.slots, config.bottleneck, weight.device, master_dtype(weight))
        part.alpha.requires_grad_(config.layers is None)
        model.parts[str(index)] = part

    # The parts themselves, not a closure over the model: a deep copy must ask its own gates.
    model.virtual = VirtualTokens(model.backbone, model.prompt, config.slots, partial(_any_open, model.parts))


def _any_open(parts: nn.ModuleDict) -> bool:
    return any(isinstance(part, PromptGenerator) and bool(part.alpha > -torch.inf) for part in parts.values())


def _config(model: AdaptedModel) -> SPTConfig:
    if not isinstance(model.adapter_config, SPTConfig):
        raise TypeError("the model's configuration is not an SPTConfig")
    return model.adapter_config


def _generators(model: AdaptedModel) -> list[PromptGenerator]:
    return [part for part in model.parts.values() if isinstance(part, PromptGenerator)]


def consistency_loss(model: AdaptedModel) -> Tensor:
    """`consistency · ‖H - H'‖² / ‖H'‖²` over the response tokens: H the last hidden states of the pass just made, H' of
    one with all layers, made here. Gradients flow into both; 0 where no layers are searched."""
    virtual = model.virtual
    if virtual is None or virtual.hidden is None:
        return torch.zeros((), device=model.device)
    masked, inputs = virtual.hidden, dict(virtual.inputs)
    with _all_layers(model):
        model(**inputs, use_cache=False, logits_to_keep=1)
    full = virtual.hidden
    virtual.forget()
    response = ~inputs["prompt_mask"]
    if "attention_mask" in inputs:
        response = response & inputs["attention_mask"].bool()
    wide = torch.promote_types(full.dtype, torch.float32)
    masked, full = masked[response].to(wide), full[response].to(wide)
    tiny = torch.finfo(wide).tiny
    return _config(model).consistency * (masked - full).square().sum() / full.square().sum().clamp(min=tiny)


@contextmanager
def _all_layers(model: AdaptedModel) -> Iterator[None]:
    parts = _generators(model)
    before = [part.kept for part in parts]
    for part in parts:
        part.kept = True
    try:
        yield
    finally:
        for part, kept in zip(parts, before, strict=True):
            part.kept = kept


class SelectiveSchedule(BilevelSchedule):
    """The search for the layers, then the training of the kept prompts.

    The upper level are the gates, on the held-out share. With `layers` given there is nothing to search: their gates
    are 1 from the start.

    Args:
        model: with an `SPTConfig`.
        held_out: batches of the held-out share, on the model's device.
    """

    def __init__(self, model: AdaptedModel, held_out: Batches) -> None:
        self.config = _config(model)
        self.searching = self.config.layers is None
        super().__init__(model, [part.alpha for part in _generators(model)], held_out)
        self.passes = 2 if self.config.consistency else 1
        if not self.searching:
            self._settle([int(index) for index in model.parts])
            return
        with torch.no_grad():
            for alpha in self.upper:
                if alpha.isneginf():  # else it comes from a loaded adapter
                    alpha.fill_(math.log(self.config.start_gate / (1 - self.config.start_gate)))
        self._remember(self.config.consistency > 0)

    def finished(self) -> bool:
        """Whether the layers are chosen."""
        return not self.searching

    def on_step_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        if self.searching:
            self.mask(args.seed, 2 * state.global_step)

    def on_step_end(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        optimizer: torch.optim.Optimizer | None = None,
        **kwargs: Any,
    ) -> None:
        if not self.searching:
            return
        super().on_step_end(args, state, control)
        if state.global_step >= max(1, round(self.config.search_share * state.max_steps)):
            self.select(optimizer, seed=args.seed)
            self.history[-1]["step"] = state.global_step

    def mask(self, seed: int, number: int) -> None:
        """Draws the layers that the next passes in training mode leave in; at least one."""
        parts = _generators(self.model)
        left_in = len(parts) - min(round(self.config.mask_share * len(parts)), len(parts) - 1)
        generator = torch.Generator().manual_seed(seed * 1_000_003 + number)
        drawn = set(torch.randperm(len(parts), generator=generator)[:left_in].tolist())
        for place, part in enumerate(parts):
            part.kept = place in drawn

    def step(self, seed: int = 0) -> float:
        """As `BilevelSchedule.step`, under a mask of its own and with the consistency loss."""
        self.mask(seed, 2 * self.steps + 1)
        return super().step(seed)

    def _loss(self, batch: Mapping[str, Tensor]) -> Tensor:
        return super()._loss(batch) + consistency_loss(self.model)

    def select(self, optimizer: torch.optim.Optimizer | None = None, seed: int = 0) -> None:
        """Keeps the layers with the highest gates, lower layers first among equals, and starts their prompts anew.

        Args:
            optimizer: of the lower level; it forgets the removed parameters, and the moments of the kept ones.
        """
        gates = {int(index): float(torch.sigmoid(part.alpha)) for index, part in self._named_parts()}
        count = self.config.keep or max(1, len(gates) // 4)
        kept = sorted(sorted(gates, key=lambda layer: -gates[layer])[:count])
        prompts = [weight for part in _generators(self.model) for weight in (part.down, part.up)]
        self._settle(kept)
        generator = torch.Generator().manual_seed(seed)
        for part in _generators(self.model):
            part.reset(generator)
        if optimizer is not None:
            _forget(optimizer, prompts, list(self.model.parts.parameters()))
        self.history.append({"layers": kept, "gates": {str(layer): gate for layer, gate in gates.items()}})

    def state_dict(self) -> dict[str, Any]:
        layers = None if self.searching else [int(index) for index in self.model.parts]
        return {**super().state_dict(), "layers": layers, "history": self.history}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        super().load_state_dict(state)
        self.history = state["history"]
        if state["layers"] is not None:
            self._settle(state["layers"])

    def _named_parts(self) -> list[tuple[str, PromptGenerator]]:
        return list(zip(self.model.parts, _generators(self.model), strict=True))

    @torch.no_grad()
    def _settle(self, layers: Collection[int]) -> None:
        """The search is over: these layers alone have prompts, with gates of 1."""
        self.model.keep_parts(layers)
        self.model.adapter_config = self.config.model_copy(update={"layers": tuple(layers)})
        for part in _generators(self.model):
            part.kept = None
            part.alpha.fill_(torch.inf).requires_grad_(False)
        self.searching, self.upper = False, []
        self.optimizer.state.clear()
        self._remember(False)

    def _remember(self, wanted: bool) -> None:
        if self.model.virtual is not None:
            self.model.virtual.remember = wanted
            self.model.virtual.forget()


def _forget(optimizer: torch.optim.Optimizer, old: list[nn.Parameter], kept: list[nn.Parameter]) -> None:
    """Takes the state of the old parameters from the optimiser, and those of them that are not kept from its groups."""
    gone = {id(parameter) for parameter in old} - {id(parameter) for parameter in kept}
    for group in optimizer.param_groups:
        group["params"] = [parameter for parameter in group["params"] if id(parameter) not in gone]
    for parameter in old:
        optimizer.state.pop(parameter, None)


SPT = Method("spt", SPTConfig, _install, SelectiveSchedule, consistency_loss)
