"""PDF: documents drawn by lot, in one and two columns, are read in their order."""

from __future__ import annotations

import pytest
from document_checks import check_blocks
from printed.comparison import Comparison
from printed.drawn_by_lot import drawn

from text2mdt.documents import read_document


def compared(seed: int, columns: int) -> Comparison:
    made = drawn(seed, columns)
    document = read_document(made.data, "a.pdf")
    check_blocks(document)
    return Comparison.of(made, document)


@pytest.mark.parametrize(("seed", "columns"), [(3, 1), (6, 1), (17, 2), (23, 2), (56, 1), (85, 2)])
def test_blocks_come_back(seed: int, columns: int) -> None:
    found = compared(seed, columns)
    assert found.read == found.printed


@pytest.mark.slow
@pytest.mark.parametrize(("columns", "in_order"), [(1, 159), (2, 160)])
def test_many_documents(columns: int, in_order: int) -> None:
    found = [compared(seed, columns) for seed in range(160)]
    assert sum(one.is_in_order for one in found) >= in_order
    assert sum(one.is_same for one in found) >= 150
