"""Many adapters on one backbone."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from tiny import KINDS, NORM_NOISE, adapted, backbone, batch
from torch import Tensor

from pilora import attach
from pilora.checkpoint import load, save_pretrained
from pilora.errors import PiloraError
from pilora.methods import METHODS
from pilora.prompt_state import CACHE_ARGUMENT
from pilora.tenants import MultiAdapterModel

CLOSE = {"rtol": NORM_NOISE, "atol": 10 * NORM_NOISE}


@pytest.fixture(scope="module", params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def folders(kind: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """An adapter of every method, two of LoRA with other numbers and ranks."""
    root = tmp_path_factory.mktemp("adapters")
    models = {method: adapted(kind, method=method, rank=3, seed=0) for method in METHODS}
    models["lora-5"] = adapted(kind, method="lora", rank=5, scale=0.4)
    for name, model in models.items():
        save_pretrained(model, root / name)
    return {name: root / name for name in models}


@pytest.fixture
def tenants(kind: str, folders: dict[str, Path]) -> MultiAdapterModel:
    model = MultiAdapterModel(backbone(kind)).eval()
    for name, folder in folders.items():
        model.add(name, folder)
    return model


def mixed_batch(names: list[str | None]) -> dict[str, Tensor]:
    return batch([9 - row % 4 for row in range(len(names))], prompt=4)


def alone(kind: str, folder: Path | None, inputs: dict[str, Tensor], row: int) -> Tensor:
    """The logits of one row under its adapter."""
    length = int(inputs["attention_mask"][row].sum())
    own = {key: value[row : row + 1, :length] for key, value in inputs.items() if key != "labels"}
    if folder is None:
        del own["prompt_mask"]
    model = backbone(kind) if folder is None else load(backbone(kind), folder).eval()
    with torch.no_grad():
        found: Tensor = model(**own, use_cache=False).logits[0]
    return found


def test_each_row_of_a_mixed_batch_is_under_its_own_adapter(
    kind: str, folders: dict[str, Path], tenants: MultiAdapterModel
) -> None:
    names = [*folders, None, "lora"]
    inputs = mixed_batch(names)
    passed = {key: value for key, value in inputs.items() if key != "labels"}
    with torch.no_grad():
        found = tenants(**passed, adapter_names=names, use_cache=False).logits
    for row, name in enumerate(names):
        expected = alone(kind, None if name is None else folders[name], inputs, row)
        torch.testing.assert_close(found[row, : len(expected)], expected, **CLOSE)


def test_decoding_goes_on_under_the_same_adapters(
    kind: str, folders: dict[str, Path], tenants: MultiAdapterModel
) -> None:
    names = [*folders, None]
    inputs = batch([8] * len(names), prompt=4)
    cache, ids = tenants.new_cache(), inputs["input_ids"]
    rows = torch.arange(len(names))
    with torch.no_grad():
        tenants(input_ids=ids[:, :4], adapter_names=names, use_cache=True, **{CACHE_ARGUMENT: cache})
        for place in range(4, 8):
            if place == 6:  # rows leave the batch, and the others change places
                rows = torch.tensor([row for row in reversed(range(len(names))) if row % 3])
                cache.batch_select_indices(rows)
            step = ids[rows, place : place + 1]
            out = tenants(input_ids=step, use_cache=True, **{CACHE_ARGUMENT: cache})
    for place, row in enumerate(rows.tolist()):
        name = names[row]
        expected = alone(kind, None if name is None else folders[name], inputs, row)
        torch.testing.assert_close(out.logits[place, -1], expected[-1], **CLOSE)


def test_generate_with_beams_gives_each_row_its_own(
    kind: str, folders: dict[str, Path], tenants: MultiAdapterModel
) -> None:
    names = [*folders, None]
    ids = batch([5] * len(names), prompt=5)["input_ids"]
    options = {"max_new_tokens": 4, "do_sample": False, "num_beams": 3, "pad_token_id": 0}
    together = tenants.generate(ids, attention_mask=torch.ones_like(ids), adapter_names=names, **options)
    for row, name in enumerate(names):
        own = ids[row : row + 1]
        model = backbone(kind) if name is None else load(backbone(kind), folders[name]).eval()
        expected = model.generate(own, attention_mask=torch.ones_like(own), **options)[0]
        assert torch.equal(together[row, : len(expected)], expected), name
        assert set(together[row, len(expected) :].tolist()) <= {0, 2}, "padding and end tokens"


def test_names_come_and_go(kind: str, folders: dict[str, Path], tenants: MultiAdapterModel) -> None:
    inputs = mixed_batch(["lora"])
    passed = {key: value for key, value in inputs.items() if key in ("input_ids", "attention_mask")}
    with torch.no_grad():
        before = tenants(**passed, adapter_names=["lora"], use_cache=False).logits
        tenants.add("lora", folders["lora-5"])
        other = tenants(**passed, adapter_names=["lora"], use_cache=False).logits
        five = tenants(**passed, adapter_names=["lora-5"], use_cache=False).logits
    assert torch.equal(other, five) and not torch.allclose(before, other)
    tenants.remove("pedro")
    assert "pedro" not in tenants.names and not any("pedro" in name for name, _ in tenants.named_parameters())
    with pytest.raises(PiloraError, match=r"PIL015.*pedro"):
        tenants(**passed, adapter_names=["pedro"])


def test_a_refused_call_leaves_no_mask_behind(kind: str, folders: dict[str, Path], tenants: MultiAdapterModel) -> None:
    ids = batch([5], prompt=5)["input_ids"]
    options = {"attention_mask": torch.ones_like(ids), "max_new_tokens": 3, "do_sample": False, "pad_token_id": 0}
    expected = tenants.generate(ids, adapter_names=["pedro"], **options)
    with pytest.raises(PiloraError, match="PIL015"):
        tenants(input_ids=ids, adapter_names=["nobody"], prompt_mask=torch.tensor([[True, True, False, False, False]]))
    assert torch.equal(tenants.generate(ids, adapter_names=["pedro"], **options), expected)
    with pytest.raises(PiloraError, match="PIL014"):
        tenants.generate(ids, adapter_names=["pedro"], prefill_chunk_size=2, **options)


def test_a_plain_cache_is_not_gone_on_with(kind: str, tenants: MultiAdapterModel) -> None:
    ids = batch([5])["input_ids"]
    with torch.no_grad():
        out = tenants(input_ids=ids[:, :4], adapter_names=["lora"], use_cache=True)
    with pytest.raises(PiloraError, match="PIL012"):
        tenants(input_ids=ids[:, 4:], use_cache=True, **{CACHE_ARGUMENT: out[CACHE_ARGUMENT]})


def test_adapters_that_have_no_place_are_refused(kind: str, tenants: MultiAdapterModel, tmp_path: Path) -> None:
    settings = {"settings": {"r": 2, "target_modules": ["q_proj"]}}
    save_pretrained(attach(backbone(kind), {"method": "peft:lora", **settings}), tmp_path / "peft")
    if kind != "gemma2":  # whose output layer is the input embeddings
        save_pretrained(attach(backbone(kind), {"method": "lora", "targets": ["lm_head"]}), tmp_path / "head")
        with pytest.raises(PiloraError, match=r"PIL014.*lm_head"):
            tenants.add("head", tmp_path / "head")
    with pytest.raises(PiloraError, match="PIL014"):
        tenants.add("peft", tmp_path / "peft")
    assert not {"peft", "head"} & set(tenants.names)


def test_soft_prompts_of_another_length_are_refused(kind: str, tenants: MultiAdapterModel, tmp_path: Path) -> None:
    save_pretrained(adapted(kind, method="spt", slots=7), tmp_path)
    with pytest.raises(PiloraError, match=r"PIL014.*7 slots"):
        tenants.add("other", tmp_path)


def test_refusals(kind: str, folders: dict[str, Path], tenants: MultiAdapterModel) -> None:
    ids = batch((5, 5))["input_ids"]
    with pytest.raises(PiloraError, match="PIL016"):
        tenants(input_ids=ids, adapter_names=["lora", "lora", "lora"])
    with pytest.raises(PiloraError, match="PIL012"):
        tenants(input_ids=ids, adapter_names=["lora", "para"], use_cache=False)
    with pytest.raises(PiloraError, match="PIL008"):
        MultiAdapterModel(adapted(kind).backbone)
    with pytest.raises(PiloraError, match="PIL004"):
        MultiAdapterModel(backbone(kind, seed=9)).add("lora", folders["lora"])
