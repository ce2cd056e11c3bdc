"""A store of its own for a test of the page."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st


@pytest.fixture
def own_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    from app import visit
    from text2mdt.review.database import VARIABLE

    monkeypatch.setenv(VARIABLE, str(tmp_path / "reviews.sqlite"))
    visit.store.clear()
    visit.jobs.clear()
    yield
    visit.jobs().close()
    visit.jobs.clear()
    visit.store.clear()
    st.cache_data.clear()


@pytest.fixture(autouse=True)
def own_main() -> Iterator[None]:
    """Streamlit puts a page's script in the place of the main module, which processes of later tests would run."""
    main = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = main
