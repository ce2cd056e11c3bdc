"""Which engine, model and adapter extract, as plain values that can be kept, compared and sent to other processes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, model_validator

from text2mdt.engines import Beams
from text2mdt.engines.endpoint_settings import EndpointSettings
from text2mdt.voting.settings import VotingSettings

if TYPE_CHECKING:
    from text2mdt.extract import Extractor
    from text2mdt.predictor import Predictor

EngineName = Literal["transformers", "openai", "vllm", "llamacpp"]
ENGINES: tuple[str, ...] = get_args(EngineName)

MIN_CONFIDENCE = 0.5
"""Probability of being right below which a triple or node is marked by default."""


class ExtractorSettings(BaseModel):
    """What an extractor is made from.

    Attributes:
        engine: who generates.
        model: `default`, a folder or a hub id; for `openai` the model's name on the server.
        adapter: a shipped name, a folder, or "none"; for `openai`, whose server has the adapter, it tells the format.
        device: cpu, cuda, … or auto.
        dtype: as `text2mdt.adapters.load_with_adapter`.
        batch_size: passages decoded together.
        max_new_tokens: limit of one passage's answer.
        endpoint: for `openai`.
        min_confidence: below it triples and nodes are marked.
        voting: who votes beside the adapter, on the engine transformers; None for its own answers alone.
        beams: of a search, on the same engine; None takes the best token at each step.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    engine: EngineName = "transformers"
    model: str = "default"
    adapter: str = "default"
    device: str = "auto"
    dtype: str = "auto"
    batch_size: int = Field(16, ge=1)
    max_new_tokens: int = Field(512, ge=1)
    endpoint: EndpointSettings | None = None
    min_confidence: float = Field(MIN_CONFIDENCE, ge=0, le=1)
    voting: VotingSettings | None = None
    beams: Beams | None = None

    @model_validator(mode="after")
    def _endpoint_fits(self) -> ExtractorSettings:
        if (self.engine == "openai") != (self.endpoint is not None):
            raise ValueError("an endpoint belongs to the engine openai, and to no other")
        if self.voting is not None and self.engine != "transformers":
            raise ValueError("a vote is held by the engine transformers alone")
        if self.beams is not None and (self.engine != "transformers" or self.voting is not None):
            raise ValueError("beams are of the engine transformers, and of one adapter")
        if self.beams is not None and self.beams.width > self.batch_size:
            raise ValueError(f"{self.beams.width} beams do not fit into batches of {self.batch_size}")
        return self

    def load(self) -> Extractor:
        """The extractor.

        Raises:
            Text2MDTError, PiloraError: as `text2mdt.adapters.load_with_adapter` and
                `text2mdt.voting.voters.load_vote`; T2M042 where an extra is missing,
                T2M157 where an engine does not take the adapter.
        """
        from text2mdt.extract import Extractor

        if self.voting is not None:
            from text2mdt.voting.voters import load_vote

            limits = {"batch_size": self.batch_size, "max_new_tokens": self.max_new_tokens}
            vote = load_vote(self.model, self.adapter, self.voting, self.device, self.dtype, **limits)
            return Extractor(vote, self.model, vote.description, self.min_confidence)
        return Extractor(self._predictor(), self.model, self.adapter_name, self.min_confidence)

    @property
    def adapter_name(self) -> str | None:
        """The adapter as extractions name it, with the beams of a search; None for the bare backbone without them."""
        from text2mdt.adapters import NONE

        if self.beams is not None:
            penalty = f", length penalty {self.beams.length_penalty:g}" if self.beams.length_penalty else ""
            return f"{self.adapter}, {self.beams.width} beams{penalty}"
        return None if self.adapter == NONE else self.adapter

    def _predictor(self) -> Predictor:
        from text2mdt.adapters import adapted_predictor

        if self.engine == "openai" and self.endpoint is not None:
            from text2mdt.engines.openai import OpenAIEngine

            asked = OpenAIEngine(self.endpoint, self.model, self.max_new_tokens)
            return adapted_predictor(asked, self.adapter, dialect=asked.dialect)
        if self.engine == "vllm":
            from text2mdt.engines.vllm import VllmEngine

            return adapted_predictor(
                VllmEngine.load(self.model, self.adapter, self.dtype, self.max_new_tokens), self.adapter
            )
        if self.engine == "llamacpp":
            from text2mdt.engines.llamacpp import LlamaCppEngine

            return adapted_predictor(
                LlamaCppEngine.load(self.model, self.adapter, self.max_new_tokens), self.adapter, dialect="gbnf"
            )
        from text2mdt.adapters import load_with_adapter
        from text2mdt.engines.transformers import TransformersEngine

        backbone = load_with_adapter(self.model, self.adapter, self.device, self.dtype)
        engine = TransformersEngine(
            backbone.model, backbone.tokenizer, batch_size=self.batch_size, max_new_tokens=self.max_new_tokens
        )
        return adapted_predictor(engine, self.adapter, beams=self.beams)

    @property
    def gpus(self) -> int:
        """How many GPUs one extractor takes for itself."""
        return int(self.engine == "vllm" or self.device.startswith("cuda"))

    def for_worker(self, number: int) -> ExtractorSettings:
        """The same for one of several processes: where there are several accelerators, they take turns."""
        if self.device not in ("auto", "cuda") or self.engine != "transformers":
            return self
        import torch

        count = torch.cuda.device_count()
        return self.model_copy(update={"device": f"cuda:{number % count}"}) if count > 1 else self
