"""Whether a passage holds a decision: the line between "none" and a tree, fitted to an adapter on dev.

A model trained on few passages without a decision answers "none" too seldom. Its first token tells how sure it is: the
margin is the log-odds of "none" there. Platt's logistic curve is fitted to the margins of annotated passages, and where
it crosses one half the line is drawn. Decoding adds the distance as a bias to the first token of "none".
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from text2mdt.adapters import load_with_adapter, target_format
from text2mdt.calibration import Calibration, write_calibration
from text2mdt.confidence_fit import fit_curves, judged
from text2mdt.engines import Engine
from text2mdt.engines.transformers import TransformersEngine
from text2mdt.grammar import FORMATS_WITH_GRAMMAR
from text2mdt.linear import get_format
from text2mdt.models import Backbone
from text2mdt.platt import platt
from text2mdt.predictor import Predictor
from text2mdt.relations import ENGLISH, relations_of
from text2mdt.schema import Record

FEWEST = 5
"""Passages with and without a decision that a fit needs, of each."""
_SURE = 30.0
"""Margin of a probability that rounds to 0 or 1, in nats."""


def calibrate(
    first_token: Engine, records: Sequence[Record], format_name: str, progress: Callable[[int], None] | None = None
) -> Calibration:
    """Fits the line between "none" and a tree.

    Args:
        first_token: an engine of the adapted model that writes one token.
        records: annotated passages that the adapter was not trained on.
        format_name: the target format of the adapter.
        progress: hears how many passages are read so far.

    Returns:
        A calibration without effect where the format has no grammar, or fewer than five passages are of a kind.
    """
    empty = np.array([not record.tree for record in records])
    if format_name not in FORMATS_WITH_GRAMMAR or min(empty.sum(), (~empty).sum()) < FEWEST:
        return Calibration()
    margins = no_decision_margins(first_token, records, format_name, progress)
    slope, intercept = platt(margins, empty)
    bias = intercept / slope if slope > 0 else 0.0
    return Calibration(no_decision_bias=round(bias, 3), passages=len(records), without_decision=int(empty.sum()))


def calibrate_adapter(
    folder: Path,
    records: Sequence[Record],
    model: str = "default",
    device: str = "auto",
    dtype: str = "auto",
    progress: Callable[[int], None] | None = None,
    curves: bool = True,
) -> Calibration:
    """Calibrates an adapter on records and notes the result in its folder: the line first, then, with the trees that
    it writes under it, how sure it is of them (`curves`). Each passage counts twice in the progress.

    Raises:
        Text2MDTError, PiloraError: as `text2mdt.adapters.load_with_adapter`.
    """
    backbone = load_with_adapter(model, folder, device, dtype)
    form = target_format(folder)
    first = TransformersEngine(backbone.model, backbone.tokenizer, max_new_tokens=1)
    found = calibrate(first, records, form, progress)
    if curves:
        found = _with_curves(found, backbone, records, form, progress)
    write_calibration(found, folder)
    return found


def _with_curves(
    found: Calibration,
    backbone: Backbone,
    records: Sequence[Record],
    form: str,
    progress: Callable[[int], None] | None,
) -> Calibration:
    whole = TransformersEngine(backbone.model, backbone.tokenizer)
    relations = relations_of(records) or ENGLISH
    predictor = Predictor(whole, format_name=form, relations=relations, no_decision_bias=found.no_decision_bias)
    passages = [(record.population, record.text) for record in records]
    later = None if progress is None else lambda done: progress(len(records) + done)
    return found.model_copy(update={"confidence": fit_curves(judged(predictor.predict(passages, later), records))})


def no_decision_margins(
    first_token: Engine, records: Sequence[Record], format_name: str, progress: Callable[[int], None] | None = None
) -> NDArray[np.float64]:
    """The log-odds, in nats, that the answer to each passage is "none"; shape (records,)."""
    relations = relations_of(records) or ENGLISH
    none = get_format(format_name).write([], "", relations)
    predictor = Predictor(first_token, format_name=format_name, relations=relations)
    margins = []
    for answer in predictor.openings([(record.population, record.text) for record in records], progress):
        # Under the grammar an answer opens with "none" or a tree: the chosen one's probability gives both.
        others = -math.expm1(answer.log_probability or 0.0)
        margin = (answer.log_probability or 0.0) - math.log(others) if others > 0 else _SURE
        margins.append(margin if answer.text and none.startswith(answer.text) else -margin)
    return np.array(margins)
