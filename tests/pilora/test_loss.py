"""The loss on the labelled tokens against the plain cross-entropy over the full logits."""

from __future__ import annotations

import pytest
import torch
from tiny import NORM_NOISE, adapted, backbone, batch, gradients, plain_loss

from pilora.loss import response_loss
from pilora.model import AdaptedModel

# Relative to the largest entry. float32: sums in another order. bfloat16 (2^-9 each): the gradient of the logits is
# rounded in both ways, after sums in another order.
TOLERANCE = {torch.float64: NORM_NOISE, torch.float32: 2e-5, torch.bfloat16: 3e-2}


def both(model: AdaptedModel, inputs: dict[str, torch.Tensor]) -> list[tuple[float, dict[str, torch.Tensor]]]:
    """(value, gradients) by the plain way, and by ours."""
    found = []
    for loss in (lambda: plain_loss(model, inputs), lambda: response_loss(model, inputs)[0]):
        model.zero_grad()
        value = loss()
        value.backward()
        found.append((float(value.detach()), gradients(model)))
    return found


@pytest.mark.parametrize("kind", ["llama", "gemma2"])
@pytest.mark.parametrize("dtype", list(TOLERANCE), ids=str)
def test_value_and_gradients_equal_the_plain_cross_entropy(kind: str, dtype: torch.dtype) -> None:
    model, inputs = adapted(kind, dtype=dtype), batch((11, 9, 6, 4))
    (plain, plain_gradients), (ours, our_gradients) = both(model, inputs)
    assert ours == pytest.approx(plain, rel=TOLERANCE[dtype] / 10)
    assert response_loss(model, inputs)[1] == 9 + 7 + 4 + 2
    for name, gradient in plain_gradients.items():
        assert gradient.abs().max() > 0
        assert (our_gradients[name] - gradient).abs().max() <= TOLERANCE[dtype] * gradient.abs().max(), name


def test_more_labels_than_are_turned_to_float32_at_a_time() -> None:
    model, inputs = adapted(layers=1), batch((60, 59, 58, 57, 56))
    (plain, plain_gradients), (ours, our_gradients) = both(model, inputs)
    assert response_loss(model, inputs)[1] > 256
    assert ours == pytest.approx(plain, rel=1e-10)
    for name, gradient in plain_gradients.items():
        assert (our_gradients[name] - gradient).abs().max() <= NORM_NOISE * gradient.abs().max()


def test_labels_inside_a_row_and_on_its_first_token() -> None:
    model, inputs = adapted(), batch((9, 6))
    inputs["labels"] = torch.full_like(inputs["labels"], -100)
    inputs["labels"][0, [0, 3, 8]] = torch.tensor([5, 6, 7])  # the first token has no predictor
    (plain, _), (ours, _) = both(model, inputs)
    assert response_loss(model, inputs)[1] == 2
    assert ours == pytest.approx(plain, rel=1e-10)


def test_a_batch_without_a_label() -> None:
    model, inputs = adapted(), batch(prompt=20)
    loss, tokens = response_loss(model, inputs)
    assert float(loss) == 0 and tokens == 0
    loss.backward()
    assert all(gradient.abs().max() == 0 for gradient in gradients(model).values())


def test_without_gradients_the_value_is_the_same_and_nothing_is_left_behind() -> None:
    model, inputs = adapted("gemma2"), batch()
    expected = float(plain_loss(model, inputs).detach())
    with torch.no_grad():
        loss, _ = response_loss(model, inputs)
    assert not loss.requires_grad and float(loss) == pytest.approx(expected, rel=1e-10)
    assert not model.backbone.get_output_embeddings()._forward_pre_hooks
    full = model(input_ids=inputs["input_ids"]).logits
    assert full.shape[:2] == inputs["input_ids"].shape


def test_a_failing_pass_takes_its_hook_away() -> None:
    model, inputs = adapted(), batch()
    with pytest.raises(IndexError):
        response_loss(model, {**inputs, "input_ids": inputs["input_ids"] + 1000})
    assert not model.backbone.get_output_embeddings()._forward_pre_hooks


def test_the_gradient_scales_with_what_is_done_to_the_loss() -> None:
    model, inputs = adapted(), batch()
    response_loss(model, inputs)[0].backward()
    once = gradients(model)
    model.zero_grad()
    (3 * response_loss(model, inputs)[0]).backward()
    for name, gradient in gradients(model).items():
        torch.testing.assert_close(gradient, 3 * once[name], rtol=NORM_NOISE, atol=NORM_NOISE)


class Wrapped(torch.nn.Module):
    """As DistributedDataParallel holds a model."""

    def __init__(self, module: torch.nn.Module) -> None:
        super().__init__()
        self.module = module

    def forward(self, *args: object, **kwargs: object) -> object:
        return self.module(*args, **kwargs)


def test_on_a_bare_backbone_a_wrapped_model_and_with_a_prompt_mask() -> None:
    model, inputs = adapted(perturbed=False), batch()
    expected = float(plain_loss(model, inputs).detach())
    assert float(response_loss(backbone(), inputs)[0]) == pytest.approx(expected, rel=1e-10)
    masked = {**inputs, "prompt_mask": inputs["labels"] == -100}
    assert float(response_loss(Wrapped(model), masked)[0]) == pytest.approx(expected, rel=1e-10)
