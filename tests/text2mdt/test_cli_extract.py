from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from command import Outcome, run
from tiny_model import save_tiny_adapter, save_tiny_model

from text2mdt import Extraction
from text2mdt.errors import Text2MDTError

GUIDELINE = "# Gout in adults\n\nIf there is fever, give colchicine. Otherwise naproxen is the drug of choice.\n"
OTHER = "# Croup in children\n\nIf croup is severe, give adrenaline. Otherwise dexamethasone is enough.\n"
BACKGROUND = "# Gout in adults\n\nGout is caused by crystals of urate.\n"


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    return save_tiny_model(tmp_path_factory.mktemp("model"), seed=7)


@pytest.fixture
def output(tmp_path: Path) -> Path:
    return tmp_path / "out"


@pytest.fixture
def extract(model, output, capsys):
    """Runs `extract` on a source with the tiny model alone, into `output`."""

    def run_extract(source: object, *words: object) -> Outcome:
        return run(capsys, "extract", source, "--model", model, "--adapter", "none", "-o", output, *words)

    return run_extract


RUN_FILES = ["manifest.json", "summary.html"]


def names(folder: Path) -> list[str]:
    """The files of a folder without the records of a batch."""
    found = [path.relative_to(folder) for path in folder.rglob("*") if path.is_file()]
    return sorted(str(path) for path in found if path.parts[0] != ".text2mdt")


def named(*files: str) -> list[str]:
    """These files and those of the run over a folder."""
    return sorted([*files, *RUN_FILES])


def errors(output: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in (output / "errors.jsonl").read_text(encoding="utf-8").splitlines()]


def document(folder: Path, name: str = "gout.md", content: str | bytes = GUIDELINE) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def read(path: Path) -> Extraction:
    return Extraction.model_validate_json(path.read_text(encoding="utf-8"))


def test_a_document_gives_json_svg_and_html(extract, output, tmp_path):
    done = extract(document(tmp_path))
    assert done.code == 0
    found = read(output / "gout.json")
    assert found.text == GUIDELINE
    trees = len(found.trees)
    assert trees
    assert names(output) == sorted(["gout.json", "gout.html", *(f"gout-001-{n}.svg" for n in range(1, trees + 1))])
    assert f"gout.md: 1 passages, {trees} trees → {output / 'gout'}.{{json,svg,html}}" in done.out
    assert ElementTree.parse(output / "gout-001-1.svg").getroot().tag.endswith("svg")
    page = (output / "gout.html").read_text(encoding="utf-8")
    assert page.startswith("<!DOCTYPE html>")
    assert "colchicine" in page


def test_the_formats_asked_for_alone(extract, output, tmp_path):
    assert extract(document(tmp_path), "--format", " json, dot,").code == 0
    assert {Path(name).suffix for name in names(output)} == {".json", ".dot"}


def test_a_folder_with_one_bad_file(extract, output, tmp_path):
    folder = tmp_path / "in"
    document(folder, "a.md")
    document(folder, "b.md", b"PK\x03\x04 this is a zip")
    document(folder, "sub/c.txt", OTHER)
    document(folder, "ignored.png", b"\x89PNG")
    done = extract(folder, "--format", "json")
    assert done.code == 1
    assert names(output) == named("a.json", "errors.jsonl", "sub/c.json")
    (failure,) = errors(output)
    assert failure["input"] == str(folder / "b.md")
    assert failure["error"].startswith("T2M012: ")
    assert failure["error"] in done.err.splitlines()
    assert "Traceback" not in done.err
    assert "adrenaline" in read(output / "sub" / "c.json").text

    (folder / "b.md").unlink()
    assert extract(folder, "--format", "json").code == 0
    assert names(output) == named("a.json", "sub/c.json")


def test_files_of_one_stem_do_not_overwrite_each_other(extract, output, tmp_path):
    folder = tmp_path / "in"
    for name in ("a.md", "a.txt", "a.md.txt", "b.txt", "sub/a.md", "sub/b.md"):
        document(folder, name, f"{GUIDELINE}This is {name}.\n")
    assert extract(folder, "--format", "json").code == 0
    found = {name: read(output / name) for name in names(output) if name not in RUN_FILES}
    assert {name: extraction.text.splitlines()[-1] for name, extraction in found.items()} == {
        "a.md.json": "This is a.md.",
        "a.txt.json": "This is a.txt.",
        "a.md.txt.json": "This is a.md.txt.",
        "b.json": "This is b.txt.",
        "sub/a.json": "This is sub/a.md.",
        "sub/b.json": "This is sub/b.md.",
    }
    assert {extraction.document.name for extraction in found.values()} == {"a.md", "a.txt", "a.md.txt", "b.txt", "b.md"}


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("empty.md", b"", "T2M011"),
        ("blank.md", b" \n\t\n", "T2M011"),
        ("zip.md", b"PK\x03\x04 this is a zip", "T2M012"),
        ("binary.txt", bytes(range(256)) * 40, "T2M012"),
        ("unmarked-utf16.txt", GUIDELINE.encode("utf-16-le"), "T2M012"),
        ("odd.txt", "naïve".encode("latin-1"), "T2M013"),
        ("half.md", b"\xff\xfe" + GUIDELINE.encode("utf-16-le") + b"\x00", "T2M013"),
        ("long.txt", b"If fever, rest. " * 655_360, "T2M014"),
        ("letter.rtf", b"text", "T2M015"),
        ("cut.pdf", b"%PDF-1.7", "T2M052"),
        ("missing.md", None, "T2M010"),
    ],
)
def test_a_document_that_cannot_be_read(output, tmp_path, capsys, name, content, code):
    path = tmp_path / name if content is None else document(tmp_path, name, content)
    # No model is needed to say so.
    done = run(capsys, "extract", path, "--model", "/nowhere", "--adapter", "none", "-o", output)
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith(f"{code}: ")
    assert done.err.count("\n") == 1
    assert str(path) in done.err
    assert errors(output) == [{"input": str(path), "error": done.err.rstrip("\n")}]
    assert names(output) == ["errors.jsonl"]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "utf-32"])
def test_a_marked_encoding_is_read(extract, output, tmp_path, encoding):
    assert extract(document(tmp_path, "gout.md", GUIDELINE.encode(encoding)), "--format", "json").code == 0
    found = read(output / "gout.json")
    assert found.text == GUIDELINE
    assert found.passages


def test_an_old_encoding_is_told_from_its_bytes(extract, output, tmp_path):
    text = GUIDELINE + "\nA temperature above 39 °C after a café au lait: give fluids – at once – and refer.\n"
    assert extract(document(tmp_path, "gout.md", text.encode("cp1252")), "--format", "json").code == 0
    assert read(output / "gout.json").text == text


def test_no_decision_is_no_failure(extract, output, tmp_path):
    done = extract(document(tmp_path, "gout.md", BACKGROUND))
    assert done.code == 0
    assert "gout.md: 0 passages, 0 trees" in done.out
    assert "nothing in it: no passage speaks of a decision (1 passed over)" in done.out
    assert names(output) == ["gout.html", "gout.json"]
    assert read(output / "gout.json").reason == "no passage speaks of a decision (1 passed over)"


def test_a_limit_of_characters(extract, tmp_path):
    done = extract(document(tmp_path), "--max-characters", 20)
    assert done.code == 1
    assert "T2M014" in done.err and "the limit is 20" in done.err


def test_standard_input(extract, output, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(GUIDELINE.encode())))
    assert extract("-", "--format", "json").code == 0
    assert names(output) == ["standard-input.json"]
    assert read(output / "standard-input.json").passages[0].population == "Adults with gout"


def test_empty_standard_input(extract, output, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"")))
    done = extract("-")
    assert done.code == 1
    assert errors(output)[0]["input"] == "-"
    assert done.err.startswith("T2M011: ")


def test_the_errors_of_an_earlier_run_do_not_stay(extract, output, tmp_path):
    assert extract(document(tmp_path, "empty.md", b"")).code == 1
    assert (output / "errors.jsonl").exists()
    assert extract(document(tmp_path), "--format", "json").code == 0
    assert not (output / "errors.jsonl").exists()


def test_errors_so_far_stay_when_the_run_cannot_go_on(output, tmp_path, capsys):
    folder = tmp_path / "in"
    document(folder, "a.md", b"")
    document(folder, "b.md")
    done = run(capsys, "extract", folder, "--model", "/nowhere", "--adapter", "none", "-o", output)
    assert (done.code, done.last_error[:7]) == (2, "T2M022:")
    assert [failure["input"] for failure in errors(output)] == [str(folder / "a.md")]


def test_a_document_that_cannot_be_decoded_does_not_stop_the_others(extract, output, tmp_path, monkeypatch):
    from text2mdt import predictor

    grammar = predictor.passage_grammar

    def refuses_croup(text, *rest, **options):
        if "croup" in text:
            raise Text2MDTError("T2M027", detail="none")
        return grammar(text, *rest, **options)

    monkeypatch.setattr(predictor, "passage_grammar", refuses_croup)
    folder = tmp_path / "in"
    document(folder, "a.md", OTHER)
    document(folder, "b.md")
    done = extract(folder, "--format", "json")
    assert done.code == 1
    assert names(output) == named("b.json", "errors.jsonl")
    assert errors(output)[0]["error"].startswith("T2M027: ")


def refused(done: Outcome, code: str) -> None:
    assert (done.code, done.out) == (2, "")
    assert done.last_error.startswith(f"{code}: ")
    assert sum(line.startswith(("T2M", "PIL")) for line in done.err.splitlines()) == 1
    assert "Traceback" not in done.err


def test_an_unknown_adapter(extract, tmp_path, capsys):
    refused(extract(document(tmp_path), "--adapter", tmp_path / "nowhere"), "T2M023")


def test_an_adapter_of_another_backbone(extract, tmp_path, output):
    other = save_tiny_model(tmp_path / "other", seed=1)
    adapter = save_tiny_adapter(other, tmp_path / "adapter")
    refused(extract(document(tmp_path), "--adapter", adapter), "PIL004")
    assert names(output) == []


def test_an_adapter(model, output, tmp_path, capsys):
    adapter = save_tiny_adapter(model, tmp_path / "adapter")
    words = ("extract", document(tmp_path), "--model", model, "--adapter", adapter, "-o", output, "--format", "json")
    assert run(capsys, *words).code == 0
    assert read(output / "gout.json").adapter == adapter


@pytest.mark.parametrize("formats", ["xlsx", "json,xlsx", "", " , "])
def test_an_unknown_format(extract, output, tmp_path, formats):
    refused(extract(document(tmp_path), "--format", formats), "T2M040")
    assert not output.exists()


def test_an_unknown_model(output, tmp_path, capsys):
    words = ("extract", document(tmp_path), "--model", "./nowhere", "--adapter", "none", "-o", output)
    refused(run(capsys, *words), "T2M022")


def test_an_unknown_device(extract, tmp_path):
    refused(extract(document(tmp_path), "--device", "abacus"), "T2M024")


def test_an_output_that_cannot_be_written(extract, tmp_path):
    path = document(tmp_path)
    refused(extract(path, "-o", path), "T2M041")
    refused(extract(path, "-o", path / "below"), "T2M041")


def test_a_file_that_cannot_be_written(extract, output, tmp_path):
    (output / "gout.json").mkdir(parents=True)
    done = extract(document(tmp_path), "--format", "json")
    assert (done.code, done.out) == (2, "")
    assert done.last_error.startswith("T2M041: ")


def test_a_folder_without_documents(extract, output, tmp_path):
    document(tmp_path / "in", "picture.png", b"\x89PNG")
    refused(extract(tmp_path / "in"), "T2M037")
    assert not output.exists()


def test_the_output_does_not_become_input(extract, tmp_path):
    document(tmp_path / "in", "a.md")
    refused(extract(tmp_path / "in", "-o", tmp_path / "in"), "T2M150")
    inside = tmp_path / "in" / "trees"
    for _ in range(2):  # the second time there are HTML files in it
        assert extract(tmp_path / "in", "--format", "html", "-o", inside).code == 0
        assert names(inside) == named("a.html")


@pytest.mark.parametrize("words", [(), ("a.md", "b.md"), ("a.md", "--batch-size", "0"), ("a.md", "--nonsense")])
def test_wrong_usage(capsys, words):
    assert run(capsys, "extract", *words).code == 2


def test_a_program_of_its_own(model, output, tmp_path):
    """As a shell sees it: the exit code, and the error stream apart from the output."""
    document(tmp_path / "in", "a.md", b"")
    document(tmp_path / "in", "b.md", BACKGROUND)
    code = "import sys; from text2mdt.cli import main; main(sys.argv[1:])"
    words = ["extract", str(tmp_path / "in"), "--model", model, "--adapter", "none", "-o", str(output)]
    done = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("T2M011: ")
    assert "b.md: 0 passages, 0 trees" in done.stdout
    assert names(output) == named("b.html", "b.json", "errors.jsonl")
