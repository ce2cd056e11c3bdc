"""What changes the version of the code that a unit was made by, and what does not."""

from __future__ import annotations

import ast
from pathlib import Path

from text2mdt.compare.code_version import _SOURCES, _written, code_version
from text2mdt.compare.units import UnitKind


def test_code_is_written_the_same_under_every_python():
    tree = ast.parse("def f(a):\n    return a")  # to `ast.dump` it has an empty list more from Python 3.12 on
    function = (
        "(FunctionDef name='f' args=(arguments args=[(arg arg='a')]) body=[(Return value=(Name id='a' ctx=(Load )))])"
    )
    assert _written(tree) == f"(Module body=[{function}])"


def test_the_code_version_does_not_heed_words(tmp_path, monkeypatch):
    for sources in _SOURCES.values():
        assert all((Path(__file__).parents[2] / source).exists() for source in sources)
    monkeypatch.setattr("text2mdt.compare.code_version._PACKAGES", tmp_path)
    monkeypatch.setattr("text2mdt.compare.code_version._SOURCES", {UnitKind.SPEED: ("a.py",)})
    versions = []
    for text in ("x = 1\n", '"""Says."""\n\nx = 1  # one\n', "x = 2\n"):
        (tmp_path / "a.py").write_text(text)
        code_version.cache_clear()
        versions.append(code_version(UnitKind.SPEED))
    code_version.cache_clear()
    assert versions[0] == versions[1] != versions[2]
