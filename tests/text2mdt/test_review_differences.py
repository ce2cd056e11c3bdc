"""Two readings side by side, and the agreement of reviewers with figures worked out by hand."""

from __future__ import annotations

import pytest
from built_extractions import NOTHING, condition, decision, passage, tree
from review_strategies import gout_result, gout_review

from text2mdt.errors import Text2MDTError
from text2mdt.review.differences import agreement, differences
from text2mdt.review.edits import (
    AcceptAll,
    AddNode,
    DeleteTree,
    DeleteTriple,
    Edit,
    FixTriple,
    NewTriple,
    SetLogic,
    SetPopulation,
    SetVerdict,
    SplitTree,
    SwapBranches,
    apply_edit,
)
from text2mdt.review.passage_review import PassageReview, review_of
from text2mdt.review.reviewer_agreement import cohens_kappa


def edited(*edits: Edit, review: PassageReview | None = None) -> PassageReview:
    review = review or gout_review()
    for edit in edits:
        review = apply_edit(review, edit)
    return review


def changes(*edits: Edit) -> dict[str, str]:
    """Every node that is not the same on both sides, called by its right id or else its left one."""
    found = differences(gout_review(), edited(*edits))
    return {
        node.right or node.left or "": node.change for one in found.trees for node in one.nodes if node.change != "same"
    }


def test_nothing_differs_from_itself() -> None:
    found = differences(gout_result(), gout_review())
    assert found.is_same and found.triple_counts == {"same": 8, "changed": 0, "added": 0, "removed": 0}


def test_changes_are_located() -> None:
    assert changes(FixTriple(triple="t7", object="colchicine")) == {"n6": "changed"}
    assert changes(SetVerdict(triple="t4", verdict="rejected")) == {"n3": "changed"}
    assert changes(SetLogic(node="n3", logical_rel="and")) == {"n3": "changed"}
    assert changes(SwapBranches(node="n3")) == {"n3": "changed"}
    new = (NewTriple(relation="clinical_feature", object="Fever"),)
    assert changes(AddNode(node="n3", branch="yes", triples=new)) == {"n19": "added", "n18": "added"}
    assert set(changes(DeleteTree(node="n12")).values()) == {"removed"}
    assert changes(SetVerdict(triple="t4", verdict="accepted")) == {}


def test_triples_are_paired_by_what_they_say() -> None:
    found = differences(gout_review(), edited(FixTriple(triple="t10", object="0.5 mg"), DeleteTriple(triple="t5")))
    triples = {triple.left: triple for one in found.trees for node in one.nodes for triple in node.triples}
    dose = triples["t10"]
    assert (dose.change, dose.right) == ("changed", "t10")
    assert dose.left_triple and dose.right_triple
    assert (dose.left_triple.object, dose.right_triple.object) == ("0.5 mg twice daily", "0.5 mg")
    assert (triples["t5"].change, triples["t5"].right) == ("removed", None)
    assert found.triple_counts == {"same": 6, "changed": 1, "added": 0, "removed": 1}


def test_logic_and_order_of_branches_are_told() -> None:
    found = differences(gout_review(), edited(SetLogic(node="n3", logical_rel="and"), SwapBranches(node="n3")))
    node = next(node for node in found.trees[0].nodes if node.right == "n3")
    assert (node.logic, node.swapped) == (("or", "and"), True)


def test_another_population_is_one_difference() -> None:
    found = differences(gout_review(), edited(SetPopulation(population="Men")))
    assert found.population == ("Adults with acute gout", "Men") and not found.is_same
    assert all(one.change == "same" for one in found.trees)


def test_a_split_tree_is_another_tree() -> None:
    found = differences(gout_review(), edited(SplitTree(node="n3")))
    assert [one.change for one in found.trees].count("added") == 1
    assert found.triple_counts["added"] == found.triple_counts["removed"]


def test_model_against_model() -> None:
    other = passage(1, tree(condition("one joint affected"), decision("colchicine"), NOTHING), text=gout_result().text)
    found = differences(gout_result(), other)
    assert found.triple_counts["removed"] and not found.triple_counts["added"]
    with pytest.raises(Text2MDTError, match=r"T2M083.*texts differ"):
        differences(gout_result(), passage(2, text="other words"))


def test_unfinished_trees_are_compared_too() -> None:
    assert changes(SetVerdict(triple="t13", verdict="rejected")) == {"n12": "changed"}


def test_agreement_by_hand() -> None:
    first = edited(SetVerdict(triple="t4", verdict="rejected"), AcceptAll())
    second = edited(
        FixTriple(triple="t7", object="colchicine"),
        DeleteTriple(triple="t5"),
        AcceptAll(),
        SetVerdict(triple="t15", verdict="open"),
    )
    found = agreement([first], [second])
    table = found.verdicts.table
    assert found.verdicts.triples == 7 and found.verdicts.open == 1
    assert table["accepted"] == {"accepted": 4, "fixed": 1, "rejected": 1}
    assert table["rejected"] == {"accepted": 1, "fixed": 0, "rejected": 0}
    assert found.verdicts.same == pytest.approx(4 / 7)
    # rows: accepted 6, rejected 1; columns: accepted 5, fixed 1, rejected 1
    expected = (6 * 5 + 1 * 1) / 49
    assert found.verdicts.kappa == pytest.approx((4 / 7 - expected) / (1 - expected))
    # left: t2 t5 t7 t9 t10 t13 t15; right: t2 t4 t7' t9 t10 t13 t15; t7' is the same drug as t9
    assert found.triple_f1 == pytest.approx(2 * 5 / (7 + 6))
    assert found.tree_accuracy == 0.0


def test_agreement_with_oneself_is_whole() -> None:
    review = edited(AcceptAll())
    found = agreement([review], [review])
    assert (found.triple_f1, found.tree_accuracy, found.verdicts.same) == (1.0, 1.0, 1.0)
    assert found.verdicts.kappa is None  # one verdict throughout
    assert found.report()["verdicts"]["triples"] == 8


def test_what_cannot_be_compared_is_named() -> None:
    done, unfinished = edited(AcceptAll()), edited(SetVerdict(triple="t13", verdict="rejected"))
    with pytest.raises(Text2MDTError, match="T2M033"):
        agreement([done], [unfinished])
    with pytest.raises(Text2MDTError, match="T2M062"):
        agreement([done, done], [done])
    other = review_of(passage(2, tree(condition("fever"), decision("rest"), NOTHING)))
    third = review_of(passage(2, tree(condition("fever"), NOTHING, decision("rest")), text=other.passage.text))
    found = agreement([done, other], [done, third])
    assert found.other_extraction == ("g-002",) and found.passages == 2
    assert found.verdicts.triples == 8
    assert agreement([done, other], [unfinished, other]).left_out == ("g-001",)


@pytest.mark.parametrize(
    ("table", "kappa"),
    [
        ({("accepted", "accepted"): 20, ("accepted", "rejected"): 5, ("rejected", "accepted"): 10,
          ("rejected", "rejected"): 15}, 0.4),
        ({("accepted", "accepted"): 45, ("accepted", "rejected"): 15, ("rejected", "accepted"): 25,
          ("rejected", "rejected"): 15}, 0.1304),
        ({("accepted", "rejected"): 4, ("rejected", "accepted"): 4}, -1.0),
        ({("accepted", "accepted"): 9}, None),
        ({}, None),
    ],
)  # fmt: skip
def test_kappa_of_published_tables(table: dict, kappa: float | None) -> None:
    found = cohens_kappa(table)
    assert found == (None if kappa is None else pytest.approx(kappa, abs=5e-5))
