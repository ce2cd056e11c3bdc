import json
import shutil
from pathlib import Path

import pytest
import torch
from tiny_model import save_tiny_adapter, save_tiny_model
from written_engine import WrittenEngine

from pilora import AdaptedModel, attach, load, save_pretrained
from pilora.errors import PiloraError
from pilora.lowrank import LowRankLinear
from text2mdt.adapters import adapted_predictor, find_adapter, load_with_adapter, target_format
from text2mdt.calibration import Calibration, write_calibration
from text2mdt.errors import Text2MDTError
from text2mdt.models import load_backbone
from text2mdt.predictor import Predictor

TEXT = "Population: Adults with gout\nText: If there is fever, give colchicine.\nTree:\n"


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    return save_tiny_model(tmp_path_factory.mktemp("model"))


@pytest.fixture(scope="module")
def adapter(model, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(save_tiny_adapter(model, tmp_path_factory.mktemp("adapters") / "gout"))


@pytest.fixture
def shipped(tmp_path, monkeypatch) -> Path:
    """An adapter `gout` that came with the package."""
    folder = tmp_path / "text2mdt" / "_data" / "adapters" / "gout"
    folder.mkdir(parents=True)
    (folder / "adapter.json").write_text("{}")
    monkeypatch.setattr("text2mdt.models.shipped._PACKAGE", tmp_path / "text2mdt")
    return folder


@torch.no_grad()
def logits(model, tokenizer) -> torch.Tensor:
    return model(input_ids=tokenizer(TEXT, return_tensors="pt")["input_ids"]).logits


def test_a_shipped_name(shipped):
    assert find_adapter("gout") == shipped


def test_a_folder(shipped, adapter):
    assert find_adapter(adapter) == find_adapter(str(adapter)) == adapter


def test_a_shipped_name_goes_before_a_folder(shipped, adapter, monkeypatch):
    monkeypatch.chdir(adapter.parent)
    assert find_adapter("gout") == shipped
    assert find_adapter("./gout").resolve() == adapter


@pytest.mark.parametrize("name", [None, "none"])
def test_the_bare_backbone(name):
    assert find_adapter(name) is None


def test_an_unknown_adapter(shipped, tmp_path):
    for name in ("migraine", str(tmp_path), "", tmp_path / "nowhere"):
        with pytest.raises(Text2MDTError) as error:
            find_adapter(name)
        assert (error.value.code, error.value.where) == ("T2M023", str(name))
        assert "give a folder, or one of gout, none" in str(error.value)


def test_an_unknown_adapter_is_told_before_the_model_is_loaded():
    with pytest.raises(Text2MDTError, match="T2M023"):
        load_with_adapter("/nowhere", "nowhere", "cpu")
    with pytest.raises(Text2MDTError, match="T2M022"):
        load_with_adapter("/nowhere", None, "cpu")


def test_merged_logits_are_those_of_the_adapter(model, adapter):
    found = load_with_adapter(model, adapter, "cpu", "float32")
    merged = logits(found.model, found.tokenizer)
    bare = load_backbone(model)
    plain = logits(bare.model, bare.tokenizer)
    unmerged = logits(load(bare.model, adapter).eval(), bare.tokenizer)
    assert (plain - unmerged).abs().max() > 0.5
    torch.testing.assert_close(merged, unmerged, rtol=1e-4, atol=1e-4)
    assert not any(isinstance(module, LowRankLinear) for module in found.model.modules())
    assert not found.model.training
    assert (found.name, found.fingerprint) == (model, bare.fingerprint)


def test_none_gives_the_backbone_as_it_is(model):
    found, bare = load_with_adapter(model, "none", "cpu", "float32"), load_backbone(model)
    assert torch.equal(logits(found.model, found.tokenizer), logits(bare.model, bare.tokenizer))


def test_an_adapter_of_another_backbone(adapter, tmp_path):
    other = save_tiny_model(tmp_path / "other", seed=1)
    with pytest.raises(PiloraError) as error:
        load_with_adapter(other, adapter, "cpu")
    assert (error.value.code, error.value.where) == ("PIL004", str(adapter))


def test_a_damaged_adapter(model, adapter, tmp_path):
    damaged = tmp_path / "damaged"
    damaged.mkdir()
    (damaged / "adapter.json").write_bytes((adapter / "adapter.json").read_bytes())
    (damaged / "adapter.safetensors").write_bytes((adapter / "adapter.safetensors").read_bytes()[:500])
    with pytest.raises(PiloraError, match="PIL005"):
        load_with_adapter(model, damaged, "cpu")


def test_an_adapter_says_which_format_it_writes(adapter, tmp_path):
    assert target_format(None) == target_format("none") == target_format(adapter) == "outline"
    copy = shutil.copytree(adapter, tmp_path / "copy")
    content = json.loads((copy / "adapter.json").read_text())
    content["about"]["format"] = "json"
    (copy / "adapter.json").write_text(json.dumps(content))
    assert target_format(copy) == "json"


def test_a_predictor_has_the_format_and_the_calibration_of_its_adapter(adapter, tmp_path):
    copy = shutil.copytree(adapter, tmp_path / "copy")
    engine = WrittenEngine({})
    assert adapted_predictor(engine, copy) == Predictor(engine)
    write_calibration(Calibration(no_decision_bias=0.5), copy)
    assert adapted_predictor(engine, copy, use_grammar=False) == Predictor(
        engine, use_grammar=False, no_decision_bias=0.5
    )
    assert adapted_predictor(engine, None).no_decision_bias == 0


def test_an_adapter_that_looks_at_the_prompt_stays_unmerged(model, tmp_path):
    adapted = attach(load_backbone(model, progress=False).model, {"method": "pedro", "bottleneck": 2})
    save_pretrained(adapted, tmp_path)
    found = load_with_adapter(model, tmp_path)
    assert isinstance(found.model, AdaptedModel) and not found.model.training
