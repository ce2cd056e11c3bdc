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


class LayerReuse:
    """Lets passes of the same batches begin behind the layers whose gates are as in an earlier pass.

    Keeps two hidden states a batch: those in front of the layer that was switched last, with all ranks before it on,
    and with all of them off. So the passes should go through the layers from first to last.

    Args:
        backbone: the model; must be left as it is, but for its weights and the gates, while this is in use.
        modules: names of the modules with gates.
    """

    def __init__(self, backbone: nn.Module, modules: Collection[str]) -> None:
        self._backbone = backbone
        self._layers = decoder_layers(backbone)
        prefix = next(name for name, module in backbone.named_modules() if module is self._layers)
        self._layer = {name: _layer_of(name, prefix) for name in modules}
        self._reached: dict[tuple[int, float, frozenset[str]], _Reached] = {}

    @contextmanager
    def passes(self, gates: Mapping[str, Tensor], batch: int) -> Iterator[None]:
        """While open, passes of the batch of that number skip the layers that are known.

        Only without gradients: the layers that are skipped have none.
        """
        usual, layer = max(((value, self._first_other(gates, value)) for value in _USUAL), key=lambda found: found[1])
        key = (batch, usual, frozenset(gates))
        weights = tuple((id(parameter), parameter._version) for parameter in self._backbone.parameters())
        known = self._reached.get(key)
        if known is not None and (known.weights != weights or known.layer > layer):
            known = None
        stands: dict[int, nn.Module] = {}
        if known is not None:
            last = known.layer - 1
            stands = {number: _Known(self._layers[number]) for number in range(last)}
            stands[last] = _Known(self._layers[last], known.output)
        if layer > (known.layer if known is not None else 0):

            def note(output: Any) -> None:
                self._reached[key] = _Reached(weights, layer, output)

            stands[layer - 1] = _Noted(self._layers[layer - 1], note)
        with _in_place(self._layers, stands):
            yield

    def _first_other(self, gates: Mapping[str, Tensor], value: float) -> int:
        """The first layer with a gate of another value; the number of layers where there is none."""
        others = [self._layer[name] for name, gate in gates.items() if not bool((gate == value).all())]
        return min(others, default=len(self._layers))


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
    """A layer that is not computed: gives its known output, or what it was given where a later one's is known."""

    def __init__(self, layer: nn.Module, output: Any = None) -> None:
        super().__init__(layer)
        self.__dict__["output"] = output

    def forward(self, hidden: Tensor, *args: Any, **kwargs: Any) -> Any:
        return hidden if self.output is None else self.output


class _Noted(_InPlace):
    """A layer whose output is told."""

    def __init__(self, layer: nn.Module, note: Callable[[Any], None]) -> None:
        super().__init__(layer)
        self.__dict__["note"] = note

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        output = self.layer(*args, **kwargs)
        self.note(output)
        return output
