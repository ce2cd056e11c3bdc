"""Passes that begin behind known layers: the same numbers bit for bit, fewer layers run, and nothing stale."""

from __future__ import annotations

from collections import Counter
from contextlib import nullcontext

import pytest
import torch
from tiny import KINDS, adapted, batch

from pilora.compiling import compile_layers
from pilora.importance import Gates, ablation, model_gate_loss, model_gates
from pilora.layer_reuse import LayerReuse
from pilora.model import AdaptedModel
from pilora.prompt_state import decoder_layers

BATCHES = [batch((9, 6, 4), seed=5), batch((7, 5), seed=6)]


def passed(model: AdaptedModel) -> Counter[int]:
    """Counts, from now on, how often each layer is run."""
    runs: Counter[int] = Counter()
    for number, layer in enumerate(decoder_layers(model.backbone)):
        layer.register_forward_hook(lambda *_, number=number: runs.update((number,)))
    return runs


def in_full(model: AdaptedModel, gates: Gates) -> float:
    """The loss under gates, by a loss that has seen no pass before."""
    return float(model_gate_loss(model, BATCHES)(gates))


def in_full_scores(model: AdaptedModel, gates: Gates, monkeypatch: pytest.MonkeyPatch) -> Gates:
    """The scores by passes that all run in full."""
    monkeypatch.setattr(LayerReuse, "passes", lambda *_: nullcontext())
    return ablation(model_gate_loss(model, BATCHES), gates)


@pytest.mark.parametrize("kind", KINDS)
def test_scores_are_those_of_full_passes_bit_for_bit(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    model = adapted(kind, rank=2, layers=4)
    gates = model_gates(model)
    scores = ablation(model_gate_loss(model, BATCHES), gates)
    for name, score in in_full_scores(model, gates, monkeypatch).items():
        assert torch.equal(scores[name], score)


class WithWeights(torch.nn.Module):
    """A layer that gives a tuple, as those of some models do."""

    def __init__(self, layer: torch.nn.Module) -> None:
        super().__init__()
        self.self_attn, self.mlp = layer.self_attn, layer.mlp
        self.__dict__["layer"] = layer

    def forward(self, hidden: torch.Tensor, **kwargs: object) -> tuple[torch.Tensor]:
        hidden = hidden[0] if isinstance(hidden, tuple) else hidden
        return (self.layer(hidden, **kwargs),)


def test_layers_that_give_tuples(monkeypatch: pytest.MonkeyPatch) -> None:
    model = adapted(rank=1, layers=9)
    layers = decoder_layers(model.backbone)
    for number in range(9):
        layers[number] = WithWeights(layers[number])
    model.backbone.model.norm.register_forward_pre_hook(lambda _, args: (args[0][0],))
    gates = model_gates(model)
    scores = ablation(model_gate_loss(model, BATCHES), gates)
    for name, score in in_full_scores(model, gates, monkeypatch).items():
        assert torch.equal(scores[name], score)


def test_models_whose_layers_share_keys_and_values_run_in_full() -> None:
    model = adapted(rank=2, layers=3, targets=("q_proj",))
    model.backbone.config.num_kv_shared_layers = 1
    runs = passed(model)
    ablation(model_gate_loss(model, BATCHES), model_gates(model))
    assert runs[0] == runs[2] == 12 * len(BATCHES)


def test_layers_before_the_rank_that_is_switched_are_run_once() -> None:
    model = adapted(rank=2, layers=4, targets=("q_proj",))
    runs = passed(model)
    ablation(model_gate_loss(model, BATCHES), model_gates(model))
    # Two ranks a layer, with all others on and with all others off. A layer runs for the ranks in it and before it,
    # and once more to be known.
    assert [runs[number] / (2 * len(BATCHES)) for number in range(4)] == [2 + 1, 4 + 1, 6 + 1, 8]


def test_the_order_of_the_passes_does_not_matter() -> None:
    model = adapted(rank=2, layers=3)
    loss, ones = model_gate_loss(model, BATCHES), model_gates(model)
    for layer in (2, 0, 1, 2, 1):
        for usual in (1.0, 0.0):
            gates = {name: torch.full_like(gate, usual) for name, gate in ones.items()}
            gates[f"model.layers.{layer}.self_attn.q_proj"][1] = 1 - usual
            assert float(loss(gates)) == in_full(model, gates)
    mixed = {name: torch.full_like(gate, 0.5) for name, gate in ones.items()}
    assert float(loss(mixed)) == in_full(model, mixed)
    some = {name: torch.zeros_like(gate) for name, gate in ones.items() if "q_proj" in name}
    assert float(loss(some)) == in_full(model, some)


def test_nothing_is_known_of_other_weights() -> None:
    model = adapted(rank=2, layers=3)
    loss, gates = model_gate_loss(model, BATCHES), model_gates(model)
    before = float(loss(gates))
    with torch.no_grad():
        dict(model.low_rank_modules())["model.layers.0.self_attn.q_proj"].B.mul_(3.0)
    assert float(loss(gates)) == in_full(model, gates) != before


def test_a_pass_that_fails_leaves_the_layers_in_place() -> None:
    model = adapted(rank=1, layers=3)
    layers = list(decoder_layers(model.backbone))
    gates = model_gates(model)
    reuse = LayerReuse(model.backbone, list(gates))
    gates["model.layers.2.mlp.up_proj"] *= 0
    start = reuse.start(gates)
    assert (start.usual, start.layer) == (1.0, 2)
    with torch.no_grad(), reuse.passes(start, 0):
        model(BATCHES[0]["input_ids"], use_cache=False)
    with pytest.raises(ValueError, match="full"), reuse.passes(start, 0):
        now = list(decoder_layers(model.backbone))
        assert now[0] is not layers[0] and now[1] is not layers[1] and now[2] is layers[2]
        raise ValueError("full")
    assert list(decoder_layers(model.backbone)) == layers


def test_compiled_layers_are_not_compiled_again() -> None:
    model = adapted(rank=2, layers=4, dtype=torch.float32)
    plain = ablation(model_gate_loss(model, BATCHES), model_gates(model))
    compiled: list[int] = []

    def backend(graph: torch.fx.GraphModule, inputs: list[torch.Tensor]) -> torch.fx.GraphModule:
        compiled.append(1)
        return graph

    compile_layers(model, backend)
    loss, gates = model_gate_loss(model, BATCHES), model_gates(model)
    with torch.no_grad():
        loss(gates)
    first = len(compiled)
    scores = ablation(loss, gates)
    assert len(compiled) == first
    for name, score in scores.items():
        torch.testing.assert_close(score, plain[name], rtol=1e-4, atol=1e-5)
