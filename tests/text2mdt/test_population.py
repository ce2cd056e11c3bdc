"""Populations from titles, headings and text."""

from __future__ import annotations

from time import perf_counter

import pytest

from text2mdt.population import UNKNOWN, find_population, mentioned_population, title_population


@pytest.mark.parametrize(
    ("title", "population"),
    [
        ("Acute otitis media in children", "Children with acute otitis media"),
        ("Management of hyperkalaemia in adults", "Adults with hyperkalaemia"),
        ("Chronic urticaria in adults: clinical guideline", "Adults with chronic urticaria"),
        ("CHRONIC URTICARIA IN ADULTS", "Adults with chronic urticaria"),
        ("Guideline on the Diagnosis and Management of Acute Pain in Children", "Children with acute pain"),
        ("2.1 COPD", "Patients with COPD"),
        ("Crohn's disease: management", "Patients with Crohn's disease"),
        ("NICE guideline: gout", "Patients with gout"),
        ("Children and young people with asthma", "Children and young people with asthma"),
        ("Acute otitis media in children under 12 years", "Children under 12 years with acute otitis media"),
        ("Community-acquired pneumonia (adults): 2024 version", "Adults with community-acquired pneumonia"),
        ("hyperkalaemia adults", "Adults with hyperkalaemia"),
        ("Frostbite: care of adults", "Adults with frostbite"),
        ("Asthma: diagnosis and management in children", "Children with asthma"),
        ("Acne: treatment except in pregnant women", "Patients with acne"),
        ("Hepatitis C - treatment in people who inject drugs", "People who inject drugs"),
        ("Recommendations: treatment in children", ""),
        ("Sepsis:  care of\tadults", "Adults with sepsis"),
        ("Sepsis: adults in intensive care", "Adults in intensive care with sepsis"),
        ("Delirium in older people in care homes", "Older people in care homes with delirium"),
        ("Gout (adults in hospital)", "Adults in hospital with gout"),
        ("Children aged 5–11 years: asthma", "Children aged 5–11 years with asthma"),
        ("Acute pain: children in emergency departments", "Children in emergency departments with acute pain"),
        ("Sore throat - care of children under 5 years", "Children under 5 years with sore throat"),
        ("Anaemia (management in pregnant women)", "Pregnant women with anaemia"),
        ("Bronchiolitis in children: diagnosis and management", "Children with bronchiolitis"),
        ("Gout: management of flares", "Patients with gout"),
        ("Recommendations", ""),
        ("3 Treatment", ""),
        ("", ""),
    ],
)
def test_titles(title: str, population: str) -> None:
    assert title_population(title) == population


@pytest.mark.parametrize(
    ("text", "population"),
    [
        ("Give oxygen to patients with severe asthma, but slowly.", "Patients with severe asthma"),
        ("In children aged 2 to 5 years with croup, give it.", "Children aged 2 to 5 years with croup"),
        ("Women who have epilepsy need advice.", "Women who have epilepsy"),
        ("Adults taking metformin should stop.", "Adults taking metformin"),
        ("Adrenaline is given.", ""),
    ],
)
def test_mentions(text: str, population: str) -> None:
    assert mentioned_population(text) == population


@pytest.mark.parametrize(
    ("path", "population"),
    [
        (["Urticaria in adults", "First-line treatment"], "Adults with urticaria"),
        (
            ["Urticaria in adults", "4 Pregnant and breastfeeding women"],
            "Pregnant and breastfeeding women with urticaria",
        ),
        (["Urticaria in adults", "First-line treatment in older adults", "Doses"], "Older adults with urticaria"),
        (["Urticaria in adults", "Patients with angioedema"], "Patients with angioedema"),
        (["Urticaria in adults", "Patients with angioedema and wheeze"], "Patients with angioedema and wheeze"),
        (["Urticaria in adults", "3.3 Adults unfit for work"], "Adults unfit for work"),
        (["Cellulitis in adults", "Adults treated at home"], "Adults treated at home for cellulitis"),
        (["Cellulitis in adults", "Adults admitted with sepsis"], "Adults admitted with sepsis"),
        (["Scabies in children", "Household contacts"], "Household contacts of children with scabies"),
        (["Scabies in children", "5 Siblings"], "Siblings of children with scabies"),
        (["Urticaria in adults", "Children of an affected parent"], "Children of an affected parent"),
        (["Urticaria in adults", "Women who are breastfeeding twins"], "Women who are breastfeeding twins"),
        (["Urticaria in adults", "Patients should keep a diary"], "Adults with urticaria"),
        (["Urticaria in adults", "Children and adolescents"], "Children and adolescents with urticaria"),
        (["Urticaria in adults", "Women of childbearing age"], "Women of childbearing age with urticaria"),
        (["Urticaria in adults", "Children in hospital"], "Children in hospital with urticaria"),
        (
            ["Urticaria in adults", "Women in the intensive care unit"],
            "Women in the intensive care unit with urticaria",
        ),
        (
            ["Urticaria in adults", "Women and girls in primary care with angioedema"],
            "Women and girls in primary care with angioedema",
        ),
        (["Urticaria in adults", "Adults in hospital with angioedema"], "Adults in hospital with angioedema"),
        (["Urticaria in adults", "Screening of pregnant women"], "Pregnant women"),
        (["Urticaria in adults", "Chronic inducible urticaria"], "Adults with chronic inducible urticaria"),
        (["Urticaria in adults", "Signs of urticaria"], "Adults with urticaria"),
    ],
)
def test_the_nearest_heading_decides(path: list[str], population: str) -> None:
    assert find_population(path, path[0], "Men with gout should rest.") == population


def test_fallbacks() -> None:
    assert find_population([], "", "Men with gout should rest.", "asthma.md") == "Men with gout"
    assert find_population(["Scope"], "Scope", "Rest.", "asthma-children.md") == "Children with asthma"
    assert find_population([], "", "Rest.", "stdin") == UNKNOWN


def test_a_title_of_many_groups_takes_no_time() -> None:
    begun = perf_counter()
    title_population("Gout in " + "adults in hospital and " * 400 + "adults,x")
    assert perf_counter() - begun < 2


def test_a_title_full_of_blanks_takes_no_time() -> None:
    assert title_population("Gout" + " " * 2000 + "in adults") == "Adults with gout"
