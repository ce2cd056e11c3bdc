"""Figures of quality from summed counts, and their 95 % intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from text2mdt.metrics import Counts


@dataclass(frozen=True)
class Rates:
    """Precision, recall and F1, each 0 to 1; None where there is nothing to measure (an empty denominator)."""

    precision: float | None
    recall: float | None
    f1: float | None

    @classmethod
    def of(cls, correct: int, predicted: int, gold: int) -> Rates:
        return cls(share(correct, predicted), share(correct, gold), share(2 * correct, predicted + gold))


@dataclass(frozen=True)
class Scores:
    """The figures of one evaluation; shares are 0 to 1, None where there is nothing to measure.

    Attributes:
        triple, node, path: by the published rules (`text2mdt.metrics`); node F1 can pass 1 by these rules.
        node_one_to_one: nodes, each gold node matched at most once.
        tree_accuracy: wholly right records among all records, negatives left empty counted as right.
        tree_accuracy_decisions: wholly right records among the records with a gold tree.
        tree_accuracy_published_variant: right trees among the non-empty predictions, as the published script
            divides; it rises when hard passages are left empty.
        edit_distance: mean over all records.
        detection: a passage is predicted to hold a decision when it got any node.
        empty_on_decisions: share of the records with a gold tree that got none.
        invented_on_negatives: share of the records without a gold tree that got one.
    """

    records: int
    triple: Rates
    node: Rates
    node_one_to_one: Rates
    path: Rates
    tree_accuracy: float | None
    tree_accuracy_decisions: float | None
    tree_accuracy_published_variant: float | None
    edit_distance: float | None
    detection: Rates
    empty_on_decisions: float | None
    invented_on_negatives: float | None

    @classmethod
    def of(cls, total: Counts) -> Scores:
        """The scores of summed counts."""
        return cls(
            records=total.records,
            triple=Rates.of(total.triple_correct, total.triple_predicted, total.triple_gold),
            node=Rates.of(total.node_correct, total.node_predicted, total.node_gold),
            node_one_to_one=Rates.of(total.node_matched, total.node_predicted, total.node_gold),
            path=Rates.of(total.path_correct, total.path_predicted, total.path_gold),
            tree_accuracy=share(total.tree_correct, total.records),
            tree_accuracy_decisions=share(total.decisions_correct, total.decisions),
            tree_accuracy_published_variant=share(total.decisions_correct, total.tree_predicted),
            edit_distance=share(total.edit_distance, total.records),
            detection=Rates.of(total.found, total.found + total.invented, total.decisions),
            empty_on_decisions=share(total.decisions - total.found, total.decisions),
            invented_on_negatives=share(total.invented, total.records - total.decisions),
        )

    def published(self) -> dict[str, float | None]:
        """The figures that papers on Text2DT report, as the published scorer gives them, under the papers' names."""
        return {
            "tree accuracy": self.tree_accuracy_published_variant,
            "DP-F1": self.path.f1,
            "triplet F1": self.triple.f1,
            "node F1": self.node.f1,
            "edit distance": self.edit_distance,
        }

    def flat(self) -> dict[str, float | None]:
        """Every figure under a plain name: `triple_f1`, `path_recall`, `tree_accuracy`, …"""
        figures: dict[str, float | None] = {}
        for name, value in vars(self).items():
            if isinstance(value, Rates):
                figures.update({f"{name}_{part}": share for part, share in vars(value).items()})
            else:
                figures[name] = value
        return figures


def share(part: int, whole: int) -> float | None:
    """`part / whole`, or None where there is nothing to share."""
    return part / whole if whole else None


Interval = tuple[float, float]


def bootstrap_intervals(
    per_record: Sequence[Counts], *, resamples: int = 1000, level: float = 0.95, seed: int = 0
) -> dict[str, Interval | None]:
    """Percentile intervals of every figure of `Scores.flat`, by drawing records with replacement.

    Each resample draws as many records as there are and sums their counts, so that the micro-averaged figures get
    the interval that their own sum has. The same seed gives the same intervals. A figure that cannot be measured
    in any resample has None; resamples in which it cannot are left out.

    Sources: Efron and Tibshirani, An Introduction to the Bootstrap, 1993, chapter 13.
    """
    if not per_record:
        return dict.fromkeys(Scores.of(Counts()).flat())
    table = np.array([record.as_tuple() for record in per_record], dtype=np.int64)
    size = len(per_record)
    draws = np.random.default_rng(seed).multinomial(size, np.full(size, 1 / size), size=resamples)
    figures = [Scores.of(Counts(*row)).flat() for row in (draws @ table).tolist()]
    tails = [100 * (1 - level) / 2, 100 * (1 + level) / 2]
    return {name: _percentiles([sample[name] for sample in figures], tails) for name in figures[0]}


def _percentiles(values: list[float | None], tails: list[float]) -> Interval | None:
    measured = [value for value in values if value is not None]
    if not measured:
        return None
    low, high = np.percentile(measured, tails)
    return float(low), float(high)
