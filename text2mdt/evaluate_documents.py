"""Evaluation on whole documents: passages found, populations, and the trees from end to end."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from text2mdt.comparison import Comparison, Forests, compare, json_values
from text2mdt.document_gold import GoldDocument
from text2mdt.documents import read_document
from text2mdt.evaluate import SHORTEST
from text2mdt.extract import Extractor
from text2mdt.metrics import plain
from text2mdt.passage_matching import PassageCounts, match_passages
from text2mdt.schema import DecisionTree
from text2mdt.scores import Rates, share

_Told = tuple[str, DecisionTree]
"""A tree with the population of its passage."""


@dataclass(frozen=True)
class PassageScores:
    """Shares, 0 to 1; None where there is nothing to measure.

    Attributes:
        recall: gold passages that were found.
        precision: found passages that are mostly gold.
        off_target_with_tree: of the other found passages, those that were given a tree.
        skipped: of the words outside of gold passages, those that the model never saw.
        population: found gold passages with the right population.
    """

    recall: float | None
    precision: float | None
    off_target_with_tree: float | None
    skipped: float | None
    population: float | None

    @classmethod
    def of(cls, counts: PassageCounts) -> PassageScores:
        return cls(
            recall=share(counts.covered, counts.gold),
            precision=share(counts.on_target, counts.found),
            off_target_with_tree=share(counts.off_target_with_tree, counts.found - counts.on_target),
            skipped=share(counts.other_words - counts.other_sent, counts.other_words),
            population=share(counts.right_population, counts.covered),
        )


@dataclass(frozen=True)
class DocumentEvaluation:
    """The outcome on a set of documents.

    Attributes:
        passages: how passages and populations were found.
        end_to_end: all trees of a document against all its gold trees; intervals by documents.
        any_population: the same where every population counts as one, so that a name that differs costs nothing
            ("Children with gout" for "Patients with gout"), nor does a wrong one.
        trees: whole trees, wherever in the document; each gold tree matched at most once.
        gold_passages: the trees written for the gold passages themselves, the ceiling that finding passages leaves.
        per_document: passage scores by file name.
        seconds: reading and extraction, without the pass over the gold passages.
        found: passages that were found and read by the model.
        strategy: how the trees were chosen, as `TreeWriter.strategy`.
    """

    passages: PassageScores
    end_to_end: Comparison
    any_population: Comparison
    trees: Rates
    gold_passages: Comparison
    per_document: dict[str, PassageScores]
    seconds: float
    found: int
    strategy: dict[str, Any]

    def report(self) -> dict[str, Any]:
        """The figures as JSON values."""
        return {
            "strategy": self.strategy,
            "passages": json_values(self.passages),
            "end_to_end": self.end_to_end.report(),
            "any_population": self.any_population.report(),
            "trees": json_values(self.trees),
            "gold_passages": self.gold_passages.report(),
            "per_document": json_values(self.per_document),
            "seconds": self.seconds,
            "passages_per_second": self.found / self.seconds,
        }


def evaluate_documents(
    extractor: Extractor, documents: Sequence[GoldDocument], progress: Callable[[int], None] | None = None
) -> DocumentEvaluation:
    """Extracts every document and compares with its gold; `progress` hears how many documents are done.

    Raises:
        Text2MDTError: as `read_document`.
    """
    started = time.monotonic()
    per_document: dict[str, PassageCounts] = {}
    own: list[list[_Told]] = []
    wanted: list[list[_Told]] = []
    for number, gold in enumerate(documents, 1):
        document = read_document(gold.path)
        extraction = extractor.extract_document(document)
        _, per_document[gold.path.name] = match_passages(
            document,
            [found.passage for found in extraction.passages],
            gold.passages,
            with_trees={found.passage.id for found in extraction.passages if found.trees},
        )
        own.append([(found.population, tree) for found in extraction.passages for tree in found.trees])
        wanted.append([(record.population, tree) for record in gold.passages for tree in record.trees])
        if progress is not None:
            progress(number)
    seconds = max(time.monotonic() - started, SHORTEST)
    records = [record for gold in documents for record in gold.passages]
    predictions = extractor.predictor.predict([(record.population, record.text) for record in records])
    return DocumentEvaluation(
        passages=PassageScores.of(sum(per_document.values(), PassageCounts())),
        end_to_end=compare(_trees(own), _trees(wanted)),
        any_population=compare(_trees_of_anyone(own), _trees_of_anyone(wanted)),
        trees=_whole_trees(_trees(own), _trees(wanted)),
        gold_passages=compare([prediction.trees for prediction in predictions], [record.trees for record in records]),
        per_document={name: PassageScores.of(counts) for name, counts in per_document.items()},
        seconds=seconds,
        found=sum(counted.found for counted in per_document.values()),
        strategy=extractor.predictor.strategy,
    )


def _trees(documents: Sequence[Sequence[_Told]]) -> list[list[DecisionTree]]:
    return [[tree for _, tree in told] for told in documents]


def _trees_of_anyone(documents: Sequence[Sequence[_Told]]) -> list[list[DecisionTree]]:
    return [[_of_anyone(tree, population) for population, tree in told] for told in documents]


def _of_anyone(tree: DecisionTree, population: str) -> DecisionTree:
    """The tree with an empty subject where it names its population."""
    nodes = [
        node.model_copy(
            update={"triples": tuple(t._replace(subject="") if t.subject == population else t for t in node.triples)}
        )
        for node in tree.nodes
    ]
    return tree.model_copy(update={"nodes": tuple(nodes)})


def _whole_trees(own: Forests, wanted: Forests) -> Rates:
    right = predicted = gold = 0
    for one, other in zip(own, wanted, strict=True):
        mine, theirs = (Counter(tuple(plain(tree.nodes)) for tree in trees) for trees in (one, other))
        right += (mine & theirs).total()
        predicted += mine.total()
        gold += theirs.total()
    return Rates.of(right, predicted, gold)
