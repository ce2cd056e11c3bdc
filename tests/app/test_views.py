"""What the views are given, and what they make of what a browser sends; run by Streamlit's own test driver."""

from __future__ import annotations

import json
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from built_extractions import condition, decision, passage, tree
from hypothesis import given, settings
from hypothesis import strategies as st
from pdfium_watch import watch
from streamlit.testing.v1 import AppTest
from tree_strategies import forests
from view_examples import example, forest, hostile, nodes, printed

from app.components.page_picture import MAX_PIXELS, page_picture
from app.components.relation_looks import COLOURS, relation_looks
from app.components.source_marks import document_marks, page_boxes, passage_marks
from app.components.source_view import TextRange, text_range
from app.components.tree_data import NodeData, nodes_of, tree_data, triple_numbers
from app.components.tree_view import TreeSelection, selection_of, triples_of
from text2mdt.errors import Text2MDTError
from text2mdt.relations import ENGLISH
from text2mdt.schema import NodeWarning, PassageResult, Segment, join_forest

SCRIPT = Path(__file__).parents[1] / "e2e" / "tree_view_script.py"


# Trees


@settings(max_examples=50, deadline=None)
@given(forests())
def test_the_tree_data_say_all_that_the_forest_says(drawn):
    population, trees = drawn
    result = passage(1, text="some words", population=population).model_copy(update={"tree": tuple(join_forest(trees))})
    data = tree_data(result)
    found = list(nodes_of(data))
    assert len(data) == len(trees)
    assert [node["id"] for node in found] == [f"n{number}" for number in range(1, len(result.tree) + 1)]
    assert [
        (node["role"], node["logic"], [(t["subject"], t["relation"], t["object"]) for t in node["triples"]])
        for node in found
    ] == [(node.role.value, node.logical_rel.value, [tuple(t) for t in node.triples]) for node in join_forest(trees)]
    ids = [triple["id"] for node in found for triple in node["triples"]]
    assert ids == [f"t{number}" for number in range(1, len(ids) + 1)] == list(triple_numbers(result).values())
    assert all((node["yes"] is None) == (node["no"] is None) == (node["role"] == "D") for node in found)
    json.dumps(data)


def test_verdicts_warnings_confidences_and_comments_reach_their_places():
    result = passage(
        1,
        tree(condition("fever", "cough"), decision("rest"), decision()),
        warnings=(
            NodeWarning(kind="lost_gate", node=0, triple=1, text="Look at the cough."),
            NodeWarning(kind="lost_gate", node=0, text="Look at all."),
        ),
    )
    [data] = tree_data(result, {"t2": "rejected"}, {"n2": 0.25}, {"n3": "why?"})
    yes, no = data["yes"], data["no"]
    assert yes is not None
    assert no is not None
    assert [(triple["verdict"], triple["warning"]) for triple in data["triples"]] == [
        ("open", False),
        ("rejected", True),
    ]
    assert data["warnings"] == ["Look at the cough.", "Look at all."]
    assert (data["confidence"], yes["confidence"], no["comment"], no["triples"]) == (None, 0.25, "why?", [])


def test_a_passage_without_trees_has_no_data():
    assert tree_data(passage(1, text="Nothing.")) == []


def test_a_tree_that_does_not_close_is_a_named_error():
    whole = passage(1, tree(*nodes(5)))
    with pytest.raises(Text2MDTError, match="T2M001"):
        tree_data(whole.model_copy(update={"tree": whole.tree[:-1]}))


def test_a_selection_and_its_triples_lead_to_each_other():
    trees = tree_data(forest())
    assert triples_of(trees, None) == ()
    assert triples_of(trees, TreeSelection("n4")) == ("t3",)
    assert triples_of(trees, TreeSelection("n4", "t3")) == ("t3",)
    assert selection_of(trees, ("t6", "t2")) == TreeSelection("n2", "t2")
    assert selection_of(trees, ("t99",)) is None


def test_relations_look_alike_wherever_they_are_named_in_any_order():
    known = list(ENGLISH.by_name)
    assert [look["colour"] for look in relation_looks(known).values()] == list(range(COLOURS))
    assert relation_looks(["dosage"])["dosage"] == relation_looks(reversed(known))["dosage"]
    strange = relation_looks(["临床表现", "dosage"])["临床表现"]
    assert (strange["word"], strange["meaning"]) == ("临床表现", "")
    assert 0 <= strange["colour"] < COLOURS


# Marks


def words(result: PassageResult, numbers: list[str]) -> set[str]:
    places = {number: place for place, number in triple_numbers(result).items()}
    return {result.tree[places[number][0]].triples[places[number][1]].object.strip() for number in numbers}


@pytest.mark.parametrize(
    "result", [example(11), example(41), forest(), hostile()], ids=["11", "41", "forest", "hostile"]
)
def test_marks_stand_on_the_words_of_their_triples(result):
    marks = passage_marks(result)
    assert marks
    assert all(words(result, mark["triples"]) == {result.text[mark["start"] : mark["end"]]} for mark in marks)
    assert [mark["start"] for mark in marks] == sorted(mark["start"] for mark in marks)
    found = {triple for mark in marks for triple in mark["triples"]}
    grounded = {(one.node, one.triple) for one in result.groundings if one.part == "object"}
    assert found == {triple_numbers(result)[place] for place in grounded}


def test_triples_that_share_words_share_a_mark():
    [shared] = [mark for mark in passage_marks(forest()) if len(mark["triples"]) > 1]
    assert words(forest(), shared["triples"]) == {"paracetamol"}
    assert shared["kind"] == "decision"


def test_words_that_a_join_cuts_have_a_mark_for_each_piece_of_the_document():
    whole = passage(1, tree(condition("high fever"), decision("rest"), decision()), text="high fever: rest")
    halves = (
        Segment(passage_start=0, document_start=100, length=5),
        Segment(passage_start=5, document_start=200, length=11),
    )
    cut = whole.passage.model_copy(update={"segments": halves})
    grounded = tuple(
        one.model_copy(update={"document_spans": tuple(cut.document_spans(one.passage_span))})
        for one in whole.groundings
    )
    marks = document_marks(whole.model_copy(update={"passage": cut, "groundings": grounded}))
    assert [(mark["id"], mark["start"], mark["end"]) for mark in marks] == [
        ("m1.1", 100, 105),
        ("m1.2", 200, 205),
        ("m2.1", 207, 211),
    ]


def test_groundings_that_do_not_fit_the_trees_are_passed_over():
    result = example(5)
    strange = tuple(one.model_copy(update={"node": 99}) for one in result.groundings)
    assert passage_marks(result.model_copy(update={"groundings": strange})) == []


# Words chosen in the text


@settings(deadline=None)
@given(st.text(max_size=20), st.integers(-3, 25), st.integers(-3, 25))
def test_a_range_is_words_of_the_text_or_nothing(text, start, end):
    found = text_range(text, start, end)
    if found is None:
        assert not (0 <= start < end <= len(text)) or not text[start:end].strip()
    else:
        assert start <= found.start < found.end <= end
        assert text[found.start : found.end] == found.text == text[start:end].strip()


@pytest.mark.parametrize("ends", [(None, 3), ("0", 3), (0.0, 3), (0, [1])])
def test_a_range_of_anything_but_whole_numbers_is_nothing(ends):
    assert text_range("words", *ends) is None


# The page of a PDF


def test_a_page_is_drawn_with_its_boxes_on_its_words():
    pdf, result = printed(example(5))
    picture = page_picture(pdf, 1)
    assert picture.png.startswith(b"\x89PNG")
    assert (picture.width, picture.height) == (595, 842)
    boxes = page_boxes(result, 1)
    assert page_boxes(result, 2) == []
    assert {triple for box in boxes for triple in box["triples"]} == {
        triple for mark in passage_marks(result) for triple in mark["triples"]
    }
    from PIL import Image

    with Image.open(BytesIO(picture.png)) as drawn:
        scale = drawn.width / picture.width
        for box in boxes:
            inside = drawn.crop(tuple(int(scale * box[side]) for side in ("left", "top", "right", "bottom")))
            assert min(inside.convert("L").getdata()) < 128, "no ink in the box"


def test_a_page_is_drawn_under_the_lock_of_pdfium(monkeypatch):
    """Documents are read in other threads meanwhile."""
    pdf, _ = printed(example(5))
    page_picture.clear()
    locked, unlocked = watch(monkeypatch)
    page_picture(pdf, 1)
    page_picture.clear()
    with pytest.raises(Text2MDTError):
        page_picture(pdf, 2)
    assert {"FPDF_RenderPageBitmap", "FPDF_ClosePage", "FPDF_CloseDocument", "FPDFBitmap_Destroy"} <= set(locked)
    assert not unlocked


def test_a_huge_page_is_drawn_smaller():
    from reportlab.pdfgen.canvas import Canvas

    file = BytesIO()
    canvas = Canvas(file, pagesize=(9_000, 9_000))
    canvas.showPage()
    canvas.save()
    from PIL import Image

    with Image.open(BytesIO(page_picture(file.getvalue(), 1).png)) as drawn:
        assert drawn.width * drawn.height <= MAX_PIXELS * 1.01


@pytest.mark.parametrize("page", [0, 2, -1])
def test_a_page_that_is_not_there_is_a_named_error(page):
    with pytest.raises(Text2MDTError, match="T2M052"):
        page_picture(printed(example(1))[0], page)


def test_a_file_that_is_no_pdf_is_a_named_error():
    with pytest.raises(Text2MDTError, match="T2M052"):
        page_picture(b"%PDF-1.7 and nothing", 1)


# Mounted


def run(show: str, **query: str) -> AppTest:
    driver = AppTest.from_file(str(SCRIPT), default_timeout=120)
    for name, value in {"show": show, **query}.items():
        driver.query_params[name] = value
    return driver.run()


def data_of(driver: AppTest, name: str) -> Any:
    [proto] = [one.proto for one in driver.get("bidi_component") if one.proto.component_name == f"text2mdt.{name}"]
    return json.loads(proto.json)


@pytest.mark.parametrize("show", ["1", "41", "forest", "hostile"])
def test_the_views_are_given_the_passage_as_it_is(show):
    driver = run(show)
    assert not driver.exception
    result = {"forest": forest, "hostile": hostile}.get(show, lambda: example(int(show)))()
    trees: list[NodeData] = data_of(driver, "tree")["trees"]
    assert [node["id"] for node in nodes_of(trees)] == [f"n{number}" for number in range(1, len(result.tree) + 1)]
    assert data_of(driver, "source")["text"] == result.text
    assert data_of(driver, "source")["marks"] == passage_marks(result)


def test_what_the_page_holds_as_selected_is_shown():
    driver = run("11")
    driver.session_state["tree"] = TreeSelection("n2", "t3")
    driver.session_state["triples"] = ("t3",)
    driver.session_state["range"] = TextRange(0, 2, "If")
    driver.run()
    assert data_of(driver, "tree")["selected"] == {"node": "n2", "triple": "t3"}
    assert data_of(driver, "source")["selected"] == ["t3"]
    assert data_of(driver, "source")["range"] == {"start": 0, "end": 2}


@pytest.mark.parametrize(
    ("event", "selected"),
    [
        ({"node": "n2", "triple": "t3", "serial": 1}, {"node": "n2", "triple": "t3"}),
        ({"node": "n2", "triple": "t1", "serial": 1}, {"node": "n2", "triple": None}),
        ({"node": "n999"}, None),
        ({"node": ["n1"], "triple": {}, "serial": "x"}, None),
        ({}, None),
    ],
)
def test_what_a_browser_sends_is_taken_only_where_it_exists(event, selected):
    driver = run("11")
    driver.session_state["tree-view event"] = event
    driver.run()
    assert not driver.exception
    assert data_of(driver, "tree")["selected"] == selected


@pytest.mark.parametrize(
    ("event", "selected"),
    [
        ({"kind": "mark", "mark": "m2"}, ["t2"]),
        ({"kind": "mark", "mark": None}, []),
        ({"kind": "mark", "mark": ["m2"]}, []),
        ({"kind": "range", "start": 0, "end": 10**9}, []),
        ({"kind": "range", "start": None}, []),
    ],
)
def test_marks_and_ranges_that_do_not_exist_select_nothing(event, selected):
    driver = run("11")
    driver.session_state["source event"] = event
    driver.run()
    assert not driver.exception
    assert data_of(driver, "source")["selected"] == selected
    assert data_of(driver, "source")["range"] is None


def test_the_page_image_is_given_its_picture_and_boxes():
    data = data_of(run("5", source="page"), "page-image")
    assert data["image"].startswith("data:image/png;base64,")
    assert len(data["boxes"]) >= len(passage_marks(example(5)))


def test_scripts_and_styles_hold_nothing_that_loads_or_reads_markup():
    folder = Path(__file__).parents[2] / "app" / "components" / "browser"
    files = sorted(folder.iterdir())
    assert {file.suffix for file in files} == {".js", ".css"}
    for file in files:
        text = file.read_text(encoding="utf-8").replace('"http://www.w3.org/2000/svg"', "")
        for word in (
            "innerHTML",
            "outerHTML",
            "insertAdjacentHTML",
            "eval(",
            "fetch(",
            "http:",
            "https:",
            "@import",
            "url(",
        ):
            assert word not in text, (file.name, word)


@pytest.mark.slow
def test_the_wheel_holds_scripts_and_styles(tmp_path):
    import subprocess
    import sys

    root = Path(__file__).parents[2]
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--no-deps",
        "--no-build-isolation",
        "-w",
        str(tmp_path),
        str(root),
    ]
    if subprocess.run([sys.executable, "-c", "import hatchling, hatch_vcs"], capture_output=True).returncode:
        pytest.skip("hatchling and hatch-vcs are not installed")
    subprocess.run(command, check=True, capture_output=True)
    [wheel] = tmp_path.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    folder = root / "app" / "components" / "browser"
    assert {f"app/components/browser/{file.name}" for file in folder.iterdir()} <= names
