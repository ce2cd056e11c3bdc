"""Cases: three-valued walking agrees with brute force, asks what matters, and says where things stand."""

from __future__ import annotations

from itertools import product
from random import Random

import pytest
from built_extractions import ADULTS, NOTHING, condition, decision, extraction, passage, tree
from hypothesis import given, settings
from hypothesis import strategies as st
from random_trees import assignments, decided, random_tree

from text2mdt.cases import (
    Answer,
    Case,
    distinct_questions,
    evaluate,
    explain,
    in_words,
    next_question,
    plain_trees,
    question_key,
    read_answers,
    trees_of_extraction,
    trees_of_guideline,
)
from text2mdt.errors import Text2MDTError
from text2mdt.graph import node_truth
from text2mdt.guideline import build_guideline
from text2mdt.guideline.normal_triples import node_key
from text2mdt.schema import DecisionTree, Recommendation, Span, Triple

FEVER, RASH, COUGH = (Triple(ADULTS, "clinical_feature", words) for words in ("fever", "rash", "cough"))
#        0 fever or rash: yes 1 (cough: yes 2, no 3), no 4 (rash: yes 5, no 6)
TREE = tree(condition("fever", "rash"), condition("cough"), decision("a"), decision("b"),
            condition("rash"), decision("never"), NOTHING)  # fmt: skip
QUICK = settings(max_examples=40, deadline=None)
RANDOM_TREES = st.integers(0, 10**9).map(lambda seed: random_tree(Random(seed)))
SMALL_TREES = st.integers(0, 10**9).map(lambda seed: random_tree(Random(seed), most_conditions=5))


def case_of(tree: DecisionTree, truth: dict) -> Case:
    asked = distinct_questions([tree])
    return Case.of([(asked[key], "yes" if holds else "no") for key, holds in truth.items()])


@QUICK
@given(RANDOM_TREES, st.integers())
def test_a_case_with_all_answers_comes_where_two_valued_logic_comes(tree, seed):
    for truth in assignments([tree], Random(seed), 16):
        found = evaluate(tree, case_of(tree, truth))
        assert found.reached == found.node == decided(tree, truth)
        assert found.possible[0].hangs_on == ()
        assert next_question(tree, case_of(tree, truth)) is None


@QUICK
@given(SMALL_TREES, st.data())
def test_possible_is_what_the_completions_reach(tree, data):
    asked = distinct_questions([tree])
    answers = {key: data.draw(st.sampled_from(["yes", "no", "unknown", None])) for key in asked}
    case = Case.of([(asked[key], said) for key, said in answers.items() if said])
    told = {key: said == "yes" for key, said in answers.items() if said in ("yes", "no")}
    open_keys = [key for key in asked if key not in told]
    reached = {
        decided(tree, told | dict(zip(open_keys, values, strict=True)))
        for values in product((True, False), repeat=len(open_keys))
    }
    found = evaluate(tree, case)
    assert [one.node for one in found.possible] == sorted(reached)
    assert found.settled == (len({node_key(tree.nodes[node]) for node in reached}) == 1)
    for holds, index in ((holds, index) for index, holds in found.steps):
        children = tree.children()[index]
        assert all((children[0] <= node < children[1]) == holds for node in reached)


@QUICK
@given(RANDOM_TREES, st.randoms(use_true_random=False))
def test_asking_ends_and_every_answer_is_used(tree, random):
    truth = {key: random.random() < 0.5 for key in distinct_questions([tree])}
    case = Case()
    while (question := next_question(tree, case)) is not None:
        assert case.answer(question.asked) is None
        before = evaluate(tree, case)
        case = case.with_answer(question.asked, Answer.YES if truth[question_key(question.asked)] else Answer.NO)
        assert len(evaluate(tree, case).possible) <= len(before.possible)
    assert len(case.answers) <= len(truth)
    reached = tree.nodes[decided(tree, truth)]
    assert evaluate(tree, case).settled
    assert node_key(tree.nodes[evaluate(tree, case).possible[0].node]) == node_key(reached)


@QUICK
@given(RANDOM_TREES, st.randoms(use_true_random=False))
def test_asking_ends_when_some_answers_are_unknown_and_nothing_left_would_help(tree, random):
    case = Case()
    while (question := next_question(tree, case)) is not None:
        case = case.with_answer(question.asked, random.choice(list(Answer)))
    said = _said(tree, case)
    left = [asked for key, asked in distinct_questions([tree]).items() if key not in case.by_question][:4]
    for values in product((Answer.YES, Answer.NO), repeat=len(left)):
        more = case
        for triple, value in zip(left, values, strict=True):
            more = more.with_answer(triple, value)
        assert _said(tree, more) == said


def _said(tree: DecisionTree, case: Case) -> set:
    return {node_key(tree.nodes[one.node]) for one in evaluate(tree, case).possible}


def test_kleene_tables():
    both, any_one = condition("fever", "rash", logic="and"), condition("fever", "rash", logic="or")
    for first, second in product((True, False, None), repeat=2):
        answer = {"fever": first, "rash": second}
        values = (first, second)
        wanted = False if False in values else None if None in values else True
        assert node_truth(both, lambda triple, answer=answer: answer[triple.object]) is wanted
        wanted = True if True in values else None if None in values else False
        assert node_truth(any_one, lambda triple, answer=answer: answer[triple.object]) is wanted


def test_by_hand():
    nothing = evaluate(TREE, Case())
    assert (nothing.steps, nothing.node, nothing.reached, nothing.settled) == ((), 0, None, False)
    assert [one.node for one in nothing.possible] == [2, 3, 6], "no fever and no rash leaves no rash further down"
    assert nothing.possible[0].hangs_on == ((0, True), (1, True))
    rash = Case.of({RASH: "yes"})
    assert evaluate(TREE, rash).steps == ((0, True),)
    assert next_question(TREE, rash).asked == COUGH
    unknown = Case.of({FEVER: "unknown", RASH: "no"})
    assert [one.node for one in evaluate(TREE, unknown).possible] == [2, 3, 6]
    assert next_question(TREE, unknown).asked == COUGH
    assert [one.node for one in evaluate(TREE, unknown.with_answer(COUGH, Answer.NO)).possible] == [3, 6]
    assert next_question(TREE, unknown.with_answer(COUGH, Answer.NO)) is None


def test_the_question_that_settles_most_comes_first():
    one = tree(condition("rare", "fever"), condition("fever"), decision("a"), decision("b"), decision("c"))
    assert next_question(one, Case()).asked.object == "fever", "a yes settles both conditions"
    same = tree(condition("fever"), decision("a"), decision("A"))
    assert next_question(same, Case()) is None, "both branches say the same"
    assert evaluate(same, Case()).settled
    assert evaluate(same, Case()).reached is None


def test_equal_triples_are_one_question():
    one = tree(condition("temperature of at least 38 °C"), decision("a"), decision("b"))
    other = tree(condition("Temperature ≥ 38 °C"), decision("c"), decision("d"))
    case = Case().with_answer(one.nodes[0].triples[0], Answer.YES)
    assert evaluate(other, case).reached == 1
    assert next_question([one, other], case) is None
    elsewhere = tree(condition("temperature of at least 38 °C", population="Children"), decision("c"), decision("d"))
    assert next_question([one, elsewhere], case).tree == 1, "another population is asked for itself"


def test_a_case_does_not_change():
    case = Case.of({FEVER: "no"})
    more = case.with_answer(FEVER, Answer.YES).with_answer(RASH, Answer.UNKNOWN)
    assert case.answer(FEVER) is Answer.NO
    assert (more.answer(FEVER), more.answer(RASH), more.truth(RASH)) == (Answer.YES, Answer.UNKNOWN, None)
    assert more.without_last().answer(RASH) is None
    assert Case.model_validate_json(more.model_dump_json()) == more
    assert Case().without_last() == Case()


def document():
    second = tree(condition("cough"), decision("c"), decision("d"))
    strong = Recommendation(node=2, kind="strength", value="strong", passage_span=Span(start=0, end=1))
    return extraction(passage(1, TREE, second, pages=(3,), recommendations=(strong,)), passage(2, second, pages=(7,)))


def test_an_explanation_quotes_the_source():
    told = explain(trees_of_extraction(document())[0], Case.of({RASH: "yes", COUGH: "yes"}))
    assert [(step.node, step.holds) for step in told.path] == [(0, True), (1, True)]
    assert [one.answer for one in told.path[0].triples] == [None, Answer.YES]
    (drug,) = told.decisions[0].triples
    assert (drug.quotes[0].words, drug.quotes[0].pages, drug.quotes[0].passage) == ("a", (3,), "g-001")
    assert told.decisions[0].strengths == ("strong",)
    assert told.open is None
    words = in_words(told)
    assert "yes: 'fever' or 'rash' (not asked, yes)" in words
    assert "decision: 'a' [strong]" in words
    assert '"a" (g-001, page 3)' in words


def test_an_explanation_says_what_the_possible_decisions_hang_on():
    told = explain(trees_of_extraction(document())[0], Case.of({FEVER: "unknown", RASH: "no"}))
    assert told.open.node == 0
    assert [len(one.hangs_on) for one in told.decisions] == [2, 2, 1]
    assert "hangs on: 'fever' or 'rash' yes; 'cough' no" in in_words(told)
    bare = explain(TREE, Case())
    assert bare.passages == ()


def test_the_trees_of_a_guideline_stand_once_with_all_sources():
    found = document()
    assert len(trees_of_extraction(found)) == 3
    folded = trees_of_guideline(build_guideline(found), found)
    assert [len(one.sources) for one in folded] == [1, 2]
    told = explain(folded[1], Case.of({COUGH: "no"}))
    assert told.passages == ("g-001", "g-002")
    assert [quote.pages for quote in told.decisions[0].triples[0].quotes] == [(3,), (7,)]
    case = Case()
    asked = []
    while (question := next_question(plain_trees(folded), case)) is not None:
        asked.append(question.asked.object)
        case = case.with_answer(question.asked, Answer.NO)
    assert asked == ["fever", "rash", "cough"]


QUESTIONS = distinct_questions([TREE, tree(condition("rash", relation="basic_information"), NOTHING, NOTHING)])


@pytest.mark.parametrize(
    ("content", "answers"),
    [
        ('{"fever": "yes", " Cough": " NO "}', {FEVER: "yes", COUGH: "no"}),
        ('{"fever": true, "cough": null}', {FEVER: "yes", COUGH: "unknown"}),
        ('{"clinical feature: rash": false}', {RASH: "no"}),
        ('{"case": ' + Case.of({COUGH: "no"}).model_dump_json() + "}", {COUGH: "no"}),
        ("{}", {}),
    ],
)
def test_answers_from_a_file(tmp_path, content, answers):
    path = tmp_path / "answers.json"
    path.write_text(content)
    found = read_answers(path, QUESTIONS)
    assert {triple: found.answer(triple) for triple in answers} == answers


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("", "T2M011"),
        ("[]", "T2M070"),
        ("{", "T2M070"),
        ("[" * 100_000, "T2M070"),
        ('{"fever": "perhaps"}', "T2M070"),
        ('{"fever": 3}', "T2M070"),
        ('{"fever": []}', "T2M070"),
        ('{"answers": [{"object": "fever"}]}', "T2M070"),
        ('{"answers": [{"subject": "x", "relation": "y", "object": "fever", "answer": "no"}]}', "T2M071"),
        ('{"headache": "yes"}', "T2M071"),
        ('{"rash": "yes"}', "T2M072"),
    ],
)
def test_answers_that_cannot_be_used(tmp_path, content, code):
    path = tmp_path / "answers.json"
    path.write_text(content)
    with pytest.raises(Text2MDTError, match=code):
        read_answers(path, QUESTIONS)
