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
