import re

from text2mdt.export.passage_html import passage_style, passage_views
from text2mdt.grounding import ground
from text2mdt.schema import DecisionTree, DocumentInfo, Extraction, Node, Passage, PassageResult, Triple

TEXT = "If the fever persists, give <b>rest</b> & fluids."
NODES = (
    Node(role="C", triples=(Triple("Adults", "clinical_feature", "fever persists"),)),
    Node(role="D", triples=(Triple("Adults", "treatment_plan", "sleep"),)),
    Node(role="D"),
)


def views(nodes: tuple[Node, ...] = NODES, **details: object):
    passage = Passage(id="a-001", population="Adults", text=TEXT, heading_path=("Care", "Fever"))
    trees = [DecisionTree(nodes=nodes)] if nodes else []
    result = PassageResult(
        id="a-001",
        population="Adults",
        text=TEXT,
        tree=nodes,
        passage=passage,
        groundings=ground(passage, trees),
        **details,
    )
    document = DocumentInfo(name="a.txt", sha256="0" * 64, characters=len(TEXT))
    return passage_views(Extraction(document=document, text=TEXT, model="m", adapter=None, passages=(result,)))


def test_a_view_holds_words_tree_and_warnings():
    (view,) = views(truncated=True, repairs=("closed the tree",))
    assert view.heading == "Fever"
    assert "<b>" not in view.words
    assert "&lt;b&gt;rest" in view.words
    key = re.search(r'<mark [^>]*data-key="([^"]+)"[^>]*>fever persists</mark>', view.words)[1]
    (tree,) = view.trees
    assert tree.svg.startswith("<svg")
    assert f'href="#{key}"' in tree.rows
    assert f'id="{key}"' in view.words
    assert "unplaced" in tree.rows  # "sleep" is not in the text
    assert "no recommendation given" in tree.rows
    assert [warning.split(":")[0] for warning in view.warnings] == ["Cut off", "Repaired", "Not in the text"]


def test_a_passage_without_a_tree_has_words_only():
    (view,) = views(())
    assert view.trees == ()
    assert view.warnings == ()
    assert "<mark" not in view.words


def test_the_style_keeps_to_its_own_elements():
    style = re.sub(r"/\*.*?\*/", "", passage_style(), flags=re.DOTALL)
    depth, outer = 0, ""
    for character in style:
        depth += {"{": 1, "}": -1}.get(character, 0)
        outer += character if depth == 0 else ""
    assert depth == 0
    assert set(outer.replace("}", " ").split()) == {".t2m"}
