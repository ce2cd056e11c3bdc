"""The records that a unit reads: a corpus file as it is, or a part of it that is drawn once and kept."""

from __future__ import annotations

import hashlib
import json
import random
from pathlib import Path

from text2mdt.compare.config import ComparisonConfig
from text2mdt.corpus import read_corpus
from text2mdt.written_file import write_whole

PARTS = "data"
"""The folder of the parts, beside the units."""
_SEED = 0


def data_file(config: ComparisonConfig, dataset: str, split: str, records: int | None = None) -> Path:
    """The file of a split, cut to the number of records that the data set allows.

    Args:
        records: at most so many of what is left then; None for all.

    Raises:
        Text2MDTError: as `read_corpus`; T2M041 where a part cannot be written.
    """
    data = config.datasets[dataset]
    path = data.file(split)
    if path is None:
        raise ValueError(f"the data set has no {split}")
    allowed = {"train": data.train_records, "dev": data.dev_records}.get(split)
    for number in (allowed, records):
        if number is not None:
            path = _part(path, number, config.units_folder / PARTS)
    return path


def _part(path: Path, number: int, folder: Path) -> Path:
    """So many records of a file, drawn with a fixed seed, in their order; the file itself where it has no more."""
    records = read_corpus(path)
    if number >= len(records):
        return path
    chosen = sorted(random.Random(_SEED).sample(range(len(records)), number))
    content = "".join(json.dumps(records[index].model_dump(mode="json"), ensure_ascii=False) + "\n" for index in chosen)
    kept = folder / f"{path.stem}-{number}-{hashlib.sha256(content.encode()).hexdigest()[:12]}.jsonl"
    if not kept.is_file():
        write_whole(kept, content)
    return kept
