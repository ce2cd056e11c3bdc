"""The pipeline: document → passages → trees → grounding."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from text2mdt.adapters import NONE
from text2mdt.confidence import ForestConfidence
from text2mdt.documents import Document, Layout, read_document
from text2mdt.engines import Beams
from text2mdt.extractor_settings import MIN_CONFIDENCE, ExtractorSettings
from text2mdt.grounding import ground
from text2mdt.passages import FoundPassages, find_passages
from text2mdt.predictor import Prediction, TreeWriter
from text2mdt.recommendations import find_recommendations
from text2mdt.relations import RelationSet
from text2mdt.safety import check
from text2mdt.safety.low_confidence import low_confidence
from text2mdt.schema import Extraction, Grounding, Passage, PassageResult, Recommendation, join_forest
from text2mdt.voting.settings import VotingSettings

MAX_CHARACTERS = 2_000_000
"""Longest document read by default."""


class Extractor:
    """Turns documents into decision trees.

    Args:
        predictor: writes the trees of passages, greedily or by a vote.
        model: name of the backbone, noted in the extraction.
        adapter: name of the adapter, likewise; None for the bare backbone.
        min_confidence: what the model was less sure of is marked, where the engine tells how sure it was.
    """

    def __init__(
        self,
        predictor: TreeWriter,
        model: str,
        adapter: str | None,
        min_confidence: float | None = MIN_CONFIDENCE,
    ) -> None:
        self.predictor = predictor
        self.model = model
        self.adapter = adapter
        self.min_confidence = min_confidence

    @classmethod
    def from_pretrained(
        cls,
        model: str = "default",
        adapter: str | Path | None = "default",
        device: str = "auto",
        dtype: str = "auto",
        batch_size: int = 16,
        max_new_tokens: int = 512,
        voting: VotingSettings | None = None,
        beams: Beams | None = None,
    ) -> Extractor:
        """An extractor from a backbone and an adapter.

        Args:
            model: `default`, a folder or a hub id.
            adapter: a shipped name, a folder, or None for the bare backbone.
            device, dtype: as `text2mdt.adapters.load_with_adapter`.
            batch_size: passages decoded together.
            max_new_tokens: limit of one passage's answer.
            voting: who votes beside the adapter; None for its own answers alone.
            beams: of a search for them; None takes the best token at each step.

        Raises:
            Text2MDTError, PiloraError: as `text2mdt.extractor_settings.ExtractorSettings.load`.
        """
        settings = ExtractorSettings(
            model=model,
            adapter=NONE if adapter is None else str(adapter),
            device=device,
            dtype=dtype,
            batch_size=batch_size,
            max_new_tokens=max_new_tokens,
            voting=voting,
            beams=beams,
        )
        return settings.load()

    def extract(
        self,
        source: str | Path | bytes,
        name: str | None = None,
        progress: Callable[[int, int], None] | None = None,
        max_characters: int = MAX_CHARACTERS,
    ) -> Extraction:
        """All trees of a document, with every piece traced to its characters.

        Args:
            source: a path, or the bytes of a document.
            name: the document's file name where `source` is bytes; its ending tells the format.
            progress: hears (passages done, passages in all).
            max_characters: a longer document is refused.

        Raises:
            Text2MDTError: T2M010 to T2M016 for a document that cannot be read.
        """
        return self.extract_document(read_document(source, name, max_characters), progress)

    def extract_document(self, document: Document, progress: Callable[[int, int], None] | None = None) -> Extraction:
        """All trees of a document that has been read."""
        found = find_passages(document)
        total = len(found.passages)
        if progress is not None:
            progress(0, total)
        results = self.passage_results(
            found.passages, document.layout, None if progress is None else lambda done: progress(done, total)
        )
        made = header(document, self.model, self.adapter, self.min_confidence)
        return made.model_copy(update={"passages": results, "reason": why_empty(found, results)})

    def passage_results(
        self,
        passages: Sequence[Passage],
        layout: Layout | None = None,
        progress: Callable[[int], None] | None = None,
    ) -> tuple[PassageResult, ...]:
        """The results of some passages of a document, in their order.

        Args:
            layout: of the document, for boxes on its pages.
            progress: hears how many passages are done so far.
        """
        predictions = self.predictor.predict([(passage.population, passage.text) for passage in passages], progress)
        return tuple(
            _result(passage, prediction, layout, self.predictor.relations, self.min_confidence)
            for passage, prediction in zip(passages, predictions, strict=True)
        )


def header(document: Document, model: str, adapter: str | None, min_confidence: float | None) -> Extraction:
    """What is known of an extraction before the model has read a passage."""
    return Extraction(
        document=document.info,
        text=document.text,
        model=model,
        adapter=adapter,
        notes=document.notes,
        min_confidence=min_confidence,
    )


def _result(
    passage: Passage,
    prediction: Prediction,
    layout: Layout | None,
    relations: RelationSet,
    min_confidence: float | None,
) -> PassageResult:
    generation = prediction.generation
    sure = prediction.confidence or ForestConfidence()
    groundings = ground(passage, prediction.trees, relations)
    recommendations = find_recommendations(passage, prediction.trees, groundings, relations)
    return PassageResult(
        id=passage.id,
        population=passage.population,
        text=passage.text,
        tree=tuple(join_forest(prediction.trees)),
        passage=passage,
        groundings=tuple(_boxed(item, layout) for item in groundings),
        recommendations=tuple(_boxed(item, layout) for item in recommendations),
        warnings=(
            *check(passage, prediction.trees, groundings, relations),
            *low_confidence(prediction.trees, sure.nodes, min_confidence),
        ),
        confidences=sure.nodes,
        tree_confidences=sure.trees,
        generated=generation.text,
        repairs=prediction.repairs,
        truncated=generation.truncated,
        error=prediction.error,
    )


_Placed = TypeVar("_Placed", Grounding, Recommendation)


def _boxed(item: _Placed, layout: Layout | None) -> _Placed:
    """With the boxes of its words, where the document has pages."""
    return item.model_copy(update={"boxes": layout.boxes(item.document_spans)}) if layout else item


def why_empty(found: FoundPassages, results: Sequence[PassageResult]) -> str | None:
    """Why there is no tree, for people; None where there is one."""
    if any(result.tree for result in results):
        return None
    if not found.passages:
        return f"no passage speaks of a decision ({len(found.skipped)} passed over)"
    failed = sum(result.error is not None for result in results)
    if failed:
        return f"none of the {len(results)} passages gave a tree ({failed} could not be read)"
    return f"the model found no decision in the {len(results)} passages"
