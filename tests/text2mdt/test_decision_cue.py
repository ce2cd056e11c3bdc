"""The cue detector keeps what may be a decision and drops clear background."""

from __future__ import annotations

import pytest

from text2mdt.decision_cue import decision_cue


@pytest.mark.parametrize(
    "text",
    [
        "If the fever persists, blood cultures are taken.",
        "Amoxicillin is first-line; in penicillin allergy, clarithromycin.",
        "Metformin is contraindicated below an eGFR of 30 ml/min.",
        "Mild pain: paracetamol. Severe pain: morphine.",
        "• below 30 mL: incision • above 80 mL: enucleation",
        "Active bleeding → endoscopic haemostasis; clean base → oral PPI.",
        "Prednisolone 40 mg once daily for 5 days in moderate flares.",
        "Hypertension is a common disease. If the blood pressure stays high, a diuretic is added.",
        "For major bleeding, stop warfarin. The INR is measured in every patient.",
        "Women should be referred unless the mass has gone.",
        "Where adrenaline has failed, glucagon.",
        "Lithium is stopped for as long as vomiting goes on.",
        "Delivery is recommended as soon as one of these is found.",
        "Dapagliflozin is withdrawn from any patient taking it.",
        "Donor milk is kept for babies whose mother has too little.",
    ],
)
def test_kept(text: str) -> None:
    assert decision_cue(text)


@pytest.mark.parametrize(
    "text",
    [
        "Asthma affects about 8% of adults, and one in twenty of them has severe disease.",
        "The score adds points for stridor, cyanosis and air entry, to a maximum of 17.",
        "Heart failure is caused by many diseases; mortality is high when it is advanced.",
        "This guideline covers adults who are seen in primary care.",
        "Prednisolone 40 mg once daily for 5 days.",
        "Antibiotics and fluids are begun at once.",
        "The harm comes from the heart, where the waves become broad, whether or not symptoms are felt.",
    ],
)
def test_dropped(text: str) -> None:
    assert decision_cue(text) is None
