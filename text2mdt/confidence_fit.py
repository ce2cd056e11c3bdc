"""The model's own probabilities against what was right, and the curves that bring the two together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from text2mdt.confidence import ConfidenceCurves, Curve, log_odds
from text2mdt.metrics import plain
from text2mdt.platt import platt
from text2mdt.predictor import Prediction
from text2mdt.schema import Record

FEWEST = 20
"""Right ones and wrong ones that a curve needs, of each."""
KINDS = ("triple", "node", "tree")


@dataclass(frozen=True)
class Judged:
    """All triples, nodes or trees of some passages; arrays of shape (n,).

    Attributes:
        logs: logarithm of the product of the choices, in nats.
        right: whether the gold trees have it.
        record: number of the passage that it is from.
    """

    logs: NDArray[np.float64]
    right: NDArray[np.bool_]
    record: NDArray[np.int64]

    def probabilities(self, curve: Curve) -> NDArray[np.float64]:
        """What a curve makes of them."""
        return np.array([curve.probability(value) for value in self.logs])


def judged(predictions: Sequence[Prediction], records: Sequence[Record]) -> dict[str, Judged]:
    """Triples, nodes and trees by kind; passages whose confidence is not known are left out.

    A triple is right where the gold trees of its passage have it anywhere (as triple F1 counts), a node where they
    have an equal one, a tree likewise; upper and lower case count alike.
    """
    found: dict[str, list[tuple[float, bool, int]]] = {kind: [] for kind in KINDS}
    for number, (prediction, record) in enumerate(zip(predictions, records, strict=True)):
        if prediction.logs is None:
            continue
        logs = prediction.logs
        gold_nodes = plain(record.tree)
        gold_triples = {triple for node in gold_nodes for triple in node.triples}
        gold_trees = [plain(tree.nodes) for tree in record.trees]
        own = [node for tree in prediction.trees for node in tree.nodes]
        for node, log, triples in zip(own, logs.nodes, logs.triples, strict=True):
            found["node"].append((log, plain([node])[0] in gold_nodes, number))
            for triple, triple_log in zip(node.triples, triples, strict=True):
                right = tuple(part.lower() for part in triple) in gold_triples
                found["triple"].append((triple_log, right, number))
        for tree, log in zip(prediction.trees, logs.trees, strict=True):
            found["tree"].append((log, plain(tree.nodes) in gold_trees, number))
    return {kind: _arrays(rows) for kind, rows in found.items()}


def fit_curves(kinds: dict[str, Judged]) -> ConfidenceCurves | None:
    """A curve for each kind; None where the triples are too few, and for a kind with too few the triples' curve."""
    if not _enough(kinds["triple"]):
        return None
    triple = _fit(kinds["triple"])
    node, tree = (_fit(kinds[kind]) if _enough(kinds[kind]) else triple for kind in ("node", "tree"))
    return ConfidenceCurves(triple=triple, node=node, tree=tree)


def _fit(found: Judged) -> Curve:
    slope, intercept = platt(np.array([log_odds(value) for value in found.logs]), found.right)
    return Curve(slope=round(slope, 4), intercept=round(intercept, 4))


def _enough(found: Judged) -> bool:
    return min(int(found.right.sum()), int((~found.right).sum())) >= FEWEST


def _arrays(rows: Sequence[tuple[float, bool, int]]) -> Judged:
    return Judged(
        np.array([row[0] for row in rows], dtype=np.float64),
        np.array([row[1] for row in rows], dtype=np.bool_),
        np.array([row[2] for row in rows], dtype=np.int64),
    )
