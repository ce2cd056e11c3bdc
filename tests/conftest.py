import os
import runpy
from pathlib import Path

import pytest

os.environ.setdefault("HF_HUB_OFFLINE", "1")


@pytest.fixture(scope="session")
def tiny_model_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random Llama of two small layers in a folder; under the grammar it too writes legal trees."""
    made = runpy.run_path(str(Path(__file__).parent / "text2mdt" / "tiny_model.py"))
    folder = tmp_path_factory.mktemp("tiny")
    tokenizer = made["tiny_tokenizer"]()
    made["tiny_llama"](tokenizer).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder
