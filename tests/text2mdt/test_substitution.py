"""Records with other drugs and doses: whole, reproducible, and nothing else in them is changed."""

from __future__ import annotations

import re

import pytest

from text2mdt.corpus import read_corpus
from text2mdt.relations import ENGLISH, TEXT2DT
from text2mdt.schema import Logic, Node, Record, Role, Triple
from text2mdt.substitution import substituted

P = "Adults on amoxicillin"
RECORDS = read_corpus("data/corpus/dev.jsonl")


def record(number: int, drug: str, dose: str, sign: str = "fever") -> Record:
    text = f"{drug} {dose} is given for {sign}, and {drug} again if amoxicillinase is found; {drug} is cheap."
    nodes = (
        Node(role=Role.CONDITION, triples=(Triple(P, "clinical_feature", sign),)),
        Node(
            role=Role.DECISION,
            triples=(Triple(P, "therapeutic_drug", drug), Triple(drug, "dosage", dose)),
            logical_rel=Logic.AND,
        ),
        Node(role=Role.DECISION),
    )
    return Record(id=f"r-{number}", population=P, text=text, tree=nodes)


def test_a_drug_is_replaced_wherever_it_stands_as_a_word() -> None:
    originals = [record(1, "amoxicillin", "500 mg"), record(2, "doxycycline", "100 mg twice daily")]
    found = [one for seed in range(20) for one in substituted(originals, ENGLISH, seed=seed)]
    both = next(one for one in found if one.id.startswith("r-1-") and "amoxicillin " not in one.text)
    drug = both.tree[1].triples[0].object
    assert drug == "doxycycline" and both.population == "Adults on doxycycline"
    assert both.text.count("doxycycline") == 3 and "if amoxicillinase is found" in both.text
    assert both.tree[1].triples[1].subject == "doxycycline"
    assert both.tree[0].triples[0] == Triple("Adults on doxycycline", "clinical_feature", "fever")


@pytest.mark.parametrize("made_up", [False, True])
def test_every_copy_is_whole_and_differs_in_drugs_and_doses_alone(made_up: bool) -> None:
    originals = {one.id: one for one in RECORDS}
    found = substituted(RECORDS, ENGLISH, copies=2, seed=3, made_up=made_up)
    assert len(found) > len(RECORDS) / 2 and len({one.id for one in found}) == len(found)
    known = {triple.object for one in RECORDS for node in one.tree for triple in node.triples}
    strange = 0
    for one in found:
        original = originals[one.id.partition("-substituted-")[0]]
        assert one.text != original.text
        for node, before in zip(one.tree, original.tree, strict=True):
            assert (node.role, node.logical_rel) == (before.role, before.logical_rel)
            assert [triple.relation for triple in node.triples] == [triple.relation for triple in before.triples]
            for triple, known_before in zip(node.triples, before.triples, strict=True):
                assert triple.object in one.text
                if triple.relation not in (*ENGLISH.drugs, ENGLISH.dosage):
                    assert triple.object == known_before.object
                strange += triple.object not in known
    assert (strange > len(found)) == made_up


def test_numbers_and_words_are_replaced_whole_or_not_at_all() -> None:
    originals = [record(1, "amoxicillin", "5 mg", "amoxicillin allergy"), record(2, "doxycycline", "10 mg/kg")]
    originals[0] = originals[0].model_copy(
        update={"text": originals[0].text + " At most 2.5 mg, or 5 mg/kg, at night."}
    )
    found = [one for seed in range(20) for one in substituted(originals, ENGLISH, seed=seed) if "r-1-" in one.id]
    assert any("10 mg/kg is given" in one.text for one in found)
    for one in found:
        assert "At most 2.5 mg, or 5 mg/kg, at night." in one.text
        assert one.tree[0].triples[0].object == "amoxicillin allergy" in one.text


def test_chinese_words_have_no_borders() -> None:
    def chinese(number: int, drug: str) -> Record:
        nodes = (
            Node(role=Role.CONDITION, triples=(Triple("儿童", "临床表现", "发热"),)),
            Node(role=Role.DECISION, triples=(Triple("儿童", "治疗药物", drug),)),
            Node(role=Role.DECISION),
        )
        return Record(id=f"c-{number}", population="儿童", text=f"发热时可口服{drug}治疗。", tree=nodes)

    found = substituted([chinese(1, "布洛芬"), chinese(2, "阿司匹林")], TEXT2DT, copies=20)
    assert {one.text for one in found} == {"发热时可口服布洛芬治疗。", "发热时可口服阿司匹林治疗。"}


def test_the_choices_are_those_of_the_seed_and_the_record() -> None:
    whole = substituted(RECORDS, ENGLISH, copies=2, seed=1, made_up=True)
    assert whole == substituted(RECORDS, ENGLISH, copies=2, seed=1, made_up=True)
    assert whole != substituted(RECORDS, ENGLISH, copies=2, seed=2, made_up=True)
    one = substituted(RECORDS[5:6], ENGLISH, copies=2, seed=1, made_up=True)
    assert one == [each for each in whole if each.id.startswith(f"{RECORDS[5].id}-substituted-")]


def test_made_up_doses_keep_their_units() -> None:
    found = substituted([record(1, "amoxicillin", "500 mg")], ENGLISH, copies=20, made_up=True)
    doses = {one.tree[1].triples[1].object for one in found}
    assert len(doses) > 3 and all(re.fullmatch(r"\d{3} mg", dose) for dose in doses)


def test_a_record_without_drugs_has_no_copy() -> None:
    negative = record(1, "amoxicillin", "500 mg").model_copy(update={"tree": ()})
    assert substituted([negative], ENGLISH, copies=3) == []
