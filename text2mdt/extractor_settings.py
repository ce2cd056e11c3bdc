"""Which engine, model and adapter extract, as plain values that can be kept, compared and sent to other processes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field

if TYPE_CHECKING:
    from text2mdt.extract import Extractor


class ExtractorSettings(BaseModel):
    """What an extractor is made from.

    Attributes:
        model: `default`, a folder or a hub id.
        adapter: a shipped name, a folder, or "none".
        device: cpu, cuda, … or auto.
        dtype: as `text2mdt.models.load_backbone`.
        batch_size: passages decoded together.
        max_new_tokens: limit of one passage's answer.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    model: str = "default"
    adapter: str = "default"
    device: str = "auto"
    dtype: str = "auto"
    batch_size: int = Field(16, ge=1)
    max_new_tokens: int = Field(512, ge=1)

    def load(self) -> Extractor:
        """The extractor; raises as `Extractor.from_pretrained`."""
        from text2mdt.extract import Extractor

        return Extractor.from_pretrained(
            self.model, self.adapter, self.device, self.dtype, self.batch_size, self.max_new_tokens
        )

    def for_worker(self, number: int) -> ExtractorSettings:
        """The same for one of several processes: where there are several accelerators, they take turns."""
        if self.device not in ("auto", "cuda"):
            return self
        import torch

        count = torch.cuda.device_count()
        return self.model_copy(update={"device": f"cuda:{number % count}"}) if count > 1 else self
