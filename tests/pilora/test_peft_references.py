"""Adapters of PEFT through our engine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from peft import PeftModel, get_peft_model
from tiny import backbone, batch, logits, perturb, plain_loss

from pilora import attach, load, save_pretrained
from pilora.errors import PiloraError
from pilora.methods import REFERENCES
from pilora.methods.peft_reference import PeftReferenceConfig, orthogonality_loss, peft_config

SETTINGS: dict[str, dict[str, Any]] = {
    "peft:lora": {"r": 3, "lora_alpha": 6},
    "peft:adalora": {"init_r": 4, "target_r": 2, "lora_alpha": 6},
    "peft:ia3": {},
}


def adapted(method: str, kind: str = "llama") -> Any:
    return attach(backbone(kind), {"method": method, "settings": SETTINGS[method]}).eval()


@pytest.mark.parametrize("method", REFERENCES)
def test_it_is_pefts_own_adapter(method: str) -> None:
    """The same function as PEFT's model with the same numbers."""
    model, inputs = adapted(method), batch()
    assert torch.equal(logits(model, inputs), logits(backbone(), inputs))
    perturb(model, strength=0.2)
    theirs = get_peft_model(backbone(), peft_config(PeftReferenceConfig(method=method, settings=SETTINGS[method])))
    names = {name.removeprefix("base_model.model."): parameter for name, parameter in theirs.named_parameters()}
    with torch.no_grad():
        for name, tensor in model.adapter_state().items():
            names[name].copy_(tensor)
    assert isinstance(theirs, PeftModel)
    torch.testing.assert_close(logits(model, inputs), logits(theirs.eval(), inputs))
    assert model.trainable_parameters() == sum(p.numel() for p in theirs.parameters() if p.requires_grad)


@pytest.mark.parametrize("method", REFERENCES)
def test_save_load_and_merge(method: str, tmp_path: Path) -> None:
    model, inputs = adapted(method), batch()
    perturb(model, strength=0.2)
    save_pretrained(model, tmp_path)
    loaded = load(backbone(), tmp_path).eval()
    expected = logits(model, inputs)
    assert torch.equal(logits(loaded, inputs), expected)
    torch.testing.assert_close(logits(loaded.merge(), inputs), expected, rtol=1e-6, atol=1e-6)
    with pytest.raises(PiloraError, match="PIL004"):
        load(backbone(seed=4), tmp_path)


def test_the_orthogonality_loss_is_the_one_that_peft_adds() -> None:
    model, inputs = adapted("peft:adalora"), batch()
    perturb(model, strength=0.2)
    with torch.no_grad():
        mine = orthogonality_loss(model)
        given = {key: inputs[key] for key in ("input_ids", "attention_mask", "labels")}
        theirs = model.foreign(**given, use_cache=False).loss
        bare = plain_loss(model, inputs) / (inputs["labels"][:, 1:] != -100).sum()
    torch.testing.assert_close(mine, theirs - bare, rtol=0, atol=5e-6)  # theirs is of float32


def test_unknown_settings_are_refused() -> None:
    with pytest.raises(PiloraError, match=r"PIL007.*colour"):
        attach(backbone(), {"method": "peft:lora", "settings": {"colour": "red"}})
