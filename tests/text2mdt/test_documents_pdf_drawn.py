"""PDF: documents drawn by lot, in one and two columns, are read in their order."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from document_checks import check_blocks
from printed.drawn_by_lot import drawn

from text2mdt.documents import BlockKind, read_document

Block = tuple[str, str, tuple[str, ...], int]


def blocks(seed: int, columns: int) -> tuple[list[Block], list[Block]]:
    """The blocks that were printed and those that are read, footnotes apart."""
    made = drawn(seed, columns)
    document = read_document(made.data, "a.pdf")
    check_blocks(document)
    read = [
        (block.kind.value, block.text, block.heading_path, block.level if block.kind is BlockKind.LIST_ITEM else 0)
        for block in document.blocks
        if block.text not in made.aside
    ]
    return [(block.kind, block.text, block.path, block.level) for block in made.expected], read


def words(found: list[Block]) -> Iterator[str]:
    return iter(" ".join(text for _, text, _, _ in found).split())


def is_in_order(printed: list[Block], read: list[Block]) -> bool:
    """Whether all words come in their order, whatever stands between them."""
    left = words(read)
    return all(word in left for word in words(printed))


@pytest.mark.parametrize(("seed", "columns"), [(3, 1), (6, 1), (17, 2), (23, 2), (56, 1), (85, 2)])
def test_blocks_come_back(seed: int, columns: int) -> None:
    printed, read = blocks(seed, columns)
    assert read == printed


@pytest.mark.slow
@pytest.mark.parametrize("columns", [1, 2])
def test_many_documents(columns: int) -> None:
    pairs = [blocks(seed, columns) for seed in range(160)]
    assert sum(is_in_order(*pair) for pair in pairs) >= 158
    assert sum(printed == read for printed, read in pairs) >= 150
