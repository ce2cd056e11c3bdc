"""Budgets, the schedule of cuts, and the cut itself."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from pilora.allocation import cubic_budget, ranks_to_keep, scoring_steps


def kept(scores: dict[str, list[float]], costs: dict[str, int], budget: int) -> dict[str, list[int]]:
    tensors = {name: torch.tensor(score) for name, score in scores.items()}
    return {name: ranks.tolist() for name, ranks in ranks_to_keep(tensors, costs, budget).items()}


def test_cubic_budget_by_hand() -> None:
    # 1200 down to 800 in 4 rounds: 800 + 400 · (3/4)³, (2/4)³, (1/4)³, 0.
    assert [cubic_budget(1200, 800, index, 4) for index in (1, 2, 3, 4)] == [969, 850, 806, 800]
    assert cubic_budget(1200, 800, 1, 1) == 800
    assert cubic_budget(800, 800, 1, 3) == 800


@given(st.integers(1, 10**9), st.integers(0, 10**9), st.integers(1, 50))
def test_cubic_budget_falls_to_its_end(end: int, more: int, rounds: int) -> None:
    budgets = [cubic_budget(end + more, end, index, rounds) for index in range(rounds + 1)]
    assert budgets[0] == end + more and budgets[-1] == end
    assert budgets == sorted(budgets, reverse=True)


def test_scoring_steps_by_hand() -> None:
    assert scoring_steps(100, 4, 0.15, 0.60) == [15, 30, 45, 60]
    assert scoring_steps(100, 1, 0.15, 0.5) == [50]
    assert scoring_steps(4, 3, 0.01, 0.5) == [1, 1, 2]  # more rounds than steps: none is lost


@given(st.integers(2, 10**5), st.integers(1, 30), st.floats(0.01, 0.98), st.floats(0.01, 0.98))
def test_scoring_steps_are_one_a_round_and_end_in_time(steps: int, rounds: int, first: float, last: float) -> None:
    found = scoring_steps(steps, rounds, first, last)
    assert len(found) == rounds and found == sorted(found)
    assert all(1 <= step <= steps for step in found)


def test_the_lowest_scores_per_cost_go() -> None:
    # Per parameter: a 0.3, 0.1; b 0.2, 0.4. Counting ranks: a 3, 1; b 4, 8.
    scores, costs = {"a": [3.0, 1.0], "b": [4.0, 8.0]}, {"a": 10, "b": 20}
    assert kept(scores, costs, 50) == {"a": [0], "b": [0, 1]}
    assert kept(scores, costs, 30) == {"a": [0], "b": [1]}
    assert kept(scores, {"a": 1, "b": 1}, 2) == {"a": [], "b": [0, 1]}


def test_negative_scores_go_first_and_dear_ones_do_not_hide() -> None:
    scores = {"a": [0.0, -0.1], "b": [-5.0, 0.5]}
    assert kept(scores, {"a": 1, "b": 1}, 3) == {"a": [0, 1], "b": [1]}
    assert kept(scores, {"a": 1, "b": 1}, 2) == {"a": [0], "b": [1]}
    # By size instead of by sign, -5 would be the one to stay.
    assert kept(scores, {"a": 1, "b": 1}, 1) == {"a": [], "b": [1]}


def test_ties_go_by_module_order_later_ranks_first() -> None:
    scores = {"a": [1.0, 1.0], "b": [1.0, 1.0]}
    costs = {"a": 1, "b": 1}
    assert [kept(scores, costs, budget) for budget in (4, 3, 2, 1, 0)] == [
        {"a": [0, 1], "b": [0, 1]},
        {"a": [0], "b": [0, 1]},
        {"a": [], "b": [0, 1]},
        {"a": [], "b": [0]},
        {"a": [], "b": []},
    ]


def test_within_budget_nothing_goes_not_even_what_harms() -> None:
    assert kept({"a": [-1.0, 2.0]}, {"a": 5}, 10) == {"a": [0, 1]}
    assert kept({}, {}, 0) == {}


modules = st.dictionaries(
    st.sampled_from("abcde"),
    st.tuples(st.lists(st.floats(-10, 10, width=32), max_size=6), st.integers(1, 50)),
    min_size=1,
)


@settings(deadline=None)
@given(modules, st.integers(0, 600))
def test_the_budget_holds_and_every_kept_rank_is_worth_more(
    table: dict[str, tuple[list[float], int]], budget: int
) -> None:
    scores = {name: score for name, (score, _) in table.items()}
    costs = {name: cost for name, (_, cost) in table.items()}
    stay = kept(scores, costs, budget)
    assert stay.keys() == scores.keys()
    spent = sum(costs[name] * len(ranks) for name, ranks in stay.items())
    assert spent <= budget
    worth = {(name, r): scores[name][r] / costs[name] for name in scores for r in range(len(scores[name]))}
    gone = {place: value for place, value in worth.items() if place[1] not in stay[place[0]]}
    assert all(ranks == sorted(set(ranks)) for ranks in stay.values())
    assert max(gone.values(), default=-1e9) <= min((worth[p] for p in worth if p not in gone), default=1e9)
    if gone:  # no more than needed: with the last one that went, the budget would not hold
        last = max(gone, key=lambda place: gone[place])
        dearest = max(costs[name] for (name, _), value in gone.items() if value == gone[last])
        assert spent + dearest > budget


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_indices_fit_for_slicing(dtype: torch.dtype) -> None:
    found = ranks_to_keep({"a": torch.tensor([1.0, 2.0], dtype=dtype)}, {"a": 1}, 0)["a"]
    assert found.dtype == torch.long and torch.zeros(2, 3)[found].shape == (0, 3)
