"""Whole documents with the passages, populations and trees that a reader should find in them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from text2mdt.errors import Text2MDTError
from text2mdt.schema import Record

GOLD_FILE = "gold.jsonl"


class _Line(BaseModel):
    model_config = ConfigDict(extra="forbid")

    document: str
    passages: tuple[Record, ...]


@dataclass(frozen=True)
class GoldDocument:
    """A document's file, and its gold passages in the order of the text."""

    path: Path
    passages: tuple[Record, ...]


def read_document_gold(folder: str | Path) -> list[GoldDocument]:
    """The documents of a folder, from its `gold.jsonl`.

    One line a document: `{"document": file, "passages": [record, …]}`.

    Raises:
        Text2MDTError: T2M010 without that file or without one of the documents, T2M031 for a line that is not so,
            T2M033 where there is none.
    """
    folder = Path(folder)
    path = folder / GOLD_FILE
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError:
        raise Text2MDTError("T2M010", path) from None
    documents = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            gold = _Line.model_validate_json(line)
        except ValidationError as error:
            raise Text2MDTError("T2M031", path, detail=f"line {number}: {error.errors()[0]['msg']}") from None
        if not (folder / gold.document).is_file():
            raise Text2MDTError("T2M010", folder / gold.document)
        documents.append(GoldDocument(folder / gold.document, gold.passages))
    if not documents:
        raise Text2MDTError("T2M033", path)
    return documents
