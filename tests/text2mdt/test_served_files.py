"""A model and its adapter in the files of inference servers, read back as such a server reads them."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from command import run
from peft import PeftModel
from tiny_model import save_tiny_adapter, save_tiny_model
from transformers import AutoModelForCausalLM, AutoTokenizer

from text2mdt.adapters import load_with_adapter


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    return save_tiny_model(tmp_path_factory.mktemp("model"))


def test_a_server_reads_the_same_model(model, tmp_path, capsys):
    adapter = save_tiny_adapter(model, tmp_path / "own")
    words = ("--model", model, "--adapter", adapter, "--dtype", "float32", "-o", tmp_path / "out")
    done = run(capsys, "models", "export", *words)
    assert (done.code, done.out.count("→")) == (0, 2)
    modes = {path.stat().st_mode for path in (tmp_path / "out").rglob("*") if path.is_file()}
    assert len(modes) == 1, "the server runs as somebody else"
    read = AutoModelForCausalLM.from_pretrained(tmp_path / "out" / "model", dtype=torch.float32).eval()
    tokenizer = AutoTokenizer.from_pretrained(tmp_path / "out" / "model")
    ids = torch.tensor([tokenizer("Children with otorrhoea")["input_ids"]])
    with torch.no_grad():
        bare = read(ids).logits
        adapted = PeftModel.from_pretrained(read, tmp_path / "out" / "adapter").eval()(ids).logits
        ours = load_with_adapter(model, adapter, dtype="float32").model(ids).logits
    torch.testing.assert_close(adapted, ours, rtol=1e-4, atol=1e-4)
    assert (adapted - bare).abs().max() > 0.01


def test_the_bare_model_needs_no_adapter(model, tmp_path, capsys):
    assert run(capsys, "models", "export", "--model", model, "--adapter", "none", "-o", tmp_path).code == 0
    assert (tmp_path / "model" / "config.json").is_file()
    assert not (tmp_path / "adapter").exists()


def test_what_cannot_be_written_is_named(model, tmp_path: Path, capsys):
    (tmp_path / "file").write_text("")
    words = ("--model", model, "-o")
    assert run(capsys, "models", "export", *words, tmp_path / "x", "--adapter", "gone").last_error.startswith("T2M023")
    done = run(capsys, "models", "export", *words, tmp_path / "file", "--adapter", "none")
    assert (done.code, done.last_error.startswith("T2M041")) == (2, True)
