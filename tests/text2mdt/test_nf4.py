"""Weights in 4 bits: loading, training, generating, and which adapters go onto them."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from tiny_model import save_tiny_adapter, tiny_tokenizer
from toy_corpus import toy_config, toy_records
from transformers import AutoModelForCausalLM, Gemma2Config, LlamaConfig, PretrainedConfig, Qwen2Config

from pilora import attach, backbone_fingerprint, load, save_pretrained
from pilora.errors import PiloraError
from pilora.model import AdaptedModel
from pilora.tenants import MultiAdapterModel
from text2mdt.adapters import adapted_predictor, load_with_adapter
from text2mdt.corpus import write_corpus
from text2mdt.engines.transformers import TransformersEngine
from text2mdt.errors import Text2MDTError
from text2mdt.models import load_backbone
from text2mdt.train import train
from text2mdt.training_config import read_training_config
from text2mdt.voting import VotingSettings
from text2mdt.voting.voters import load_vote

ROOT = Path(__file__).parents[2]
PASSAGES = [(record.population, record.text) for record in toy_records(2)]
LORA = {"method": "lora", "rank": 2, "alpha": 4}


def shape_of(kind: str) -> PretrainedConfig:
    """A tiny model of the architecture of a large one, with rows as long as a block of the 4 bits."""
    tokenizer = tiny_tokenizer()
    sizes = {
        "vocab_size": len(tokenizer) + 8,  # the tokenizer of Qwen2 adds some
        "hidden_size": 64,
        "intermediate_size": 128,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "initializer_range": 0.2,
        "eos_token_id": tokenizer.eos_token_id,
        "pad_token_id": tokenizer.pad_token_id,
        "bos_token_id": None,
    }
    kinds = {"qwen2_5_7b": Qwen2Config, "llama_3_1_8b": LlamaConfig, "gemma_2_9b": Gemma2Config}
    return kinds[kind](**sizes, **({"head_dim": 16} if kind == "gemma_2_9b" else {}))


def save_model(folder: Path, kind: str = "llama_3_1_8b", seed: int = 7) -> str:
    torch.manual_seed(seed)
    AutoModelForCausalLM.from_config(shape_of(kind)).save_pretrained(folder)
    tiny_tokenizer().save_pretrained(folder)
    return str(folder)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    return save_model(tmp_path_factory.mktemp("model"))


def logits(model: torch.nn.Module) -> torch.Tensor:
    with torch.no_grad():
        return model(input_ids=torch.arange(5, 25)[None]).logits[0].float()


def test_linear_modules_are_rounded_and_the_rest_is_left(model):
    plain, four = load_backbone(model, progress=False).model, load_backbone(model, dtype="nf4", progress=False).model
    assert four.model.layers[0].mlp.up_proj.weight.dtype == torch.uint8
    assert torch.equal(four.lm_head.weight, plain.lm_head.weight)
    assert torch.equal(four.model.embed_tokens.weight, plain.model.embed_tokens.weight)
    apart = (logits(four) - logits(plain)).norm() / logits(plain).norm()
    assert 0.01 < apart < 0.5


def test_without_the_package(model, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(Text2MDTError, match=r"T2M025.*text2mdt\[nf4\]"):
        load_backbone(model, dtype="nf4", progress=False)


def test_a_training_in_4_bits_lowers_the_loss_and_its_adapter_generates(model, tmp_path):
    config = toy_config(tmp_path, model, dtype="nf4", training={"epochs": 6, "keep": "last"})
    result = train(config)
    first = train(
        config.model_copy(
            update={"training": config.training.model_copy(update={"epochs": 1}), "output": tmp_path / "short"}
        )
    )
    assert result.dev_loss < first.dev_loss
    found = load_with_adapter(model, result.adapter, "cpu", "nf4")
    assert isinstance(found.model, AdaptedModel), "4 bits take no update"
    engine = TransformersEngine(found.model, found.tokenizer, max_new_tokens=60)
    assert all(answer.generation.text for answer in adapted_predictor(engine, result.adapter).predict(PASSAGES))


def test_adapters_go_between_4_bits_and_the_whole_model(model, tmp_path):
    whole = save_tiny_adapter(model, tmp_path / "whole")
    onto_four = load(load_backbone(model, dtype="nf4", progress=False).model, whole)
    save_pretrained(onto_four, tmp_path / "four")
    onto_whole = load(load_backbone(model, progress=False).model, tmp_path / "four")
    before = load(load_backbone(model, progress=False).model, whole)
    assert torch.equal(logits(onto_whole), logits(before))
    again = load(load_backbone(model, dtype="nf4", progress=False).model, tmp_path / "four")
    assert torch.equal(logits(again), logits(onto_four))


def test_many_adapters_on_one_backbone_in_4_bits(model, tmp_path):
    whole = save_tiny_adapter(model, tmp_path / "whole")
    four = load(load_backbone(model, dtype="nf4", progress=False).model, whole)
    save_pretrained(four, tmp_path / "four")
    many = MultiAdapterModel(load_backbone(model, dtype="nf4", progress=False).model)
    for name in ("whole", "four"):
        many.add(name, tmp_path / name)
        with torch.no_grad():
            found = many(input_ids=torch.arange(5, 25)[None], adapter_names=[name]).logits[0].float()
        torch.testing.assert_close(found, logits(four))


def test_an_adapter_of_other_4_bits_is_refused(model, tmp_path):
    stranger = save_model(tmp_path / "stranger", seed=8)
    four = attach(load_backbone(stranger, dtype="nf4", progress=False).model, LORA)
    save_pretrained(four, tmp_path / "four")
    for dtype in ("float32", "nf4"):
        with pytest.raises(PiloraError, match="PIL004"):
            load(load_backbone(model, dtype=dtype, progress=False).model, tmp_path / "four")
        with pytest.raises(PiloraError, match="PIL004"):
            MultiAdapterModel(load_backbone(model, dtype=dtype, progress=False).model).add("four", tmp_path / "four")


def test_the_fingerprint_tells_4_bits_and_heeds_no_adapter(model):
    four = load_backbone(model, dtype="nf4", progress=False)
    assert four.fingerprint.startswith("quantised-")
    assert backbone_fingerprint(attach(four.model, LORA)) == four.fingerprint


def test_4_bits_take_no_merge(model):
    with pytest.raises(PiloraError, match="PIL011"):
        attach(load_backbone(model, dtype="nf4", progress=False).model, LORA).merge()


def test_a_vote_in_4_bits(model, tmp_path):
    names = [save_tiny_adapter(model, tmp_path / f"{seed}", seed) for seed in (1, 2)]
    vote = load_vote(model, names[0], VotingSettings((names[1],)), "cpu", "nf4", max_new_tokens=40)
    assert len(vote.predict(PASSAGES)) == len(PASSAGES)
    assert [type(voter.engine) for voter in vote.voters] == [TransformersEngine] * 2


@pytest.mark.parametrize("dtype", ["bfloat16", "nf4"])
@pytest.mark.parametrize("name", ["qwen2_5_7b", "llama_3_1_8b", "gemma_2_9b"])
def test_the_configurations_of_large_models_run_on_tiny_ones(name, dtype, tmp_path):
    folder = save_model(tmp_path / "model", name)
    for part, first in (("train", 0), ("dev", 30)):
        write_corpus(toy_records(8, first=first), tmp_path / f"{part}.jsonl")
    overrides = (
        f"model={folder}",
        "device=cpu",
        f"dtype={dtype}",
        f"data.train={tmp_path / 'train.jsonl'}",
        f"data.dev={tmp_path / 'dev.jsonl'}",
        "training.batch_tokens=400",
        "training.accumulation=1",
        "training.epochs=1",
        f"output={tmp_path / 'run'}",
    )
    result = train(read_training_config(ROOT / "configs" / "train" / f"{name}.yaml", overrides))
    assert (result.adapter / "adapter.safetensors").is_file()
    assert 0 < result.dev_loss < 20
