"""Export to the PEFT format, in both layouts, against PEFT itself and against the file's own numbers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal

import pytest
import torch
from peft import PeftModel
from safetensors.torch import load_file
from tiny import KINDS, adapted, backbone, batch, logits, unequal

from pilora.errors import PiloraError
from pilora.export import export_peft
from pilora.model import AdaptedModel

Layout = Literal["padded", "compact"]


def exported(kind: str, folder: Path, layout: Layout, dtype: torch.dtype = torch.float64) -> AdaptedModel:
    model = unequal(adapted(kind, rank=4, dtype=dtype))
    assert {0, 1, 4} <= set(model.ranks().values())
    export_peft(model, folder, layout, base_model="org/name")
    return model


def read(folder: Path) -> tuple[dict[str, Any], dict[str, torch.Tensor]]:
    return json.loads((folder / "adapter_config.json").read_text()), load_file(folder / "adapter_model.safetensors")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("layout", ["padded", "compact"])
def test_peft_gives_our_logits(tmp_path: Path, kind: str, layout: Layout) -> None:
    model, inputs = exported(kind, tmp_path, layout), batch()
    expected = logits(model, inputs)
    assert (logits(backbone(kind), inputs) - expected).abs().max() > 0.1
    theirs = PeftModel.from_pretrained(backbone(kind), tmp_path).eval()
    torch.testing.assert_close(logits(theirs, inputs), expected, rtol=0, atol=1e-5)
    merged = theirs.merge_and_unload()
    torch.testing.assert_close(logits(merged, inputs), expected, rtol=0, atol=1e-5)
    torch.testing.assert_close(logits(model.merge(), inputs), expected, rtol=0, atol=1e-5)


@pytest.mark.parametrize("layout", ["padded", "compact"])
def test_an_adapter_that_lost_all_ranks_is_refused(tmp_path: Path, layout: Layout) -> None:
    model = adapted("llama", rank=2)
    for _, module in model.low_rank_modules():
        module.keep(torch.arange(0))
    with pytest.raises(PiloraError, match="PIL009"):
        export_peft(model, tmp_path, layout)


def test_padded_is_right_for_any_reader_of_alpha_over_r(tmp_path: Path) -> None:
    """Both for readers that divide by the config's r and for those that divide by the tensor's own rank."""
    model = exported("llama", tmp_path, "padded")
    config, tensors = read(tmp_path)
    assert config["r"] == config["lora_alpha"] == 4
    assert not config["rank_pattern"] and not config["alpha_pattern"]
    assert config["base_model_name_or_path"] == "org/name"
    assert len(tensors) == 2 * sum(rank > 0 for rank in model.ranks().values())
    for name, module in model.low_rank_modules():
        if module.rank:
            A, B = (tensors[f"base_model.model.{name}.lora_{part}.weight"] for part in "AB")
            assert A.shape[0] == B.shape[1] == 4
            torch.testing.assert_close(config["lora_alpha"] / A.shape[0] * B @ A, module.delta())


def test_compact_keeps_each_rank_and_scale(tmp_path: Path) -> None:
    model = exported("llama", tmp_path, "compact")
    config, tensors = read(tmp_path)
    present = {name: module for name, module in model.low_rank_modules() if module.rank}
    assert sorted(config["rank_pattern"].values()) == sorted(module.rank for module in present.values())
    for name, module in present.items():
        assert tensors[f"base_model.model.{name}.lora_A.weight"].shape == module.A.shape
    theirs = PeftModel.from_pretrained(backbone(), tmp_path)
    for name, module in present.items():
        layer = theirs.get_submodule(f"base_model.model.{name}")
        assert layer.r["default"] == module.rank
        assert layer.scaling["default"] == pytest.approx(module.scale)


def test_modules_whose_names_begin_alike_are_not_mixed_up(tmp_path: Path) -> None:
    """`layers.1` and `layers.11`, with different ranks."""
    model = unequal(adapted(rank=3, layers=12, targets=("q_proj", "down_proj")))
    inputs = batch((5,))
    for layout in ("padded", "compact"):
        export_peft(model, tmp_path / layout, layout)  # type: ignore[arg-type]
        theirs = PeftModel.from_pretrained(backbone(layers=12), tmp_path / layout)
        wrapped = {name.removesuffix(".lora_A.default") for name, _ in theirs.named_modules() if "lora_A.def" in name}
        assert wrapped == {f"base_model.model.{name}" for name, rank in model.ranks().items() if rank}
        torch.testing.assert_close(logits(theirs, inputs), logits(model, inputs), rtol=0, atol=1e-5)


def test_float32_adapter_of_a_bfloat16_backbone(tmp_path: Path) -> None:
    exported("llama", tmp_path, "padded", dtype=torch.bfloat16)
    _, tensors = read(tmp_path)
    assert {tensor.dtype for tensor in tensors.values()} == {torch.float32}
