import json
import resource
import subprocess
import sys

import pytest
from corpus_records import GOOD, record, write

from text2mdt.cli import application, main
from text2mdt.errors import Text2MDTError


def run(*words: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of a command."""
    with pytest.raises(SystemExit) as caught:
        main(words)
    out, err = capsys.readouterr()
    return int(caught.value.code or 0), out, err


def test_help_is_quick_and_loads_nothing_heavy():
    code = "import sys; from text2mdt.cli import main\ntry: main(['--help'])\nfinally: print(sorted(sys.modules))"
    times = []  # of the processor: other work on the machine does not count
    for _ in range(3):
        start = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        times.append(resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - start)
    assert "corpus" in done.stdout
    for heavy in ("torch", "transformers", "pydantic", "spacy", "numpy", "streamlit"):
        assert f"'{heavy}'" not in done.stdout
    assert min(times) < 1.0  # 0.3 s on an idle machine


def test_an_error_is_one_line_and_exit_code_2(tmp_path, capsys):
    code, out, err = run("corpus", "stats", str(tmp_path / "none.jsonl"), capsys=capsys)
    assert (code, out) == (2, "")
    assert err.startswith("T2M010: the file does not exist: ")
    assert err.count("\n") == 1


@pytest.mark.parametrize("place", [0, 1, 2, 3])
def test_debug_gives_the_traceback_wherever_it_stands(place, tmp_path):
    words = ["corpus", "stats", str(tmp_path / "none.jsonl")]
    with pytest.raises(Text2MDTError, match="T2M010"):
        main([*words[:place], "--debug", *words[place:]])


def test_wrong_usage(capsys):
    assert run("nonsense", capsys=capsys)[0] == 2
    assert run("corpus", "check", capsys=capsys)[0] == 2


def test_an_unforeseen_error_is_one_line_too(capsys, monkeypatch):
    monkeypatch.setattr("text2mdt.models.embedded_state", lambda: 1 / 0)
    code, _, err = run("models", capsys=capsys)
    assert code == 1
    assert err.startswith("unexpected ZeroDivisionError: ")
    assert err.count("\n") == 1


def test_version(capsys):
    code, out, _ = run("--version", capsys=capsys)
    assert code == 0
    assert out.strip()


def test_corpus_check(tmp_path, capsys):
    good = write(tmp_path / "good.jsonl", GOOD)
    assert run("corpus", "check", str(good), capsys=capsys)[:2] == (0, "1 records, 0 errors, 0 warnings\n")
    bad = write(tmp_path / "bad.jsonl", record(id="x-1", text="Too short.", tree=[]))
    code, out, _ = run("corpus", "check", str(good), str(bad), capsys=capsys)
    assert code == 1
    assert f"error: {bad}:1: x-1: the text has 2 words" in out
    doubtful = write(tmp_path / "doubtful.jsonl", record(source=""))
    assert run("corpus", "check", str(doubtful), capsys=capsys)[0] == 0
    assert run("corpus", "check", "--strict", str(doubtful), capsys=capsys)[0] == 1


def test_corpus_stats(tmp_path, capsys):
    one = write(tmp_path / "one.jsonl", GOOD, record(id="a-1", tree=[]))
    two = write(tmp_path / "two.jsonl", record(id="b-1"))
    code, out, _ = run("corpus", "stats", "--json", str(one), str(two), capsys=capsys)
    assert code == 0
    found = json.loads(out)
    assert {name: part["records"] for name, part in found.items()} == {"one": 2, "two": 1, "all": 3}
    code, out, _ = run("corpus", "stats", str(one), capsys=capsys)
    assert code == 0
    assert "therapeutic_drug" in out


def test_corpus_split(tmp_path, capsys):
    path = write(tmp_path / "all.jsonl", *(record(id=f"topic{i}-001", tree=[]) for i in range(10)))
    words = ("corpus", "split", str(path), "-o", str(tmp_path / "parts"), "--shares", "train=0.7, dev=.3")
    assert run(*words, capsys=capsys)[0] == 0
    sizes = {part.name: len(part.read_text().splitlines()) for part in (tmp_path / "parts").iterdir()}
    assert sizes == {"train.jsonl": 7, "dev.jsonl": 3}
    for shares in ("train", "=1", "a=b", "../a=1", ""):
        assert "T2M032" in run(*words[:-1], shares, capsys=capsys)[2]


def test_models_lists_what_there_is(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("TEXT2MDT_CACHE", str(tmp_path))
    code, out, _ = run("models", capsys=capsys)
    assert code == 0
    assert "SmolLM2-135M-Instruct (embedded): not fetched yet" in out
    (tmp_path / "smollm2-135m-instruct-1").mkdir()
    (tmp_path / "smollm2-135m-instruct-1" / "config.json").write_text("{}")
    _, out, _ = run("models", "--json", capsys=capsys)
    assert json.loads(out)["embedded"]["state"] == "ready"
    code, out, _ = run("models", "fetch", capsys=capsys)
    assert (code, out) == (0, f"ready: {tmp_path / 'smollm2-135m-instruct-1'}\n")


def test_every_command_file_registers_itself():
    assert {"corpus", "models"} <= {group.name for group in application.registered_groups}
    commands = {command.name or command.callback.__name__ for command in application.registered_commands}
    assert {"app", "evaluate", "extract", "train"} <= commands
