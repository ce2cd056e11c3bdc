"""Codes of a user's list: suggested by their names, chosen by a person, and nowhere else from."""

from __future__ import annotations

import base64
import csv
import io
import json
from pathlib import Path
from time import process_time

import pytest
from built_extractions import NOTHING, condition, decision, extraction, passage, tree
from command import run
from random_trees import ACTIONS, CONDITIONS

from text2mdt.errors import Text2MDTError
from text2mdt.export import FORMATS, export, takes_codes
from text2mdt.export.fhir import Release, fhir_bundle
from text2mdt.imports import read_json
from text2mdt.terminology import (
    Chosen,
    Concept,
    accepted_codes,
    read_answers,
    read_code_list,
    suggestions,
    suggestions_file,
    terms_of,
)

SNOMED = "http://snomed.info/sct"
TREE = tree(
    condition("no fever", "type 2 diabetes"),
    condition("severe asthma attacks"),
    decision("Amoxicillin", ("dose", "Amoxicillin: 500 mg"), ("avoid", "amoxycillin")),
    decision("intravenous paracetamol"),
    NOTHING,
)
FOUND = extraction(passage(1, TREE))


def concept(code: str, display: str, *synonyms: str) -> Concept:
    return Concept(code=code, system=SNOMED, display=display, synonyms=synonyms)


LIST = [
    concept("1", "Fever", "pyrexia"),
    concept("2", "Type 1 diabetes"),
    concept("3", "Type 2 diabetes mellitus", "Type 2 diabetes"),
    concept("4", "Severe asthma attack"),
    concept("5", "Mild asthma attack"),
    concept("6", "Amoxicillin"),
    concept("7", "Paracetamol", "acetaminophen"),
    concept("8", "Absence of fever", "no fever"),
    concept("9", "Acute gout"),
]


def found(*, least: float = 90, most: int = 3) -> dict[str, list[tuple[str, str]]]:
    told: dict[str, list[tuple[str, str]]] = {}
    for one in suggestions(terms_of([TREE]), LIST, least, most):
        told.setdefault(one.term.words, []).append((one.concept.code, one.match))
    return told


def test_terms_are_populations_findings_drugs_and_actions_but_no_doses():
    terms = {one.words: (one.uses, one.times) for one in terms_of([TREE])}
    assert terms["Adults with acute gout"] == (("population",), 6)
    assert terms["Amoxicillin"] == (("therapeutic_drug",), 2)
    assert terms["amoxycillin"] == (("contraindicated_drug",), 1)
    assert "500 mg" not in terms


def test_names_are_compared_by_their_words():
    assert found() == {
        "Adults with acute gout": [("9", "part")],
        "no fever": [("8", "whole")],
        "type 2 diabetes": [("3", "whole")],
        "severe asthma attacks": [("4", "whole")],
        "Amoxicillin": [("6", "whole")],
        "amoxycillin": [("6", "whole")],
        "intravenous paracetamol": [("7", "part")],
    }


def test_what_is_denied_gets_no_code_of_what_it_denies():
    terms = terms_of([tree(condition("no fever", "without fever", "fever"), NOTHING, NOTHING)])
    told = {one.term.words: one.concept.display for one in suggestions(terms, LIST[:1])}
    assert told == {"fever": "Fever"}


def test_scores_are_those_of_the_normal_forms():
    (one,) = suggestions(terms_of([tree(decision("the Paracetamols"))]), LIST[6:7])
    assert (one.name, one.score, one.match) == ("Paracetamol", 100, "whole")
    near = suggestions(terms_of([tree(decision("paracetemol"))]), LIST[6:7])
    assert 90 < near[0].score < 100
    assert not suggestions(terms_of([tree(decision("paracetemol"))]), LIST[6:7], least=95)
    many = [concept(str(number), f"fever {'a' * number}") for number in range(9)]
    assert len(suggestions(terms_of([tree(condition("fever aaaa"), NOTHING, NOTHING)]), many, 50, 2)) == 2


def code_list(folder: Path, content: str) -> Path:
    path = folder / "list.csv"
    path.write_text(content, encoding="utf-8")
    return path


def test_a_code_list_is_read(tmp_path):
    rows = f'\ufeffDisplay;code;system;synonyms;note\n"Fever; high";\'-1;{SNOMED};pyrexia| febrile |;x\n\n;;;\n'
    (one,) = read_code_list(code_list(tmp_path, rows))
    assert one == Concept(code="-1", system=SNOMED, display="Fever; high", synonyms=("pyrexia", "febrile"))
    assert read_code_list(code_list(tmp_path, f"code,system,display\n1,{SNOMED},发热\n"))[0].display == "发热"


@pytest.mark.parametrize(
    ("content", "line", "message"),
    [
        ("code,display\n1,a\n", 1, "no column 'system'"),
        ("code,system,display\n", 1, "no row"),
        ("code,system,display\n1,SNOMED,Fever\n", 2, "'SNOMED' is no address"),
        (f"code,system,display\n1,{SNOMED},Fever\n,{SNOMED},Rash\n", 3, "'' is no code"),
        (f"code,system,display\n1,{SNOMED},\n", 2, "has no name"),
        (f'code,system,display\n1,{SNOMED},"Fever\n', 2, "unexpected end"),
        (f"code,system,display\n1,{SNOMED}\"',Fever\n", 2, "is no address"),
    ],
)
def test_what_is_no_code_list(tmp_path, content, line, message):
    with pytest.raises(Text2MDTError, match=rf"T2M126.*{message}.*line {line}"):
        read_code_list(code_list(tmp_path, content))


def test_answers_are_read_back_and_kept():
    content = suggestions_file(suggestions(terms_of([TREE]), LIST))
    rows = list(csv.DictReader(io.StringIO(content.removeprefix("\ufeff"))))
    assert {row["accepted"] for row in rows} == {""}
    assert read_answers(content) == {}
    filled = content.replace('"","Amoxicillin"', '"Yes","Amoxicillin"').replace('"","no fever"', '"no","no fever"')
    said = read_answers(filled)
    assert set(said.values()) == {"yes", "no"}
    assert accepted_codes(said).of("Amoxicillin") == (Chosen("Amoxicillin", SNOMED, "6", "Amoxicillin"),)
    assert accepted_codes(said).of("amoxicillin") == (), "letter for letter"
    assert accepted_codes(said).of("no fever") == ()
    again = suggestions_file(suggestions(terms_of([TREE]), LIST), said)
    assert read_answers(again) == said
    assert read_answers(suggestions_file([], said)) == said, "also of codes that are suggested no more"
    with pytest.raises(Text2MDTError, match=r"T2M127.*'perhaps' is neither yes nor no.*a\.csv, line 2"):
        read_answers(content.replace('""', '"perhaps"', 1), "a.csv")
    with pytest.raises(Text2MDTError, match=r"T2M127.*no column 'accepted'"):
        read_answers("words,code\na,1\n")


def test_any_words_come_back():
    hostile = [*CONDITIONS, *ACTIONS, "=1+1", "a\nb"]
    codes = [concept(str(number), words) for number, words in enumerate(hostile) if words.strip()]
    terms = terms_of([tree(condition(*hostile), NOTHING, NOTHING)])
    content = suggestions_file(suggestions(terms, codes))
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in csv.reader(io.StringIO(content)) for cell in row)
    assert not read_answers(content)
    printable = [one for one in suggestions(terms, codes) if one.concept.display.isprintable()]
    filled = suggestions_file(printable).replace('\r\n""', '\r\n"yes"')
    assert {one.words for one in read_answers(filled)} == {one.term.words for one in printable}


ACCEPTED = accepted_codes(
    {
        Chosen("no fever", SNOMED, "8", "Absence of 'fever' \\ x"): "yes",
        Chosen("Amoxicillin", SNOMED, "6", "Amoxicillin"): "yes",
        Chosen("Amoxicillin", "urn:oid:1.2.3", "A01", "Amoxi"): "yes",
        Chosen("Adults with acute gout", SNOMED, "9", "Gout"): "yes",
        Chosen("500 mg", SNOMED, "10", "no dose has a code"): "yes",
    }
)


def codings(value: object) -> list[tuple[str, str]]:
    """Every coding in a resource that a person chose."""
    if isinstance(value, list):
        return [found for one in value for found in codings(one)]
    if not isinstance(value, dict):
        return []
    own = [(value["system"], value["code"])] if value.get("userSelected") else []
    return own + [found for one in value.values() for found in codings(one)]


@pytest.mark.parametrize("layout", ["tree", "rules"])
@pytest.mark.parametrize("release", Release)
def test_accepted_codes_travel_into_fhir(release, layout):
    bundle = fhir_bundle(FOUND, release, layout, codes=ACCEPTED)
    assert set(codings(bundle)) == {(SNOMED, "8"), (SNOMED, "6"), ("urn:oid:1.2.3", "A01"), (SNOMED, "9")}
    assert [one.tree for one in read_json(json.dumps(bundle))] == [TREE], "they do not stand in the way back"
    library = bundle["entry"][-1]["resource"]
    cql = base64.b64decode(library["content"][0]["data"]).decode()
    assert f"codesystem \"{SNOMED}\": '{SNOMED}'" in cql
    assert f"""code "T1 no fever, code 1": '8' from "{SNOMED}" display 'Absence of \\'fever\\' \\\\ x'""" in cql
    assert "Amoxi" not in cql, "the library is of conditions"
    assert "a person accepted" in json.dumps(bundle)


def test_without_accepted_codes_there_are_none():
    for release in Release:
        bundle = fhir_bundle(FOUND, release)
        assert codings(bundle) == []
        assert bundle == fhir_bundle(FOUND, release, codes=accepted_codes({}))
    assert [name for name in FORMATS if takes_codes(name)] == [name for name in FORMATS if name.startswith("fhir")]
    assert export(FOUND, "csv", ACCEPTED) == export(FOUND, "csv")


def test_the_commands(tmp_path, capsys):
    trees, codes = tmp_path / "gout.json", tmp_path / "codes.csv"
    trees.write_text(export(FOUND, "json")[".json"], encoding="utf-8")
    listed = code_list(tmp_path, f"code,system,display\n6,{SNOMED},Amoxicillin\n")
    done = run(capsys, "terminology", trees, "--code-list", listed, "-o", codes)
    assert done.code == 0
    assert "suggestions for 2 of" in done.out
    codes.write_text(codes.read_text().replace('"","Amoxicillin"', '"yes","Amoxicillin"'))
    run(capsys, "terminology", trees, "--code-list", listed, "-o", codes)
    assert '"yes","Amoxicillin"' in codes.read_text(), "what was accepted stays"
    done = run(capsys, "export", trees, "--to", "fhir-r5,csv", "--codes", codes, "-o", tmp_path / "out")
    assert done.code == 0
    bundle = json.loads((tmp_path / "out" / "gout.fhir-r5.json").read_text())
    assert codings(bundle) == [(SNOMED, "6")]
    refused = [
        (("export", trees, "--to", "csv", "--codes", codes), "T2M128"),
        (("export", trees, "--to", "fhir", "--codes", listed), "T2M127"),
        (("terminology", trees, "--code-list", tmp_path / "no.csv"), "T2M010"),
        (("terminology", trees, "--code-list", codes, "-o", listed), "T2M127"),
    ]
    for words, code in refused:
        done = run(capsys, *words)
        assert (done.code, done.err[:6]) == (2, code)


def test_a_long_list_is_searched_quickly():
    names = [f"{CONDITIONS[number % 5]} {number} of kind {number % 97}" for number in range(5_000)]
    codes = [concept(str(number), name) for number, name in enumerate(names)]
    terms = terms_of([tree(condition(*names[:40]), NOTHING, NOTHING)])
    start = process_time()
    assert len({one.term.words for one in suggestions(terms, codes)}) == 40
    assert process_time() - start < 3
