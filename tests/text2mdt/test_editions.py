"""What changed from one edition to the next."""

from __future__ import annotations

import random
import time

import pytest
from built_extractions import NOTHING, condition, decision, extraction, passage, tree
from hypothesis import given, settings
from hypothesis import strategies as st
from tree_strategies import trees as any_trees

from text2mdt.guideline import EditionComparison, PassageChange, compare_editions
from text2mdt.guideline.editions_page import editions_page
from text2mdt.guideline.passage_alignment import out_of_order
from text2mdt.guideline.word_diff import changed_words, word_diff
from text2mdt.schema import DecisionTree, Node, PassageResult

TEXT = "If the eGFR is below 30 ml/min, give prednisolone 40 mg daily for 5 days; otherwise naproxen is preferred here."
OTHER = "Colchicine is an alternative where NSAIDs are not tolerated, and where it fails as well refer to rheumatology."
THIRD = "Serum urate should be measured four weeks after the attack in all patients who are offered allopurinol."


def renal(limit: int = 30, dose: str = "40 mg daily", drug: str = "prednisolone") -> DecisionTree:
    given_drug = decision(drug, ("dose", f"{drug}: {dose}"))
    return tree(condition(f"eGFR is below {limit} ml/min"), given_drug, decision("naproxen"))


def changes(old: PassageResult, new: PassageResult) -> PassageChange:
    (found,) = compare_editions(extraction(old), extraction(new)).passages
    return found


def tree_changes(old: DecisionTree, new: DecisionTree) -> list[tuple[str, str]]:
    found = changes(passage(1, old, text=TEXT), passage(1, new, text=TEXT + " New."))
    assert found.change == "changed"
    assert found.trees_equal is not bool(found.tree_changes)
    return [(one.kind, one.text) for one in found.tree_changes]


# ---- words


def test_word_diff():
    runs = word_diff("Give 30 mg, once  daily.", "Give 40 mg once daily with food.")
    assert [(run.change, run.words) for run in runs] == [
        ("equal", "Give"),
        ("delete", "30"),
        ("insert", "40"),
        ("equal", "mg once daily"),
        ("insert", "with food."),
    ]
    assert changed_words(runs) == 3


@given(*[st.lists(st.sampled_from(["a", "B", "b,", "(c)", "4", "≥", "."]), max_size=12).map(" ".join)] * 2)
def test_a_word_diff_holds_both_texts(old, new):
    runs = word_diff(old, new)
    assert " ".join(run.words for run in runs if run.change != "delete") == new
    kept = [word for run in runs if run.change != "insert" for word in run.words.split()]
    assert len(kept) == len(old.split())
    assert changed_words(runs) == 0 or word_diff(old, old) == () or old != new


# ---- passages


def test_unchanged_changed_added_removed_moved():
    old = extraction(
        passage(1, text=TEXT), passage(2, text=OTHER), passage(3, text=THIRD), passage(4, text="Old words only.")
    )
    new = extraction(
        passage(1, text=THIRD.upper()),
        passage(2, text=TEXT.replace("40", "30")),
        passage(3, text=OTHER),
        passage(4, text="Something quite new stands here."),
    )
    compared = compare_editions(old, new)
    assert [(one.change, one.old, one.new) for one in compared.passages] == [
        ("moved", "g-003", "g-001"),
        ("removed", "g-004", None),
        ("changed", "g-001", "g-002"),
        ("unchanged", "g-002", "g-003"),
        ("added", None, "g-004"),
    ]
    assert compared.passage_counts == dict.fromkeys(compared.passage_counts, 1)
    assert list(compared.passage_counts) == [
        "unchanged",
        "changed",
        "added",
        "removed",
        "moved",
        "changed_with_equal_trees",
    ]
    assert EditionComparison.model_validate_json(compared.model_dump_json()) == compared


def test_one_edition_with_itself():
    edition = extraction(passage(1, renal(), text=TEXT), passage(2, text=OTHER), passage(3, text=TEXT))
    compared = compare_editions(edition, edition)
    assert [(one.change, one.old, one.new) for one in compared.passages] == [
        ("unchanged", f"g-00{n}", f"g-00{n}") for n in (1, 2, 3)
    ]
    assert (compared.tree_counts, compared.notes) == ({}, ())


def test_an_empty_edition():
    compared = compare_editions(extraction(), extraction(passage(1, renal(), text=TEXT)))
    assert [(one.change, [c.kind for c in one.tree_changes]) for one in compared.passages] == [
        ("added", ["tree_added"])
    ]
    assert compare_editions(extraction(), extraction()).passages == ()


def test_a_repeated_passage_keeps_its_heading():
    old = extraction(passage(1, text=TEXT, heading="A"), passage(2, text=TEXT, heading="B"))
    new = extraction(passage(1, text=TEXT.replace("40", "30"), heading="A"), passage(2, text=TEXT, heading="B"))
    assert [(one.old, one.new, one.change) for one in compare_editions(old, new).passages] == [
        ("g-001", "g-001", "changed"),
        ("g-002", "g-002", "unchanged"),
    ]


def test_an_equal_heading_decides_between_two_that_are_alike():
    old = extraction(passage(1, text=TEXT, heading="A"))
    new = extraction(
        passage(1, text=TEXT.replace("naproxen", "ibuprofen"), heading="B"),
        passage(2, text=TEXT.replace("naproxen", "etoricoxib"), heading="A"),
    )
    assert [one.change for one in compare_editions(old, new).passages] == ["added", "changed"]


def test_one_word_that_leaves_the_tree_equal_is_said_so():
    found = changes(passage(1, renal(), text=TEXT), passage(1, renal(), text=TEXT.replace("otherwise", "else")))
    assert (found.change, found.changed_words, found.trees_equal) == ("changed", 1, True)
    assert found.text == "1 word changed, the trees are the same"


def test_another_population_is_a_change():
    old = passage(1, renal(), text=TEXT, population="Patients with gout")
    found = changes(old, passage(1, renal(), text=TEXT, population="Children with gout"))
    assert (found.change, found.population) == ("changed", ("Patients with gout", "Children with gout"))
    assert "other patients" in found.text
    same = changes(old, passage(1, renal(), text=TEXT, population="people with gout"))
    assert (same.change, same.population) == ("unchanged", None)


def test_another_heading_is_named():
    found = changes(passage(1, text=TEXT, heading="A"), passage(1, text=TEXT, heading="B"))
    assert (found.change, found.headings) == ("unchanged", (("Gout", "A"), ("Gout", "B")))


@settings(deadline=None)
@given(st.permutations(range(8)), st.sets(st.integers(0, 7)))
def test_few_passages_are_out_of_order(order, gone):
    pairs = {old: new for old, new in enumerate(order) if old not in gone}
    moved = out_of_order(pairs)
    kept = [pairs[old] for old in sorted(pairs) if old not in moved]
    assert kept == sorted(kept)
    assert (not moved) == ([pairs[old] for old in sorted(pairs)] == sorted(pairs.values()))


def test_two_hundred_passages_in_two_seconds():
    chance = random.Random(2)
    vocabulary = [f"word{n}" for n in range(1500)]
    common = ["the", "of", "in", "with", "or", "should", "be", "a", "patients"]
    texts = [
        " ".join(chance.choice(common) if chance.random() < 0.4 else chance.choice(vocabulary) for _ in range(90))
        for _ in range(200)
    ]
    old = extraction(*(passage(n, text=text) for n, text in enumerate(texts, 1)))
    edited = [" ".join(w if chance.random() > 0.2 else "edited" for w in text.split()) for text in texts]
    chance.shuffle(edited)
    new = extraction(*(passage(n, text=text) for n, text in enumerate(edited, 1)))
    start = time.process_time()
    compared = compare_editions(old, new)
    assert time.process_time() - start < 2.0
    assert compared.passage_counts["changed"] == 200
    for one in compared.passages:
        before, after = texts[int(one.old[2:]) - 1].split(), edited[int(one.new[2:]) - 1].split()
        assert sum(a == b for a, b in zip(before, after, strict=True)) > 50


# ---- trees


def test_a_dose():
    assert tree_changes(renal(), renal(dose="30 mg daily")) == [
        (
            "dose_changed",
            "the dose of 'prednisolone' changed from '40 mg daily' to '30 mg daily' "
            "where 'eGFR is below 30 ml/min' holds",
        )
    ]


def test_a_threshold():
    assert tree_changes(renal(), renal(45)) == [
        ("condition_changed", "the condition 'eGFR is below 30 ml/min' became 'eGFR is below 45 ml/min'")
    ]


def test_a_drug_takes_its_dose_along():
    assert tree_changes(renal(), renal(drug="prednisone")) == [
        (
            "decision_changed",
            "the therapeutic drug 'prednisolone' became 'prednisone' where 'eGFR is below 30 ml/min' holds",
        )
    ]


def test_a_condition_above():
    new = tree(condition("diabetes"), decision("insulin"), *renal().nodes)
    assert tree_changes(renal(), new) == [
        ("condition_added", "the condition 'diabetes' was added above 'eGFR is below 30 ml/min'"),
        ("decision_added", "the decision 'insulin' was added where 'diabetes' holds"),
    ]
    assert tree_changes(new, renal()) == [
        ("condition_removed", "the condition 'diabetes' was removed from above 'eGFR is below 30 ml/min'"),
        ("decision_removed", "the decision 'insulin' was removed where 'diabetes' holds"),
    ]


def test_a_condition_in_the_middle():
    first, yes, no = renal().nodes
    new = tree(first, condition("fever"), NOTHING, yes, no)
    assert tree_changes(renal(), new) == [("condition_added", "the condition 'fever' was added above 'prednisolone'")]


def test_a_case_more():
    new = tree(*renal().nodes[:2], condition("fever"), decision(("refer", "hospital")), decision("naproxen"))
    assert tree_changes(renal(), new) == [
        ("condition_added", "the condition 'fever' was added above 'naproxen'"),
        ("decision_added", "the decision 'hospital' was added where 'fever' holds"),
    ]


def test_triples_added_and_removed_and_logic():
    old = tree(condition("fever", "rash"), decision("a"), NOTHING)
    new = tree(condition("fever", "rash", "pain", logic="and"), decision("a", ("test", "urate")), NOTHING)
    assert tree_changes(old, new) == [
        ("triple_added", "the clinical feature 'pain' was added to the condition 'fever' or 'rash'"),
        ("logic_changed", "'fever' or 'rash' is now 'fever' and 'rash' and 'pain': 'or' became 'and'"),
        (
            "triple_added",
            "the investigation 'urate' was added to the decision 'a' where 'fever' and 'rash' and 'pain' holds",
        ),
    ]
    assert [kind for kind, _ in tree_changes(new, old)] == ["triple_removed", "logic_changed", "triple_removed"]


def test_a_drug_that_is_forbidden_now():
    old = tree(condition("fever"), decision("a"), NOTHING)
    new = tree(condition("fever"), decision(("avoid", "a")), NOTHING)
    assert tree_changes(old, new) == [("relation_changed", "'a' was given and is now forbidden where 'fever' holds")]


def test_branches_that_changed_places():
    old = tree(condition("fever"), decision("a", "b"), decision("c", "d"))
    new = tree(condition("fever"), decision("c", "d"), decision("a", "b"))
    assert tree_changes(old, new) == [
        ("branches_swapped", "the yes-branch and the no-branch of 'fever' changed places")
    ]


def test_a_branch_that_is_filled_or_emptied():
    empty = tree(condition("fever"), decision("a"), NOTHING)
    full = tree(condition("fever"), decision("a"), decision(("plan", "rest")))
    assert tree_changes(empty, full) == [
        ("decision_added", "the decision 'rest' was added where 'fever' does not hold")
    ]
    assert [kind for kind, _ in tree_changes(full, empty)] == ["decision_removed"]


def test_places_count_in_the_forest():
    first = tree(condition("fever"), decision("a"), NOTHING)
    found = changes(passage(1, first, renal(), text=TEXT), passage(1, renal(45), text=TEXT))
    by_kind = {one.kind: one for one in found.tree_changes}
    changed = by_kind["condition_changed"]
    assert (changed.old.tree, changed.old.node, changed.old.triple) == (1, 3, 0)
    assert (changed.new.tree, changed.new.node, changed.new.triple) == (0, 0, 0)
    assert (by_kind["tree_removed"].old.node, by_kind["tree_removed"].new) == (0, None)
    assert found.text == "the words are the same, 2 changes in the trees"


def test_a_tree_that_moved_to_another_passage():
    first = tree(condition("fever"), decision("a"), NOTHING)
    old = extraction(passage(1, first, renal(), text=TEXT), passage(2, text=OTHER))
    new = extraction(passage(1, renal(), text=TEXT), passage(2, first, text=OTHER))
    compared = compare_editions(old, new)
    assert compared.tree_counts == {"tree_moved": 1}
    (move,) = compared.passages[1].tree_changes
    assert (move.old.passage, move.new.passage) == ("g-001", "g-002")
    assert move.text == "the tree 'fever' (1 condition, 1 decision) moved from g-001 to g-002"


def test_a_tree_for_other_patients_is_another_tree():
    fever = tree(condition("fever"), decision("a"), NOTHING)
    old = extraction(passage(1, fever, renal(), text=TEXT), passage(2, text=OTHER, population="Children with gout"))
    new = extraction(passage(1, renal(), text=TEXT), passage(2, fever, text=OTHER, population="Children with gout"))
    assert compare_editions(old, new).tree_counts == {"tree_removed": 1, "tree_added": 1}


def test_other_words_for_the_same_are_no_change():
    old = tree(condition("eGFR is below 30 ml/min"), decision("NSAIDs", ("dose", "NSAIDs: 1 g")), NOTHING)
    new = tree(condition("eGFR < 30ml/min"), decision("an NSAID", ("dose", "an NSAID: 1000 mg")), NOTHING)
    assert tree_changes(old, new) == []


def test_trees_that_cannot_be_read_are_not_compared():
    broken = passage(1, text=TEXT).model_copy(update={"tree": (condition("fever"),)})
    compared = compare_editions(extraction(passage(1, renal(), text=TEXT)), extraction(broken))
    assert (compared.passages[0].trees_equal, compared.tree_counts) == (None, {})
    assert "T2M001" in compared.notes[0]


def test_models_that_differ_are_named():
    compared = compare_editions(extraction(model="a", adapter=None), extraction(model="b"))
    assert "different models (a; b with adapter default)" in compared.notes[0]


def test_a_tree_too_large_to_be_aligned():
    def full(levels: int, name: str, drug: str) -> list[Node]:
        if not levels:
            return [decision(f"{drug} {name}")]
        return [condition(f"c{name}"), *full(levels - 1, name + "y", drug), *full(levels - 1, name + "n", drug)]

    found = tree_changes(tree(*full(7, "", "a")), tree(*full(7, "", "b")))
    assert {kind for kind, _ in found} == {"tree_removed", "tree_added"}


@settings(max_examples=25, deadline=None)
@given(any_trees("p"), any_trees("p"))
def test_any_two_trees(old, new):
    compared = compare_editions(extraction(passage(1, old, text=TEXT)), extraction(passage(1, new, text=TEXT)))
    (one,) = compared.passages
    assert one.trees_equal is (one.tree_changes == ())
    if old == new:
        assert one.trees_equal
    for change in one.tree_changes:
        for place, owner in ((change.old, old), (change.new, new)):
            if place is not None:
                assert place.triple is None or owner.nodes[place.node].triples[place.triple]
    assert change_free(new)


def change_free(one: DecisionTree) -> bool:
    edition = extraction(passage(1, one, text=TEXT))
    return compare_editions(edition, edition).passages[0].trees_equal is True


# ---- page


@pytest.mark.parametrize("evil", ['<script>alert("1")</script>', "\x1b[31m\x00", "{{ 7 * 7 }}"])
def test_the_page(evil):
    old = extraction(
        passage(1, renal(), text=f"{TEXT} {evil}", heading=evil, population=f"Adults with {evil}", pages=(3,)),
        passage(2, text=OTHER),
        passage(3, text=THIRD),
        name=f"{evil}.pdf",
    )
    new = extraction(
        passage(1, renal(45), text=TEXT, pages=(7,)), passage(2, text=OTHER), passage(3, text=f"New {evil}.")
    )
    page = editions_page(compare_editions(old, new), old, new)
    assert "<script" not in page and "\x1b" not in page and "\x00" not in page and "49" not in page
    for words in (
        "page 3",
        "page 7",
        "condition changed",
        "<del>",
        "<ins>",
        "1 unchanged passage",
        "default-src &#39;none"[:11],
    ):
        assert words in page
