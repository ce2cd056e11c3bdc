"""The worked examples of docs/extending/ do what their pages say."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from built_extractions import NOTHING, condition, decision, extraction, passage, tree
from command import run
from tiny import backbone, batch, logits, memorise, perturb, plain_loss

from docs.examples.asciidoc_reader import ASCIIDOC
from docs.examples.checklist_export import checklist_files
from docs.examples.function_engine import FunctionEngine
from docs.examples.rslora_method import RSLORA
from pilora.checkpoint import load, save_pretrained
from pilora.config import parse_config
from pilora.methods import METHODS
from pilora.model import AdaptedModel
from text2mdt import Extractor
from text2mdt.documents import READERS, BlockKind, read_document
from text2mdt.errors import Text2MDTError
from text2mdt.export import FORMATS, export
from text2mdt.passages import find_passages
from text2mdt.predictor import Predictor

GOUT = """= Gout in adults

== Acute attack

If the eGFR is below 30, offer colchicine
500 micrograms once daily. Otherwise offer naproxen.

* If naproxen is not tolerated, offer
  prednisolone.
** In frail adults, start low.
* Stop diuretics.

== References
"""


@pytest.fixture
def checklist(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(FORMATS, "checklist", checklist_files)


def built():
    root = condition("fever", "rash", logic="and")
    return extraction(passage(1, tree(root, decision("colchicine", ("dose", "colchicine: 500 mg")), NOTHING)))


@pytest.mark.usefixtures("checklist")
def test_the_export_writes_every_way():
    (written,) = export(built(), "checklist").values()
    way, other = written.split("\n\n")
    assert way.splitlines() == [
        "Adults with acute gout (DRAFT, not checked)",
        "[ ] clinical feature: fever AND clinical feature: rash",
        "--> therapeutic drug: colchicine AND dosage: 500 mg",
    ]
    assert other.splitlines()[1:] == [
        "[ ] NOT (clinical feature: fever AND clinical feature: rash)",
        "--> no recommendation given",
    ]
    assert export(extraction(), "checklist") == {}


@pytest.mark.usefixtures("checklist")
def test_the_command_line_finds_the_export(tmp_path, capsys):
    (tmp_path / "gout.json").write_text(built().model_dump_json(), encoding="utf-8")
    done = run(capsys, "export", tmp_path / "gout.json", "--to", "checklist", "-o", tmp_path / "out")
    assert done.code == 0, done.err
    assert "colchicine" in (tmp_path / "out" / "gout.checklist.txt").read_text(encoding="utf-8")


def test_the_reader_finds_blocks_and_their_places(monkeypatch, tmp_path: Path):
    monkeypatch.setitem(READERS, ".adoc", ASCIIDOC)
    (tmp_path / "gout.adoc").write_text(GOUT, encoding="utf-8")
    document = read_document(tmp_path / "gout.adoc")
    assert document.title == "Gout in adults"
    found = [(block.kind, block.text, block.level) for block in document.blocks]
    paragraph = "If the eGFR is below 30, offer colchicine 500 micrograms once daily. Otherwise offer naproxen."
    assert found == [
        (BlockKind.HEADING, "Gout in adults", 1),
        (BlockKind.HEADING, "Acute attack", 2),
        (BlockKind.PARAGRAPH, paragraph, 0),
        (BlockKind.LIST_ITEM, "If naproxen is not tolerated, offer prednisolone.", 1),
        (BlockKind.LIST_ITEM, "In frail adults, start low.", 2),
        (BlockKind.LIST_ITEM, "Stop diuretics.", 1),
        (BlockKind.HEADING, "References", 2),
    ]
    assert document.blocks[2].heading_path == ("Gout in adults", "Acute attack")
    for block in document.blocks:
        for segment in block.content.segments:
            start = segment.passage_start
            words = document.text[segment.document_start : segment.document_start + segment.length]
            assert block.text[start : start + segment.length] == words
    assert [one.population for one in find_passages(document).passages] == ["Adults with gout"]


@pytest.mark.parametrize(
    "text", ["", "=", "* ", "= \n* \n", "===\n\n\n==", "* a\n" * 20_000, "=" * 50_000, " \n" * 50_000]
)
def test_the_reader_takes_any_text(monkeypatch, text):
    monkeypatch.setitem(READERS, ".adoc", ASCIIDOC)
    try:
        read_document(text.encode(), "odd.adoc")
    except Text2MDTError as error:
        assert error.code == "T2M011"


def test_the_engine_gives_trees_and_survives_rubbish():
    text = b"# Fever in adults\n\nIf there is fever, rest is advised. Otherwise nothing needs to be done.\n"
    answers = {"good": "1 if feature: fever\n1 yes plan: rest\n1 no none", "rubbish": "}{" * 9, "long": "1 if " * 9_000}
    found = {}
    for name, answer in answers.items():
        heard: list[tuple[int, int]] = []
        extractor = Extractor(Predictor(FunctionEngine(lambda _, answer=answer: answer)), "a function", None)
        found[name] = extractor.extract(text, "fever.md", lambda done, total, heard=heard: heard.append((done, total)))
        assert heard[-1] == (1, 1)
    (good,) = found["good"].passages
    assert [triple.object for node in good.tree for triple in node.triples] == ["fever", "rest"]
    assert good.groundings
    assert found["rubbish"].passages[0].error
    assert found["long"].passages[0].truncated


def test_the_method_trains_saves_loads_and_merges(monkeypatch, tmp_path: Path):
    monkeypatch.setitem(METHODS, RSLORA.name, RSLORA)
    config = parse_config({"method": "rslora", "rank": 4, "alpha": 2.0})
    model = AdaptedModel(backbone(), config)
    inputs = batch()
    assert torch.equal(logits(model, inputs), logits(backbone(), inputs))
    perturb(model, strength=0.05)
    (name, site), *_ = model.low_rank_modules()
    assert site.scale == 1.0, name  # 2 / √4
    before = float(plain_loss(model, inputs).detach())
    memorise(model, [inputs], steps=15)
    assert float(plain_loss(model, inputs).detach()) < 0.9 * before
    model.eval()
    save_pretrained(model, tmp_path)
    loaded = load(backbone(), tmp_path).eval()
    assert torch.equal(logits(loaded, inputs), logits(model, inputs))
    merged = loaded.merge()
    torch.testing.assert_close(logits(merged, inputs), logits(model, inputs), rtol=1e-6, atol=1e-5)
