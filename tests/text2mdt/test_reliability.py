"""Figures of calibration, against plain loops and known answers."""

from __future__ import annotations

from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from text2mdt.reliability import reliability
from text2mdt.reliability_chart import reliability_chart, risk_chart


def plain_ece(probabilities: list[float], right: list[bool]) -> float:
    total = 0.0
    for place in range(10):
        inside = [
            i for i, p in enumerate(probabilities) if place / 10 <= p < (place + 1) / 10 or (place == 9 and p == 1)
        ]
        if inside:
            mean = sum(probabilities[i] for i in inside) / len(inside)
            share = sum(right[i] for i in inside) / len(inside)
            total += len(inside) / len(probabilities) * abs(mean - share)
    return total


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 1000), st.booleans()), min_size=1, max_size=60))
def test_against_plain_loops(items):
    probabilities = [(value * 1.0 + 0.5) / 1001 for value, _ in items]  # on no border
    right = [truth for _, truth in items]
    found = reliability(np.array(probabilities), np.array(right), np.arange(len(items)), resamples=5)
    assert found.ece == pytest.approx(plain_ece(probabilities, right))
    assert sum(one.count for one in found.bins) == found.items == len(items)
    for coverage, risk in zip(found.coverage, found.risk, strict=True):
        kept = round(coverage * len(items))
        surest = sorted(range(len(items)), key=lambda i: -probabilities[i])[:kept]
        assert risk == pytest.approx(sum(not right[i] for i in surest) / kept)
    assert found.coverage[-1] == 1


def test_true_probabilities_have_a_small_error_and_boasting_ones_a_large_one():
    source = np.random.default_rng(0)
    probabilities = source.random(5000)
    right = source.random(5000) < probabilities
    record = np.arange(5000) // 5
    honest = reliability(probabilities, right, record, resamples=200)
    assert honest.ece < 0.03
    assert honest.interval[0] <= honest.ece + 0.01 and honest.interval[1] < 0.05
    boasting = reliability(np.full(5000, 0.95), right, record, resamples=200)
    assert boasting.ece == pytest.approx(0.95 - right.mean())
    assert boasting.interval[0] < boasting.ece < boasting.interval[1]
    assert honest.error_of_surest_half == pytest.approx(0.25, abs=0.03)
    assert honest.error_of_surest_half < 1 - honest.right
    assert honest.area < boasting.risk[-1]


def test_passages_are_drawn_whole():
    """Ten items of one passage that are right or wrong together say no more than one."""
    source = np.random.default_rng(1)
    right = np.repeat(source.random(60) < 0.5, 10)
    probabilities = np.full(600, 0.5)
    together = reliability(probabilities, right, np.arange(600) // 10)
    apart = reliability(probabilities, right, np.arange(600))
    assert together.interval[1] - together.interval[0] > 2 * (apart.interval[1] - apart.interval[0])
    assert reliability(probabilities, right, np.arange(600)) == apart  # the seed fixes it


def test_items_that_are_equally_sure_come_together():
    found = reliability(np.array([0.9, 0.9, 0.4, 0.4]), np.array([True, False, False, False]), np.arange(4))
    assert found.coverage == (0.5, 1.0)
    assert found.risk == (0.5, 0.75)


def test_nothing_to_measure():
    with pytest.raises(ValueError, match="nothing to measure"):
        reliability(np.array([]), np.array([], dtype=bool), np.array([], dtype=int))


def test_charts_are_svg_and_say_the_figures():
    found = reliability(np.array([0.1, 0.5, 1.0]), np.array([False, True, True]), np.arange(3))
    for chart in (reliability_chart, risk_chart):
        text = chart({"before <x>": found, "after": found}, "A & B")
        assert ElementTree.fromstring(text).tag.endswith("svg")
    assert f"ECE {found.ece:.3f}" in reliability_chart({"after": found}, "A")
    assert reliability_chart({"after": found}, "A").count("<circle") == 3
