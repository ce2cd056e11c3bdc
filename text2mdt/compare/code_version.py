"""Which code a unit was made by: a hash of the modules that its result can depend on, without their docstrings."""

from __future__ import annotations

import ast
import hashlib
from functools import cache
from pathlib import Path

from text2mdt.compare.units import UnitKind

_PACKAGES = Path(__file__).resolve().parents[2]
_SHARED = (
    "pilora",
    "text2mdt/adapters.py",
    "text2mdt/calibration.py",
    "text2mdt/corpus.py",
    "text2mdt/linear",
    "text2mdt/models/backbone.py",
    "text2mdt/prompts.py",
    "text2mdt/relations.py",
    "text2mdt/schema.py",
    "text2mdt/text2dt.py",
)
_DECODING = (
    "text2mdt/answered_questions.py",
    "text2mdt/engines",
    "text2mdt/grammar.py",
    "text2mdt/parser.py",
    "text2mdt/predictor.py",
)
_TRAINING = ("text2mdt/calibrate.py", "text2mdt/synthetic", "text2mdt/train.py", "text2mdt/training_data.py")
_SCORING = tuple(f"text2mdt/{name}.py" for name in ("breakdown", "comparison", "evaluate", "metrics", "token_overlap"))
_SOURCES = {
    UnitKind.SEARCH: (*_SHARED, *_TRAINING, *_DECODING, "text2mdt/compare/train_unit.py"),
    UnitKind.TRAIN: (*_SHARED, *_TRAINING, *_DECODING, "text2mdt/compare/train_unit.py"),
    UnitKind.EVALUATE: (*_SHARED, *_DECODING, *_SCORING, "text2mdt/compare/evaluate_unit.py"),
    UnitKind.SPEED: (*_SHARED, "text2mdt/compare/speed_unit.py"),
}
"""Files, and folders with all that lies below; a calibration decodes, so trainings depend on that too."""


@cache
def code_version(kind: UnitKind) -> str:
    """12 hexadecimal digits."""
    digest = hashlib.sha256()
    for source in _SOURCES[kind]:
        place = _PACKAGES / source
        for path in sorted(place.rglob("*.py")) if place.is_dir() else [place]:
            digest.update(f"{path.relative_to(_PACKAGES).as_posix()}\n{_code(path)}\n".encode())
    return digest.hexdigest()[:12]


def _code(path: Path) -> str:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            # Strings that stand alone say what something is; they do nothing.
            node.body = [part for part in node.body if not _is_text(part)]
    return _written(tree)


def _written(node: object) -> str:
    """A syntax tree as text, the same under every Python: unlike `ast.dump`, without the empty fields, which later ones
    have more of.
    """
    if isinstance(node, list):
        return f"[{' '.join(map(_written, node))}]"
    if not isinstance(node, ast.AST):
        return repr(node)
    fields = ((name, value) for name, value in ast.iter_fields(node) if value is not None and value != [])
    return f"({type(node).__name__} {' '.join(f'{name}={_written(value)}' for name, value in fields)})"


def _is_text(part: ast.stmt) -> bool:
    return isinstance(part, ast.Expr) and isinstance(part.value, ast.Constant) and isinstance(part.value.value, str)
