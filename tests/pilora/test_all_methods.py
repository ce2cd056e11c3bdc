"""What every method must show, on every kind of decoder: one matrix over all methods."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from naive_methods import REFERENCES
from tiny import KINDS, LOW_RANK, NORM_NOISE, adapted, backbone, batch, gradients, logits, perturb
from torch import Tensor

from pilora.checkpoint import load, save_pretrained
from pilora.errors import PiloraError
from pilora.loss import response_loss
from pilora.methods import METHODS
from pilora.model import AdaptedModel
from pilora.prompt_state import CACHE_ARGUMENT

pytestmark = [pytest.mark.parametrize("kind", KINDS), pytest.mark.parametrize("method", METHODS)]

LENGTHS = (9, 6, 4)
CLOSE: dict[str, Any] = {"rtol": NORM_NOISE, "atol": 10 * NORM_NOISE}


def row_alone(inputs: dict[str, Tensor], row: int) -> dict[str, Tensor]:
    return {key: value[row : row + 1, : LENGTHS[row]] for key, value in inputs.items()}


def test_at_the_start_it_computes_what_the_backbone_computes(kind: str, method: str) -> None:
    inputs = batch()
    model = adapted(kind, method=method, perturbed=False)
    assert torch.equal(logits(model, inputs), logits(backbone(kind), inputs))
    perturb(model)
    assert (logits(model, inputs) - logits(backbone(kind), inputs)).abs().max() > 0.1


def test_it_equals_a_naive_reference(kind: str, method: str) -> None:
    model, inputs = adapted(kind, method=method, scale=1.3), batch(LENGTHS)
    found, config = logits(model, inputs), model.adapter_config.model_dump()
    for row, length in enumerate(LENGTHS):
        ids, prompt = inputs["input_ids"][row, :length], int(inputs["prompt_mask"][row].sum())
        expected = REFERENCES[method](backbone(kind), model.adapter_state(), ids, prompt, config)
        torch.testing.assert_close(found[row, :length], expected, **CLOSE)


def closed_formula(kind: str, model: AdaptedModel) -> int:
    """Trainable parameters by the method's own formula, from the sizes in `tiny`."""
    layers, width, inner, heads = 2, 24, 40, 4 * (8 if kind == "gemma2" else 6)
    config = model.adapter_config.model_dump()
    if config["method"] in LOW_RANK:
        rank = model.adapter_config.start_rank
        attention = (width + heads) + 2 * (width + heads // 2) + (heads + width)
        router = 7 * width + width + 12 if config["method"] == "milora" else 0
        return layers * (rank * (attention + 3 * (width + inner)) + router)
    if config["method"] == "spt":
        return layers * (2 * config["bottleneck"] * width + 1)
    outputs = heads + heads // 2 + inner
    activation = 12 if config["method"] == "pedro" else 0
    return layers * (config["bottleneck"] * (width + outputs) + activation)


def test_trainable_parameters_are_those_of_the_closed_formula(kind: str, method: str) -> None:
    model = adapted(kind, method=method, rank=2)
    assert model.trainable_parameters() == closed_formula(kind, model)


def test_save_and_load(kind: str, method: str, tmp_path: Path) -> None:
    model, inputs = adapted(kind, method=method), batch()
    save_pretrained(model, tmp_path)
    loaded = load(backbone(kind), tmp_path).eval()
    assert loaded.adapter_config == model.adapter_config
    assert torch.equal(logits(loaded, inputs), logits(model, inputs))


def test_an_adapter_of_another_backbone_or_shape_is_refused(kind: str, method: str, tmp_path: Path) -> None:
    save_pretrained(adapted(kind, method=method, rank=3), tmp_path / "one")
    with pytest.raises(PiloraError, match="PIL004"):
        load(backbone(kind, seed=7), tmp_path / "one")
    save_pretrained(adapted(kind, method=method, rank=2), tmp_path / "other")
    (tmp_path / "other" / "adapter.json").write_bytes((tmp_path / "one" / "adapter.json").read_bytes())
    with pytest.raises(PiloraError, match="PIL005"):
        load(backbone(kind), tmp_path / "other")


def test_rows_of_a_padded_batch_equal_the_rows_alone(kind: str, method: str) -> None:
    model, inputs = adapted(kind, method=method), batch(LENGTHS)
    together = logits(model, inputs)
    for row, length in enumerate(LENGTHS):
        torch.testing.assert_close(together[row, :length], logits(model, row_alone(inputs, row))[0], **CLOSE)


def decoded(model: AdaptedModel, ids: Tensor, prompt: int) -> Tensor:
    """The logits of a prefill and of one token after the other, over the cache."""
    cache = model.new_cache()
    with torch.no_grad():
        found = [model(input_ids=ids[:, :prompt], use_cache=True, **{CACHE_ARGUMENT: cache}).logits]
        for place in range(prompt, ids.shape[1]):
            found.append(model(input_ids=ids[:, place : place + 1], use_cache=True, **{CACHE_ARGUMENT: cache}).logits)
    return torch.cat(found, dim=1)


def test_teacher_forcing_equals_decoding_with_a_cache(kind: str, method: str) -> None:
    model = adapted(kind, method=method, dtype=torch.float32)
    inputs = batch((9, 9), prompt=4)
    torch.testing.assert_close(decoded(model, inputs["input_ids"], 4), logits(model, inputs), rtol=0, atol=1e-4)


def test_rows_of_the_cache_keep_their_state(kind: str, method: str) -> None:
    """Expansion, reordering, selection and cropping of the cache, each against the rows alone."""
    model, inputs = adapted(kind, method=method), batch((6, 6), prompt=6)
    ids = inputs["input_ids"]
    following = torch.tensor([[5, 6], [7, 8]])
    whole = {row: decoded(model, torch.cat([ids[row : row + 1], following[row : row + 1]], 1), 6) for row in (0, 1)}
    cache = model.new_cache()

    def step(tokens: Tensor) -> Tensor:
        return model(input_ids=tokens, use_cache=True, **{CACHE_ARGUMENT: cache}).logits[:, -1]

    def check(found: Tensor, rows: list[int], place: int) -> None:
        torch.testing.assert_close(found, torch.cat([whole[row][:, place] for row in rows]), **CLOSE)

    with torch.no_grad():
        step(ids)
        cache.batch_repeat_interleave(2)
        check(step(following[[0, 0, 1, 1], :1]), [0, 0, 1, 1], 6)
        cache.crop(-1)
        cache.reorder_cache(torch.tensor([3, 0, 1, 2]))
        check(step(following[[1, 0, 0, 1], :1]), [1, 0, 0, 1], 6)
        cache.batch_select_indices(torch.tensor([1, 3]))
        check(step(following[[0, 1], 1:]), [0, 1], 7)


def test_generate_is_the_best_token_of_the_teacher_forced_pass(kind: str, method: str) -> None:
    model, ids = adapted(kind, method=method), batch((5, 5), prompt=5)["input_ids"]
    written = model.generate(
        ids, attention_mask=torch.ones_like(ids), max_new_tokens=4, do_sample=False, pad_token_id=0
    )
    for row in written:
        row = row[: int((row[5:] == 2).nonzero()[0, 0]) + 6] if (row[5:] == 2).any() else row
        marked = {
            "input_ids": row.unsqueeze(0),
            "attention_mask": torch.ones_like(row).unsqueeze(0),
            "prompt_mask": (torch.arange(len(row)) < 5).unsqueeze(0),
        }
        assert torch.equal(logits(model, marked)[0, 4:-1].argmax(-1), row[5:])


def test_what_comes_later_and_padding_change_nothing(kind: str, method: str) -> None:
    model, inputs = adapted(kind, method=method), batch((9, 6))
    changed = {key: value.clone() for key, value in inputs.items()}
    changed["input_ids"][0, 5:] = 3
    changed["input_ids"][1, 6:] = 7  # padding
    before, after = logits(model, inputs), logits(model, changed)
    torch.testing.assert_close(before[0, :5], after[0, :5], **CLOSE)
    torch.testing.assert_close(before[1], after[1], **CLOSE)
    assert (before[0, 5:] - after[0, 5:]).abs().max() > 1e-2


def test_every_parameter_learns(kind: str, method: str) -> None:
    model = adapted(kind, method=method).train()
    for seed in range(8):  # a prompt that skips an expert teaches it nothing
        response_loss(model, batch((9, 6, 8, 7), prompt=3, seed=seed))[0].backward()
    found = gradients(model)
    names = {name if name.startswith("parts.") else f"backbone.{name}" for name in model.adapter_state()}
    assert found.keys() == names
    for name, gradient in found.items():
        rows = gradient.abs().sum(0 if name.endswith(".B") else tuple(range(1, gradient.dim())))
        assert rows.min() > 0, name


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


def test_gradient_checkpointing_gives_the_same_gradients(kind: str, method: str) -> None:
    inputs = batch()
    expected, model = (adapted(kind, method=method).train() for _ in range(2))
    response_loss(expected, inputs)[0].backward()
    model.gradient_checkpointing_enable(gradient_checkpointing_kwargs={"use_reentrant": False})
    response_loss(model, inputs)[0].backward()
    for name, gradient in gradients(expected).items():
        torch.testing.assert_close(gradients(model)[name], gradient, **CLOSE)


class Int8Linear(torch.nn.Module):
    """A linear module with weights of 8 bits and a scale a row, as quantisation puts it in the place of `nn.Linear`."""

    def __init__(self, plain: torch.nn.Linear) -> None:
        super().__init__()
        self.in_features, self.out_features = plain.in_features, plain.out_features
        self.bias = plain.bias
        self.register_buffer("scale", plain.weight.abs().amax(1, keepdim=True) / 127)
        self.weight = torch.nn.Parameter((plain.weight / self.scale).round().to(torch.int8), requires_grad=False)

    def forward(self, x: Tensor) -> Tensor:
        return torch.nn.functional.linear(x, self.weight.to(x.dtype) * self.scale, self.bias)


def test_over_quantised_linear_modules(kind: str, method: str) -> None:
    """As over a plain backbone with the weights that the quantised modules stand for; and it learns."""
    models = [backbone(kind, dtype=torch.float32) for _ in range(2)]
    with torch.no_grad():
        for layer, plain_layer in zip(models[0].model.layers, models[1].model.layers, strict=True):
            for name, module in list(layer.named_modules()):
                if isinstance(module, torch.nn.Linear):
                    quantised = Int8Linear(module)
                    parent, _, child = name.rpartition(".")
                    setattr(layer.get_submodule(parent), child, quantised)
                    plain_layer.get_submodule(name).weight.copy_(quantised.weight * quantised.scale)
    config = adapted(kind, method=method).adapter_config
    over, plain = (AdaptedModel(model, config).eval() for model in models)
    for model in (over, plain):
        perturb(model, strength=0.2)
    torch.testing.assert_close(logits(over, batch()), logits(plain, batch()), rtol=1e-4, atol=1e-4)
    response_loss(over.train(), batch((9, 9, 9, 9), prompt=3))[0].backward()
    assert sum(gradient.abs().sum() > 0 for gradient in gradients(over).values()) >= 4
