"""The FHIR export: valid, legal whatever the words are, marked as a draft, with the places that the words came from."""

from __future__ import annotations

import base64
import json
import re
import subprocess
import sys
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from built_extractions import ADULTS, NOTHING, condition, decision, extraction, passage, tree
from command import run
from recurring_trees import ungrounded

from text2mdt.errors import Text2MDTError
from text2mdt.export import FORMATS, export
from text2mdt.export.fhir import BASE, Release, check_bundle, fhir_bundle
from text2mdt.export.fhir.legal import DocumentNames, markdown
from text2mdt.export.fhir.systems import APPLICABILITY_BEHAVIOR, STRENGTH
from text2mdt.export.fhir.validation import faults
from text2mdt.export.fhir.value_sets import wrong_codes
from text2mdt.export.fhir.wording import NOTHING as SAID_NOTHING
from text2mdt.schema import Box, DecisionTree, DocumentInfo, NodeWarning, Recommendation, Span

EVIL = [
    '<script>alert("1")</script>',
    "]]>&amp;<!--",
    "a\n\nb\r\n# c",
    '“quoted” \'x\' "y" \\" \\u0022',
    "[link](http://x) *b* `c`",
    "发热 > 38.5 °C",
    "😀 fever 🤒",
    "x" * 500,
    "\x00\x07\x1b\ud800\ufffe",
    "",
    " \u2028 ",
    '*/ // define "T1": true',
]
LAYOUTS = ("tree", "rules")


def example(**details: Any):
    asked = condition("fever above 38.5 °C", "rigors", logic="and")
    done = decision("amoxicillin", ("dose", "amoxicillin: 500 mg"), ("avoid", "aspirin"))
    found = tree(asked, done, condition("otorrhoea"), decision("drops", "gauze", logic="or"), NOTHING)
    return extraction(passage(1, found, pages=(7,), **details))


def plans(bundle: dict[str, Any]) -> list[dict[str, Any]]:
    resources = [entry["resource"] for entry in bundle["entry"]]
    return [one for one in resources if one["resourceType"] == "PlanDefinition"]


def library(bundle: dict[str, Any]) -> dict[str, Any]:
    return bundle["entry"][-1]["resource"]


def cql(bundle: dict[str, Any]) -> str:
    return base64.b64decode(library(bundle)["content"][0]["data"]).decode()


def strings(value: Any):
    if isinstance(value, dict):
        for one in value.values():
            yield from strings(one)
    elif isinstance(value, list):
        for one in value:
            yield from strings(one)
    elif isinstance(value, str):
        yield value


@pytest.mark.parametrize("release", Release)
def test_nested_actions(release: Release) -> None:
    plan = plans(fhir_bundle(example(), release))[0]
    (start,) = plan["action"]
    assert start["title"] == "Start"
    assert start["extension"] == [{"url": APPLICABILITY_BEHAVIOR, "valueCode": "any"}]
    assert (start["groupingBehavior"], start["selectionBehavior"]) == ("logical-group", "exactly-one")
    yes, no = start["action"]
    assert yes["title"] == "If: fever above 38.5 °C AND rigors"
    assert no["title"] == "If not: (fever above 38.5 °C AND rigors)"
    asked, denied = yes["condition"][0]["expression"], no["condition"][0]["expression"]
    assert asked["language"] == "text/cql-identifier"
    assert denied["expression"] == f"Not {asked['expression']}"
    assert denied["description"] == "NOT: (fever above 38.5 °C AND rigors)"
    drug, avoided = yes["action"]
    assert yes["selectionBehavior"] == "all"
    assert drug["title"] == "Give: amoxicillin"
    assert [one["title"] for one in drug["action"]] == ["Dose of amoxicillin: 500 mg"]
    assert avoided["title"] == "Avoid or stop: aspirin"
    either, nothing = no["action"]
    assert either["selectionBehavior"] == "one-or-more"
    assert nothing["description"] == SAID_NOTHING
    assert "action" not in nothing
    assert ("linkId" in drug) is (release is Release.R5)


def test_the_library_defines_each_triple_once() -> None:
    found = tree(condition("fever", "rash"), decision("a"), condition("fever"), decision("b"), NOTHING)
    bundle = fhir_bundle(extraction(passage(1, found, found)))
    source = cql(bundle)
    assert source.count("null as Boolean // to be implemented") == 2
    for name, said in (("T1 fever", "null as Boolean // to be implemented"), ("Not T1 fever", 'not "T1 fever"')):
        assert source.count(f'define "{name}":\n  {said}\n') == 1
    assert 'define "N1 fever or rash":\n  "T1 fever" or "T2 rash"\n' in source
    named = {one["expression"]["expression"] for plan in plans(bundle) for one in conditions(plan["action"])}
    assert named == {"N1 fever or rash", "Not N1 fever or rash", "T1 fever", "Not T1 fever"}
    assert all(f'define "{name}":' in source for name in named)
    assert plans(bundle)[0]["library"] == [f"{library(bundle)['url']}|{library(bundle)['version']}"]


def test_the_names_of_defines_keep_thresholds() -> None:
    found = tree(condition("eGFR < 30"), NOTHING, condition("eGFR ≥ 30.5 (twice)"), NOTHING, NOTHING)
    source = cql(fhir_bundle(ungrounded([found])))
    assert 'define "T1 eGFR < 30":' in source
    assert 'define "Not T2 eGFR ≥ 30.5 (twice)":' in source
    long = tree(condition("word " * 30), NOTHING, NOTHING)
    assert f'define "T1 {"word " * 8}word…":' in cql(fhir_bundle(ungrounded([long])))


def conditions(actions: list[dict[str, Any]]):
    for action in actions:
        yield from action.get("condition", ())
        yield from conditions(action.get("action", []))


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("release", Release)
def test_everything_is_marked_as_a_draft(release: Release, layout: str) -> None:
    bundle = fhir_bundle(example(), release, layout, day=date(2025, 3, 1))
    for resource in (entry["resource"] for entry in bundle["entry"]):
        assert (resource["status"], resource["experimental"]) == ("draft", True)
        assert "DRAFT" in resource["description"]
    for plan in plans(bundle):
        assert "DRAFT" in plan["text"]["div"]
        assert plan["date"] == "2025-03-01"
        assert "goal" not in plan
        assert plan["useContext"][0]["valueCodeableConcept"] == {"text": ADULTS}


def test_citations_say_page_and_characters() -> None:
    one = example()
    text = one.passages[0].text
    bundle = fhir_bundle(one)
    drug = plans(bundle)[0]["action"][0]["action"][0]
    cited = {item["display"]: item for item in drug["documentation"]}
    assert set(cited) == {"amoxicillin", "500 mg", "aspirin"}
    start = text.index("aspirin")
    assert cited["aspirin"]["type"] == "citation"
    assert cited["aspirin"]["label"] == "page 7"
    inside = f"characters {start}–{start + 7} of passage g-001"
    outside = f"characters {10_000 + start}–{10_000 + start + 7}"
    assert cited["aspirin"]["citation"] == f"gout.pdf, page 7, {outside}, {inside}"
    start_action = plans(bundle)[0]["action"][0]
    assert [item["display"] for item in start_action["documentation"]] == ["fever above 38.5 °C", "rigors"]
    whole = plans(bundle)[0]["relatedArtifact"]
    assert [item["type"] for item in whole] == ["derived-from", "citation"]
    assert whole[1]["citation"] == text


def test_the_page_of_the_words_goes_before_the_pages_of_the_passage() -> None:
    one = example()
    boxes = (Box(page=8, left=0, top=0, right=1, bottom=1),)
    found = tuple(item.model_copy(update={"boxes": boxes}) for item in one.passages[0].groundings)
    one = one.model_copy(update={"passages": (one.passages[0].model_copy(update={"groundings": found}),)})
    (start,) = plans(fhir_bundle(one))[0]["action"]
    assert start["documentation"][0]["label"] == "page 8"


def test_strength_and_warnings() -> None:
    span = Span(start=0, end=5)
    firm = (
        Recommendation(node=1, kind="strength", value="strong", passage_span=span),
        Recommendation(node=1, kind="grade", value="1A", passage_span=span),
    )
    warning = NodeWarning(kind="lost_gate", node=1, text="look at [this] <b>")
    one = example(recommendations=firm, warnings=(warning,), truncated=True)
    plan = plans(fhir_bundle(one))[0]
    yes, no = plan["action"][0]["action"]
    said = [item["valueCodeableConcept"] for item in yes["extension"] if item["url"] == STRENGTH]
    assert said == [{"text": "strength: strong; grade: 1A"}]
    assert STRENGTH not in [item["url"] for item in no["extension"]]
    assert [item["citation"].partition(";")[0] for item in yes["documentation"][-2:]] == [
        "strength: strong",
        "grade: 1A",
    ]
    assert "look at \\[this\\] &lt;b&gt;" in plan["description"]
    assert "a branch may be missing" in plan["description"]
    assert "To be checked" not in plans(fhir_bundle(example()))[0]["description"]


@pytest.mark.parametrize("release", Release)
def test_a_strategy_and_its_rules(release: Release) -> None:
    bundle = fhir_bundle(example(), release, "rules")
    strategy, *rules = plans(bundle)
    assert [one["type"]["coding"][0]["code"] for one in (strategy, *rules)] == ["workflow-definition"] + [
        "eca-rule"
    ] * 3
    (start,) = strategy["action"]
    assert [one["definitionCanonical"] for one in start["action"]] == [f"{one['url']}|0.1.0" for one in rules]
    code = start["action"][0]["code"]
    assert (code if release is Release.R5 else code[0])["coding"][0]["code"] == "guideline-based-care"
    counts = [len(one["action"][0].get("condition", ())) for one in rules]
    assert counts == [1, 2, 2]
    assert [one["documentation"][0]["display"] for (one,) in (rule["action"] for rule in rules)] == [
        "fever above 38.5 °C"
    ] * 3


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("release", Release)
@pytest.mark.parametrize("words", EVIL)
def test_any_words(release: Release, layout: str, words: str) -> None:
    asked = condition(words, f"{words} too", population=words)
    found = tree(asked, decision(words, ("dose", f"{words}: {words}"), population=words), NOTHING)
    one = ungrounded([found])
    result = one.passages[0]
    result = result.model_copy(update={"population": words, "id": words, "text": words, "repairs": (words,)})
    document = DocumentInfo(name=words, sha256="ab" * 32, characters=1)
    one = one.model_copy(update={"passages": (result,), "model": words, "document": document})
    bundle = fhir_bundle(one, release, layout)  # checked by fhir.resources and by our rules
    for resource in (entry["resource"] for entry in bundle["entry"]):
        assert re.fullmatch(r"[A-Za-z0-9\-.]{1,64}", resource["id"])
        assert re.fullmatch(r"[A-Z][A-Za-z0-9_]{1,254}", resource["name"])
        assert "<" not in resource["description"]
    assert all(
        one.strip() and not re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]", one) for one in strings(bundle)
    )
    tags: set[str] = set()
    for plan in plans(bundle):
        div = ElementTree.fromstring(plan["text"]["div"])
        tags |= {element.tag.rpartition("}")[2] for element in div.iter()}
        assert not any(element.attrib for element in div.iter())
    assert tags <= {"div", "h2", "p", "ul", "li", "br"}
    names = [line for line in cql(bundle).splitlines() if line.startswith("define")]
    assert all(re.fullmatch(r'define "[^"\'`\\]+":', line) for line in names)
    assert cql(bundle).count(" // to be implemented") == 2
    json.dumps(bundle, ensure_ascii=False).encode()


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.seen.append(tag)


def test_markdown_shows_words_as_they_are() -> None:
    from markdown_it import MarkdownIt

    for words in ("<script>a</script>", "[x](http://y)", "*a* _b_ `c`", "a < b & c > d", "![x](y)", "# h", "| a |"):
        html = MarkdownIt("gfm-like", {"linkify": False}).render(f"Said: {markdown(words)}")
        reader = _Tags()
        reader.feed(html)
        assert reader.seen == ["p"], html


def test_documents_have_ids_of_their_own() -> None:
    def stem(name: str, digest: str = "a" * 64) -> str:
        return DocumentNames.of(DocumentInfo(name=name, sha256=digest, characters=1)).stem

    assert stem("Gout 2024 (v2).pdf") == "gout-2024-v2-aaaaaaaa"
    assert stem("痛风.pdf") == "document-aaaaaaaa"
    assert len({stem("x.md", "a" * 64), stem("x.md", "b" * 64), stem("y.md")}) == 3
    assert len(stem("x" * 300 + ".md")) < 40


def test_codes_that_no_value_set_holds_are_found() -> None:
    """fhir.resources lets all of these pass."""
    bundle = fhir_bundle(example(), Release.R4B, "rules")
    places = [
        (("entry", 0, "resource", "status"), "drafted"),
        (("entry", 0, "resource", "text", "status"), "made"),
        (("entry", 0, "resource", "type", "coding", 0, "code"), "strategy"),
        (("entry", 0, "resource", "useContext", 0, "code", "code"), "population"),
        (("entry", 0, "resource", "extension", 0, "valueCode"), "L2"),
        (("entry", 0, "resource", "relatedArtifact", 0, "type"), "source"),
        (("entry", 0, "resource", "relatedArtifact", 0, "type"), "cites"),  # R5 knows it
        (("entry", 0, "resource", "action", 0, "groupingBehavior"), "group"),
        (("entry", 0, "resource", "action", 0, "selectionBehavior"), "exactly-two"),
        (("entry", 0, "resource", "action", 0, "extension", 0, "valueCode"), "first"),
        (("entry", 0, "resource", "action", 0, "action", 0, "code", 0, "coding", 0, "code"), "care"),
        (("entry", 0, "resource", "action", 0, "action", 0, "condition", 0, "kind"), "if"),
        (("entry", 1, "resource", "action", 0, "action", 0, "action", 0, "selectionBehavior"), "some"),
        (("entry", 1, "resource", "action", 0, "documentation", 0, "type"), "quote"),
        (("entry", -1, "resource", "type", "coding", 0, "code"), "cql"),
        (("type",), "set"),
    ]
    assert wrong_codes(bundle, Release.R4B) == []
    from fhir.resources.R4B.bundle import Bundle

    for path, code in places:
        changed = json.loads(json.dumps(bundle))
        at: Any = changed
        for step in path[:-1]:
            at = at[step]
        at[path[-1]] = code
        Bundle.model_validate(changed)
        (wrong,) = wrong_codes(changed, Release.R4B)
        assert wrong.endswith(f": {code}")
        with pytest.raises(Text2MDTError, match="T2M044"):
            check_bundle(changed, Release.R4B)
        assert bool(wrong_codes(changed, Release.R5)) is (code != "cites")


def test_other_faults_are_found() -> None:
    bundle = fhir_bundle(example(), Release.R4B, "rules")

    def fault(**changes: Any) -> str:
        changed = json.loads(json.dumps(bundle))
        changed["entry"][0]["resource"].update(changes)
        return next(faults(changed, Release.R4B), "")

    assert fault() == ""
    assert "id:" in fault(id="x" * 65)
    assert "name:" in fault(name="gout 1")
    assert "XHTML" in fault(text={"status": "generated", "div": "<div><b></div>"})
    assert "not in the bundle" in fault(library=["http://x/Library/Y|0.1.0"])
    assert "the same address" in fault(url=bundle["entry"][1]["resource"]["url"])
    with pytest.raises(Text2MDTError, match="T2M044"):
        check_bundle(bundle | {"foo": 1}, Release.R4B)


def chain_of(length: int) -> DecisionTree:
    nodes = [node for number in range(length) for node in (condition(f"finding {number}"), decision("rest"))]
    return tree(*nodes, NOTHING)


def test_a_deep_tree() -> None:
    assert fhir_bundle(ungrounded([chain_of(50)])) is not None
    with pytest.raises(Text2MDTError, match=r"T2M045.*51 conditions.*fhir-r4b-rules"):
        fhir_bundle(ungrounded([chain_of(51)]))


@pytest.mark.slow
def test_a_deep_tree_as_rules() -> None:
    assert fhir_bundle(ungrounded([chain_of(60)]), layout="rules") is not None


def test_a_base_of_ones_own() -> None:
    bundle = fhir_bundle(example(), base="https://hospital.example/cds/")
    text = json.dumps([{**plan, "action": []} for plan in plans(bundle)] + [library(bundle)])
    assert "https://hospital.example/cds/PlanDefinition/gout-00000000-001-1" in text
    assert f"{BASE}/PlanDefinition" not in text
    assert f"{BASE}/Library" not in text


def test_it_writes_the_same_again() -> None:
    day = date(2025, 1, 1)
    assert fhir_bundle(example(), day=day) == fhir_bundle(example(), day=day)


def test_formats() -> None:
    names = {"fhir", "fhir-r4b", "fhir-r5", "fhir-r4b-rules", "fhir-r5-rules"}
    assert names <= set(FORMATS)
    for name in names:
        files = export(example(), name)
        assert list(files) == [f".{name}.json"]
        assert json.loads(files[f".{name}.json"])["resourceType"] == "Bundle"
        assert export(extraction(), name) == {}
    assert export(example(), "fhir")[".fhir.json"] == export(example(), "fhir-r4b")[".fhir-r4b.json"]


def test_on_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "gout.json"
    path.write_text(export(example(), "json")[".json"], encoding="utf-8")
    done = run(capsys, "export", path, "--to", "fhir,fhir-r5-rules", "-o", tmp_path / "out")
    assert done.code == 0
    assert sorted(one.name for one in (tmp_path / "out").iterdir()) == ["gout.fhir-r5-rules.json", "gout.fhir.json"]


def test_the_models_of_fhir_are_loaded_when_they_are_needed() -> None:
    script = "import sys, text2mdt, text2mdt.export, text2mdt.imports.fhir; assert 'fhir' not in sys.modules"
    subprocess.run([sys.executable, "-c", script], check=True)


def test_without_the_models_it_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fhir.resources.R4B.bundle", None)
    with pytest.raises(Text2MDTError, match=r"T2M042.*text2mdt\[fhir\]"):
        fhir_bundle(example())
