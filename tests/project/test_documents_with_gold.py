"""The whole documents with gold: they fit their sources and the rules, and their passages are found."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from text2mdt.corpus import read_corpus
from text2mdt.corpus_check import record_errors
from text2mdt.document_gold import GoldDocument, read_document_gold
from text2mdt.documents import read_document
from text2mdt.evaluate_documents import PassageScores
from text2mdt.passage_matching import PassageCounts, match_passages
from text2mdt.passages import find_passages

DATA = Path(__file__).parents[2] / "data"
FOLDER = DATA / "documents"


@pytest.fixture(scope="module")
def documents() -> list[GoldDocument]:
    return read_document_gold(FOLDER)


@pytest.fixture(scope="module")
def maker() -> Iterator[ModuleType]:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(FOLDER))
        yield importlib.import_module("make_documents")


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


def test_topics_are_held_out(documents: list[GoldDocument]) -> None:
    topics = {record.topic for path in (DATA / "corpus").glob("*.jsonl") for record in read_corpus(path)}
    assert topics.isdisjoint(document.path.name.split(".")[0] for document in documents)


def test_gold_passages_are_the_marked_ones(documents: list[GoldDocument]) -> None:
    for document in documents:
        source = (FOLDER / "sources" / f"{document.path.name.split('.')[0]}.md").read_text(encoding="utf-8")
        marked = re.findall(r"<!-- passage (\w+): (.*?) -->\n(.*?)<!-- end -->", source, flags=re.DOTALL)
        assert [record.id.rpartition("-")[2] for record in document.passages] == [name for name, _, _ in marked]
        for record, (_, population, body) in zip(document.passages, marked, strict=True):
            assert record.population == population
            assert set(words(record.text)) <= set(words(body)), record.id


def test_trees_keep_the_rules(documents: list[GoldDocument]) -> None:
    for record in (record for document in documents for record in document.passages):
        assert record.trees
        assert record_errors(record) == []


@pytest.mark.parametrize("kind", ["one-column.pdf", "two-column.pdf", "docx", "html", "md"])
def test_passages_are_found_in_every_format(
    kind: str, documents: list[GoldDocument], maker: ModuleType, tmp_path: Path
) -> None:
    total = PassageCounts()
    for gold in documents:
        name = gold.path.name.split(".")[0]
        parts = maker.parts_of((FOLDER / "sources" / f"{name}.md").read_text(encoding="utf-8"))
        path = tmp_path / f"{name}.{kind}"
        path.write_bytes(maker.FORMATS[kind](parts))
        document = read_document(path)
        total += match_passages(document, find_passages(document).passages, gold.passages)[1]
    scores = PassageScores.of(total)
    assert scores.recall >= 0.97
    assert scores.skipped >= 0.6
    assert scores.population >= 0.9
