"""The page in a real browser: its script runs under its policy, and it fits a phone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from browser_pages import NEEDS_BROWSER, watched_page

from text2mdt.export import page
from text2mdt.export.svg import tree_svg
from text2mdt.grounding import ground
from text2mdt.schema import DecisionTree, DocumentInfo, Extraction, Node, Passage, PassageResult, Segment, Triple

pytestmark = NEEDS_BROWSER

TEXT = "If the fever persists after 48 hours, blood cultures are taken."


def example() -> Extraction:
    nodes = (
        Node(role="C", triples=(Triple("Adults", "clinical_feature", "fever persists after 48 hours"),)),
        Node(role="D", triples=(Triple("Adults", "investigation", "blood cultures"),)),
        Node(role="D"),
    )
    segments = (Segment(passage_start=0, document_start=0, length=len(TEXT)),)
    passage = Passage(id="a-001", population="Adults", text=TEXT, segments=segments)
    result = PassageResult(
        id="a-001",
        population="Adults",
        text=TEXT,
        tree=nodes,
        passage=passage,
        groundings=ground(passage, [DecisionTree(nodes=nodes)]),
    )
    document = DocumentInfo(name="a.md", sha256="0" * 64, characters=len(TEXT))
    return Extraction(document=document, text=TEXT, model="default", adapter=None, passages=(result,))


_SPARE_ROOM = """() => [...document.querySelectorAll("g.node")].flatMap(node => {
  const box = node.querySelector("path, polygon").getBBox();
  return [...node.querySelectorAll("text")].map(words => words.getBBox()).map(
    words => Math.min(words.x - box.x, box.x + box.width - words.x - words.width));
})"""


def test_words_stay_in_their_boxes_in_a_font_wider_than_the_one_laid_out_for(browser: Any) -> None:
    phrases = (
        "lifelong treatment with written safety-net advice",
        "contraindicated methotrexate",
        "Computed tomography",
    )
    nodes = [Node(role=role, triples=(Triple("", "plan", words),)) for role, words in zip("CDD", phrases, strict=True)]
    style = '<meta charset="utf-8"><style>text { font-family: "DejaVu Sans" }</style>'
    view = browser.new_page()
    view.set_content(style + tree_svg(DecisionTree(nodes=tuple(nodes))))
    room = view.evaluate(_SPARE_ROOM)
    assert len(room) == 4
    assert min(room) > 0


def test_hovering_a_triple_outlines_its_words(tmp_path: Path, browser: Any) -> None:
    file = tmp_path / "a.html"
    file.write_text(page(example()), encoding="utf-8")
    with watched_page(browser, file.as_uri(), viewport={"width": 360, "height": 800}) as view:
        view.goto(file.as_uri())
        view.locator("figcaption summary").click()
        view.locator("a.chip").nth(1).hover()
        assert view.locator("mark.lit").all_inner_texts() == ["blood cultures"]
        view.locator(".passage-text mark").first.click()
        assert view.locator("a.chip.lit").all_inner_texts() == ["clinical feature: fever persists after 48 hours"]
        assert view.evaluate("document.documentElement.scrollWidth") <= 360
