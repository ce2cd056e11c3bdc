"""The cost model of batches against its simulation, and both against what can be worked out by hand."""

from __future__ import annotations

import math
import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))

from queue_simulation import Setting, compare, draw_work, predicted_seconds, simulate

SURE = Setting(documents=12, workers=3, hours_between_failures=math.inf, seconds_to_load=5)


def test_without_failures_it_is_the_schedule_that_one_can_write_down():
    work = np.array([4.0, 1.0, 1.0, 1.0, 1.0, 1.0])
    setting = Setting(documents=6, workers=2, hours_between_failures=math.inf, seconds_to_load=5)
    assert simulate(setting, work, 0).makespan == 5 + 5  # one does the long one and a short one, the other four
    assert simulate(setting, work, 0, shared_queue=False).makespan == 5 + 6
    assert simulate(setting, work, 0).failures == 0


def test_drawn_documents_have_the_mean_and_spread_asked_for():
    work = draw_work(Setting(documents=40_000, passages=60, spread=1.2, passages_per_minute=30), 0)
    assert work.mean() == pytest.approx(120, rel=0.03)
    assert work.std() / work.mean() == pytest.approx(1.2, rel=0.05)
    assert work.min() >= 2


def test_a_document_that_two_workers_die_of_is_given_up_and_the_others_are_done():
    setting = Setting(documents=3, workers=2, hours_between_failures=1, seconds_to_load=0, seconds_to_restart=0)
    found = simulate(setting, np.array([1e9, 10.0, 10.0]), 0)
    assert found.given_up == 1
    assert found.failures >= 2


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"hours_between_failures": 2.0},
        {"workers": 32},
        {"passages_per_minute": 600.0, "workers": 2},
        {"spread": 2.0},
    ],
)
def test_the_model_agrees_with_the_simulation(changes):
    setting = Setting(**({"documents": 2_000, "workers": 8} | changes))
    found = compare(setting, 6)
    assert found["model_over_simulation"] == pytest.approx(1, abs=0.05)
    assert found["shares_over_queue"] > 0.99


def test_more_failures_and_fewer_workers_take_longer():
    work = draw_work(SURE, 0)
    calm = predicted_seconds(SURE, work)
    assert predicted_seconds(Setting(documents=12, workers=3, hours_between_failures=1, seconds_to_load=5), work) > calm
    fewer = Setting(documents=12, workers=1, hours_between_failures=math.inf, seconds_to_load=5)
    assert predicted_seconds(fewer, work) > calm
