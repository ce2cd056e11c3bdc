"""Adapters on disk: round trips, refusals by code, whole files or none; and what tells backbones apart."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from tiny import adapted, backbone, batch, logits, unequal

from pilora import checkpoint
from pilora.checkpoint import backbone_fingerprint, load, load_tensors, read_adapter_config, save_pretrained
from pilora.errors import PiloraError
from pilora.model import AdaptedModel

ABSENT = "model.layers.0.self_attn.q_proj"
PRESENT = "model.layers.0.self_attn.v_proj"


def saved(folder: Path, **options: Any) -> AdaptedModel:
    """A saved adapter whose ranks are 0, 1, 2, 3, 0, ..."""
    model = unequal(adapted(rank=3))
    assert model.ranks()[ABSENT] == 0 and model.ranks()[PRESENT] == 2
    save_pretrained(model, folder, **options)
    return model


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.bfloat16], ids=str)
def test_load_gives_the_same_model(tmp_path: Path, dtype: torch.dtype) -> None:
    model = unequal(adapted("qwen2", dtype=dtype, dropout=0.25))
    save_pretrained(model, tmp_path / "new" / "adapter", about={"seed": 4})
    random_state = torch.get_rng_state()
    bare = backbone("qwen2", dtype=dtype)
    torch.set_rng_state(random_state)
    loaded = load(bare, tmp_path / "new" / "adapter").eval()
    assert torch.equal(logits(loaded, batch()), logits(model, batch()))
    assert loaded.ranks() == model.ranks() and loaded.adapter_config == model.adapter_config
    assert [name for name, p in loaded.named_parameters() if p.requires_grad] == [
        name for name, p in model.named_parameters() if p.requires_grad
    ]
    assert read_adapter_config(tmp_path / "new" / "adapter")["about"] == {"seed": 4}
    assert torch.equal(torch.get_rng_state(), random_state)


def test_stored_in_bfloat16_it_takes_half_the_room(tmp_path: Path) -> None:
    model = unequal(adapted(dtype=torch.float32))
    save_pretrained(model, tmp_path, dtype=torch.bfloat16)
    stored = load_file(tmp_path / "adapter.safetensors")
    assert {tensor.dtype for tensor in stored.values()} == {torch.bfloat16}
    loaded = load(backbone(dtype=torch.float32), tmp_path)
    for name, tensor in loaded.adapter_state().items():
        assert tensor.dtype == torch.float32
        torch.testing.assert_close(tensor, model.adapter_state()[name], rtol=2**-8, atol=1e-6)


def test_an_adapter_without_any_rank(tmp_path: Path) -> None:
    model = adapted()
    for _, module in model.low_rank_modules():
        module.keep(torch.tensor([], dtype=torch.long))
    save_pretrained(model, tmp_path)
    assert torch.equal(logits(load(backbone(), tmp_path), batch()), logits(backbone(), batch()))


def test_load_tensors_rebuilds_the_shapes_of_a_fresh_model(tmp_path: Path) -> None:
    model = saved(tmp_path)
    fresh = adapted(rank=5)
    load_tensors(fresh, tmp_path)
    assert fresh.ranks() == model.ranks()
    assert torch.equal(logits(fresh, batch()), logits(model, batch()))


def edit_config(change: Callable[[dict[str, Any]], Any]) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        path = folder / "adapter.json"
        content = json.loads(path.read_text())
        change(content)
        path.write_text(json.dumps(content))

    return spoil


def edit_tensors(change: Callable[[dict[str, torch.Tensor]], Any]) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        path = folder / "adapter.safetensors"
        tensors = load_file(path)
        change(tensors)
        save_file(tensors, path)

    return spoil


def cut_file(name: str) -> Callable[[Path], None]:
    return lambda folder: (folder / name).write_bytes((folder / name).read_bytes()[:-9])


SPOILT: dict[str, tuple[Callable[[Path], Any], str, str]] = {
    "no config": (lambda folder: (folder / "adapter.json").unlink(), "PIL003", ""),
    "no tensors": (lambda folder: (folder / "adapter.safetensors").unlink(), "PIL005", "adapter.safetensors"),
    "another backbone": (edit_config(lambda c: c.update(backbone="0" * 16)), "PIL004", "0" * 16),
    "another version": (edit_config(lambda c: c.update(format_version=2)), "PIL006", "2"),
    "no version": (edit_config(lambda c: c.pop("format_version")), "PIL007", "format_version"),
    "no backbone": (edit_config(lambda c: c.pop("backbone")), "PIL007", "backbone"),
    "no ranks": (edit_config(lambda c: c.pop("ranks")), "PIL007", "ranks"),
    "no config section": (edit_config(lambda c: c.pop("config")), "PIL007", "config"),
    "cut-off json": (cut_file("adapter.json"), "PIL007", "adapter.json"),
    "json of another kind": (lambda folder: (folder / "adapter.json").write_text("[1]"), "PIL007", ""),
    "binary json": (lambda folder: (folder / "adapter.json").write_bytes(b"\xff\xfe{}"), "PIL007", ""),
    "unknown key": (edit_config(lambda c: c["config"].update(rnak=3)), "PIL007", "rnak"),
    "unknown method": (edit_config(lambda c: c["config"].update(method="magic")), "PIL002", "magic"),
    "rank as text": (edit_config(lambda c: c["ranks"].update({PRESENT: "many"})), "PIL007", PRESENT),
    "negative rank": (edit_config(lambda c: c["ranks"].update({PRESENT: -1})), "PIL007", PRESENT),
    "rank too high": (edit_config(lambda c: c["ranks"].update({PRESENT: 10**15})), "PIL005", PRESENT),
    "rank left out": (edit_config(lambda c: c["ranks"].pop(PRESENT)), "PIL005", PRESENT),
    "rank of no module": (edit_config(lambda c: c["ranks"].update(nowhere=1)), "PIL005", "nowhere"),
    "rank without tensors": (edit_config(lambda c: c["ranks"].update({ABSENT: 1})), "PIL005", ABSENT),
    "cut-off tensors": (cut_file("adapter.safetensors"), "PIL005", "adapter.safetensors"),
    "tensors are text": (lambda folder: (folder / "adapter.safetensors").write_text("x"), "PIL005", ""),
    "a tensor too few": (edit_tensors(lambda t: t.pop(f"{PRESENT}.B")), "PIL005", PRESENT),
    "a tensor too many": (edit_tensors(lambda t: t.update(other=torch.ones(1))), "PIL005", "other"),
    "another shape": (edit_tensors(lambda t: t.update({f"{PRESENT}.A": torch.ones(2, 23)})), "PIL005", "(2, 23)"),
}


@pytest.mark.parametrize("case", SPOILT)
def test_what_does_not_fit_is_refused_by_code(tmp_path: Path, case: str) -> None:
    spoil, code, named = SPOILT[case]
    saved(tmp_path)
    spoil(tmp_path)
    with pytest.raises(PiloraError) as caught:
        load(backbone(), tmp_path)
    assert caught.value.code == code
    assert named in str(caught.value) and str(tmp_path) in str(caught.value)


def test_another_backbone_is_refused_before_anything_is_changed(tmp_path: Path) -> None:
    saved(tmp_path)
    for other in (backbone(seed=1), backbone(layers=1), backbone("gemma2")):
        with pytest.raises(PiloraError) as caught:
            load(other, tmp_path)
        assert caught.value.code == "PIL004"
        assert next(other.parameters()).requires_grad


@pytest.mark.parametrize("breaks", ["write", "replace"])
def test_a_save_that_breaks_leaves_the_earlier_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, breaks: str
) -> None:
    model = saved(tmp_path)
    expected = logits(model, batch())

    def half(path: Path, content: bytes) -> None:
        path.write_text("half")
        raise OSError("no space left")

    def never(source: Path, target: Path) -> None:
        raise OSError("cut off")

    if breaks == "write":
        monkeypatch.setattr(Path, "write_bytes", half)
    else:
        monkeypatch.setattr(checkpoint.os, "replace", never)
    with pytest.raises(OSError):
        save_pretrained(adapted(rank=2), tmp_path)
    monkeypatch.undo()
    assert torch.equal(logits(load(backbone(), tmp_path), batch()), expected)


def test_a_save_cut_between_its_two_files_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    saved(tmp_path)
    other = adapted(rank=2)
    replaced: list[Path] = []

    def once(source: Path, target: Path) -> None:
        if replaced:
            raise OSError("cut off")
        replaced.append(target)
        source.rename(target)

    monkeypatch.setattr(checkpoint.os, "replace", once)
    with pytest.raises(OSError):
        save_pretrained(other, tmp_path)
    monkeypatch.undo()
    assert replaced == [tmp_path / "adapter.safetensors"]
    with pytest.raises(PiloraError) as caught:
        load(backbone(), tmp_path)
    assert caught.value.code == "PIL005"


def test_a_save_leaves_its_two_files_alone(tmp_path: Path) -> None:
    saved(tmp_path)
    saved(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["adapter.json", "adapter.safetensors"]


def test_others_may_read_a_saved_adapter(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        saved(tmp_path)
    finally:
        os.umask(before)
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o644}


def test_fingerprint() -> None:
    for kind in ("llama", "gemma2"):
        prints = {
            backbone_fingerprint(backbone(kind, dtype=torch.float32)),
            backbone_fingerprint(backbone(kind, dtype=torch.float32).bfloat16()),
            backbone_fingerprint(adapted(kind, dtype=torch.float32)),
            backbone_fingerprint(adapted(kind, dtype=torch.bfloat16, rank=1)),
        }
        assert len(prints) == 1
    others = [backbone(), backbone(seed=1), backbone(layers=1), backbone("qwen2"), backbone("gemma2")]
    assert len({backbone_fingerprint(model) for model in others}) == len(others)


def test_fingerprint_notices_every_matrix_and_every_name() -> None:
    model = backbone()
    before = backbone_fingerprint(model)
    for parameter in model.parameters():
        kept = parameter.detach().clone()
        with torch.no_grad():
            parameter.mul_(1.5)
            assert backbone_fingerprint(model) != before
            parameter.copy_(kept)
    assert backbone_fingerprint(model) == before
    merged = adapted().merge()
    assert backbone_fingerprint(merged) != before
