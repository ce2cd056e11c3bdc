import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

os.environ.setdefault("HF_HUB_OFFLINE", "1")
# Models of tests are tiny: threads gain nothing, and where other programs keep a core busy they wait for each other.
os.environ.setdefault("OMP_NUM_THREADS", "1")


@pytest.fixture(scope="session")
def tiny_model_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random Llama of two small layers in a folder; under the grammar it too writes legal trees."""
    from tiny_model import tiny_llama, tiny_tokenizer

    folder = tmp_path_factory.mktemp("tiny")
    tokenizer = tiny_tokenizer()
    tiny_llama(tokenizer).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """One browser for all tests: Playwright's loop runs until the session ends, and a second one is refused."""
    from browser_pages import CHROMIUM, FLAGS
    from playwright.sync_api import sync_playwright

    assert CHROMIUM is not None, "no Chromium on this machine"
    with sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield opened
        opened.close()
