"""What every method must show, on every kind of decoder: one matrix over all methods."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from tiny import KINDS, NORM_NOISE, adapted, backbone, batch, gradients, logits, perturb

from pilora.checkpoint import load, save_pretrained
from pilora.loss import response_loss
from pilora.methods import METHODS
from pilora.model import AdaptedModel

pytestmark = [pytest.mark.parametrize("kind", KINDS), pytest.mark.parametrize("method", METHODS)]


def test_at_the_start_it_computes_what_the_backbone_computes(kind: str, method: str) -> None:
    inputs = batch()
    model = adapted(kind, method=method, perturbed=False)
    assert torch.equal(logits(model, inputs), logits(backbone(kind), inputs))
    perturb(model)
    assert (logits(model, inputs) - logits(backbone(kind), inputs)).abs().max() > 0.1


def test_it_equals_a_naive_reference(kind: str, method: str) -> None:
    """The formula `W + s · B A`, written into the weights of a bare backbone; `s` whatever the start rank is."""
    model, inputs = adapted(kind, method=method, scale=1.3), batch()
    bare = backbone(kind)
    state = model.adapter_state()
    with torch.no_grad():
        for name, parameter in bare.named_parameters():
            module = name.removesuffix(".weight")
            if f"{module}.A" in state:
                for a, b in zip(state[f"{module}.A"], state[f"{module}.B"].T, strict=True):
                    parameter += 1.3 * torch.outer(b, a)
    torch.testing.assert_close(logits(model, inputs), logits(bare, inputs), rtol=NORM_NOISE, atol=10 * NORM_NOISE)


def test_trainable_parameters_are_those_of_the_closed_formula(kind: str, method: str) -> None:
    model = adapted(kind, method=method, rank=2)
    heads = 4 * (8 if kind == "gemma2" else 6)
    layer = (24 + heads) + 2 * (24 + heads // 2) + (heads + 24) + 2 * (24 + 40) + (40 + 24)
    assert model.trainable_parameters() == model.adapter_config.start_rank * 2 * layer


def test_save_and_load(kind: str, method: str, tmp_path: Path) -> None:
    model, inputs = adapted(kind, method=method), batch()
    save_pretrained(model, tmp_path)
    loaded = load(backbone(kind), tmp_path).eval()
    assert loaded.adapter_config.method == method
    assert torch.equal(logits(loaded, inputs), logits(model, inputs))


def test_rows_of_a_padded_batch_equal_the_rows_alone(kind: str, method: str) -> None:
    lengths = (9, 6, 4)
    model, inputs = adapted(kind, method=method), batch(lengths)
    together = logits(model, inputs)
    for row, length in enumerate(lengths):
        alone = {key: value[row : row + 1, :length] for key, value in inputs.items()}
        torch.testing.assert_close(
            together[row, :length], logits(model, alone)[0], rtol=NORM_NOISE, atol=10 * NORM_NOISE
        )


def decoded(model: AdaptedModel, ids: torch.Tensor, prompt: int) -> torch.Tensor:
    """The logits of a prefill and of one token after the other, over the cache."""
    with torch.no_grad():
        out = model(input_ids=ids[:, :prompt], use_cache=True)
        found = [out.logits]
        for place in range(prompt, ids.shape[1]):
            out = model(input_ids=ids[:, place : place + 1], past_key_values=out.past_key_values, use_cache=True)
            found.append(out.logits)
    return torch.cat(found, dim=1)


def test_teacher_forcing_equals_decoding_with_a_cache(kind: str, method: str) -> None:
    model, inputs = adapted(kind, method=method, dtype=torch.float32), batch((9, 9))
    torch.testing.assert_close(decoded(model, inputs["input_ids"], 4), logits(model, inputs), rtol=0, atol=1e-4)


def test_what_comes_later_and_padding_change_nothing(kind: str, method: str) -> None:
    model, inputs = adapted(kind, method=method), batch((9, 6))
    changed = {key: value.clone() for key, value in inputs.items()}
    changed["input_ids"][0, 5:] = 3
    changed["input_ids"][1, 6:] = 7  # padding
    before, after = logits(model, inputs), logits(model, changed)
    torch.testing.assert_close(before[0, :5], after[0, :5], rtol=NORM_NOISE, atol=10 * NORM_NOISE)
    torch.testing.assert_close(before[1], after[1], rtol=NORM_NOISE, atol=10 * NORM_NOISE)
    assert (before[0, 5:] - after[0, 5:]).abs().max() > 1e-2


def test_every_parameter_learns(kind: str, method: str) -> None:
    model = adapted(kind, method=method).train()
    response_loss(model, {**batch(), "prompt_mask": batch()["labels"] == -100})[0].backward()
    found = gradients(model)
    assert found.keys() == {f"backbone.{name}" for name in model.adapter_state()}
    for name, gradient in found.items():
        assert gradient.abs().sum(1 if name.endswith(".A") else 0).min() > 0, name


def test_in_bfloat16_it_stays_near(kind: str, method: str) -> None:
    """The adapter on a bfloat16 backbone, against the same numbers in float64."""
    model, inputs = adapted(kind, method=method, dtype=torch.bfloat16), batch()
    exact = adapted(kind, method=method)
    with torch.no_grad():
        for one, other in zip(exact.parameters(), model.parameters(), strict=True):
            one.copy_(other)
    wide, narrow = logits(exact, inputs), logits(model, inputs)
    assert narrow.dtype == torch.bfloat16
    # Two layers of some ten roundings each, 2^-9 relative a rounding, in the mean over all logits.
    assert (narrow.double() - wide).abs().mean() < 0.05 * wide.abs().mean()
