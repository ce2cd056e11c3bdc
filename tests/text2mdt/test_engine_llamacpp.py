"""The engine on llama.cpp, with the embedded model and the shipped adapter."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import numpy as np
import pytest
from gguf import GGUFReader
from tiny_model import tiny_llama, tiny_tokenizer

from pilora import attach
from pilora.errors import PiloraError
from pilora.export_gguf import export_gguf
from text2mdt.adapters import adapted_predictor
from text2mdt.corpus import read_corpus
from text2mdt.engines.endpoint_settings import EndpointSettings
from text2mdt.engines.openai import OpenAIEngine
from text2mdt.extractor_settings import ExtractorSettings
from text2mdt.linear import get_format
from text2mdt.models.embedded import embedded_gguf
from text2mdt.relations import ENGLISH
from text2mdt.schema import DecisionTree

HAS_LLAMA = importlib.util.find_spec("llama_cpp") is not None
needs_llama = pytest.mark.skipif(not HAS_LLAMA, reason="llama-cpp-python is not installed")
RECORDS = [record for record in read_corpus("data/corpus/dev.jsonl") if record.tree][:12]


def test_the_file_holds_the_update_in_llama_cpps_order(tmp_path):
    model = attach(tiny_llama(tiny_tokenizer()), {"method": "lora", "rank": 2, "alpha": 6})
    for _, module in model.low_rank_modules():
        module.B.data.normal_()
    export_gguf(model, tmp_path / "adapter.gguf")
    found = {tensor.name: np.array(tensor.data) for tensor in GGUFReader(tmp_path / "adapter.gguf").tensors}
    modules = dict(model.low_rank_modules())
    assert len(found) == 2 * len(modules)
    up = modules["model.layers.1.mlp.up_proj"]
    update = found["blk.1.ffn_up.weight.lora_b"] @ found["blk.1.ffn_up.weight.lora_a"]
    assert update == pytest.approx((up.B @ up.A * up.scale).detach().numpy(), abs=1e-5)
    query = modules["model.layers.0.self_attn.q_proj"]
    update = found["blk.0.attn_q.weight.lora_b"] @ found["blk.0.attn_q.weight.lora_a"]
    wanted = (query.B @ query.A * query.scale).detach().numpy()
    # 4 heads of 8 rows: row 1 of llama.cpp is the first of the head's second half.
    assert update[[0, 1, 2, 3, 8, 9]] == pytest.approx(wanted[[0, 4, 1, 5, 8, 12]], abs=1e-5)


def test_what_llama_cpp_cannot_read_is_refused(tmp_path):
    model = attach(tiny_llama(tiny_tokenizer()), {"method": "pedro", "bottleneck": 4})
    with pytest.raises(PiloraError, match="PIL014"):
        export_gguf(model, tmp_path / "adapter.gguf")


def trees_of(settings: ExtractorSettings) -> list[list[DecisionTree]]:
    predictor = settings.load().predictor
    found = predictor.predict([(record.population, record.text) for record in RECORDS])
    assert not [prediction.error for prediction in found if prediction.error]
    return [prediction.trees for prediction in found]


def shared_triples(some: list[list[DecisionTree]], others: list[list[DecisionTree]]) -> float:
    """F1 of the triples of each passage."""
    pairs = [
        tuple({triple for tree in trees for node in tree.nodes for triple in node.triples} for trees in pair)
        for pair in zip(some, others, strict=True)
    ]
    return 2 * sum(len(a & b) for a, b in pairs) / sum(len(a) + len(b) for a, b in pairs)


@pytest.mark.slow
@pytest.mark.model
@needs_llama
def test_trees_agree_with_those_of_transformers():
    """The weights are the same, the arithmetic is not: llama.cpp rounds activations to 8 bits."""
    ours = trees_of(ExtractorSettings(device="cpu"))
    theirs = trees_of(ExtractorSettings(engine="llamacpp"))
    again = trees_of(ExtractorSettings(engine="llamacpp"))
    assert again == theirs
    assert shared_triples(ours, theirs) > 0.75
    bare = trees_of(ExtractorSettings(engine="llamacpp", adapter="none"))
    assert shared_triples(ours, bare) < 0.5  # so the adapter was at work
    for trees, record in zip(theirs, RECORDS, strict=True):
        for tree in trees:
            for node in tree.nodes:
                assert all(triple.object in record.text for triple in node.triples)


@contextmanager
def served(words: list[str], port: int) -> Iterator[str]:
    """A server program on this machine, from when it answers."""
    program = subprocess.Popen([sys.executable, *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        url = f"http://127.0.0.1:{port}/v1"
        limit = time.monotonic() + 300
        while time.monotonic() < limit:
            assert program.poll() is None, "the server has ended"
            try:
                with urlopen(f"{url}/models", timeout=5):
                    break
            except (URLError, OSError):
                time.sleep(0.5)
        yield url
    finally:
        program.kill()
        program.wait()


@pytest.mark.slow
@pytest.mark.model
@needs_llama
@pytest.mark.skipif(not importlib.util.find_spec("starlette_context"), reason="llama-cpp-python[server] is not there")
def test_the_server_of_llama_cpp_python_takes_the_grammar():
    words = ["-m", "llama_cpp.server", "--model", str(embedded_gguf()), "--port", "18431", "--n_ctx", "2048"]
    with served(words, 18431) as url:
        engine = OpenAIEngine(EndpointSettings(url=url, grammar="gbnf", concurrent=2), "m", 200)
        predictor = adapted_predictor(engine, "none", dialect=engine.dialect)
        found = predictor.predict([(record.population, record.text) for record in RECORDS[:3]])
    form = get_format("outline")
    for prediction, record in zip(found, RECORDS, strict=False):
        assert prediction.generation.token_count > 0
        if not prediction.generation.truncated:  # the bare model does not know the task, the grammar does
            assert prediction.repairs == () and prediction.error is None
            assert form.write(prediction.trees, record.population, ENGLISH)


@pytest.mark.slow
@pytest.mark.skipif(not importlib.util.find_spec("fastapi"), reason="transformers[serving] is not installed")
def test_transformers_serve_answers(tiny_model_folder: Path):
    command = "import sys; from transformers.cli.transformers import main; sys.argv[0] = 'transformers'; main()"
    words = ["-c", command, "serve", "--port", "18432", "--device", "cpu"]
    with served(words, 18432) as url:
        engine = OpenAIEngine(EndpointSettings(url=url, attempts=2, seconds=200), str(tiny_model_folder), 20)
        assert engine.grammar_field == "none"
        (found,) = adapted_predictor(engine, "none").predict([(RECORDS[0].population, RECORDS[0].text)])
    assert found.generation.text
    assert found.generation.truncated
