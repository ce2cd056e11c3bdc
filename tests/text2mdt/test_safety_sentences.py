"""Right trees of plausible sentences, on which no check may speak, and wrong ones of the same making."""

from __future__ import annotations

import pytest
from warned_trees import C, D, kinds

from text2mdt.schema import Node

RIGHT = [
    ("Doxycycline is recommended, but not in pregnancy.", (C("if: pregnancy"), D(), D("drug: Doxycycline"))),
    (
        "In severe but not life-threatening asthma, prednisolone is given.",
        (C("if: life-threatening asthma"), D(), D("drug: prednisolone")),
    ),
    ("In adults with fever but not rash, rest is advised.", (C("if: rash"), D(), D("plan: rest"))),
    (
        "In patients with diabetes but not hypertension who have albuminuria, ramipril is given.",
        (C("if: albuminuria"), D("drug: ramipril"), D()),
    ),
    ("Chronic but not acute gout is treated with allopurinol.", (C("if: gout"), D("drug: allopurinol"), D())),
    (
        "In heart failure, the following are to be avoided: ibuprofen; verapamil; pioglitazone.",
        (C("if: heart failure"), D("avoid: ibuprofen", "avoid: verapamil", "avoid: pioglitazone"), D()),
    ),
    (
        "Stop the following if potassium is above 6 mmol/L:\n• spironolactone\n• ramipril\n• trimethoprim",
        (
            C("if: potassium is above 6 mmol/L"),
            D("avoid: spironolactone", "avoid: ramipril", "avoid: trimethoprim"),
            D(),
        ),
    ),
    (
        "In myasthenia, several drugs must be avoided. These are gentamicin and ciprofloxacin.",
        (C("if: myasthenia"), D("avoid: gentamicin", "avoid: ciprofloxacin"), D()),
    ),
    (
        "In penicillin allergy, clarithromycin is given.",
        (C("if: penicillin allergy"), D("drug: clarithromycin", "avoid: penicillin"), D()),
    ),
    (
        "In adults with diabetes, type 1 or type 2, whose HbA1c is over 58 mmol/mol, metformin is given.",
        (C("if: diabetes", "if: HbA1c is over 58 mmol/mol"), D("drug: metformin"), D()),
    ),
    (
        "In atrial fibrillation, paroxysmal or persistent, if the CHA2DS2-VASc score is 2 or more, apixaban is given.",
        (C("if: atrial fibrillation", "if: CHA2DS2-VASc score is 2 or more"), D("drug: apixaban"), D()),
    ),
    (
        "If blood pressure is above 140/90 mmHg (or 135/85 mmHg at home) despite lifestyle changes, give amlodipine.",
        (C("if: blood pressure is above 140/90 mmHg", "if: lifestyle changes"), D("drug: amlodipine"), D()),
    ),
    (
        "In COPD, regardless of smoking or age, if FEV1 is below 50%, tiotropium is given.",
        (C("if: COPD", "if: FEV1 is below 50%"), D("drug: tiotropium"), D()),
    ),
    (
        "In exacerbations, moderate or severe, prednisolone is given.",
        (C("if: exacerbations", "if: moderate or severe"), D("drug: prednisolone"), D()),
    ),
    (
        "In children under 5, unvaccinated or partly vaccinated, give vaccine.",
        (C("if: under 5", "if: unvaccinated or partly vaccinated"), D("drug: vaccine"), D()),
    ),
    (
        "If the child has no signs of dehydration, no vomiting or abdominal pain, fluids are given.",
        (C("if: no signs of dehydration", "if: no vomiting or abdominal pain"), D("drug: fluids"), D()),
    ),
    (
        "If INR is above 8, give vitamin K 5 mg. The effect takes 24 hours. Warfarin is then restarted.",
        (C("if: INR is above 8"), D("drug: vitamin K", "vitamin K ~ 5 mg", "drug: Warfarin"), D()),
    ),
    (
        "In sepsis, blood is taken for culture. Ceftriaxone is then given.",
        (C("if: sepsis"), D("drug: Ceftriaxone"), D()),
    ),
    ("If the scan is unclear, a case conference is held.", (C("if: scan is unclear"), D("plan: case conference"), D())),
    (
        "In bleeding, hold direct pressure for 10 minutes.",
        (C("if: bleeding"), D("plan: direct pressure for 10 minutes"), D()),
    ),
    (
        "In depression, screen for anxiety or alcohol misuse.",
        (C("if: depression"), D("test: anxiety", "test: alcohol misuse"), D()),
    ),
    (
        "Fever or cough alone is treated with rest; fever together with cough with amoxicillin.",
        (C("if: Fever"), C("if: cough"), D("drug: amoxicillin"), D("plan: rest"), C("if: cough"), D("plan: rest"), D()),
    ),
    (
        "Arteritis is likely in people with headache, double vision or jaw pain; steroids are given if ESR is raised.",
        (C("if: ESR is raised"), D("drug: steroids"), D()),
    ),
    (
        "Addison's disease is suspected in patients with fatigue, slow pulse and rash. If cortisol is low, treat it.",
        (C("if: cortisol is low"), D("plan: treat it"), D()),
    ),
]
WRONG = [
    (
        "In fever, ibuprofen, naproxen or diclofenac is given.",
        (C("if: fever"), D("drug: ibuprofen", "drug: naproxen", "drug: diclofenac"), D()),
    ),
    ("If there is nausea or dizziness, rest.", (C("if: dizziness"), C("if: nausea"), D("plan: rest"), D(), D())),
    (
        "In cystitis, nitrofurantoin (100 mg twice daily) or trimethoprim is given.",
        (C("if: cystitis"), D("drug: nitrofurantoin", "drug: trimethoprim"), D()),
    ),
    ("Give ibuprofen, but not to patients with asthma.", (C("if: asthma"), D("drug: ibuprofen"), D())),
    ("Give doxycycline, but not during pregnancy.", (C("if: pregnancy"), D("drug: doxycycline"), D())),
    (
        "Add ibuprofen 400 mg if pain keeps the patient awake, but not in those with asthma.",
        (C("if: asthma"), D("drug: ibuprofen", "ibuprofen ~ 400 mg"), D()),
    ),
]


@pytest.mark.parametrize(("text", "nodes"), RIGHT, ids=[text[:40] for text, _ in RIGHT])
def test_a_right_tree_draws_no_warning(text: str, nodes: tuple[Node, ...]) -> None:
    assert not kinds(text, *nodes)


@pytest.mark.parametrize(("text", "nodes"), WRONG, ids=[text[:40] for text, _ in WRONG])
def test_a_wrong_tree_draws_one(text: str, nodes: tuple[Node, ...]) -> None:
    assert kinds(text, *nodes) & {"wrong_logic", "swapped_branch"}


@pytest.mark.parametrize("said", ["is unnecessary", "are not needed", "is not required", "is superfluous"])
def test_what_is_unnecessary_in_a_case_is_not_done_in_it(said: str) -> None:
    text = f"Allergy testing {said} if companions fell ill. In a single case, tryptase is taken."
    case, test, other = C("if: companions fell ill"), D("test: Allergy testing"), D("test: tryptase")
    assert "lost_negation" in kinds(text, case, test, other)
    assert "lost_negation" not in kinds(text, case, D(), other)
    assert "lost_negation" not in kinds(text, case, D(), test)


@pytest.mark.parametrize(
    "text",
    [
        "X-ray is not needed except after trauma.",
        "Imaging with X-ray is required if trauma occurred; X-ray is unnecessary more than once.",
        "X-ray is not required but may be offered after trauma.",
        "Interruption of X-ray is unnecessary after trauma.",
    ],
)
def test_what_is_not_quite_unnecessary(text: str) -> None:
    assert "lost_negation" not in kinds(text, C("if: trauma"), D("test: X-ray"), D())


def test_or_above_with_a_number_of_its_own_is_no_comparison_of_the_number_before() -> None:
    for second in ("20%", "about 20%"):
        text = f"Give it at a level above 30%, or above {second} in chest pain."
        assert "quantity_differs" not in kinds(text, C("if: level above 30%"), D("plan: Give it"), D())
    text = "If it is 38 °C or above 48 hours later, test."
    assert "quantity_differs" in kinds(text, C("if: it is 38 °C"), D("plan: test"), D())
    assert "quantity_differs" in kinds(
        "Give it at a level of 30% or above.", C("if: level of 30%"), D("plan: Give it"), D()
    )


def test_what_all_receive_is_not_for_some() -> None:
    text = (
        "Tetanus vaccine is given after 10 years. 2. All patients receive ibuprofen 400 mg, except those with bleeding."
    )
    given = D("drug: ibuprofen", "ibuprofen ~ 400 mg")
    assert "kept_from_some" in kinds(text, C("if: after 10 years"), D("drug: Tetanus vaccine"), given)
    assert "kept_from_some" not in kinds(text, C("if: bleeding"), D(), given)
    assert "kept_from_some" not in kinds(text, given)


@pytest.mark.parametrize(
    "who",
    ["All patients with pain", "All women identified so", "Every woman begins and", "All patients not on heparin"],
)
def test_a_group_of_patients_is_not_all(who: str) -> None:
    text = f"Below 40 kg, rest is advised. {who} receive ibuprofen."
    assert "kept_from_some" not in kinds(text, C("if: Below 40 kg"), D("plan: rest"), D("drug: ibuprofen"))


@pytest.mark.parametrize(
    "text",
    [
        "All patients should receive amoxicillin. In penicillin allergy, doxycycline is given.",
        "1.7.2 All adults: amoxicillin. If penicillin allergy is present: doxycycline instead.",
    ],
)
def test_an_exception_in_the_next_sentence(text: str) -> None:
    case, other, given = C("if: penicillin allergy"), D("drug: doxycycline"), D("drug: amoxicillin")
    assert "kept_from_some" not in kinds(text, case, other, given)
    assert "kept_from_some" in kinds(text, case, given, other)


def test_what_all_receive_may_stand_on_both_branches() -> None:
    text = "Below 50 kg, the dose is 20 mg. All patients receive enoxaparin."
    low = D("drug: enoxaparin", "enoxaparin ~ 20 mg")
    assert "kept_from_some" not in kinds(text, C("if: Below 50 kg"), low, D("drug: enoxaparin"))
    assert "kept_from_some" in kinds(text, C("if: Below 50 kg"), low, D())


def test_a_drug_that_another_works_against_has_no_claim_on_its_dose() -> None:
    for words in ("naloxone reverses morphine, 400 micrograms", "naloxone is added to aspirin, 400 micrograms"):
        nodes = C("if: stupor"), D("drug: naloxone", "naloxone ~ 400 micrograms"), D()
        assert "wrong_drug_dose" not in kinds(f"In stupor, {words}.", *nodes), words
