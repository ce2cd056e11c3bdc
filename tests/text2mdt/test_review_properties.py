"""What holds of every sequence of edits, fitting or not."""

from __future__ import annotations

from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from review_strategies import bag, edits_for, results

from text2mdt.errors import Text2MDTError
from text2mdt.review import edits as kinds
from text2mdt.review.counted_forest import counted_forest
from text2mdt.review.differences import differences
from text2mdt.review.edits import apply_edit, edit_json, read_edit
from text2mdt.review.history import History, describe
from text2mdt.review.passage_review import from_json, problems_of, progress, record_of, result_of, review_of, to_json
from text2mdt.review.reading_again import read_again
from text2mdt.schema import DecisionTree, PassageResult, split_forest

KEEPING = (kinds.MoveSubtree, kinds.SwapBranches, kinds.SplitTree, kinds.SetLogic)


@given(results())
@settings(max_examples=40, deadline=None)
def test_a_result_comes_back_as_it_was(result: PassageResult) -> None:
    review = review_of(result)
    back = result_of(review)
    assert back.tree == result.tree
    assert progress(review) == (0, sum(len(node.triples) for node in result.tree))
    if result.groundings:
        assert back.groundings == result.groundings
    assert result_of(review_of(back)) == back
    assert differences(result, review).is_same


@given(st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_edits_give_a_sound_review_or_a_coded_error(data: st.DataObject) -> None:
    history = History(start=review_of(data.draw(results())))
    for _ in range(data.draw(st.integers(1, 12))):
        before = history.review
        edit = data.draw(edits_for(before))
        line = describe(edit, before)
        assert line and "\n" not in line
        assert read_edit(edit_json(edit)) == edit
        try:
            after = history.apply(edit)
        except Text2MDTError as error:
            event(error.code)
            assert error.where and error.mend
            assert history.review is before
            continue
        event(edit.kind)
        review = after.review
        _is_sound(review)
        if isinstance(edit, KEEPING):
            assert bag(review) == bag(before)
        if after is not history:
            assert after.undo().review == before
            assert after.undo().redo() == after
        history = after
    while history.can_undo:
        history = history.undo()
    assert history.review is history.start


def _is_sound(review: kinds.PassageReview) -> None:
    names = [node.id for node in review.nodes()] + [triple.id for triple in review.triples()]
    assert len(set(names)) == len(names)
    assert from_json(to_json(review)) == review  # the validators see it
    assert read_again(review) == review  # no warning is left over from another tree
    problems = problems_of(review)
    for problem in problems:
        assert problem.node in names and (problem.triple is None or problem.triple in names)
    try:
        result = result_of(review)
    except Text2MDTError as error:
        assert problems and error.code in {problem.code for problem in problems if problem.blocks == "result"}
        return
    assert not any(problem.blocks == "result" for problem in problems)
    counted = sum(triple.counts for triple in review.triples())
    assert sum(len(node.triples) for node in result.tree) == counted
    assert all(isinstance(tree, DecisionTree) for tree in split_forest(result.tree))
    assert result.warnings == tuple(sorted(result.warnings, key=lambda warning: warning.node))
    try:
        record = record_of(review, "r-1")
    except Text2MDTError as error:
        assert error.code == problems[0].code
    else:
        assert not problems and record.tree == result.tree


@given(st.data())
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_differences_account_for_every_node_and_triple_once(data: st.DataObject) -> None:
    before = after = review_of(data.draw(results()))
    for _ in range(data.draw(st.integers(0, 5))):
        try:
            after = apply_edit(after, data.draw(edits_for(after)))
        except Text2MDTError:
            continue
    found = differences(before, after)
    for side, review in (("left", before), ("right", after)):
        forest = counted_forest(review)
        nodes = [node for tree in found.trees for node in tree.nodes]
        assert sorted(filter(None, (getattr(node, side) for node in nodes))) == sorted(n.id for n in forest.nodes)
        triples = [getattr(triple, side) for node in nodes for triple in node.triples]
        assert sorted(filter(None, triples)) == sorted(item.id for of_node in forest.triples for item in of_node)
    turned = differences(after, before)
    assert turned.is_same == found.is_same
