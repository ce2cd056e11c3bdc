"""How sure the model was of each triple, node and tree."""

from __future__ import annotations

import json
import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny_model import tiny_llama, tiny_tokenizer
from toy_corpus import toy_records
from tree_strategies import forests

from text2mdt.calibration import Calibration, read_calibration, write_calibration
from text2mdt.confidence import ConfidenceCurves, Curve, forest_logs, log_odds
from text2mdt.confidence_fit import Judged, fit_curves, judged
from text2mdt.engines.transformers import TransformersEngine
from text2mdt.linear import get_format
from text2mdt.linear.escape import escape_field
from text2mdt.linear.outline_places import node_places
from text2mdt.parser import parse
from text2mdt.predictor import Prediction, Predictor
from text2mdt.relations import ENGLISH
from text2mdt.schema import Choice, Generation, Logic, join_forest

RECORDS = toy_records(12)
P = "Adults"


@pytest.fixture(scope="module")
def predictions() -> list[Prediction]:
    tokenizer = tiny_tokenizer()
    engine = TransformersEngine(tiny_llama(tokenizer, seed=7), tokenizer, batch_size=5, max_new_tokens=200)
    passages = [(record.population, record.text) for record in RECORDS]
    return Predictor(engine, curves=ConfidenceCurves()).predict(passages)


@settings(deadline=None)
@given(forests())
def test_places_are_those_of_the_trees(forest):
    population, trees = forest
    text = get_format("outline").write(trees, population, ENGLISH)
    places = node_places(text)
    nodes = join_forest(trees)
    assert [len(place.triples) for place in places] == [len(node.triples) for node in nodes]
    assert all(left.end == right.start for left, right in pairwise(places))
    if places:
        assert (places[0].start, places[-1].end) == (0, len(text))
    for place, node in zip(places, nodes, strict=True):
        pieces = [text[start:end] for start, end in place.triples]
        for piece, triple in zip(pieces, node.triples, strict=True):
            keyword = ENGLISH.named(triple.relation).keyword
            assert piece.lstrip(" ").startswith(keyword)
            assert escape_field(triple.object) in piece
        separators = [piece.rstrip("\n")[-1] for piece in pieces[:-1]]
        assert separators == ["&" if node.logical_rel is Logic.AND else "|"] * len(separators)


def test_choices_are_the_tokens_that_were_not_forced(predictions):
    for prediction in predictions:
        generation = prediction.generation
        assert math.fsum(choice.log_probability for choice in generation.choices) == pytest.approx(
            generation.log_probability
        )
        ends = 0 if generation.truncated else 1  # the end token, where it was a choice
        assert generation.token_count - generation.forced_count <= len(generation.choices)
        assert len(generation.choices) <= generation.token_count - generation.forced_count + ends
        starts = [choice.start for choice in generation.choices]
        assert starts == sorted(starts)
        assert starts[0] == 0 and starts[-1] <= len(generation.text)


def test_every_choice_counts_for_one_node_and_at_most_one_triple(predictions):
    known = [prediction for prediction in predictions if prediction.trees and prediction.logs]
    assert len(known) > 5
    for prediction in known:
        logs = prediction.logs
        total = prediction.generation.log_probability
        assert sum(logs.nodes) == pytest.approx(total)
        assert sum(logs.trees) == pytest.approx(total)
        for node, triples in zip(logs.nodes, logs.triples, strict=True):
            assert node <= sum(triples) + 1e-9 <= 1e-9
        assert [len(triples) for triples in logs.triples] == [
            len(node.triples) for tree in prediction.trees for node in tree.nodes
        ]
        assert len(prediction.confidence.nodes) == len(logs.nodes)


TEXT = "1 if feature: fever | basic: age < 6\n1 yes drug: ibuprofen\n1 no none"
STARTS = {
    "root": 5,
    "fever": 14,
    "end": 19,
    "basic": 22,
    "age": 29,
    "drug": 43,
    "word": 49,
    "none": 64,
    "stop": len(TEXT),
}


def logs_of(**sure: float) -> object:
    choices = [Choice(STARTS[name], math.log(value)) for name, value in sure.items()]
    trees = parse(TEXT, P, "outline", ENGLISH).trees
    return forest_logs(Generation(text=TEXT, choices=tuple(choices)), trees)


def test_who_owns_a_choice():
    assert STARTS["stop"] == len(TEXT)
    found = logs_of(root=0.9, fever=0.5, end=0.8, basic=0.25, age=0.5, drug=0.7, word=0.6, none=0.3, stop=0.5)
    triples = [[math.exp(value) for value in line] for line in found.triples]
    assert triples[0] == pytest.approx([0.9 * 0.5 * 0.8, 0.25 * 0.5])
    assert triples[1] == pytest.approx([0.7 * 0.6])
    assert triples[2] == []
    assert [math.exp(value) for value in found.nodes] == pytest.approx([0.9 * 0.5 * 0.8 * 0.25 * 0.5, 0.42, 0.15])
    assert math.exp(found.trees[0]) == pytest.approx(0.9 * 0.5 * 0.8 * 0.25 * 0.5 * 0.42 * 0.15)


def test_nothing_is_told_without_choices_or_where_lines_and_nodes_do_not_match():
    trees = parse(TEXT, P, "outline", ENGLISH).trees
    assert forest_logs(Generation(text=TEXT), trees) is None
    assert forest_logs(Generation(text=TEXT + "\n1 no none", choices=(Choice(0, -1.0),)), trees) is None
    assert forest_logs(Generation(text="none", choices=(Choice(0, -1.0),)), []) is not None


@settings(deadline=None)
@given(st.floats(-500, 0))
def test_a_curve_without_numbers_leaves_probabilities(value):
    assert Curve().probability(value) == pytest.approx(math.exp(value), abs=1e-4)
    assert -15 <= log_odds(value) <= 15


def sample(count: int = 4000, seed: int = 0) -> Judged:
    """Products of choices whose log-odds say half of what they seem to say."""
    source = np.random.default_rng(seed)
    seeming = source.normal(0, 3, count)
    logs = -np.logaddexp(0, -seeming)
    right = source.random(count) < 1 / (1 + np.exp(-(0.5 * seeming + 0.8)))
    return Judged(logs, right, np.arange(count) // 8)


def test_the_fit_finds_the_curve():
    curves = fit_curves({"triple": sample(), "node": sample(20), "tree": sample(seed=1)})
    assert (curves.triple.slope, curves.triple.intercept) == pytest.approx((0.5, 0.8), abs=0.08)
    assert curves.node == curves.triple  # too few of them
    assert curves.tree != curves.triple
    assert fit_curves({"triple": sample(20), "node": sample(), "tree": sample()}) is None


def test_what_is_right_is_what_gold_has(predictions):
    pairs = zip(predictions, RECORDS, strict=True)
    gold = [record.model_copy(update={"tree": tuple(join_forest(found.trees))}) for found, record in pairs]
    kinds = judged(predictions, gold)
    assert all(found.right.all() and len(found.right) for found in kinds.values())
    others = judged(predictions, [*gold[1:], gold[0]])
    assert others["triple"].right.mean() < 0.5
    assert set(kinds["triple"].record) <= set(range(len(gold)))


def test_curves_are_kept_beside_the_weights(tmp_path):
    write_calibration(Calibration(no_decision_bias=1.0), tmp_path)
    assert "confidence" not in json.loads((tmp_path / "calibration.json").read_text())
    assert read_calibration(tmp_path).confidence is None
    kept = Calibration(confidence=ConfidenceCurves(triple=Curve(slope=0.5, intercept=-0.25)))
    write_calibration(kept, tmp_path)
    assert read_calibration(tmp_path) == kept
