"""Mermaid, Markdown, GraphML, CSV, DMN and pictures: whatever the words are, they stay words."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shutil
from pathlib import Path

import networkx as nx
import pytest
from built_extractions import NOTHING, condition, decision, extraction, passage, tree
from dmn_engine import SCHEMA
from lxml import etree
from random_trees import ACTIONS, CONDITIONS

from text2mdt.errors import Text2MDTError
from text2mdt.export import export, tree_png
from text2mdt.export.dmn.names import feel_string, input_names
from text2mdt.export.dmn.rules import MOST_RULES, rule_table
from text2mdt.schema import Recommendation, Span

EVIL = 'Adults "A" <b> %%{init: {}}%% ``` $$x$$\n--- [x] 👶 中文\x07'
WILD = tree(
    condition(*CONDITIONS, population=EVIL), condition("fa:fa-car ﬂ°35¶ß https://a.b www.c.d", population=EVIL),
    decision(*ACTIONS, population=EVIL), NOTHING, decision(("dose", "x: \x1b[0m 5 mg"), population=EVIL),
)  # fmt: skip
STRONG = Recommendation(node=2, kind="strength", value="strong", passage_span=Span(start=0, end=1))
FOUND = extraction(passage(1, WILD, population=EVIL, pages=(3, 4), recommendations=(STRONG,)), name="=x,y\n.pdf")
EMPTY = extraction(reason="no passage <script>")


def test_mermaid_holds_nothing_but_words():
    (content,) = export(FOUND, "mermaid").values()
    head, body = content.split("flowchart TD\n")
    assert head.count("\n") == 3
    for line in body.splitlines():
        if line.startswith("  %%"):
            assert json.loads(line.partition(": ")[2]) is not None
            assert not re.search(r"[<>`]|%%.*%", line)
        elif "[" in line:
            label = re.fullmatch(r'  n\d+\["([^"]*)"\]:::(?:condition|decision|nothing)', line)[1]
            assert not re.search(r"[\[\]{}<>`*_~|&;%$\\]", re.sub(r"#\d+;|<br/>", "", label))
            assert "fa:fa-" not in label
    assert "\x07" not in content
    assert '  %% strength of n2: "strong"' in body
    assert "page 3, 4" in body


def test_markdown_shows_passage_and_tree():
    (content,) = export(FOUND, "markdown").values()
    assert content.count("```mermaid\n") == 1
    fences = [line for line in content.splitlines() if line.startswith("```")]
    assert fences == ["```mermaid", "```"]
    prose = content.split("```mermaid")[0]
    assert not re.search(r"<(?!br/>)|(?<!\\)[`*_\[\]]", prose)
    assert "no passage &lt;script&gt;" in export(EMPTY, "markdown")[".md"]


def test_graphml_has_attributes_and_provenance():
    (content,) = export(FOUND, "graphml").values()
    graph = nx.parse_graphml(content)
    assert graph.graph["passage"] == "g-001"
    assert graph.nodes["n2"]["strength"] == "strong"
    assert graph.nodes["n2"]["pages"] == "3, 4"
    assert json.loads(graph.nodes["n0"]["triples"]) == [list(triple) for triple in WILD.nodes[0].triples]
    assert [data for *_, data in graph.out_edges("n0", data=True)] == [
        {"answer": True, "label": "yes"}, {"answer": False, "label": "no"},
    ]  # fmt: skip


def test_csv_has_a_row_for_each_way_and_no_formula():
    content = export(FOUND, "csv")[".csv"]
    rows = list(csv.DictReader(io.StringIO(content.removeprefix("\ufeff"), newline="")))
    assert content.startswith("\ufeff")
    assert [[row["answer_1"], row["answer_2"]] for row in rows] == [["yes", "yes"], ["yes", "no"], ["no", ""]]
    assert rows[0]["document"] == "'=x,y\\n.pdf"
    assert rows[0]["strength"] == "strong"
    assert rows[0]["pages"] == "3, 4"
    assert "temperature ≥ 38.5 °C" in rows[0]["source_words"]
    assert rows[1]["decision"] == "no recommendation given"
    for row in rows:
        for cell in row.values():
            assert not re.match(r"[\s\u00a0]*[-=+@|%＝＋－＠\t\r]", cell), cell


def test_dmn_is_of_the_schema_and_refers_to_what_it_has():
    (content,) = export(FOUND, "dmn").values()
    root = etree.fromstring(content.encode())
    etree.XMLSchema(etree.parse(SCHEMA)).assertValid(root)
    ids = root.xpath("//@id")
    assert len(ids) == len(set(ids))
    assert all(re.fullmatch(r"[A-Za-z_][\w.-]*", one, re.ASCII) for one in ids)
    assert {one.removeprefix("#") for one in root.xpath("//@href")} <= set(ids)
    assert set(root.xpath("//@dmnElementRef")) <= set(ids)
    drawn = [one for one in ids if re.fullmatch(r"decision|source|data_\d+|needs_\d+|rests_on", one)]
    assert sorted(root.xpath("//@dmnElementRef")) == sorted(drawn)
    names = root.xpath("//*[local-name()='inputData']/@name")
    assert len(set(names)) == len(names) == len(CONDITIONS) + 1
    assert all(re.fullmatch(r"q\d+(?:_[a-z0-9]+)*", name) for name in names)
    rules = root.xpath("//*[local-name()='rule']")
    assert len(rules) == 2 * len(CONDITIONS) + 1
    assert rules[0].xpath("string(*[local-name()='description'])").startswith("strong; ")
    assert "page 3, 4" in rules[0].xpath("string(*[local-name()='annotationEntry'])")
    source = root.xpath("string(//*[local-name()='knowledgeSource']/*[local-name()='description'])")
    assert FOUND.passages[0].text[:30] in source


def test_rules_are_as_many_as_needed():
    one = tree(condition("a", "b"), condition("c", "d", logic="and"), decision("x"), decision("y"),
               condition("a"), decision("never"), NOTHING)  # fmt: skip
    table = rule_table(one)
    a, b, c, d = range(4)
    assert [(rule.answers, rule.decision) for rule in table.rules] == [
        ({a: True, c: True, d: True}, 2), ({a: True, c: True, d: False}, 3), ({a: True, c: False}, 3),
        ({a: False, b: True, c: True, d: True}, 2), ({a: False, b: True, c: True, d: False}, 3),
        ({a: False, b: True, c: False}, 3), ({a: False, b: False}, 6),
    ]  # fmt: skip
    assert rule_table(tree(NOTHING)).rules[0].answers == {}


def test_a_table_that_would_be_too_long_is_refused():
    nodes = [condition(*(f"finding {level} {n}" for n in range(10))) for level in range(5)]
    large = tree(*nodes, decision("x"), *([NOTHING] * 5))
    with pytest.raises(Text2MDTError, match=rf"T2M049.*{MOST_RULES}"):
        export(extraction(passage(1, large)), "dmn")


def test_names_and_strings_of_feel():
    assert input_names(["Fever ≥ 38.5 °C", "中文", "true", "Fever ≥ 38.5 °C"]) == [
        "q1_fever_38_5_c", "q2", "q3_true", "q4_fever_38_5_c",
    ]  # fmt: skip
    assert input_names(["a" * 90, "word " * 30]) == ["q1_" + "a" * 40, "q2_" + "_".join(["word"] * 8)]
    assert feel_string('a "b" \\ c\nd') == '"a \\"b\\" \\\\ c\\nd"'


def test_an_extraction_without_trees():
    for name in ("mermaid", "graphml", "dmn"):
        assert export(EMPTY, name) == {}
    assert export(EMPTY, "csv")[".csv"].count("\n") == 1
    assert export(EMPTY, "png") == {}


def fake_dot(folder: Path, script: str) -> None:
    program = folder / "dot"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)


def test_pictures_need_graphviz(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    for name in ("png", "pdf"):
        with pytest.raises(Text2MDTError, match=rf"T2M048: {name.upper()} needs the program `dot`"):
            export(FOUND, name)


def test_pictures_are_bytes(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    write = 'for file; do case "$file" in *.dot) {} > "$file.$kind";; esac; done'
    kinds = 'case "$1" in -Tpng) kind=png; begin="\\211PNG";; *) kind=pdf; begin="%%PDF";; esac'
    fake_dot(tmp_path, f"{kinds}\n{write.format('(printf $begin; cat $file)')}")
    two = extraction(passage(1, WILD, tree(NOTHING)))
    for name, begin in (("png", b"\x89PNG"), ("pdf", b"%PDF")):
        found = export(two, name)
        assert list(found) == [f"-001-1.{name}", f"-001-2.{name}"]
        dots = export(two, "dot").values()
        assert list(found.values()) == [begin + dot.encode() for dot in dots]
    fake_dot(tmp_path, 'echo "Format: png not recognized" >&2; exit 1')
    with pytest.raises(Text2MDTError, match=r"T2M043.*Format: png not recognized"):
        tree_png(WILD)
    fake_dot(tmp_path, f"kind=png\n{write.format('echo hello')}")
    with pytest.raises(Text2MDTError, match=r"T2M043.*no PNG came back"):
        tree_png(WILD)
    fake_dot(tmp_path, "")
    with pytest.raises(Text2MDTError, match=r"T2M043.*FileNotFoundError"):
        tree_png(WILD)


@pytest.mark.skipif(shutil.which("dot") is None, reason="needs the program dot of Graphviz")
def test_graphviz_draws_pictures():
    assert export(FOUND, "png")["-001-1.png"].startswith(b"\x89PNG")
    assert export(FOUND, "pdf")["-001-1.pdf"].startswith(b"%PDF")
