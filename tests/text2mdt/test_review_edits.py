"""Each edit: what it does, what it keeps, and what it refuses."""

from __future__ import annotations

import pytest
from built_extractions import ADULTS
from review_strategies import TEXT, bag, gout_review

from text2mdt.errors import Text2MDTError
from text2mdt.review.edits import (
    AcceptAll,
    AddNode,
    AddTree,
    AddTriple,
    CommentOn,
    DeleteNode,
    DeleteTree,
    DeleteTriple,
    Edit,
    FixTriple,
    MoveSubtree,
    NewTriple,
    SetLogic,
    SetPopulation,
    SetRole,
    SetVerdict,
    SplitTree,
    SwapBranches,
    apply_edit,
    read_edit,
)
from text2mdt.review.history import LONGEST_HISTORY, History, describe
from text2mdt.review.passage_review import PassageReview, ReviewNode, ReviewTriple, result_of
from text2mdt.schema import Span


def edited(*edits: Edit) -> PassageReview:
    review = gout_review()
    for edit in edits:
        review = apply_edit(review, edit)
    return review


def shape(node: ReviewNode) -> object:
    """The ids: a decision's, or (id, yes, no)."""
    return (node.id, shape(node.yes), shape(node.no)) if node.yes and node.no else node.id


def shapes(review: PassageReview) -> list[object]:
    return [shape(root) for root in review.trees]


def node(review: PassageReview, name: str) -> ReviewNode:
    return next(found for found in review.nodes() if found.id == name)


def triple(review: PassageReview, name: str) -> ReviewTriple:
    return next(found for found in review.triples() if found.id == name)


def span(words: str) -> Span:
    start = TEXT.index(words)
    return Span(start=start, end=start + len(words))


FEVER = ("n12", "n14", "n16")
GOUT = ("n1", ("n3", "n6", "n8"), "n11")


def test_the_start() -> None:
    assert shapes(gout_review()) == [GOUT, FEVER]


def test_verdicts() -> None:
    review = edited(SetVerdict(triple="t4", verdict="rejected"), AcceptAll(node="n3"))
    assert [item.verdict for item in node(review, "n3").triples] == ["rejected", "accepted"]
    assert triple(review, "t7").verdict == "open"
    review = edited(AcceptAll(node="n3", below=True))
    assert {item.id for item in review.triples() if item.verdict == "accepted"} == {"t4", "t5", "t7", "t9", "t10"}


def test_a_fixed_triple_is_found_again_in_the_text() -> None:
    review = edited(FixTriple(triple="t7", object="colchicine", relation="contraindicated_drug"))
    fixed = triple(review, "t7")
    assert (fixed.relation, fixed.object, fixed.verdict) == ("contraindicated_drug", "colchicine", "fixed")
    assert fixed.object_span == span("colchicine")
    assert triple(edited(FixTriple(triple="t7", object="steroids")), "t7").object_span is None
    kept = edited(FixTriple(triple="t7", relation="treatment_plan"))
    assert triple(kept, "t7").object_span == span("prednisolone")


def test_marked_words_are_taken_as_they_stand() -> None:
    marked = span(" 0.5 mg twice ")
    fixed = triple(edited(FixTriple(triple="t10", object_span=marked)), "t10")
    assert (fixed.object, fixed.object_span) == ("0.5 mg twice", span("0.5 mg twice"))
    with pytest.raises(Text2MDTError, match=r"T2M084.*'fever', the marked words are ' 0.5 mg twice '.*triple t10"):
        edited(FixTriple(triple="t10", object="fever", object_span=marked))
    with pytest.raises(Text2MDTError, match=r"T2M084.*no part of a text of"):
        edited(FixTriple(triple="t10", object_span=Span(start=5, end=10_000)))
    with pytest.raises(Text2MDTError, match=r"T2M083.*empty"):
        edited(FixTriple(triple="t10", object_span=span(" ")))


def test_a_dose_follows_its_drug_to_another_name() -> None:
    review = edited(FixTriple(triple="t9", object="prednisolone"))
    dose = triple(review, "t10")
    assert (dose.subject, dose.subject_span) == ("prednisolone", span("prednisolone"))
    twin = NewTriple(relation="therapeutic_drug", object="colchicine")
    review = edited(AddTriple(node="n8", triple=twin), FixTriple(triple="t9", object="prednisolone"))
    assert triple(review, "t10").subject == "colchicine"  # its drug is still there


def test_a_new_dose_belongs_to_the_drug_of_the_node() -> None:
    dose = NewTriple(relation="dosage", object="daily")
    review = edited(AddTriple(node="n6", triple=dose))
    assert (triple(review, "t17").subject, triple(review, "t17").verdict) == ("prednisolone", "fixed")
    with pytest.raises(Text2MDTError, match=r"T2M083.*drug of the dose.*add the drug first"):
        edited(AddTriple(node="n11", triple=dose))
    review = edited(FixTriple(triple="t10", relation="treatment_plan"))
    assert triple(review, "t10").subject == ADULTS


def test_triples_are_added_where_they_are_wanted() -> None:
    new = NewTriple(relation="clinical_feature", object_span=span("Fever"))
    review = edited(AddTriple(node="n3", triple=new, position=1))
    assert [item.id for item in node(review, "n3").triples] == ["t4", "t17", "t5"]
    assert node(review, "n3").logical_rel == "or" and triple(review, "t17").object_span == span("Fever")
    review = edited(AddTriple(node="n12", triple=new, logical_rel="and"))
    assert node(review, "n12").logical_rel == "and"
    for wrong in (-1, 3):
        with pytest.raises(Text2MDTError, match=rf"T2M083.*no position {wrong}.*node n3.*0 to 2"):
            edited(AddTriple(node="n3", triple=new, position=wrong))


@pytest.mark.parametrize(
    "new",
    [
        NewTriple(relation="clinical_feature", object=" "),
        NewTriple(relation="clinical_feature"),
        NewTriple(relation="clinical_feature", object="x" * 3_000),
        NewTriple(relation="clinical_feature", object="fever", subject="\n"),
    ],
)
def test_words_must_be_words(new: NewTriple) -> None:
    with pytest.raises(Text2MDTError, match=r"T2M083.*node n3"):
        edited(AddTriple(node="n3", triple=new))


def test_relations_must_stand_in_the_role() -> None:
    with pytest.raises(Text2MDTError, match=r"T2M081.*'referral' does not stand in a condition.*basic_information"):
        edited(AddTriple(node="n3", triple=NewTriple(relation="referral", object="Fever")))
    with pytest.raises(Text2MDTError, match=r"T2M081.*decision.*triple t7.*therapeutic_drug"):
        edited(FixTriple(triple="t7", relation="cures"))


def test_deleting_a_triple_ends_the_logic_that_joined_it() -> None:
    review = edited(DeleteTriple(triple="t4"))
    assert node(review, "n3").logical_rel == "null" and "t4" not in {item.id for item in review.triples()}


def test_logic_must_have_something_to_join() -> None:
    assert node(edited(SetLogic(node="n3", logical_rel="and")), "n3").logical_rel == "and"
    with pytest.raises(Text2MDTError, match=r"T2M083.*'or' joins triples.*node n1"):
        edited(SetLogic(node="n1", logical_rel="or"))
    with pytest.raises(Text2MDTError, match=r"T2M083.*choose 'and' or 'or'"):
        edited(SetLogic(node="n3", logical_rel="null"))


def test_a_condition_becomes_a_decision_only_if_nothing_is_lost() -> None:
    with pytest.raises(Text2MDTError, match=r"T2M082.*would lose 3 triples.*node n3.*move it"):
        edited(SetRole(node="n3", role="D"))
    review = edited(SetRole(node="n3", role="D", may_drop=True, relation="treatment_plan"))
    assert shapes(review)[0] == ("n1", "n3", "n11")
    assert {item.relation for item in node(review, "n3").triples} == {"treatment_plan"}
    with pytest.raises(Text2MDTError, match=r"T2M082.*1 comment"):
        edited(DeleteTriple(triple="t15"), CommentOn(target="n16", comment="why?"), SetRole(node="n12", role="D"))
    assert shapes(edited(DeleteTriple(triple="t15"), SetRole(node="n12", role="D")))[1] == "n12"


def test_a_decision_becomes_a_condition_with_two_empty_decisions() -> None:
    review = edited(SetRole(node="n6", role="C"))
    assert shapes(review)[0] == ("n1", ("n3", ("n6", "n17", "n18"), "n8"), "n11")
    assert triple(review, "t7").relation == "therapeutic_drug"  # kept, and a problem until it is corrected
    review = edited(SetRole(node="n8", role="C", relation="clinical_feature"))
    assert [item.subject for item in node(review, "n8").triples] == [ADULTS, ADULTS]
    assert edited(SetRole(node="n6", role="D")) == gout_review()


def test_a_condition_is_put_above_a_node() -> None:
    new = (NewTriple(relation="clinical_feature", object="Fever"),)
    review = edited(AddNode(node="n3", branch="no", triples=new))
    assert shapes(review)[0] == ("n1", ("n19", "n18", ("n3", "n6", "n8")), "n11")
    assert triple(review, "t17").object_span == span("Fever")
    review = edited(AddNode(node="n12", branch="yes"))
    assert shapes(review)[1] == ("n18", FEVER, "n17")


def test_a_node_is_deleted_only_if_nothing_is_lost() -> None:
    with pytest.raises(Text2MDTError, match=r"T2M082.*2 triples.*node n3"):
        edited(DeleteNode(node="n3", keep="yes"))
    assert shapes(edited(DeleteNode(node="n3", keep="yes", may_drop=True)))[0] == ("n1", "n6", "n11")
    assert shapes(edited(DeleteNode(node="n12", keep="yes")))[1] == "n14"
    assert shapes(edited(DeleteNode(node="n1", may_drop=True)))[0] == "n17"
    assert shapes(edited(DeleteNode(node="n14")))[1] == ("n12", "n17", "n16")
    assert edited(DeleteNode(node="n11")) == gout_review()
    with pytest.raises(Text2MDTError, match=r"T2M083.*no yes-branch"):
        edited(DeleteNode(node="n14", keep="yes"))


def test_branches_change_places() -> None:
    review = edited(SwapBranches(node="n3"))
    assert shapes(review)[0] == ("n1", ("n3", "n8", "n6"), "n11") and bag(review) == bag(gout_review())
    with pytest.raises(Text2MDTError, match=r"T2M083.*decision has no branches"):
        edited(SwapBranches(node="n6"))


def test_subtrees_move() -> None:
    review = edited(MoveSubtree(node="n3", target="n16"))
    assert shapes(review) == [("n1", "n17", "n11"), ("n12", "n14", ("n3", "n6", "n8"))]
    assert bag(review) == bag(gout_review())
    whole = edited(MoveSubtree(node="n12", target="n11"))
    assert shapes(whole) == [("n1", ("n3", "n6", "n8"), FEVER)] and bag(whole) == bag(gout_review())
    both = edited(MoveSubtree(node="n3", target="n14", exchange=True))
    assert shapes(both) == [("n1", "n14", "n11"), ("n12", ("n3", "n6", "n8"), "n16")]
    assert bag(both) == bag(gout_review())


@pytest.mark.parametrize(
    ("edit", "says"),
    [
        (MoveSubtree(node="n3", target="n3"), "lie in each other"),
        (MoveSubtree(node="n1", target="n11"), "lie in each other"),
        (MoveSubtree(node="n6", target="n1", exchange=True), "lie in each other"),
        (MoveSubtree(node="n3", target="n14"), "n14 is not empty"),
        (MoveSubtree(node="n11", target="n16"), "nothing to move"),
        (SplitTree(node="n1"), "root of a tree already"),
        (SplitTree(node="n11"), "an empty decision makes no tree"),
        (DeleteTree(node="n3"), "not the root of its tree.*name n1"),
        (AddTree(position=3), "no position 3"),
        (AddTree(logical_rel="and"), "'and' with no triple"),
        (SetPopulation(population="a@b"), "holds an @"),
        (SetPopulation(population=" "), "population is empty"),
        (CommentOn(target="n1", comment="x" * 10_001), "10001 characters"),
    ],
)
def test_what_does_not_fit_is_refused(edit: Edit, says: str) -> None:
    with pytest.raises(Text2MDTError, match=rf"T2M083.*{says}"):
        edited(edit)


@pytest.mark.parametrize(
    "edit", [SwapBranches(node="n99"), SetVerdict(triple="t99", verdict="open"), DeleteNode(node="t2")]
)
def test_unknown_ids_are_named(edit: Edit) -> None:
    with pytest.raises(Text2MDTError, match=r"T2M080.*'(n99|t99|t2)'.*passage g-001.*load the passage again"):
        edited(edit)


def test_a_comment_guards_its_place() -> None:
    with pytest.raises(Text2MDTError, match="n16 is not empty"):
        edited(CommentOn(target="n16", comment="why nothing?"), MoveSubtree(node="n3", target="n16"))


def test_a_subtree_becomes_a_tree_of_its_own() -> None:
    review = edited(SplitTree(node="n3"))
    assert shapes(review) == [("n1", "n17", "n11"), ("n3", "n6", "n8"), FEVER]
    assert bag(review) == bag(gout_review())


def test_trees_come_and_go() -> None:
    new = (NewTriple(relation="clinical_feature", object="diarrhoea"),)
    review = edited(AddTree(triples=new, position=0))
    assert shapes(review) == [("n18", "n19", "n20"), GOUT, FEVER]
    assert shapes(edited(AddTree(role="D")))[2] == "n17"
    assert shapes(edited(DeleteTree(node="n1"))) == [FEVER]
    assert result_of(edited(DeleteTree(node="n1"), DeleteTree(node="n12"))).tree == ()


def test_the_population_is_every_subject_but_that_of_doses() -> None:
    review = edited(SetPopulation(population="Adults with fever"))
    assert {item.subject for item in review.triples()} == {"Adults with fever", "colchicine"}
    result = result_of(review)
    assert result.population == result.passage.population == "Adults with fever"
    assert review.passage.population == ADULTS


def test_the_depth_is_bounded() -> None:
    history = History(start=gout_review())
    for _ in range(58):
        history = history.apply(AddNode(node="n3", branch="yes"))
    with pytest.raises(Text2MDTError, match=r"T2M085.*60 conditions.*split it"):
        history.apply(AddNode(node="n1", branch="yes"))


def test_undo_redo_and_what_they_forget() -> None:
    first = History(start=gout_review())
    assert not first.can_undo and not first.can_redo
    for step, word in ((first.undo, "undo"), (first.redo, "redo")):
        with pytest.raises(Text2MDTError, match=rf"T2M088.*nothing to {word}"):
            step()
    second = first.apply(SwapBranches(node="n3")).apply(SetVerdict(triple="t2", verdict="accepted"))
    back = second.undo()
    assert back.can_redo and back.redo().review is second.review
    assert back.lines() == ("swapped the branches of the condition 'renal failure' or 'diarrhoea'",)
    other = back.apply(SetVerdict(triple="t2", verdict="rejected"))
    assert not other.can_redo and len(other.entries) == 2
    assert other.apply(SetVerdict(triple="t2", verdict="rejected")) is other
    assert History.model_validate_json(other.model_dump_json()) == other


def test_a_history_is_bounded() -> None:
    history = History(start=gout_review())
    for number in range(LONGEST_HISTORY + 5):
        history = history.apply(CommentOn(target="n1", comment=str(number)))
    assert len(history.entries) == LONGEST_HISTORY and history.start.trees[0].comment == "4"
    while history.can_undo:
        history = history.undo()
    assert history.review.trees[0].comment == "4"


@pytest.mark.parametrize(
    ("edit", "line"),
    [
        (SetVerdict(triple="t7", verdict="accepted"), "accepted 'drug: prednisolone'"),
        (SetVerdict(triple="t10", verdict="rejected"), "rejected 'dose: 0.5 mg twice daily of colchicine'"),
        (FixTriple(triple="t7", object="x\ny"), "corrected 'drug: prednisolone' to 'drug: x y'"),
        (FixTriple(triple="t7", subject="Men"), "corrected the subject of 'drug: prednisolone' to 'Men'"),
        (FixTriple(triple="t7", object_span=span("prednisolone")), "corrected the place of 'drug: prednisolone'"),
        (CommentOn(target="n11", comment="why?"), "commented on an empty decision: 'why?'"),
        (
            AddTriple(node="n6", triple=NewTriple(relation="referral", object_span=span("hospital"))),
            "added 'refer: hospital' to the decision 'prednisolone'",
        ),
        (
            SetLogic(node="n3", logical_rel="and"),
            "joined the triples of the condition 'renal failure' or 'diarrhoea' by 'and'",
        ),
        (
            AddNode(node="n6", branch="no"),
            "put a condition (without words yet) above the decision 'prednisolone', which is now its no-branch",
        ),
        (DeleteNode(node="n12", keep="yes"), "deleted the condition 'Fever', keeping its yes-branch"),
        (DeleteNode(node="n12", may_drop=True), "deleted the condition 'Fever' with all below it"),
        (
            MoveSubtree(node="n6", target="n16"),
            "moved the decision 'prednisolone' to the no-branch of the condition 'Fever'",
        ),
        (SetRole(node="n6", role="C"), "made the decision 'prednisolone' a condition"),
        (SetPopulation(population="Men"), "changed the population from 'Adults with acute gout' to 'Men'"),
        (AcceptAll(), "accepted all open triples of the passage"),
        (SwapBranches(node="n99"), "swapped the branches of node 'n99'"),
        (FixTriple(triple="t9\n9"), "corrected 't9 9'"),
        (MoveSubtree(node="n6", target="n\n9"), "moved the decision 'prednisolone' to node 'n 9'"),
    ],
)
def test_edits_in_words(edit: Edit, line: str) -> None:
    assert describe(edit, gout_review()) == line


def test_edits_are_read_from_json() -> None:
    assert read_edit('{"kind": "swap_branches", "node": "n1"}') == SwapBranches(node="n1")
    assert read_edit({"kind": "set_verdict", "triple": "t1", "verdict": "fixed"}).verdict == "fixed"
    for wrong in (
        "",
        "[]",
        "{",
        {"kind": "explode"},
        {"kind": "swap_branches"},
        {"kind": "swap_branches", "node": "n1", "colour": 1},
        {"kind": "comment_on", "target": "n1", "comment": "\ud800"},
        {"kind": "swap_branches", "node": {1, 2}},
        b"\xff",
    ):
        with pytest.raises(Text2MDTError, match="T2M086"):
            read_edit(wrong)
