"""Exports: complete, well-formed, and safe whatever the words are."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest

from text2mdt.errors import Text2MDTError
from text2mdt.export import FORMATS, export, page, tree_dot, tree_svg
from text2mdt.export.highlight import Mark, cut, merged
from text2mdt.export.svg import sanitised
from text2mdt.grounding import ground
from text2mdt.schema import (
    DecisionTree,
    DocumentInfo,
    Extraction,
    Node,
    Passage,
    PassageResult,
    Segment,
    Triple,
    split_forest,
)

EVIL = '<script>alert("1")</script>'
TEXT = f"If fever {EVIL} persists, give amoxicillin 500 mg & rest; otherwise 'wait' <b>."


def tree(population: str = "Adults") -> DecisionTree:
    return DecisionTree(
        nodes=(
            Node(role="C", triples=(Triple(population, "clinical_feature", f"fever {EVIL} persists"),)),
            Node(
                role="D",
                triples=(
                    Triple(population, "therapeutic_drug", "amoxicillin"),
                    Triple("amoxicillin", "dosage", "500 mg"),
                    Triple(population, "treatment_plan", "nowhere in the text"),
                ),
                logical_rel="and",
            ),
            Node(role="D"),
        )
    )


def extraction(name: str = "a.md", **details: object) -> Extraction:
    segments = (Segment(passage_start=0, document_start=9, length=len(TEXT)),)
    passage = Passage(
        id="a-001", population=f"Adults {EVIL}", text=TEXT, heading_path=(f"Title {EVIL}", "Care"), segments=segments
    )
    found = tree()
    result = PassageResult(
        id="a-001",
        population=passage.population,
        text=TEXT,
        tree=found.nodes,
        passage=passage,
        groundings=ground(passage, [found]),
        **details,
    )
    document = DocumentInfo(name=name, sha256="0" * 64, characters=len(TEXT) + 9)
    return Extraction(document=document, text="# Title\n\n" + TEXT, model="default", adapter=None, passages=(result,))


class Reader(HTMLParser):
    """What a browser would see of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def read(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    reader.close()
    return reader


def test_json_reads_back() -> None:
    one = extraction()
    files = export(one, "json")
    assert list(files) == [".json"]
    assert Extraction.model_validate_json(files[".json"]) == one
    umlauts = one.model_copy(update={"model": "größer ≥ 5"})
    assert "größer ≥ 5" in export(umlauts, "json")[".json"]


def test_unknown_format() -> None:
    with pytest.raises(Text2MDTError, match=r"T2M040.*pptx.*json"):
        export(extraction(), "pptx")


@pytest.mark.parametrize("format", sorted(FORMATS))
def test_an_extraction_without_passages(format: str) -> None:
    empty = extraction().model_copy(update={"passages": (), "reason": f"no passage {EVIL}"})
    files = export(empty, format)
    if format == "html":
        assert "no passage &lt;script&gt;" in files[".html"]
    if format in ("dot", "svg"):
        assert files == {}


def test_a_file_for_each_tree() -> None:
    one = extraction()
    twice = one.passages[0].model_copy(update={"tree": tree().nodes * 2})
    two = one.model_copy(update={"passages": (one.passages[0], twice)})
    assert list(export(two, "svg")) == ["-001-1.svg", "-002-1.svg", "-002-2.svg"]
    assert list(export(two, "dot")) == ["-001-1.dot", "-002-1.dot", "-002-2.dot"]


def test_dot_shows_all_of_the_tree() -> None:
    source = tree_dot(tree())
    assert source.count('label=" yes "') == 1
    assert source.count('label=" no "') == 1
    assert source.count("AND") == 2
    assert "no recommendation given" in source
    assert "dosage: 500 mg" in source
    assert EVIL not in source


def test_a_dose_apart_from_its_drug_names_it() -> None:
    triples = (
        Triple("P", "therapeutic_drug", "A"),
        Triple("P", "therapeutic_drug", "B"),
        Triple("B", "dosage", "5 mg"),
        Triple("A", "dosage", "7 mg"),
    )
    nodes = (
        Node(role="C", triples=(Triple("P", "clinical_feature", "x"),)),
        Node(role="D", triples=triples, logical_rel="or"),
        Node(role="D"),
    )
    source = tree_dot(DecisionTree(nodes=nodes))
    assert "dosage: 5 mg" in source
    assert "dosage of A: 7 mg" in source


def svg_words(svg: str) -> str:
    root = ElementTree.fromstring(svg)
    return " ".join(" ".join(element.text or "" for element in root.iter() if element.tag.endswith("}text")).split())


@pytest.mark.parametrize(
    "words",
    [
        "a < 5 & b > 6",
        '"quoted" \\N \\l \\',
        "&lt; &amp; &#65;",
        "<b>bold</b>",
        "{x|y}",
        "[a] <>",
        "发热 > 38.5 °C",
        "≥ 5 µg",
    ],
)
def test_svg_shows_the_words_as_they_are(words: str) -> None:
    nodes = (Node(role="C", triples=(Triple("P", "basic_information", words),)), Node(role="D"), Node(role="D"))
    assert f"basic information: {words}" in svg_words(tree_svg(DecisionTree(nodes=nodes)))


def test_svg_survives_control_characters() -> None:
    nodes = (Node(role="C", triples=(Triple("P\x00", "r", "a\x0b\x00\ud800\ufffe b"),)), Node(role="D"), Node(role="D"))
    assert "b" in svg_words(tree_svg(DecisionTree(nodes=nodes), "title\x00\x1b"))


def test_svg_holds_nothing_active() -> None:
    svg = tree_svg(tree(), f"A tree {EVIL}")
    root = ElementTree.fromstring(svg)
    tags = {element.tag.rpartition("}")[2] for element in root.iter()}
    assert tags <= {"svg", "g", "title", "path", "polygon", "text"}
    names = {name for element in root.iter() for name in element.attrib}
    assert not any("href" in name or name.startswith("on") or name in ("id", "style") for name in names)
    assert root.get("role") == "img"
    assert svg.startswith("<svg")


def test_sanitising_removes_what_is_active() -> None:
    dirty = (
        '<!DOCTYPE svg><svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        'onload="x()"><script>x()</script><style>@import "http://x"</style><image xlink:href="http://x"/>'
        '<a xlink:href="javascript:x()"><text>in link</text></a><foreignObject/><g onclick="x()">'
        '<text fill="url(http://x)" style="x">words</text></g></svg>'
    )
    clean = sanitised(dirty)
    assert svg_words(clean) == "words"
    assert not re.search(r"script|http://x|onclick|onload|style|image|foreign|<a", clean)


def test_without_the_system_graphviz(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert "amoxicillin" in svg_words(tree_svg(tree()))


def test_html_is_safe_and_alone() -> None:
    html = page(extraction(f"{EVIL}.md", error=f"bad {EVIL}", repairs=(f"mended {EVIL}",), truncated=True))
    reader = read(html)
    assert reader.tags.count("script") == 1
    assert "b" not in [tag for tag, *_ in reader.attributes]
    assert EVIL not in html
    for tag, name, value in reader.attributes:
        assert not name.startswith("on"), (tag, name)
        if name in ("href", "src"):
            assert value.startswith("#")
    assert not re.search(r"@import|url\(|<link|<img|<iframe", html)
    assert "default-src 'none'" in html


def test_html_shows_text_trees_and_warnings() -> None:
    one = extraction(repairs=("a bracket was closed",), truncated=True)
    reader = read(page(one))
    seen = " ".join(" ".join(reader.words).split())
    for words in ("Population:", "a bracket was closed", "Cut off", "Not in the text", "clinical feature", "Care"):
        assert words in seen
    assert reader.tags.count("svg") == 1
    assert "no recommendation given" in seen
    ids = [value for _, name, value in reader.attributes if name == "id"]
    assert len(ids) == len(set(ids))
    targets = [value[1:] for _, name, value in reader.attributes if name == "href"]
    assert set(targets) <= set(ids)
    assert "p1-1-1" in targets  # the dose
    assert "p1-1-2" not in targets  # not in the passage
    marked = re.search(r'<mark [^>]*data-key="p1-1-0"[^>]*>([^<]*)</mark>', page(one))
    assert marked
    assert marked[1] == "amoxicillin"


def test_html_keeps_the_document_text() -> None:
    one = extraction()
    source = page(one).split("<pre>")[1].split("</pre>")[0]
    source = re.sub(r'<a class="number".*?</a>', "", source)
    assert "".join(read(source).words) == one.text


def test_html_reports_a_tree_that_does_not_close() -> None:
    one = extraction()
    broken = one.passages[0].model_copy(update={"tree": tree().nodes[:2]})
    assert "T2M001" in page(one.model_copy(update={"passages": (broken,)}))


def test_html_takes_other_relations() -> None:
    nodes = (Node(role="C", triples=(Triple("人", "临床表现", "发热"),)), Node(role="D"), Node(role="D"))
    passage = Passage(id="z-1", population="人", text="如果发热")
    result = PassageResult(
        id="z-1",
        population="人",
        text=passage.text,
        tree=nodes,
        passage=passage,
        groundings=ground(passage, split_forest(nodes)),
    )
    html = page(extraction().model_copy(update={"passages": (result,)}))
    assert 'data-key="p1-0-0"' in html
    assert "临床表现" in html


def test_cut_gives_the_text_back() -> None:
    marks = [Mark(2, 6, "a"), Mark(4, 9, "b"), Mark(4, 5, "c"), Mark(0, 12, "d"), Mark(3, 3, "e"), Mark(8, 99, "f")]
    pieces = cut("abcdefghijkl", marks)
    assert "".join(piece.text for piece in pieces) == "abcdefghijkl"
    assert [(piece.text, piece.looks) for piece in pieces] == [
        ("ab", "d"),
        ("cd", "a d"),
        ("e", "c a b d"),
        ("f", "a b d"),
        ("ghi", "b d"),
        ("jkl", "d"),
    ]
    assert sum(len(piece.starting) for piece in pieces) == 4
    assert cut("", []) == []


def test_marks_of_shared_words_are_merged() -> None:
    one = merged([Mark(0, 3, "a", "x", "t", ("k1",)), Mark(0, 3, "a", "x", "t", ("k2",)), Mark(0, 3, "b")])
    assert [(mark.look, mark.keys, mark.tooltip) for mark in one] == [("a", ("k1", "k2"), "t"), ("b", (), "")]
