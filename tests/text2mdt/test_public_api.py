import subprocess
import sys

import pytest

import text2mdt


def test_every_public_name_is_there():
    for name in text2mdt.__all__:
        assert getattr(text2mdt, name).__name__ == name
        assert name in dir(text2mdt)


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="Extraktor"):
        _ = text2mdt.Extraktor


def test_the_import_alone_loads_nothing_heavy():
    code = "import sys, text2mdt; print(*{'torch', 'transformers', 'pydantic', 'spacy', 'numpy'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
