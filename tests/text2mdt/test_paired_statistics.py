from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from built_results import record_counts
from hypothesis import given, settings
from hypothesis import strategies as st

from text2mdt.metrics import COUNT_NAMES, Counts
from text2mdt.paired_statistics import FIGURES, differences, figures, holm, intervals, mean_figures, stacked
from text2mdt.scores import Scores, bootstrap_intervals


def table(*qualities: float, seed: int = 0, records: int = 40) -> np.ndarray:
    return stacked([record_counts(quality, seed + place, records) for place, quality in enumerate(qualities)])


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(0, 30), min_size=len(COUNT_NAMES), max_size=len(COUNT_NAMES)))
def test_the_figures_are_those_of_the_scores(values):
    expected = Scores.of(Counts(*values)).flat()
    for name, value in figures(np.array(values)).items():
        assert (None if np.isnan(value) else float(value)) == pytest.approx(expected[name])


def test_a_figure_is_the_mean_over_the_seeds():
    both, one, other = table(0.9, 0.5), table(0.9), table(0.5, seed=1)
    for name in FIGURES:
        assert mean_figures(both)[name] == pytest.approx((mean_figures(one)[name] + mean_figures(other)[name]) / 2)


def test_intervals_of_one_seed_are_those_of_the_scores():
    counts = record_counts(0.7, 3)
    expected = bootstrap_intervals([Counts(*row) for row in counts], resamples=2000)
    for name, found in intervals(stacked([counts])).items():
        assert found == pytest.approx(expected[name])


def test_a_system_does_not_differ_from_itself():
    for found in differences(table(0.8), table(0.8), swaps=200).values():
        assert found is not None
        assert (found.value, found.low, found.high, found.p) == (0, 0, 0, 1)


def test_the_p_value_is_that_of_all_swaps():
    first, second = table(0.8, records=8), table(0.5, seed=7, records=8)
    found = differences(first, second, swaps=20_000)["triple_f1"]
    assert found is not None
    gaps = []
    for swap in product([False, True], repeat=8):
        chosen = np.array(swap)[None, :, None]
        one, other = np.where(chosen, second, first), np.where(chosen, first, second)
        gaps.append(mean_figures(one)["triple_f1"] - mean_figures(other)["triple_f1"])
    exact = np.mean(np.abs(gaps) >= abs(found.value) - 1e-12)
    assert 0 < exact < 1
    assert found.p == pytest.approx(exact, abs=0.015)
    assert found.value == pytest.approx(gaps[0])


def test_a_clear_difference_is_found_and_has_a_sign():
    better, worse = table(0.95, 0.9), table(0.3, 0.35, seed=9)
    there, back = differences(better, worse, swaps=2000), differences(worse, better, swaps=2000)
    for name in ("triple_f1", "tree_accuracy"):
        assert there[name].low > 0 > back[name].high
        assert there[name].p < 0.01
        assert there[name].value == pytest.approx(-back[name].value)
    assert there["edit_distance"].high < 0


def test_a_backbone_without_seeds_stands_for_every_seed():
    many, alone = table(0.9, 0.8, 0.7), table(0.4, seed=5)
    repeated = np.repeat(alone, 3, axis=0)
    assert differences(many, alone, swaps=300) == differences(many, repeated, swaps=300)
    with pytest.raises(ValueError, match="do not pair"):
        differences(many, table(0.4, 0.4), swaps=10)
    with pytest.raises(ValueError, match="do not pair"):
        differences(many, table(0.4, records=5), swaps=10)


def test_what_cannot_be_measured_has_no_difference():
    nothing = np.zeros((1, 4, len(COUNT_NAMES)), dtype=np.int64)
    assert set(differences(nothing, nothing, swaps=10).values()) == {None}
    assert set(intervals(nothing).values()) == {None}


def test_holm():
    assert holm({"a": 0.01, "b": 0.04, "c": 0.03}) == pytest.approx({"a": 0.03, "c": 0.06, "b": 0.06})
    assert holm({"a": 0.9, "b": 0.8}) == pytest.approx({"a": 1.0, "b": 1.0})
    assert holm({}) == {}
