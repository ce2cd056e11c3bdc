from __future__ import annotations

import pytest
import torch
from tiny_model import save_tiny_model
from toy_comparison import PI_LORA, toy_comparison

from pilora import attach, save_pretrained
from text2mdt.compare.budget import kept_parameters, planned_parameters
from text2mdt.compare.config import read_comparison_config
from text2mdt.errors import Text2MDTError
from text2mdt.models import load_backbone

RANK_OF_ALL = 1024  # numbers of one rank on all modules of the tiny model


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    return save_tiny_model(tmp_path_factory.mktemp("model"))


def planned(folder, model, **methods):
    changes = {"methods": {"pi_lora": {"adapter": PI_LORA}, **methods}}
    return planned_parameters(read_comparison_config(toy_comparison(folder, model, **changes)))


def test_the_numbers_of_every_kind_of_method(tmp_path, model):
    found = planned(
        tmp_path,
        model,
        lora={"adapter": {"method": "lora", "rank": 2}},
        alora={"adapter": {"method": "alora", "rank": 2}},
        adalora={"adapter": {"method": "peft:adalora", "settings": {"init_r": 3, "target_r": 2}}},
        spt={"adapter": {"method": "spt", "bottleneck": 32, "slots": 2, "keep": 1}},
    )
    counts = {name: (one.start, one.kept) for name, one in found.items()}
    assert counts["lora"] == counts["alora"] == (2 * RANK_OF_ALL, 2 * RANK_OF_ALL)
    assert counts["pi_lora"] == (3 * RANK_OF_ALL, 2 * RANK_OF_ALL)
    assert counts["adalora"] == (3 * RANK_OF_ALL + 3 * 14, 2 * RANK_OF_ALL + 2 * 14)  # and a singular value a rank
    assert counts["spt"] == (2 * (2 * 32 * 32 + 1), 2 * 32 * 32 + 1)
    assert {one.reason for one in found.values()} == {None}


def test_a_method_outside_of_the_budget_needs_a_reason(tmp_path, model):
    big = {"adapter": {"method": "lora", "rank": 3}}
    with pytest.raises(Text2MDTError) as error:
        planned(tmp_path, model, big=big)
    assert (error.value.code, error.value.where) == ("T2M160", "methods.big")
    assert "3,072" in str(error.value) and "2,048" in str(error.value) and "+50.0%" in str(error.value)
    reason = "it has no setting that gives it fewer"
    assert planned(tmp_path, model, big={**big, "outside_budget": reason})["big"].reason == reason


def test_the_budget_can_be_given(tmp_path, model):
    methods = {"pi_lora": {"adapter": PI_LORA}, "lora": {"adapter": {"method": "lora", "rank": 2}}}
    path = toy_comparison(tmp_path, model, methods=methods, budget={"parameters": 2140, "tolerance": 0.05})
    assert len(planned_parameters(read_comparison_config(path))) == 2
    path = toy_comparison(tmp_path, model, methods=methods, budget={"parameters": 2200, "tolerance": 0.05})
    with pytest.raises(Text2MDTError, match="T2M160"):
        planned_parameters(read_comparison_config(path))


def test_ranks_that_adalora_has_masked_are_not_kept(tmp_path, model):
    adapted = attach(
        load_backbone(model, progress=False).model,
        {"method": "peft:adalora", "settings": {"init_r": 3, "target_r": 2, "target_modules": ["q_proj"]}},
    )
    values = [tensor for name, tensor in adapted.foreign_parameters().items() if ".lora_E." in name]
    for place, tensor in enumerate(values):
        tensor.data.copy_(torch.tensor([[1.0], [0.0], [float(place)]]))
    save_pretrained(adapted, tmp_path / "adapter")
    assert kept_parameters(tmp_path / "adapter") == (1 + 2) * (32 + 32 + 1)  # q_proj is 32 x 32


def test_an_unknown_model(tmp_path):
    with pytest.raises(Text2MDTError, match="T2M022"):
        planned(tmp_path, str(tmp_path / "nowhere"), lora={"adapter": {"method": "lora"}})
