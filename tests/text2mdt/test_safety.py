"""Warnings on trees: each check speaks where it must and is silent where the tree is right."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tree_strategies import forests
from warned_trees import C, D, kinds, warned

from text2mdt.corpus import read_corpus
from text2mdt.grounding import ground
from text2mdt.relations import TEXT2DT
from text2mdt.safety import CHECKS, check
from text2mdt.safety.quantities import quantities
from text2mdt.schema import DecisionTree, Grounding, Node, Passage, Span, Triple, split_forest

# the two mistakes that are on record


def test_a_page_reference_is_no_temperature() -> None:
    text = "If there is fever (see page > 37), paracetamol 1 g is given; otherwise fluids are enough."
    found = warned(text, C("if: temperature > 37"), D("drug: paracetamol", "paracetamol ~ 1 g"), D("plan: fluids"))
    page = next(warning for warning in found if warning.kind == "number_out_of_context")
    assert (page.node, page.triple) == (0, 0)
    assert page.passage_span and text[page.passage_span.start : page.passage_span.end] == "37"
    assert "page" in page.text


def test_a_page_reference_taken_over_word_for_word() -> None:
    text = "In fever (see page > 37) paracetamol is given."
    assert "number_out_of_context" in kinds(text, C("if: fever (see page > 37"), D("drug: paracetamol"), D())


def test_a_temperature_beside_a_page_reference_is_one() -> None:
    text = "In fever above 37 °C (see page 12) paracetamol is given."
    assert not kinds(text, C("if: fever above 37 °C"), D("drug: paracetamol"), D())


@pytest.mark.parametrize(
    "text",
    [
        "If eGFR is below 30, use doxycycline.",
        "Use doxycycline if eGFR is below 30.",
        "In patients with penicillin allergy, doxycycline is used.",
        "Doxycycline is used, unless the patient is pregnant.",
        "Use one of the following if eGFR is below 30: fluids; doxycycline; physiotherapy.",
        "Severe disease: doxycycline.",
        "Heart failure calls for doxycycline.",
        "Doxycycline is indicated for severe disease.",
        "Women at term should receive doxycycline.",
    ],
)
def test_a_gate_lost_with_the_whole_condition(text: str) -> None:
    word = "doxycycline" if "doxycycline" in text else "Doxycycline"
    found = warned(text, D(f"drug: {word}"))
    assert ("lost_gate", 0, 0) in [(warning.kind, warning.node, warning.triple) for warning in found]


@pytest.mark.parametrize(
    "text",
    [
        "Offer doxycycline once daily.",
        "Doxycycline is given for 7 days with food.",
        "Adults with pneumonia should receive doxycycline.",
        "Doxycycline is recommended for all patients.",
        "Rest is enough for most. Doxycycline is the treatment. If fever persists, review after 2 days.",
    ],
)
def test_advice_without_a_condition_has_no_gate_to_lose(text: str) -> None:
    word = "doxycycline" if "doxycycline" in text else "Doxycycline"
    assert "lost_gate" not in kinds(text, D(f"drug: {word}"))


def test_a_gate_lost_below_another_condition() -> None:
    text = (
        "In severe disease, amoxicillin is given. If the patient had a stem cell transplant last year, "
        "co-trimoxazole is added when hypoxia is present."
    )
    gated = (C("if: hypoxia"), D("drug: co-trimoxazole"), D())
    severe = (C("if: severe disease"), D("drug: amoxicillin"), D())
    assert "lost_gate" in kinds(text, *severe, *gated)
    whole = C("basic: had a stem cell transplant last year")
    assert "lost_gate" not in kinds(text, *severe, whole, *gated, D())


# numbers


def dose(words: str) -> tuple[Node, Node, Node]:
    return C("if: fever"), D("drug: amoxicillin", f"amoxicillin ~ {words}"), D()


@pytest.mark.parametrize(
    ("in_text", "in_tree"),
    [
        ("50 mg", "500 mg"),
        ("500 micrograms", "500 mg"),
        ("0,5 g", "5 g"),
        ("5 to 10 mg", "5 to 100 mg"),
        ("5 to 10 mg", "10 mg"),
        ("2.5 mg", "5 mg"),
        ("5 mg/kg", "5 mg"),
        ("500 mg twice daily", "500 mg three times daily"),
        ("1,500 mg", "1.5 mg"),
        ("10 mg for 7 days", "10 mg for 7 weeks"),
    ],
)
def test_a_dose_that_differs(in_text: str, in_tree: str) -> None:
    assert "quantity_differs" in kinds(f"In fever, amoxicillin {in_text} is given.", *dose(in_tree))


@pytest.mark.parametrize(
    ("in_text", "in_tree"),
    [
        ("500 µg", "500 micrograms"),
        ("500 mcg", "500 μg"),
        ("0.5 g", "0,5 g"),
        ("5–10 mg", "5 to 10 mg"),
        ("500 mg twice daily", "500 mg, 2 times daily"),
        ("1,500 mg", "1500 mg"),
        ("10 mg for 7 days", "10 mg, for 7 days"),
        ("three tablets", "3 tablets"),
    ],
)
def test_a_dose_written_otherwise_is_the_same(in_text: str, in_tree: str) -> None:
    assert "quantity_differs" not in kinds(f"In fever, amoxicillin {in_text} is given.", *dose(in_tree))


@pytest.mark.parametrize("words", ["eGFR above 30", "eGFR 30", "eGFR of at least 30", "eGFR > 30"])
def test_a_comparator_lost_or_turned(words: str) -> None:
    assert "quantity_differs" in kinds("If eGFR is below 30, stop.", C(f"if: {words}"), D("plan: stop"), D())


@pytest.mark.parametrize("words", ["eGFR is below 30", "eGFR < 30", "eGFR under 30"])
def test_a_comparator_kept(words: str) -> None:
    assert "quantity_differs" not in kinds("If eGFR is below 30, stop.", C(f"if: {words}"), D("plan: stop"), D())


def test_a_comparator_cut_off_behind() -> None:
    text = "Aged 65 years or older: influenza vaccine."
    cut = C("basic: Aged 65 years"), D("drug: influenza vaccine"), D()
    assert "quantity_differs" in kinds(text, *cut)
    assert not kinds(text, C("basic: Aged 65 years or older"), *cut[1:])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Fever, as in guidance of 2019, calls for rest.", "temperature 2019"),
        ("Fever (Smith et al., 2018) calls for rest.", "temperature 2018"),
        ("Fever [37] calls for rest.", "temperature above 37"),
        ("Fever, see Table 38, calls for rest.", "temperature of 38"),
        ("Fever, see section 38, calls for rest.", "temperature of 38"),
        ("Advice. 3.8 Fever calls for rest.", "fever of 3.8"),
        ("In the trial (n = 38) fever called for rest.", "temperature of 38"),
        ("Fever calls for rest, which helped 38% of patients in trials.", "temperature of 38%"),
    ],
)
def test_a_number_that_is_none(text: str, words: str) -> None:
    assert "number_out_of_context" in kinds(text, C(f"if: {words}"), D("plan: rest"), D())


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("A CRP above 38 calls for rest.", "CRP above 38"),
        ("Caesarean section 2 hours ago calls for rest.", "Caesarean section 2 hours ago"),
        ("An ejection fraction below 40% calls for rest.", "ejection fraction below 40%"),
        ("More than 2000 mL of blood lost calls for rest.", "More than 2000 mL of blood lost"),
        ("A heart rate (HR) of 38 calls for rest.", "heart rate (HR) of 38"),
    ],
)
def test_a_number_that_is_one(text: str, words: str) -> None:
    assert "number_out_of_context" not in kinds(text, C(f"if: {words}"), D("plan: rest"), D())


def test_quantities_of_a_text() -> None:
    found = quantities("1.2.3 Below 0.5 × 10⁹/L: 2.5–5 mg/kg twice daily, 110/75 mmHg, 10 000 units, 65 years or older")
    read = [(item.low, item.high, item.unit, item.sign) for item in found]
    assert read == [
        (0.5, 0.5, "10⁹/l", "<"),
        (2.5, 5.0, "mg/kg", ""),
        (2.0, 2.0, "time", ""),
        (110.0, 110.0, "mmhg", ""),
        (75.0, 75.0, "mmhg", ""),
        (10000.0, 10000.0, "unit", ""),
        (65.0, 65.0, "year", ">="),
    ]


# branches and negations


def test_branches_swapped() -> None:
    text = "In sepsis, meropenem is given; otherwise amoxicillin."
    right = C("if: sepsis"), D("drug: meropenem"), D("drug: amoxicillin")
    assert not kinds(text, *right)
    found = warned(text, right[0], right[2], right[1])
    assert ("swapped_branch", 2) in {(warning.kind, warning.node) for warning in found}


def test_what_is_then_given_depends_on_the_sentence_before() -> None:
    text = "Satellite lesions suggest candida. Clotrimazole is then used. Nystatin is added if there is thrush."
    thrush = C("if: thrush"), D("drug: Nystatin"), D("drug: Clotrimazole")
    found = warned(text, *thrush)
    assert [(warning.kind, warning.node) for warning in found] == [("lost_gate", 2)]
    assert not kinds(text, C("if: Satellite lesions"), D("drug: Clotrimazole"), D(), *thrush[:2], D())


def test_unless_turns_the_branches() -> None:
    text = "Amoxicillin is given unless there is penicillin allergy."
    condition = C("basic: penicillin allergy")
    assert not kinds(text, condition, D(), D("drug: Amoxicillin"))
    assert kinds(text, condition, D("drug: Amoxicillin"), D())


def test_a_negation_dropped_from_a_condition() -> None:
    text = "If there is no improvement after 48 hours, refer to hospital."
    assert not kinds(text, C("if: no improvement after 48 hours"), D("refer: hospital"), D())
    found = warned(text, C("if: improvement after 48 hours"), D("refer: hospital"), D())
    assert {warning.kind for warning in found} == {"lost_negation"}


def test_a_negation_on_the_branch_that_turns_it_round() -> None:
    text = "Women who are not pregnant receive doxycycline; the others receive azithromycin."
    condition, given, other = C("basic: not pregnant"), D("drug: doxycycline"), D("drug: azithromycin")
    assert not kinds(text, condition, given, other)
    assert "lost_negation" in kinds(text, condition, other, given)
    assert not kinds(text, C("basic: pregnant"), other, given)


@pytest.mark.parametrize(
    "words",
    [
        "avoid ibuprofen",
        "do not give ibuprofen",
        "ibuprofen is contraindicated",
        "ibuprofen should not be used",
        "stop ibuprofen",
        "hold ibuprofen",
        "ibuprofen is paused",
        "do not restart ibuprofen",
    ],
)
def test_a_forbidden_drug_given(words: str) -> None:
    text = f"In heart failure, {words}."
    condition = C("basic: heart failure")
    assert "lost_negation" in kinds(text, condition, D("drug: ibuprofen"), D())
    assert not kinds(text, condition, D("avoid: ibuprofen"), D())


def test_a_drug_that_nothing_speaks_against() -> None:
    text = "For nausea, ondansetron is safe; metoclopramide is avoided. Prochlorperazine may be used. It is sedating."
    condition = C("if: nausea")
    found = warned(text, condition, D("avoid: ondansetron"), D())
    assert [(warning.kind, warning.node, warning.triple) for warning in found] == [("invented_contraindication", 1, 0)]
    assert "invented_contraindication" in kinds(text, condition, D("avoid: Prochlorperazine"), D())
    assert "invented_contraindication" not in kinds(text, condition, D("avoid: metoclopramide"), D())


def test_what_speaks_against_a_drug_may_come_in_the_next_sentence() -> None:
    text = "In fever, ibuprofen is the drug of choice. It is stopped when urine falls."
    assert "invented_contraindication" not in kinds(text, C("if: urine falls"), D("avoid: ibuprofen"), D())


def test_drugs_to_avoid_in_another_language_are_left_alone() -> None:
    passage = Passage(id="p", population="肾功能不全", text="肾功能不全者禁用布洛芬。")
    nodes = (
        Node(role="C", triples=(Triple("患者", "临床表现", "肾功能不全"),)),
        Node(role="D", triples=(Triple("患者", "禁用药物", "布洛芬"),)),
        Node(role="D"),
    )
    trees = split_forest(nodes)
    assert not check(passage, trees, ground(passage, trees, TEXT2DT), TEXT2DT)


def test_but_not_in_turns_the_branches() -> None:
    text = "Add ibuprofen 400 mg if pain keeps the patient awake, but not in those with asthma."
    condition, given = C("basic: asthma"), D("drug: ibuprofen", "ibuprofen ~ 400 mg")
    assert "swapped_branch" in kinds(text, condition, given, D())
    assert "swapped_branch" not in kinds(text, condition, D(), given)


def test_a_failed_drug_is_not_forbidden() -> None:
    text = "If ibuprofen is not tolerated, naproxen is given. Ibuprofen is used first."
    assert not kinds(text, C("if: ibuprofen is not tolerated"), D("drug: naproxen"), D("drug: Ibuprofen"))


# contradictions


def test_the_same_drug_given_and_forbidden() -> None:
    text = "In fever, ibuprofen is given. In asthma, ibuprofen is avoided and paracetamol is given."
    assert "contradiction" in kinds(text, C("if: fever"), D("drug: ibuprofen", "avoid: ibuprofen"), D())
    fever = C("if: fever"), D("drug: ibuprofen"), D()
    asthma = C("basic: asthma"), D("avoid: ibuprofen", "drug: paracetamol"), D()
    assert not kinds(text, *fever, *asthma)
    same = C("if: fever"), D("avoid: ibuprofen"), D()
    assert "contradiction" in kinds(text, *fever, *same)


def test_two_trees_contradict_each_other_only_where_one_asks_no_more() -> None:
    text = "Ibuprofen is given. In asthma, ibuprofen is avoided."
    found = warned(text, D("drug: Ibuprofen"), C("basic: asthma"), D("avoid: ibuprofen"), D())
    assert "contradiction" in {warning.kind for warning in found}


def test_a_condition_asked_again() -> None:
    text = "In fever, rest; in cough, honey."
    fever, rest, honey = C("if: fever"), D("plan: rest"), D("plan: honey")
    assert "contradiction" in kinds(text, fever, rest, fever, honey, D())
    assert "contradiction" in kinds(text, fever, C("if: no fever"), honey, rest, D())
    assert "contradiction" not in kinds(text, fever, rest, C("if: cough"), honey, D())


# ranges


def test_a_range_inside_an_earlier_one() -> None:
    text = "Potassium above 5.5: resin. Potassium above 6.0: insulin."
    high, higher = C("if: Potassium above 5.5"), C("if: Potassium above 6.0")
    found = warned(text, high, D("drug: resin"), higher, D("drug: insulin"), D())
    assert [(warning.kind, warning.node) for warning in found] == [("not_exclusive", 2)]
    assert not kinds(text, higher, D("drug: insulin"), high, D("drug: resin"), D())


def test_a_branch_that_is_never_reached() -> None:
    text = "Below 5 years: rest. 5 years or older: honey. Otherwise: tea."
    under, over = C("basic: Below 5 years"), C("basic: 5 years or older")
    found = kinds(text, under, D("plan: rest"), over, D("plan: honey"), D("plan: tea"))
    assert "not_exclusive" in found
    assert "not_exclusive" not in kinds(text, under, D("plan: rest"), over, D("plan: honey"), D())


def test_months_and_years_are_compared() -> None:
    text = "Younger than 2 years: rest. Younger than 18 months: honey."
    nodes = C("basic: Younger than 2 years"), D("plan: rest"), C("basic: Younger than 18 months"), D("plan: honey"), D()
    assert "not_exclusive" in kinds(text, *nodes)


def test_a_gap_between_ranges() -> None:
    text = "Score below 10: rest. Score of 10 to 15: honey. Score above 15: tea."
    low, high = C("if: Score below 10"), C("if: Score above 15")
    assert "not_exclusive" in kinds(text, low, D("plan: rest"), high, D("plan: tea"), D())
    assert "not_exclusive" not in kinds(text, low, D("plan: rest"), high, D("plan: tea"), D("plan: honey"))


@pytest.mark.parametrize("scores", [("0 to 4", "5 to 8"), ("below 5", "5 to 8")])
def test_neighbouring_ranges_leave_no_gap(scores: tuple[str, str]) -> None:
    text = f"Score {scores[0]}: rest. Score {scores[1]}: honey. Higher scores: tea."
    first, second = (C(f"if: Score {score}") for score in scores)
    assert not kinds(text, first, D("plan: rest"), second, D("plan: honey"), D("plan: tea"))


# doses and drugs


def test_doses_swapped() -> None:
    text = "In fever, amoxicillin 500 mg is combined with clarithromycin 250 mg."

    def both(first: str, second: str) -> Node:
        doses = f"amoxicillin ~ {first}", f"clarithromycin ~ {second}"
        return D("drug: amoxicillin", doses[0], "drug: clarithromycin", doses[1])

    assert not kinds(text, C("if: fever"), both("500 mg", "250 mg"), D())
    found = warned(text, C("if: fever"), both("250 mg", "500 mg"), D())
    assert [(warning.kind, warning.triple) for warning in found] == [("wrong_drug_dose", 1), ("wrong_drug_dose", 3)]


def test_a_dose_shared_by_two_drugs() -> None:
    text = "In fever, amoxicillin or clarithromycin 500 mg is given."
    drugs = D(
        "drug: amoxicillin", "amoxicillin ~ 500 mg", "drug: clarithromycin", "clarithromycin ~ 500 mg", logic="or"
    )
    assert not kinds(text, C("if: fever"), drugs, D())


def test_a_dose_of_no_drug() -> None:
    text = "In fever, amoxicillin 500 mg is given."
    assert "wrong_drug_dose" in kinds(text, C("if: fever"), D("drug: amoxicillin", "penicillin ~ 500 mg"), D())


def test_a_dose_left_out() -> None:
    text = "In fever, amoxicillin 500 mg is given three times daily. Amoxicillin 3 g was tested in a trial."
    found = warned(text, C("if: fever"), D("drug: amoxicillin"), D())
    assert [(warning.kind, warning.node) for warning in found] == [("missing_dose", 1)]
    assert not kinds(text, *dose("500 mg"))


# what is not there


def test_an_invented_object() -> None:
    text = "In fever, amoxicillin is given."
    found = warned(text, C("if: fever"), D("drug: ciprofloxacin"), D())
    assert [(warning.kind, warning.node, warning.triple) for warning in found if warning.kind == "ungrounded"] == [
        ("ungrounded", 1, 0)
    ]
    assert not kinds(text, C("if: Fever"), D("drug: amoxicillin"), D())


def test_the_same_on_both_branches() -> None:
    text = "In fever, rest; otherwise honey."
    assert "same_decision" in kinds(text, C("if: fever"), D("plan: rest"), D("plan: rest"))
    assert not kinds(text, C("if: fever"), D("plan: rest"), D("plan: honey"))


def test_an_empty_branch() -> None:
    text = "In fever, rest. Otherwise, honey is enough."
    assert "empty_branch" in kinds(text, C("if: fever"), D(), D("plan: honey"))
    found = warned(text, C("if: fever"), D("plan: rest"), D())
    assert "empty_branch" in {warning.kind for warning in found if warning.node == 2}
    assert not kinds(text, C("if: fever"), D("plan: rest"), D("plan: honey"))


def test_a_case_left_out() -> None:
    text = "In fever, rest is advised. If cough persists, refer to a chest clinic. All patients should drink."
    assert "missing_case" in kinds(text, C("if: fever"), D("plan: rest"), D())
    refer = C("if: cough persists"), D("refer: chest clinic"), D()
    assert not kinds(text, C("if: fever"), D("plan: rest"), D(), *refer)


def test_a_case_with_an_order_left_out() -> None:
    text = "In fever, rest is advised. Where sodium falls, slow the infusion. The fall is slow when cells are warm."
    found = warned(text, C("if: fever"), D("plan: rest"), D())
    assert [warning.text for warning in found] == ["No node is from 'Where sodium falls, slow the infusion.'."]


# the whole


def test_every_check_explains_itself() -> None:
    assert all(text.endswith(".") and len(text) < 160 for text in CHECKS.values())
    assert next(iter(CHECKS)) == "lost_gate"
    with pytest.raises(TypeError):
        CHECKS["new"] = "no"  # type: ignore[index]


def test_the_order_is_that_of_the_nodes_and_repeats() -> None:
    text = "In fever, amoxicillin 500 mg; in cough, honey 5 mL."
    nodes = (
        C("if: temperature of 41 °C"),
        D("drug: penicillin", "amoxicillin ~ 50 mg"),
        C("if: cough"),
        D("plan: tea"),
        D(),
    )
    found = warned(text, *nodes)
    assert [warning.node for warning in found] == sorted(warning.node for warning in found)
    assert len(set(found)) == len(found) > 4
    assert found == warned(text, *nodes)


def test_nothing_to_check() -> None:
    assert check(Passage(id="a", population="b", text=""), [], []) == ()
    passage = Passage(id="a", population="b", text="")
    trees = [DecisionTree(nodes=(C("if: fever"), D("drug: x", "x ~ 5 mg"), D()))]
    far = Grounding(node=0, triple=0, part="object", passage_span=Span(start=3, end=90))
    assert {warning.kind for warning in check(passage, trees, [far])} <= set(CHECKS)


def test_other_languages_are_read_for_numbers_only() -> None:
    text = "体温高于38.5°C时，给予布洛芬 200 mg。"
    nodes = C("if: 体温高于38.5°C"), D("drug: 布洛芬", "布洛芬 ~ 200 mg"), D()
    assert not kinds(text, *nodes, population="儿童")
    assert "quantity_differs" in kinds(text, C("if: 体温高于39°C"), *nodes[1:], population="儿童")


@settings(max_examples=40, deadline=None)
@given(st.text(alphabet="ab 5.,;:()mg/<>•ifnot–", max_size=120), forests())
def test_any_text_and_any_trees(text: str, forest: tuple[str, list[DecisionTree]]) -> None:
    population, trees = forest
    passage = Passage(id="a", population=population, text=text)
    for warning in check(passage, trees, ground(passage, trees)):
        assert warning.node < sum(map(len, trees))
        assert warning.passage_span is None or 0 <= warning.passage_span.start < warning.passage_span.end <= len(text)


def test_a_long_text_takes_no_long_time() -> None:
    text = "In fever, amoxicillin 500 mg is given if there is no cough " * 300
    assert isinstance(warned(text, *dose("500 mg")), tuple)


def test_gold_trees_are_nearly_silent() -> None:
    records = [record for record in read_corpus("data/corpus/train.jsonl")[::12] if record.tree]
    noisy = [record.id for record in records if warned(record.text, *record.tree, population=record.population)]
    assert len(noisy) <= 0.06 * len(records)
