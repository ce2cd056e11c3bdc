import pytest

from text2mdt.metrics import Counts
from text2mdt.scores import Rates, Scores, bootstrap_intervals

RIGHT = Counts(
    tree_predicted=1, tree_correct=1, triple_correct=4, triple_predicted=4, triple_gold=4, path_correct=2,
    path_predicted=2, path_gold=2, node_correct=2, node_predicted=2, node_gold=2, node_matched=2, records=1,
    decisions=1, decisions_correct=1, found=1,
)  # fmt: skip
MISSED = Counts(triple_gold=4, path_gold=2, node_gold=2, edit_distance=10, records=1, decisions=1)
INVENTED = Counts(tree_predicted=1, triple_predicted=2, path_predicted=2, edit_distance=8, records=1, invented=1)
QUIET = Counts(tree_correct=1, records=1)


def test_rates_by_hand():
    assert Rates.of(3, 4, 6) == Rates(0.75, 0.5, pytest.approx(0.6))
    assert Rates.of(0, 0, 5) == Rates(None, 0.0, 0.0)
    assert Rates.of(0, 0, 0) == Rates(None, None, None)


def test_scores_by_hand():
    scores = Scores.of(sum([RIGHT, RIGHT, MISSED, INVENTED, QUIET], Counts()))
    assert scores.tree_accuracy == 3 / 5
    assert scores.tree_accuracy_decisions == 2 / 3
    assert scores.tree_accuracy_published_variant == 2 / 3  # three predictions are not empty
    assert scores.edit_distance == 18 / 5
    assert scores.triple == Rates(0.8, 2 / 3, pytest.approx(16 / 22))
    assert scores.detection == Rates(2 / 3, 2 / 3, pytest.approx(2 / 3))
    assert scores.empty_on_decisions == 1 / 3
    assert scores.invented_on_negatives == 1 / 2


def test_leaving_passages_empty_lifts_only_the_published_variant():
    scores = Scores.of(sum([RIGHT, MISSED, MISSED, MISSED], Counts()))
    assert scores.tree_accuracy_published_variant == 1.0
    assert scores.tree_accuracy == 0.25


def test_intervals_hold_the_figure_and_shrink_with_more_records():
    few, many = [RIGHT, MISSED] * 10, [RIGHT, MISSED] * 200
    narrow, wide = bootstrap_intervals(many)["tree_accuracy"], bootstrap_intervals(few)["tree_accuracy"]
    assert wide[0] < narrow[0] < 0.5 < narrow[1] < wide[1]
    assert narrow[1] - narrow[0] == pytest.approx(2 * 1.96 * (0.25 / 400) ** 0.5, rel=0.1)


def test_intervals_are_seeded():
    records = [RIGHT, MISSED, INVENTED, QUIET] * 5
    assert bootstrap_intervals(records, seed=3) == bootstrap_intervals(records, seed=3)
    assert bootstrap_intervals(records, seed=3) != bootstrap_intervals(records, seed=4)
    assert set(bootstrap_intervals(records)) == set(Scores.of(RIGHT).flat())


def test_what_cannot_be_measured_has_no_interval():
    intervals = bootstrap_intervals([QUIET, QUIET])
    assert intervals["triple_f1"] is None
    assert intervals["tree_accuracy"] == (1.0, 1.0)
    assert bootstrap_intervals([])["tree_accuracy"] is None
