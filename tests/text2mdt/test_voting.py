"""Minimum-risk voting over hand-made forests, and over written answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from toy_corpus import condition, decision, toy_records
from tree_strategies import forests

from text2mdt.engines import Prompt
from text2mdt.errors import Text2MDTError
from text2mdt.linear import get_format
from text2mdt.predictor import Prediction, Predictor
from text2mdt.relations import ENGLISH, TEXT2DT
from text2mdt.schema import Generation, join_forest, split_forest
from text2mdt.voting import VotingPredictor, VotingSettings, similarity, vote

FEVER = [condition("fever"), decision("ibuprofen"), decision()]
FEVER_REST = [condition("fever"), decision("ibuprofen"), decision("rest")]
RASH = [condition("rash"), decision("cream"), decision()]
NONE: list = []


def test_similarity_by_hand():
    # triples: 2 of 2 and 3 → F1 4/5; paths: the yes-path of 2 and 2 → 1/2; not equal
    assert similarity(FEVER, FEVER_REST) == pytest.approx((4 / 5 + 1 / 2 + 0) / 3)
    assert similarity(FEVER, FEVER) == 1
    assert similarity(FEVER, RASH) == 0
    assert similarity(NONE, NONE) == 1
    assert similarity(NONE, FEVER) == similarity(FEVER, NONE) == 0


@settings(max_examples=40, deadline=None)
@given(st.tuples(forests(), forests()))
def test_similarity_is_a_share_symmetric_and_1_for_the_same(pair):
    one, other = (join_forest(trees) for _, trees in pair)
    assert 0 <= similarity(one, other) == similarity(other, one) <= 1
    assert similarity(one, one) == pytest.approx(1)


@pytest.mark.parametrize(
    ("candidates", "chosen"),
    [
        ([RASH, FEVER, FEVER], 1),  # the majority, its earliest member
        ([FEVER, RASH], 0),  # a tie goes to the earlier one
        ([RASH, FEVER, FEVER_REST], 1),  # no two are equal: parts count
        ([FEVER, NONE, NONE], 1),  # "none" is an answer like others
        ([NONE, FEVER, FEVER_REST, RASH], 1),
        ([None, FEVER, RASH], 1),  # what could not be read is never chosen …
        ([None, NONE], 1),
        ([None, None], 0),  # … but where there is nothing else
        ([NONE, None, None, FEVER, FEVER], 3),  # and is no vote for "none"
    ],
)
def test_the_choice(candidates, chosen):
    assert vote(candidates).chosen == chosen


@pytest.mark.parametrize(
    ("candidates", "warned", "chosen"),
    [
        ([FEVER, RASH], {0}, 1),
        ([FEVER, FEVER, RASH], {0, 1}, 0),  # agreement weighs more
        ([None, FEVER], {1}, 1),
        ([FEVER, FEVER_REST], {0, 1}, 0),
        ([FEVER, NONE], {0}, 0),  # whether there is a tree is not decided by warnings
        ([NONE, FEVER], {1}, 0),
        ([FEVER, FEVER_REST, NONE, RASH], {0, 1}, 3),
        ([NONE, NONE, FEVER], {2}, 0),
    ],
)
def test_a_warning_counts_against_a_candidate(candidates, warned, chosen):
    assert vote(candidates, warned).chosen == chosen


def test_the_agreement():
    assert vote([FEVER, FEVER, FEVER]).agreement == 1
    assert vote([RASH, FEVER, FEVER]).agreement == 0.5
    assert vote([FEVER, RASH]).agreement == 0
    assert vote([FEVER, None]).agreement == 0
    assert vote([FEVER, FEVER_REST]).agreement == pytest.approx(similarity(FEVER, FEVER_REST))


@settings(max_examples=25, deadline=None)
@given(st.lists(st.one_of(st.none(), forests()), min_size=2, max_size=5))
def test_no_candidate_has_less_risk(drawn):
    candidates = [None if found is None else join_forest(found[1]) for found in drawn]
    chosen, agreement = vote(candidates)

    def benefit(index: int) -> float:
        own = candidates[index]
        others = [other for place, other in enumerate(candidates) if place != index]
        shared = [0 if own is None or other is None else similarity(own, other) for other in others]
        return sum(shared) / len(shared)

    assert agreement == pytest.approx(benefit(chosen))
    assert all(benefit(index) <= agreement + 1e-9 for index in range(len(candidates)))
    if any(candidate is not None for candidate in candidates):
        assert candidates[chosen] is not None


def test_one_candidate_is_no_vote():
    with pytest.raises(ValueError, match="at least two"):
        vote([FEVER])


class ListedEngine:
    """Gives each prompt the next of its answers: greedy the first, sample n the one after."""

    def __init__(self, answers: Sequence[str]) -> None:
        self.answers = answers
        self.prompts: list[Prompt] = []

    def generate(self, prompts: Sequence[Prompt], progress: Callable[[int], None] | None = None) -> list[Generation]:
        self.prompts += prompts
        found = []
        for prompt in prompts:
            number = prompt.sampling.number if prompt.sampling else 0
            found.append(Generation(text=self.answers[number], token_count=10 + number))
            if progress is not None:
                progress(len(found))
        return found


def text_of(nodes: list) -> str:
    return get_format("outline").write(split_forest(nodes), nodes[0].triples[0].subject, ENGLISH)


RECORD = toy_records(1)[0]
PASSAGE = (RECORD.population, RECORD.text)


def voters(*answers: Sequence[str]) -> tuple[Predictor, ...]:
    return tuple(Predictor(ListedEngine(listed)) for listed in answers)


def test_adapters_and_samples_vote_together():
    own = [text_of(RASH), text_of(FEVER)], [text_of(FEVER_REST), text_of(FEVER)]
    both = voters(*own)
    found = VotingPredictor(both, ("a", "b"), VotingSettings(("b",), samples=1, seed=9)).predict([PASSAGE])[0]
    assert found.generation.text == text_of(FEVER)
    assert found.generation.token_count == 11
    # candidates in order: RASH, FEVER_REST (greedy), FEVER, FEVER (samples)
    assert found.agreement == pytest.approx((0 + similarity(FEVER, FEVER_REST) + 1) / 3)
    assert [other.text for other in found.others] == [text_of(RASH), text_of(FEVER_REST), text_of(FEVER)]
    assert [prompt.sampling and prompt.sampling.seed for prompt in both[0].engine.prompts] == [None, 9]


def test_a_tie_goes_to_the_first_greedy_answer():
    found = VotingPredictor(voters([text_of(FEVER)], [text_of(RASH)]), ("a", "b"), VotingSettings(("b",)))
    assert found.predict([PASSAGE])[0].generation.text == text_of(FEVER)


def test_of_two_that_differ_the_one_without_a_warning_wins():
    both_the_same = [condition("fever"), decision("ibuprofen"), decision("ibuprofen")]
    passage = (RECORD.population, "If there is fever, give ibuprofen. Otherwise, rest is enough.")
    two = VotingPredictor(voters([text_of(both_the_same)], [text_of(FEVER_REST)]), ("a", "b"), VotingSettings(("b",)))
    assert join_forest(two.predict([passage])[0].trees) == FEVER_REST


PLAIN = (RECORD.population, "If there is fever, give ibuprofen.")


def predicted(texts: Sequence[str], passage: tuple[str, str] = PLAIN) -> tuple[Prediction, list[int]]:
    """What is chosen of greedy answers, and how many prompts each voter got."""
    every = voters(*([text] for text in texts))
    names = tuple("abcde"[: len(every)])
    found = VotingPredictor(every, names, VotingSettings(names[1:])).predict([passage])[0]
    return found, [len(voter.engine.prompts) for voter in every]


def test_what_the_first_two_agree_on_is_settled():
    found, asked = predicted([text_of(FEVER), text_of(FEVER), text_of(RASH), text_of(RASH)])
    assert asked == [1, 1, 0, 0]
    assert (join_forest(found.trees), found.agreement, len(found.others)) == (FEVER, 1, 1)
    assert predicted(["none\n"] * 3)[1] == [1, 1, 0]


def test_two_of_five_settle_nothing():
    found, asked = predicted([text_of(FEVER), text_of(FEVER), *[text_of(RASH)] * 3])
    assert asked == [1] * 5
    assert join_forest(found.trees) == RASH


def test_all_are_asked_where_the_first_two_differ_or_a_warning_stands():
    assert predicted([text_of(FEVER), text_of(RASH), text_of(RASH)])[1] == [1, 1, 1]
    assert predicted(["no tree at all", "no tree at all", text_of(RASH)])[1] == [1, 1, 1]
    warned = text_of([condition("fever"), decision("ibuprofen"), decision("ibuprofen")])
    passage = (RECORD.population, "If there is fever, give ibuprofen. Otherwise, rest is enough.")
    assert predicted([warned, warned, text_of(FEVER_REST)], passage)[1] == [1, 1, 1]


def test_an_answer_that_cannot_be_read_does_not_vote():
    broken = ["no tree at all"]
    found = VotingPredictor(voters(broken, broken, [text_of(RASH)]), tuple("abc"), VotingSettings(("b", "c")))
    chosen = found.predict([PASSAGE])[0]
    assert (chosen.error, chosen.agreement) == (None, 0)
    assert join_forest(chosen.trees) == RASH
    all_broken = VotingPredictor(voters(broken, broken), ("a", "b"), VotingSettings(("b",))).predict([PASSAGE])[0]
    assert all_broken.error is not None
    assert (all_broken.trees, all_broken.agreement) == ([], 0)


def test_progress_counts_passages():
    heard: list[int] = []
    two = voters([text_of(FEVER), text_of(RASH)], [text_of(FEVER), text_of(RASH)])
    VotingPredictor(two, ("a", "b"), VotingSettings(("b",), samples=1)).predict([PASSAGE] * 3, heard.append)
    assert heard == sorted(heard)
    assert heard[-1] == 3
    assert len(heard) == 12


def test_progress_counts_what_is_settled():
    heard: list[int] = []
    three = VotingPredictor(voters(*[[text_of(FEVER)]] * 3), tuple("abc"), VotingSettings(("b", "c")))
    three.predict([PLAIN] * 3, heard.append)
    assert heard == [0, 0, 1, 1, 1, 2, 3]


def test_no_passages():
    assert VotingPredictor(voters([], []), ("a", "b"), VotingSettings(("b",))).predict([]) == []


def test_the_strategy_is_told():
    made = VotingPredictor(voters([], []), ("a", "b"), VotingSettings(("b",), samples=2, temperature=0.5, seed=7))
    told = {"name": "vote", "adapters": ["a", "b"], "samples": 2, "temperature": 0.5, "seed": 7}
    assert made.strategy == told
    assert made.description == "vote of a, b, 2 samples each at temperature 0.5, seed 7"
    assert voters([])[0].strategy == {"name": "greedy"}


@pytest.mark.parametrize(
    "wrong",
    [{}, {"samples": -1, "adapters": ("a",)}, {"samples": 2, "temperature": 0.0}, {"samples": 2, "temperature": 1e999}],
)
def test_a_vote_that_cannot_be(wrong):
    with pytest.raises(Text2MDTError) as error:
        VotingSettings(**wrong)
    assert error.value.code == "T2M170"


def test_voters_that_cannot_vote_together():
    one, other = voters([])[0], Predictor(ListedEngine([]), relations=TEXT2DT)
    with pytest.raises(Text2MDTError) as error:
        VotingPredictor((one, other), ("a", "b"), VotingSettings(("b",)))
    assert error.value.code == "T2M173"
    with pytest.raises(Text2MDTError) as error:
        VotingPredictor((one,), ("a",), VotingSettings(("a",)))
    assert error.value.code == "T2M170"
