"""PDF: pdfium is called under its lock only, and by many threads at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from pdfium_watch import watch
from printed.drawn_by_lot import drawn
from printed.layouts import LAYOUTS

from text2mdt.documents import read_document
from text2mdt.errors import Text2MDTError


@pytest.mark.parametrize("name", ["full_width_between_columns", "turned_by_90", "watermark"])
def test_pages_are_read_under_the_lock(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    data = LAYOUTS[name]().data
    locked, unlocked = watch(monkeypatch)
    read_document(data, "a.pdf")
    assert {"FPDF_LoadMemDocument64", "FPDFText_GetUnicode", "FPDFPage_GetObject", "FPDF_CloseDocument"} <= set(locked)
    assert not unlocked


@pytest.mark.parametrize("data", [b"%PDF-1.7\n", LAYOUTS["watermark"]().data[:3000]], ids=["header only", "cut"])
def test_files_are_refused_under_the_lock(data: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    locked, unlocked = watch(monkeypatch)
    with pytest.raises(Text2MDTError):
        read_document(data, "a.pdf")
    assert locked
    assert not unlocked


def test_the_lock_is_free_between_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever draws a page waits for a page, not for a document."""
    from text2mdt.documents.pdf import reader

    taken: list[bool] = []
    words_of = reader.words_of
    monkeypatch.setattr(reader, "words_of", lambda glyphs: (taken.append(reader.PDFIUM.locked()), words_of(glyphs))[1])
    read_document(LAYOUTS["two_columns"]().data, "a.pdf")
    assert len(taken) > 1
    assert not any(taken)


def test_many_threads_read_what_one_reads() -> None:
    files = [drawn(seed, 1 + seed % 2).data for seed in range(4)] * 2
    alone = [read_document(data, "a.pdf") for data in files[:4]]
    with ThreadPoolExecutor(4) as threads:
        together = list(threads.map(lambda data: read_document(data, "a.pdf"), files))
    found = [[(document.text, document.blocks, document.notes) for document in some] for some in (together, alone * 2)]
    assert found[0] == found[1]
