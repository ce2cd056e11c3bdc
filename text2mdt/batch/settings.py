"""The settings of a batch, and the key that tells results of different settings apart."""

from __future__ import annotations

import hashlib
import json

from pydantic import BaseModel, ConfigDict

from text2mdt.batch.versions import Versions, versions_of
from text2mdt.extractor_settings import ExtractorSettings


class BatchSettings(BaseModel):
    """What a batch makes of every document.

    Attributes:
        formats: of the output files.
        max_characters: a longer document is refused.
        layout_model: whether docling's layout model tells the order of the parts of a PDF page.
        extractor: engine, model and adapter.
        versions: of the code, the model and the adapter behind them.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    formats: tuple[str, ...]
    max_characters: int
    layout_model: bool = False
    extractor: ExtractorSettings
    versions: Versions

    @classmethod
    def of(
        cls, extractor: ExtractorSettings, formats: tuple[str, ...], max_characters: int, layout_model: bool = False
    ) -> BatchSettings:
        """Settings with today's versions; raises as `versions_of`."""
        return cls(
            formats=formats,
            max_characters=max_characters,
            layout_model=layout_model,
            extractor=extractor,
            versions=versions_of(extractor),
        )

    @property
    def key(self) -> str:
        """Equal for runs that compute the same."""
        values = json.dumps(self.model_dump(mode="json"), sort_keys=True, ensure_ascii=True)
        return hashlib.sha256(values.encode()).hexdigest()[:16]
