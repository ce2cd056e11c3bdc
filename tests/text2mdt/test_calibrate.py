"""The line between "none" and a tree."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
import pytest
from tiny_model import tiny_llama, tiny_tokenizer
from toy_corpus import toy_records

from text2mdt.calibrate import calibrate, no_decision_margins, platt
from text2mdt.calibration import FILE, Calibration, read_calibration, write_calibration
from text2mdt.engines import Prompt
from text2mdt.engines.transformers import TransformersEngine
from text2mdt.errors import Text2MDTError
from text2mdt.predictor import Predictor
from text2mdt.schema import Generation

RECORDS = toy_records(40)
PASSAGES = [(record.population, record.text) for record in RECORDS]


class SureEngine:
    """Writes the first token of an answer, as sure of "none" as told for each prompt (log-odds)."""

    def __init__(self, margins: Sequence[float]) -> None:
        self.margins = margins

    def generate(self, prompts: Sequence[Prompt], progress: Callable[[int], None] | None = None) -> list[Generation]:
        texts = ["no" if margin > 0 else "1" for margin in self.margins]
        sure = [-math.log1p(math.exp(-abs(margin))) for margin in self.margins]
        return [Generation(text=text, log_probability=value) for text, value in zip(texts, sure, strict=True)]


def test_platt_finds_the_curve_that_drew_the_labels():
    source = np.random.default_rng(0)
    scores = source.normal(0, 4, 20_000)
    labels = source.random(20_000) < 1 / (1 + np.exp(-(0.7 * scores - 1.5)))
    assert platt(scores, labels) == pytest.approx((0.7, -1.5), abs=0.06)


def test_platt_is_finite_where_a_line_parts_the_two():
    slope, intercept = platt(np.array([-3.0, -2.0, -1.5, 1.0, 2.0, 9.0]), np.array([0, 0, 0, 1, 1, 1], dtype=bool))
    assert 0 < slope < 10
    assert -1.5 < -intercept / slope < 1.0


def test_margins_are_the_log_odds_of_none():
    wanted = [3.0, -2.0, 0.5, -0.1]
    margins = no_decision_margins(SureEngine(wanted), RECORDS[:4], "outline")
    assert margins == pytest.approx(wanted)
    assert no_decision_margins(SureEngine([800.0]), RECORDS[:1], "outline")[0] == 30


def test_the_bias_brings_the_line_to_where_both_kinds_part():
    source = np.random.default_rng(1)
    margins = [source.normal(-1, 1) if not record.tree else source.normal(-9, 2) for record in RECORDS]
    found = calibrate(SureEngine(margins), RECORDS, "outline")
    assert found.passages == 40
    assert found.without_decision == sum(not record.tree for record in RECORDS)
    empty = [margin + found.no_decision_bias > 0 for margin in margins]
    assert np.mean([said == (not record.tree) for said, record in zip(empty, RECORDS, strict=True)]) > 0.9
    assert np.mean([margin > 0 for margin in margins]) < 0.1  # what it was before


def test_too_few_passages_or_a_format_without_grammar_leave_the_model_as_it_is():
    with_decision = [record for record in RECORDS if record.tree]
    assert calibrate(SureEngine([]), with_decision, "outline") == Calibration()
    assert calibrate(SureEngine([]), RECORDS, "json") == Calibration()


def test_a_model_that_tells_nothing_gets_no_bias():
    margins = [1.0 if record.tree else -1.0 for record in RECORDS]  # the wrong way round
    assert calibrate(SureEngine(margins), RECORDS, "outline").no_decision_bias == 0


def test_the_engine_adds_the_bias_to_the_first_token_only():
    tokenizer = tiny_tokenizer()
    engine = TransformersEngine(tiny_llama(tokenizer), tokenizer, batch_size=3, max_new_tokens=12)

    def answers(bias: float) -> list[str]:
        return [p.generation.text for p in Predictor(engine, no_decision_bias=bias).predict(PASSAGES[:5])]

    assert answers(50.0) == ["none"] * 5
    assert all(text.startswith("1 if") for text in answers(-50.0))
    assert answers(0.0) == answers(1e-6)
    free = Predictor(engine, use_grammar=False, no_decision_bias=50.0).predict(PASSAGES[:5])
    assert all("none".startswith(prediction.generation.text[:1]) for prediction in free)


def test_half_way_the_line_moves_by_the_bias():
    tokenizer = tiny_tokenizer()
    engine = TransformersEngine(tiny_llama(tokenizer), tokenizer, max_new_tokens=1)
    margins = no_decision_margins(engine, RECORDS[:6], "outline")
    bias = -float(np.median(margins))
    said = [p.generation.text for p in Predictor(engine, no_decision_bias=bias).predict(PASSAGES[:6])]
    assert [text != "1" for text in said] == [margin + bias > 0 for margin in margins]
    assert len(set(said)) == 2


def test_it_is_kept_beside_the_weights(tmp_path):
    assert read_calibration(tmp_path) == Calibration()
    kept = Calibration(no_decision_bias=1.25, passages=40, without_decision=10)
    write_calibration(kept, tmp_path)
    assert read_calibration(tmp_path) == kept


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '{"no_decision_bias": "x"}', '{"no_decision_bias": NaN}', '{"new": 1}']
)
def test_a_damaged_file_is_an_error_that_names_it(tmp_path, content):
    (tmp_path / FILE).write_text(content)
    with pytest.raises(Text2MDTError, match="T2M028") as caught:
        read_calibration(tmp_path)
    assert FILE in str(caught.value)
