"""Python, YAML, TOML and JSON that the pages show: it runs, or loads as what it is for.

A comment before a block says what is different about it:

    <!-- not run: WHY -->                            only its syntax and imports are checked
    <!-- runs with the model, in the slow tests -->  the embedded model is loaded
    <!-- loads as: training -->                      the configuration that a block of YAML is
"""

from __future__ import annotations

import json
import shutil
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
import yaml
from built_extractions import condition, decision, extraction, passage, tree
from documented import PAGES, ROOT, Block, blocks, named, tokens

from docs.examples.rslora_method import RSLORA
from pilora.methods import METHODS
from text2mdt import Extraction, Extractor
from text2mdt.compare.config import ComparisonConfig
from text2mdt.documents import READERS
from text2mdt.export import FORMATS, export
from text2mdt.models import embedded_state, shipped_adapters

NOT_RUN, WITH_MODEL = "not run: ", "runs with the model"
PYTHON = [page for page in PAGES if any(blocks(page, "python"))]
CODES = [["code", "system", "display", "synonyms"], ["1", "http://codes.example", "Colchicine", "colchicin|colcrys"]]
ACCEPTED = [
    ["accepted", "words", "code", "system", "display"],
    ["yes", "colchicine", "1", "http://codes.example", "C."],
]


def gout() -> Extraction:
    """A small extraction, of which the pages speak."""
    text = (
        "In joint pain or swelling, naproxen, paracetamol and prednisone, or prednisolone, are given. Otherwise "
        "colchicine 500 micrograms once daily is chosen."
    )
    given = decision("colchicine", ("dose", "colchicine: 500 micrograms once daily"))
    one = tree(condition("joint pain", "swelling"), decision("naproxen", "paracetamol", "prednisone"), given)
    return extraction(passage(1, one, text=text))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with the files that the pages name; what a block enters in the package's tables is taken out again."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TEXT2MDT_STORE", str(tmp_path / "review.sqlite3"))
    made = gout()
    for name in ("extracted", "trees", "data/samples", "data/corpus", "runs/lora", "runs/pi_lora"):
        (tmp_path / name).mkdir(parents=True)
    for name in ("extracted/gout.json", "gout-2020.json"):
        (tmp_path / name).write_text(made.model_dump_json(), encoding="utf-8")
    (tmp_path / "gout-edited.csv").write_text(
        str(export(made, "csv")[".csv"]).replace("paracetamol", "prednisolone"), encoding="utf-8"
    )
    (tmp_path / "trees" / "guideline.fhir.json").write_text(str(export(made, "fhir")[".fhir.json"]), encoding="utf-8")
    for name, rows in {"codes.csv": CODES, "gout-codes.csv": ACCEPTED}.items():
        (tmp_path / name).write_text("".join(",".join(row) + "\n" for row in rows), encoding="utf-8")
    sample = "hyperkalaemia-adults.md"
    shutil.copy(ROOT / "data" / "samples" / sample, tmp_path / "data" / "samples" / sample)
    records = (ROOT / "data" / "corpus" / "dev.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    (tmp_path / "data" / "corpus" / "dev.jsonl").write_text("".join(records[:2]), encoding="utf-8")
    tables = [FORMATS, METHODS, READERS]
    kept = [dict(table) for table in tables]
    yield tmp_path
    for table, before in zip(tables, kept, strict=True):
        table.clear()
        table.update(before)


def stand_in(model: str = "default", adapter: str | None = "default", voting: object = None) -> Extractor:
    """What `Extractor.from_pretrained` gives, with an engine that always writes the same tree."""
    from docs.examples.function_engine import FunctionEngine
    from text2mdt.predictor import Predictor

    engine = FunctionEngine(lambda _: "1 if feature: hyperkalaemia\n1 yes plan: ECG\n1 no none")
    return Extractor(Predictor(engine), model, adapter)


@pytest.fixture
def shown_module(monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    """The names of a module of its own, in which blocks run."""
    module = ModuleType("shown")
    monkeypatch.setitem(sys.modules, module.__name__, module)
    return module.__dict__


def run_in(names: dict[str, object], shown: Block) -> None:
    exec(compile(shown.text, shown.name, "exec"), names)


@pytest.mark.parametrize("page", PYTHON, ids=named)
def test_the_python_of_a_page_runs(page, folder, monkeypatch, shown_module):
    """One block after the other; a stand-in writes the trees."""
    monkeypatch.setattr(Extractor, "from_pretrained", stand_in)
    if page == ROOT / "README.md":
        shutil.copy(ROOT / "data" / "documents" / "gallstone-disease.one-column.pdf", folder / "guideline.pdf")
    for shown in blocks(page, "python"):
        if shown.note.startswith((NOT_RUN, WITH_MODEL)):
            compile(shown.text, shown.name, "exec")
            for line in shown.text.splitlines():
                if line.startswith(("from ", "import ")):
                    exec(line, {})
        else:
            run_in(shown_module, shown)


@pytest.mark.slow
@pytest.mark.model
@pytest.mark.skipif(embedded_state().converted is None, reason="`text2mdt models fetch` was not run")
@pytest.mark.parametrize("page", [page for page in PYTHON if WITH_MODEL in page.read_text(encoding="utf-8")], ids=named)
def test_the_python_that_needs_the_model_runs(page, folder, shown_module):
    for name in ("lora", "pi_lora"):
        (folder / "runs" / name / "adapter").symlink_to(shipped_adapters()["default"])
    for shown in blocks(page, "python"):
        if shown.note.startswith(WITH_MODEL):
            run_in(shown_module, shown)


@pytest.mark.parametrize("page", [page for page in PAGES if any(blocks(page, "yaml"))], ids=named)
def test_yaml_loads_in_the_configuration_that_it_is(page, tmp_path, monkeypatch):
    from text2mdt.training_config import read_training_config

    for shown in blocks(page, "yaml"):
        kind, _, method = shown.note.removeprefix("loads as: ").partition(", with ")
        if method == RSLORA.name:
            monkeypatch.setitem(METHODS, RSLORA.name, RSLORA)
        if kind == "training":
            (tmp_path / "config.yaml").write_text(shown.text, encoding="utf-8")
            assert read_training_config(tmp_path / "config.yaml").output
        else:
            assert kind == "comparison", f"{shown.name}: say before the block what it loads as"
            ComparisonConfig.model_validate(yaml.safe_load(shown.text))


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_toml_and_json_can_be_read(page):
    for shown in blocks(page, "toml"):
        assert tomllib.loads(shown.text), shown.name
    for shown in blocks(page, "json"):
        json.loads(shown.text)


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_no_block_is_of_a_language_that_is_not_checked(page):
    checked = {"python", "yaml", "toml", "json", "text", "bash", "console", "sh"}
    assert {token.info.strip() for token in tokens(page) if token.type == "fence"} <= checked
