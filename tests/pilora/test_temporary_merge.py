"""An adapter merged for a while: what it computes, and that nothing of it stays."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from tiny import backbone as tiny_backbone

from pilora import attach, load, save_pretrained
from pilora.errors import PiloraError
from pilora.temporary_merge import is_plain_update, merged

IDS = torch.tensor([[1, 5, 9, 2, 7]])


def saved(folder: Path, seed: int, **config: object) -> Path:
    model = attach(tiny_backbone(), {"method": "lora", "rank": 2, **config})
    torch.manual_seed(seed)
    for parameter in model.parameters():
        if parameter.requires_grad:
            torch.nn.init.normal_(parameter, std=0.3)
    save_pretrained(model, folder)
    return folder


@torch.no_grad()
def logits(model: torch.nn.Module) -> torch.Tensor:
    return model.eval()(input_ids=IDS).logits


def state(model: torch.nn.Module) -> dict[str, torch.Tensor]:
    return {name: tensor.clone() for name, tensor in model.state_dict().items()}


def same(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> bool:
    return list(one) == list(other) and all(torch.equal(one[name], other[name]) for name in one)


def test_adapters_take_turns_on_one_backbone(tmp_path):
    folders = [saved(tmp_path / str(seed), seed) for seed in (1, 2)]
    wanted = [logits(load(tiny_backbone(), folder).merge()) for folder in folders]
    assert not torch.allclose(*wanted)
    backbone = tiny_backbone()
    before, plain = state(backbone), logits(backbone)
    for turn in (0, 1, 0):
        with merged(backbone, folders[turn]) as model:
            assert model is backbone
            assert torch.equal(logits(model), wanted[turn])
        assert same(state(backbone), before)
        assert torch.equal(logits(backbone), plain)


def test_nothing_stays_where_the_block_fails(tmp_path):
    folder, backbone = saved(tmp_path / "a", 1), tiny_backbone()
    before = state(backbone)
    with pytest.raises(RuntimeError, match="out of memory"), merged(backbone, folder):
        raise RuntimeError("out of memory")
    assert same(state(backbone), before)


def test_nothing_stays_of_a_damaged_adapter(tmp_path):
    folder, backbone = saved(tmp_path / "a", 1), tiny_backbone()
    before = state(backbone)
    tensors = load_file(folder / "adapter.safetensors")
    save_file({name: tensor[:1] for name, tensor in tensors.items()}, folder / "adapter.safetensors")
    with pytest.raises(PiloraError) as error, merged(backbone, folder):
        pass
    assert error.value.code == "PIL005"
    assert same(state(backbone), before)
    with merged(backbone, saved(tmp_path / "b", 2)) as model:
        assert not torch.equal(logits(model), logits(tiny_backbone()))


@pytest.mark.parametrize("method", ["milora", "pedro"])
def test_an_adapter_that_looks_at_the_prompt_is_refused(tmp_path, method):
    model = attach(tiny_backbone(), {"method": method})
    save_pretrained(model, tmp_path / "a")
    assert not is_plain_update(tmp_path / "a")
    backbone = tiny_backbone()
    before = state(backbone)
    with pytest.raises(PiloraError) as error, merged(backbone, tmp_path / "a"):
        pass
    assert error.value.code == "PIL014"
    assert same(state(backbone), before)


def test_a_backbone_with_an_adapter_is_refused_and_keeps_it(tmp_path):
    folder = saved(tmp_path / "a", 1)
    adapted = load(tiny_backbone(), folder)
    before = logits(adapted)
    with pytest.raises(PiloraError) as error, merged(adapted.backbone, folder):
        pass
    assert error.value.code == "PIL008"
    assert torch.equal(logits(adapted), before)
