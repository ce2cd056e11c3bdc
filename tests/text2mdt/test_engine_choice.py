"""Engines by name, in the command and in a batch."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest
from answering_server import Request, server
from batch_runs import write_documents
from command import run
from tiny_model import save_tiny_adapter, save_tiny_model

from text2mdt.engines import Prompt
from text2mdt.engines.endpoint_settings import KEY_VARIABLE
from text2mdt.engines.vllm import VllmEngine
from text2mdt.errors import Text2MDTError
from text2mdt.extractor_settings import ExtractorSettings

ANSWER = "1 if feature: fever\n1 yes plan: rest\n1 no none"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--engine", "abacus"), "there is none of this name: choose one of transformers, openai, vllm, llamacpp"),
        (("--engine", "openai"), "an endpoint belongs to the engine openai"),
        (("--endpoint", "http://localhost:1/v1"), "an endpoint belongs to the engine openai"),
        (("--engine", "openai", "--endpoint", "http://me:secret@host/v1"), "it holds a user, a password or a query"),
        (("--engine", "openai", "--endpoint", "http://host/v1", "--endpoint-option", "speed=3"), "speed"),
        (("--engine", "openai", "--endpoint", "http://host/v1", "--endpoint-option", "seconds=-3"), "seconds"),
    ],
)
def test_settings_that_do_not_fit(capsys, tmp_path, words, said):
    (tmp_path / "a.md").write_text("# A\n\nIf there is fever, rest is enough.\n", encoding="utf-8")
    done = run(capsys, "extract", tmp_path / "a.md", "-o", tmp_path / "out", *words)
    assert done.code == 2
    assert done.last_error.startswith("T2M157: ")
    assert said in done.last_error
    assert "secret" not in done.err


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_documents(tmp_path / "in", 7)
    return tmp_path / "in"


def extract(capsys, folder: Path, url: str, *words: str):
    options = ["--engine", "openai", "--endpoint", url, "--adapter", "none", "--model", "m", "--format", "json"]
    options += ["--endpoint-option", "attempts=1", "--endpoint-option", "seconds=1", *words]
    return run(capsys, "extract", folder, "-o", folder.parent / "out", *options)


def test_a_batch_by_a_server(capsys, folder, monkeypatch):
    monkeypatch.setenv(KEY_VARIABLE, "secret")
    with server(lambda request: request.text(ANSWER)) as (url, got):
        done = extract(capsys, folder, url)
    assert done.code == 0, done.err
    assert "7 of 7 documents done" in done.out
    manifest = (folder.parent / "out" / "manifest.json").read_text(encoding="utf-8")
    assert json.loads(manifest)["settings"]["versions"]["model"] == f"m at {url}"
    assert "secret" not in manifest
    assert got[0].headers["Authorization"] == "Bearer secret"


def test_a_server_that_is_not_there_or_refuses_ends_the_run(capsys, folder):
    assert extract(capsys, folder, "http://127.0.0.1:9/v1").last_error.startswith("T2M154: ")
    with server(lambda request: request.problem(401)) as (url, got):
        done = extract(capsys, folder, url)
    assert (done.code, done.last_error[:8]) == (2, "T2M156: ")
    assert len(got) < 8  # not one for each document


def test_a_document_without_an_answer_fails_alone_but_a_dead_server_ends_the_run(capsys, folder):
    def answer(request: Request) -> None:
        request.problem(500) if "asthma" in request.body["prompt"].lower() else request.text(ANSWER)

    with server(answer) as (url, _):
        done = extract(capsys, folder, url)
    assert done.code == 1
    assert "6 of 7 documents done" in done.out
    with server(lambda request: request.problem(500)) as (url, _):
        done = extract(capsys, folder, url)
    assert (done.code, done.last_error[:8]) == (2, "T2M158: ")
    with server(lambda request: request.text(ANSWER)) as (url, _):
        done = extract(capsys, folder, url)
    assert done.code == 0 and "7 of 7" in done.out


class RecordedVllm:
    """What vLLM is asked for; stands for it where it is not installed."""

    def __init__(self, **options: object) -> None:
        self.options = options

    def generate(self, prompts, parameters, lora_request, use_tqdm):
        self.asked = (prompts, parameters, lora_request)
        outputs = [SimpleNamespace(text=ANSWER, token_ids=[1, 2], finish_reason="stop")]
        return [SimpleNamespace(outputs=outputs) for _ in prompts]


@pytest.fixture
def vllm(monkeypatch) -> None:
    """Modules with the names that vLLM's documentation tells."""
    named = {
        "vllm": {"LLM": RecordedVllm, "SamplingParams": SimpleNamespace},
        "vllm.lora.request": {"LoRARequest": lambda *words: words},
        "vllm.sampling_params": {"StructuredOutputsParams": SimpleNamespace},
    }
    for name, content in named.items():
        module = ModuleType(name)
        vars(module).update(content)
        monkeypatch.setitem(sys.modules, name, module)


def test_vllm_gets_the_exported_adapter_and_the_grammars(vllm, tmp_path):
    model = save_tiny_model(tmp_path / "model")
    adapter = save_tiny_adapter(model, tmp_path / "adapter")
    engine = VllmEngine.load(model, adapter, max_new_tokens=9)
    llm = engine._llm
    assert llm.options["enable_lora"] and llm.options["max_lora_rank"] == 8
    assert llm.options["structured_outputs_config"] == {"backend": "guidance"}
    (found, _) = engine.generate([Prompt("p", "start: g"), Prompt("q")])
    assert (found.text, found.token_count, found.truncated) == (ANSWER, 2, False)
    prompts, parameters, request = llm.asked
    assert prompts == ["p", "q"]
    assert parameters[0].structured_outputs.grammar == "start: g"
    assert parameters[1].structured_outputs is None
    assert (parameters[0].temperature, parameters[0].max_tokens) == (0.0, 9)
    assert (Path(request[2]) / "adapter_config.json").is_file()
    bare = VllmEngine.load(model, "none")
    assert "enable_lora" not in bare._llm.options
    assert bare.generate([]) == []


def test_without_vllm_the_error_says_what_to_do(monkeypatch):
    monkeypatch.setitem(sys.modules, "vllm", None)
    with pytest.raises(Text2MDTError, match=r"T2M157: .*vLLM is not installed.*--engine openai"):
        ExtractorSettings(engine="vllm", adapter="none").load()


@pytest.mark.parametrize(
    ("module", "settings"),
    [
        ("llama_cpp", {"engine": "llamacpp"}),
        ("httpx", {"engine": "openai", "endpoint": {"url": "http://h/v1"}}),
    ],
)
def test_without_an_extra_the_error_names_it(monkeypatch, module, settings):
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(Text2MDTError, match="T2M042"):
        ExtractorSettings(**settings).load()
