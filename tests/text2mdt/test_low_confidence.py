"""What the model was not sure of is marked in every output."""

from __future__ import annotations

import csv
import io
import shutil
from pathlib import Path

import networkx as nx
import pytest
from built_extractions import NOTHING, condition, decision, extraction, passage, tree
from command import run
from tiny_model import save_tiny_adapter, save_tiny_model

from text2mdt.calibration import Calibration, write_calibration
from text2mdt.confidence import ConfidenceCurves, Curve
from text2mdt.export import FORMATS, export
from text2mdt.imports import read_csv, read_dmn, read_mermaid
from text2mdt.safety.low_confidence import low_confidence
from text2mdt.schema import Extraction, NodeConfidence, PassageResult

TREE = tree(condition("fever", "cough"), decision("ibuprofen"), NOTHING)
SURE = (
    NodeConfidence(probability=0.4, triples=(0.9, 0.45)),
    NodeConfidence(probability=0.8, triples=(0.85,)),
    NodeConfidence(probability=0.7),
)


def result(sure: tuple[NodeConfidence, ...] = SURE, limit: float | None = 0.5) -> PassageResult:
    warnings = tuple(low_confidence([TREE], sure, limit))
    return passage(1, TREE, confidences=sure, tree_confidences=(0.3,) if sure else (), warnings=warnings)


MARKED = extraction(result(), min_confidence=0.5)
MARKED_OTHERWISE = {"json", "csv", "graphml", "markdown", "mermaid", "pdf", "png"}
UNMARKED = extraction(result(limit=None), min_confidence=0.1)


def text_of(found: Extraction, name: str) -> str:
    return "\n".join(
        content.decode() if isinstance(content, bytes) else content for content in export(found, name).values()
    )


def test_warnings_name_the_triple_or_else_the_node():
    found = list(low_confidence([TREE], SURE, 0.5))
    assert [(warning.node, warning.triple, warning.text) for warning in found] == [
        (0, 1, "low confidence (45%): 'cough'")
    ]
    found = list(low_confidence([TREE], SURE, 0.75))
    assert [(warning.node, warning.triple) for warning in found] == [(0, 1), (2, None)]
    assert "branch without advice" in found[1].text
    assert list(low_confidence([TREE], SURE, None)) == []
    assert list(low_confidence([TREE], (), 0.9)) == []


@pytest.mark.parametrize("name", sorted(FORMATS.keys() - MARKED_OTHERWISE))
def test_it_is_marked_in_words(name):
    assert "low confidence" in text_of(MARKED, name)
    assert "low confidence" not in text_of(UNMARKED, name)
    assert "low confidence" not in text_of(extraction(result(()), min_confidence=0.5), name)


def test_json_has_the_numbers_and_reads_them_back():
    text = text_of(MARKED, "json")
    assert Extraction.model_validate_json(text) == MARKED
    assert '"min_confidence": 0.5' in text and '"low_confidence"' in text


@pytest.mark.parametrize("name", ["mermaid", "markdown"])
def test_mermaid(name):
    text = text_of(MARKED, name)
    assert "class n0 doubtful" in text and "%% confidence of n0: 0.40, low" in text
    assert "class n1 doubtful" not in text and "%% confidence of n1: 0.80" in text
    assert "class n0" not in text_of(UNMARKED, name)


def test_csv():
    (yes, no) = csv.DictReader(io.StringIO(text_of(MARKED, "csv").lstrip("\ufeff")))
    assert (yes["confidence"], yes["low_confidence"]) == ("0.40", "yes")
    (yes, no) = csv.DictReader(io.StringIO(text_of(UNMARKED, "csv").lstrip("\ufeff")))
    assert (no["confidence"], no["low_confidence"]) == ("0.40", "")


def test_graphml():
    graph = nx.parse_graphml(text_of(MARKED, "graphml"))
    assert graph.nodes["n0"]["confidence"] == pytest.approx(0.4)
    assert [graph.nodes[name]["low_confidence"] for name in ("n0", "n1", "n2")] == [True, False, False]


@pytest.mark.skipif(not shutil.which("dot"), reason="needs Graphviz")
@pytest.mark.parametrize("name", ["png", "pdf"])
def test_pictures_differ(name):
    assert export(MARKED, name) != export(UNMARKED, name)


@pytest.mark.parametrize(("name", "read"), [("mermaid", read_mermaid), ("csv", read_csv), ("dmn", read_dmn)])
def test_marked_trees_come_back_as_they_were(name, read):
    (back,) = read(text_of(MARKED, name))
    assert back.tree == TREE


@pytest.fixture(scope="module")
def calibrated(tmp_path_factory) -> tuple[str, str]:
    """A tiny model, and an adapter whose curve says 20 % of everything."""
    folder = tmp_path_factory.mktemp("calibrated")
    model = save_tiny_model(folder / "model", seed=7)
    adapter = save_tiny_adapter(model, folder / "adapter")
    low = Curve(slope=0.0, intercept=-1.3863)
    write_calibration(
        Calibration(no_decision_bias=-1e6, confidence=ConfidenceCurves(triple=low, node=low, tree=low)), Path(adapter)
    )
    return model, adapter


def test_from_the_model_to_the_file(calibrated, tmp_path, capsys):
    model, adapter = calibrated
    (tmp_path / "gout.md").write_text("# Gout in adults\n\nIf there is fever, give colchicine.\n", encoding="utf-8")

    def found(*words: object) -> Extraction:
        options = ["--model", model, "--adapter", adapter, "--format", "json", "-o", tmp_path / "out"]
        assert run(capsys, "extract", tmp_path / "gout.md", *options, *words).code == 0
        return Extraction.model_validate_json((tmp_path / "out" / "gout.json").read_text(encoding="utf-8"))

    (result,) = found().passages
    assert result.trees
    assert {one.probability for one in result.confidences} == {0.2}
    assert len(result.confidences) == len(result.tree)
    assert result.tree_confidences == (0.2,) * len(result.trees)
    assert "low_confidence" in {warning.kind for warning in result.warnings}
    (result,) = found("--min-confidence", "0.1").passages
    assert "low_confidence" not in {warning.kind for warning in result.warnings}
    (result,) = found("--adapter", "none").passages  # nothing calibrated, nothing said
    assert result.confidences == ()


def test_the_command_measures_and_draws(calibrated, tmp_path, capsys):
    model, adapter = calibrated
    from toy_corpus import toy_records

    lines = "".join(record.model_dump_json() + "\n" for record in toy_records(6))
    (tmp_path / "test.jsonl").write_text(lines, encoding="utf-8")
    done = run(capsys, "reliability", adapter, tmp_path / "test.jsonl", "--model", model, "-o", tmp_path / "out")
    assert done.code == 0, done.err
    assert "triple after: ECE 0.200 (95 % 0.200 to 0.200)" in done.out  # all wrong, all said to be right by 20 %
    assert {path.name for path in (tmp_path / "out").iterdir()} >= {
        "reliability.json",
        "triple.reliability.svg",
        "triple.risk.svg",
    }
