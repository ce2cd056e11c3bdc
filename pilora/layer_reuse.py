"""Passes that differ only from one layer on begin there: what lies before has been computed already.

Scores by ablation switch one rank at a time, on or off, while all others stay. Up to the layer of that rank such a pass
is the pass of all others, so it can begin with the hidden states that one of those had there: the same numbers for
about half of the work, over all layers. [O] neither the paper of ALoRA nor that of AB-LoRA says how the passes are run.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from pilora.prompt_state import decoder_layers

_USUAL = (1.0, 0.0)
"""Values of the gates before the first rank that differs: all ranks on, or all off."""


@dataclass(frozen=True)
class _Reached:
    """What the layers before `layer` gave in an earlier pass, with the weights of then."""

    weights: tuple[tuple[int, int], ...]
    layer: int
    output: Any


@dataclass(frozen=True)
class Start:
    """Where the passes under some gates can begin.

    Attributes:
        usual: the value of all gates in front of `layer`.
        layer: the first one with a gate of another value; the number of layers where there is none.
        names: of the modules with gates.
        weights: which weights the model has, and in which state.
    """

    usual: float
    layer: int
    names: frozenset[str]
    weights: tuple[tuple[int, int], ...]


class LayerReuse:
    """Lets passes of the same batches begin behind the layers whose gates are as in an earlier pass.

    Keeps two hidden states a batch: those in front of the layer that was switched last, with all ranks before it on,
    and with all of them off. So the passes should go through the layers from first to last. Models whose layers share
    keys and values run in full.

    Args:
        backbone: the model. While this is in use, it and the batches must be left as they are; other gates, and
            parameters that an optimiser steps, are noticed.
        modules: names of the modules with gates.
    """

    def __init__(self, backbone: nn.Module, modules: Collection[str]) -> None:
        self._backbone = backbone
        self._layers = decoder_layers(backbone)
        prefix = next(name for name, module in backbone.named_modules() if module is self._layers)
        self._layer = {name: _layer_of(name, prefix) for name in modules}
        self._reached: dict[tuple[int, float, frozenset[str]], _Reached] = {}

    def start(self, gates: Mapping[str, Tensor]) -> Start:
        """Where passes under these gates differ from passes with all ranks on, or all off, whichever is later."""
        weights = tuple((id(parameter), parameter._version) for parameter in self._backbone.parameters())
        if _layers_share(self._backbone):
            return Start(_USUAL[0], 0, frozenset(gates), weights)
        values = torch.cat(list(gates.values()))
        places = torch.tensor([self._layer[name] for name, gate in gates.items() for _ in range(gate.shape[0])])
        firsts = []
        for usual in _USUAL:
            others = places[(values != usual).cpu()]
            firsts.append((int(others.min()) if len(others) else len(self._layers), usual))
        layer, usual = max(firsts)
        return Start(usual, layer, frozenset(gates), weights)

    @contextmanager
    def passes(self, start: Start, batch: int) -> Iterator[None]:
        """While open, passes of the batch of that number skip the layers that are known.

        Only without gradients: the layers that are skipped have none.
        """
        key = (batch, start.usual, start.names)
        known = self._reached.get(key)
        if known is not None and (known.weights != start.weights or known.layer > start.layer):
            known = None
        stands: dict[int, nn.Module] = {}
        if known is not None:
            stands = {number: _Known(self._layers[number], known.output) for number in range(known.layer)}
        if (known.layer if known is not None else 0) < start.layer < len(self._layers):

            def note(output: Any) -> None:
                self._reached[key] = _Reached(start.weights, start.layer, output)

            stands[start.layer - 1] = _Noted(self._layers[start.layer - 1], note)
        with _in_place(self._layers, stands):
            yield


def _layers_share(backbone: nn.Module) -> bool:
    """Whether later layers read what earlier ones have kept beside their output."""
    return bool(getattr(backbone.config.get_text_config(), "num_kv_shared_layers", 0))  # type: ignore[union-attr, operator]


def _layer_of(name: str, prefix: str) -> int:
    """The number of the layer that a module is part of; 0 for one outside, so that nothing before it is known."""
    inside = name.removeprefix(f"{prefix}.")
    return int(inside.split(".")[0]) if inside != name else 0


@contextmanager
def _in_place(layers: nn.ModuleList, stands: Mapping[int, nn.Module]) -> Iterator[None]:
    """While open, these modules stand in the place of the layers; no hooks, for which compiled layers compile again."""
    own = {number: layers[number] for number in stands}
    try:
        for number, module in stands.items():
            layers[number] = module
        yield
    finally:
        for number, module in own.items():
            layers[number] = module


class _InPlace(nn.Module):
    """Stands in the place of a layer, with the layer's attributes; the layer is no submodule of it."""

    def __init__(self, layer: nn.Module) -> None:
        super().__init__()
        self.__dict__["layer"] = layer

    def __getattr__(self, name: str) -> Any:
        return getattr(self.__dict__["layer"], name)


class _Known(_InPlace):
    """A layer that is not computed; it gives what the last one of these gave, in the form that the model takes."""

    def __init__(self, layer: nn.Module, output: Any) -> None:
        super().__init__(layer)
        self.__dict__["output"] = output

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        return self.output


class _Noted(_InPlace):
    """A layer whose output is told."""

    def __init__(self, layer: nn.Module, note: Callable[[Any], None]) -> None:
        super().__init__(layer)
        self.__dict__["note"] = note

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        output = self.layer(*args, **kwargs)
        self.note(output)
        return output
