"""PlanDefinitions read back: as written, as edited by people, and as nobody should have written them."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from built_extractions import ADULTS, NOTHING, condition, decision, extraction, passage, tree
from hypothesis import given, settings
from hypothesis import strategies as st
from recurring_trees import ungrounded
from tree_strategies import forests

from text2mdt.errors import Text2MDTError
from text2mdt.export.fhir import Release, fhir_bundle
from text2mdt.export.fhir.legal import words
from text2mdt.export.fhir.systems import TRIPLE
from text2mdt.imports.fhir import read_plan_definitions, read_plan_file
from text2mdt.schema import DecisionTree, Triple

LAYOUTS = ("tree", "rules")
TREE = tree(
    condition("fever", population=ADULTS),
    decision("amoxicillin", ("dose", "amoxicillin: 500 mg"), ("avoid", "aspirin")),
    condition("rash", "itch"),
    decision(("plan", "rest")),
    NOTHING,
)


def built(layout: str = "tree", release: Release = Release.R4B) -> dict[str, Any]:
    return fhir_bundle(extraction(passage(1, TREE, pages=(3,))), release, layout)


def start(bundle: dict[str, Any]) -> dict[str, Any]:
    return bundle["entry"][0]["resource"]["action"][0]


def read(bundle: Any) -> DecisionTree:
    (one,) = read_plan_definitions(json.dumps(bundle))
    return one.tree


def refused(bundle: Any) -> str:
    with pytest.raises(Text2MDTError) as caught:
        read_plan_definitions(json.dumps(bundle), "a.json")
    assert "a.json" in caught.value.where
    return str(caught.value)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("release", Release)
def test_as_written(release: Release, layout: str) -> None:
    one = extraction(passage(1, TREE, TREE, pages=(3,)), passage(2, TREE, start=50_000))
    bundle = fhir_bundle(one, release, layout)
    first, second, third = read_plan_definitions(json.dumps(bundle))
    assert first.tree == second.tree == third.tree == TREE
    assert {item.population for item in (first, second, third)} == {ADULTS}
    assert [item.passage for item in (first, second, third)] == ["g-001", "g-001", "g-002"]
    assert [item.number for item in (first, second, third)] == [1, 2, 1]
    assert first.document == "gout.pdf"
    assert "gout-00000000-001-1" in first.where
    assert first.title == f"DRAFT: {ADULTS} (g-001, tree 1)"
    result = one.passages[0]
    for read_tree, offset in ((first, 0), (second, len(TREE))):
        found = {(item.node, item.triple): item for item in read_tree.citations}
        wanted = {(g.node - offset, g.triple): g for g in result.groundings if g.part == "object"}
        wanted = {place: g for place, g in wanted.items() if 0 <= place[0] < len(TREE)}
        assert set(found) == set(wanted)
        for place, citation in found.items():
            node, triple = place
            span = citation.passage_span
            assert result.text[span.start : span.end] == TREE.nodes[node].triples[triple].object
            assert citation.document_spans == wanted[place].document_spans
            assert citation.pages == (3,)


def legal(one: DecisionTree) -> DecisionTree:
    """The tree as FHIR can hold it."""
    nodes = [
        node.model_copy(update={"triples": tuple(Triple(*map(words, triple)) for triple in node.triples)})
        for node in one.nodes
    ]
    return DecisionTree(nodes=tuple(nodes))


@settings(max_examples=30, deadline=None)
@given(forests(), st.sampled_from(LAYOUTS), st.sampled_from(list(Release)))
def test_any_tree(found: tuple[str, list[DecisionTree]], layout: str, release: Release) -> None:
    population, trees = found
    one = ungrounded(trees)
    result = one.passages[0].model_copy(update={"population": population})
    bundle = fhir_bundle(one.model_copy(update={"passages": (result,)}), release, layout)
    if bundle is None:
        assert trees == []
        return
    again = read_plan_definitions(json.dumps(bundle).encode())
    assert [item.tree for item in again] == [legal(item) for item in trees]
    assert {item.population for item in again} == {words(population)}


def test_one_plan_definition_without_its_bundle(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    path.write_text("\ufeff" + json.dumps(built()["entry"][0]["resource"]), encoding="utf-8")
    (one,) = read_plan_file(path)
    assert one.tree == TREE


# what people do


def changed(edit: Callable[[dict[str, Any]], object], layout: str = "tree") -> dict[str, Any]:
    bundle = copy.deepcopy(built(layout))
    edit(bundle)
    return bundle


def test_labels_are_free() -> None:
    def edit(bundle: dict[str, Any]) -> None:
        plan = bundle["entry"][0]["resource"]
        plan.update(title="Otitis", name="Otitis", status="active", description="Checked.", version="2", publisher="me")
        del plan["text"], plan["identifier"], plan["relatedArtifact"]
        start(bundle)["title"] = "Begin"
        yes, no = start(bundle)["action"]
        yes["title"], no["title"] = "Febrile", "Otherwise"
        del no["id"]
        bundle["entry"].pop()  # the library

    (one,) = read_plan_definitions(json.dumps(changed(edit)))
    assert (one.tree, one.title) == (TREE, "Otitis")
    assert (one.document, one.passage, one.number) == (None, None, None)


def test_the_words_of_an_action() -> None:
    def edit(bundle: dict[str, Any]) -> None:
        drug, avoided = start(bundle)["action"][0]["action"]
        drug["title"] = "Give: phenoxymethylpenicillin"
        avoided["title"] = "Avoid or stop: aspirin and ibuprofen"

    (one,) = read_plan_definitions(json.dumps(changed(edit)))
    drug = "phenoxymethylpenicillin"
    assert one.tree.nodes[1] == decision(drug, ("dose", f"{drug}: 500 mg"), ("avoid", "aspirin and ibuprofen"))
    assert one.tree.nodes[2:] == TREE.nodes[2:]
    # Where the new words stand is not known; the dose still stands where it did.
    assert [(item.node, item.triple) for item in one.citations if item.node == 1] == [(1, 1)]


def test_the_label_may_be_left_out_unless_it_forbids() -> None:
    def edit(bundle: dict[str, Any]) -> None:
        start(bundle)["action"][0]["action"][0]["title"] = "phenoxymethylpenicillin"

    assert read(changed(edit)).nodes[1].triples[0].object == "phenoxymethylpenicillin"

    def forbid(bundle: dict[str, Any]) -> None:
        start(bundle)["action"][0]["action"][1]["title"] = "ibuprofen"

    assert refused(changed(forbid)).startswith("T2M077: it is not clear what the edited text says: 'ibuprofen'")


@pytest.mark.parametrize("title", ["Give: aspirin", "Plan: rest", "Dose of aspirin: 5 mg", "Avoid or stop:  "])
def test_a_label_of_another_kind(title: str) -> None:
    def edit(bundle: dict[str, Any]) -> None:
        start(bundle)["action"][0]["action"][1]["title"] = title

    assert "T2M077" in refused(changed(edit))


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("everywhere", [True, False])
def test_the_words_of_a_condition(layout: str, everywhere: bool) -> None:
    def edit(bundle: dict[str, Any]) -> None:
        text = json.dumps(bundle)
        once = 99 if everywhere else 1
        text = text.replace('"description": "fever"', '"description": "fever above 39 °C"', once)
        if everywhere:
            text = text.replace('"description": "NOT: fever"', '"description": "NOT: fever above 39 °C"')
            text = text.replace('"title": "If: fever"', '"title": "If: fever above 39 °C"')
        bundle.update(json.loads(text))

    bundle = changed(edit, layout)
    (one,) = read_plan_definitions(json.dumps(bundle))
    assert one.tree.nodes[0] == condition("fever above 39 °C")
    assert one.tree.nodes[1:] == TREE.nodes[1:]
    assert 0 not in {item.node for item in one.citations}


def described(bundle: dict[str, Any], branch: int, text: str) -> None:
    start(bundle)["action"][branch]["condition"][0]["expression"]["description"] = text


def test_two_wordings_of_a_condition() -> None:
    def edit(bundle: dict[str, Any]) -> None:
        described(bundle, 0, "fever above 39 °C")
        described(bundle, 1, "NOT: fever above 38 °C")

    assert "'fever above 39 °C' or 'fever above 38 °C'" in refused(changed(edit))
    assert "T2M077" in refused(changed(lambda bundle: described(bundle, 1, "no fever")))
    assert "T2M077" in refused(changed(lambda bundle: described(bundle, 0, "NOT: fever")))

    def title(bundle: dict[str, Any]) -> None:
        start(bundle)["action"][0]["title"] = "If: fever above 39 °C"

    assert "the title 'If: fever above 39 °C'" in refused(changed(title))

    def several(bundle: dict[str, Any]) -> None:
        start(bundle)["action"][1]["action"][0]["condition"][0]["expression"]["description"] = "rash OR itching"

    assert "T2M077" in refused(changed(several))


def test_the_population() -> None:
    def edit(bundle: dict[str, Any]) -> None:
        bundle["entry"][0]["resource"]["useContext"][0]["valueCodeableConcept"]["text"] = "Women"

    (one,) = read_plan_definitions(json.dumps(changed(edit)))
    assert one.population == "Women"
    assert {t.subject for node in one.tree.nodes for t in node.triples} == {"Women", "amoxicillin"}

    def lose(bundle: dict[str, Any]) -> None:
        del bundle["entry"][0]["resource"]["useContext"]

    assert "useContext" in refused(changed(lose))


def test_actions_taken_out_or_moved() -> None:
    def edit(bundle: dict[str, Any]) -> None:
        yes, no = start(bundle)["action"]
        yes["action"].pop()
        del no["action"][0]["action"]
        start(bundle)["action"] = [no, yes]

    found = read(changed(edit))
    assert found.nodes[1] == decision("amoxicillin", ("dose", "amoxicillin: 500 mg"))
    assert found.nodes[3] == NOTHING

    def drop(bundle: dict[str, Any]) -> None:
        start(bundle)["action"].pop()

    assert read(changed(drop)).nodes == (TREE.nodes[0], TREE.nodes[1], NOTHING)

    def drop_rule(bundle: dict[str, Any]) -> None:
        start(bundle)["action"].pop(1)
        del bundle["entry"][2]

    assert read(changed(drop_rule, "rules")).nodes == (*TREE.nodes[:3], NOTHING, NOTHING)


def test_an_else_branch_under_any() -> None:
    def edit(bundle: dict[str, Any]) -> None:
        del start(bundle)["action"][1]["condition"]

    assert read(changed(edit)) == TREE

    def of_all(bundle: dict[str, Any]) -> None:
        edit(bundle)
        start(bundle)["extension"][0]["valueCode"] = "all"

    assert "0 conditions" in refused(changed(of_all))

    def first(bundle: dict[str, Any]) -> None:
        edit(bundle)
        start(bundle)["action"].reverse()

    assert "0 conditions" in refused(changed(first))


def test_a_choice_of_one() -> None:
    def edit(bundle: dict[str, Any]) -> None:
        start(bundle)["action"][0]["selectionBehavior"] = "exactly-one"

    assert read(changed(edit)).nodes[1].logical_rel == "or"

    def unclear(bundle: dict[str, Any]) -> None:
        start(bundle)["action"][0]["selectionBehavior"] = "any"

    assert "selectionBehavior 'any'" in refused(changed(unclear))


# what is no tree any more


def lose_negation(bundle: dict[str, Any]) -> None:
    expression = start(bundle)["action"][1]["condition"][0]["expression"]
    expression["expression"] = expression["expression"].removeprefix("Not ")


def other_define(bundle: dict[str, Any]) -> None:
    start(bundle)["action"][1]["condition"][0]["expression"]["expression"] = "Not T9 chills"


def other_language(bundle: dict[str, Any]) -> None:
    start(bundle)["action"][0]["condition"][0]["expression"].update(language="text/cql", expression="true")


def second_condition(bundle: dict[str, Any]) -> None:
    start(bundle)["action"][0]["condition"] *= 2


def added_action(bundle: dict[str, Any]) -> None:
    start(bundle)["action"][0]["action"].append({"title": "Give: water"})


def gated_action(bundle: dict[str, Any]) -> None:
    yes = start(bundle)["action"][0]
    yes["action"][0]["condition"] = copy.deepcopy(yes["condition"])


def gated_tree(bundle: dict[str, Any]) -> None:
    start(bundle)["condition"] = copy.deepcopy(start(bundle)["action"][0]["condition"])


def two_roots(bundle: dict[str, Any]) -> None:
    bundle["entry"][0]["resource"]["action"] *= 2


def same_branch_twice(bundle: dict[str, Any]) -> None:
    start(bundle)["action"].append(copy.deepcopy(start(bundle)["action"][0]))


def lost_extension(bundle: dict[str, Any]) -> None:
    del start(bundle)["action"][0]["action"][0]["extension"]


def lost_condition_extension(bundle: dict[str, Any]) -> None:
    del start(bundle)["action"][0]["condition"][0]["extension"]


def doubled_extension(bundle: dict[str, Any]) -> None:
    start(bundle)["action"][0]["action"][0]["extension"] *= 2


def delegated_branch(bundle: dict[str, Any]) -> None:
    no = start(bundle)["action"][1]
    del no["action"]
    no["definitionCanonical"] = "http://x/PlanDefinition/y"


def odd_types(bundle: dict[str, Any]) -> None:
    start(bundle)["action"] = {"a": 1}


def odd_position(bundle: dict[str, Any]) -> None:
    for part in start(bundle)["action"][0]["action"][0]["extension"][0]["extension"]:
        if part["url"] == "position":
            part["valueInteger"] = "first"


def odd_logic(bundle: dict[str, Any]) -> None:
    for part in start(bundle)["action"][0]["condition"][0]["extension"][0]["extension"]:
        if part["url"] == "logic":
            part["valueCode"] = "and"


@pytest.mark.parametrize(
    "edit",
    [
        *(lose_negation, other_define, other_language, second_condition, added_action, gated_action, gated_tree),
        *(two_roots, same_branch_twice, lost_extension, lost_condition_extension, doubled_extension),
        *(delegated_branch, odd_types, odd_position, odd_logic),
    ],
)
def test_a_broken_tree_is_refused(edit: Callable[[dict[str, Any]], None]) -> None:
    assert refused(changed(edit)).startswith("T2M076: ")


def test_broken_rules_are_refused() -> None:
    bundle = built("rules")
    without_strategy = bundle | {"entry": bundle["entry"][1:]}
    assert "no strategy" in refused(without_strategy)
    assert "not in the file" in refused(bundle | {"entry": [bundle["entry"][0], *bundle["entry"][2:]]})
    assert "not in the file" in refused(bundle | {"entry": bundle["entry"][:1]})

    def gate(bundle: dict[str, Any]) -> None:
        start(bundle)["action"][0]["condition"] = []

    assert "not those of the rule" in refused(changed(gate, "rules"))

    def twice(bundle: dict[str, Any]) -> None:
        start(bundle)["action"].append(start(bundle)["action"][0])

    assert "two rules apply" in refused(changed(twice, "rules"))

    def to_itself(bundle: dict[str, Any]) -> None:
        plan = bundle["entry"][1]["resource"]
        for action in start(bundle)["action"]:
            action["definitionCanonical"] = bundle["entry"][0]["resource"]["url"]
        plan["action"][0]["action"] = start(bundle)["action"]

    assert "T2M07" in refused(changed(to_itself, "rules"))


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("", "T2M075"),
        ("{", "T2M075"),
        ("[]", "T2M075"),
        ("null", "T2M075"),
        ('{"resourceType": "Patient"}', "T2M075"),
        ('{"resourceType": ["Bundle"]}', "T2M075"),
        ('{"resourceType": "Bundle"}', "T2M075"),
        ('{"resourceType": "Bundle", "entry": [1]}', "T2M076"),
        ('{"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Library"}}]}', "T2M075"),
        ('{"resourceType": "PlanDefinition"}', "T2M076"),
        ('{"resourceType": "PlanDefinition", "id": 5, "action": [{}]}', "T2M076"),
        ('{"resourceType": "PlanDefinition", "action": [null]}', "T2M076"),
        ("[" * 100_000, "T2M075"),
        (b"\xff\xfe{}", "T2M013"),
    ],
)
def test_no_plan_definition(content: str | bytes, code: str) -> None:
    with pytest.raises(Text2MDTError) as caught:
        read_plan_definitions(content, "a.json")
    assert caught.value.code == code


def test_files_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Text2MDTError, match="T2M010"):
        read_plan_file(tmp_path / "missing.json")
    with pytest.raises(Text2MDTError, match="T2M016"):
        read_plan_file(tmp_path)
    monkeypatch.setattr("text2mdt.imports.fhir.plan_file.LARGEST", 100)
    path = tmp_path / "big.json"
    path.write_text(json.dumps(built()), encoding="utf-8")
    with pytest.raises(Text2MDTError, match="T2M053"):
        read_plan_file(path)


def test_a_deep_file() -> None:
    bundle = built()
    action = start(bundle)
    for _ in range(300):
        action = {**action, "action": [action["action"][0], {**start(bundle)["action"][1], "action": [action]}]}
        action["action"][1] = {**start(bundle)["action"][1], "action": action["action"][1]["action"][0]["action"]}
    bundle["entry"][0]["resource"]["action"] = [action]
    try:
        text = json.dumps(bundle)
    except RecursionError:
        pytest.skip("cannot be written here")
    with pytest.raises(Text2MDTError, match=r"T2M07[56]"):
        read_plan_definitions(text)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_a_random_edit_never_crashes(data: st.DataObject) -> None:
    bundle = copy.deepcopy(BUNDLES[data.draw(st.sampled_from(LAYOUTS))])
    at: Any = bundle["entry"][data.draw(st.integers(0, len(bundle["entry"]) - 2))]
    while True:
        key = data.draw(st.sampled_from(sorted(at) if isinstance(at, dict) else range(len(at))))
        if not at[key] or not isinstance(at[key], dict | list) or data.draw(st.integers(0, 5)) == 0:
            break
        at = at[key]
    what = data.draw(st.sampled_from(["delete", "replace", "double"]))
    if what == "replace":
        at[key] = data.draw(st.sampled_from([None, 0, -1, True, "", "x", [], {}, [[]], {"url": TRIPLE}, 1e308]))
    elif what == "double" and isinstance(at, list):
        at.append(at[key])
    else:
        del at[key]
    try:
        read_plan_definitions(json.dumps(bundle))
    except Text2MDTError as error:
        assert error.code in ("T2M075", "T2M076", "T2M077")


BUNDLES = {layout: built(layout) for layout in LAYOUTS}
