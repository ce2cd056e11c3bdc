"""text2mdt: turns clinical guidelines into medical decision trees, every piece traced to the words it came from.

    from text2mdt import Extractor
    extractor = Extractor.from_pretrained("default")
    trees = extractor.extract("guideline.md").trees

Names are loaded on first use: `import text2mdt` alone costs neither torch nor transformers.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from text2mdt.errors import Text2MDTError
    from text2mdt.extract import Extractor
    from text2mdt.schema import (
        DecisionTree,
        Extraction,
        Grounding,
        Logic,
        Node,
        Passage,
        PassageResult,
        Record,
        Role,
        Span,
        Triple,
    )

    __version__: str

__all__ = [
    "DecisionTree",
    "Extraction",
    "Extractor",
    "Grounding",
    "Logic",
    "Node",
    "Passage",
    "PassageResult",
    "Record",
    "Role",
    "Span",
    "Text2MDTError",
    "Triple",
]

_HOMES = {"Extractor": "extract", "Text2MDTError": "errors"}
"""The module of each public name that is not in `schema`."""


def __getattr__(name: str) -> Any:
    if name == "__version__":
        return _installed_version()
    if name not in __all__:
        raise AttributeError(f"module 'text2mdt' has no attribute '{name}'")
    value = getattr(import_module(f"text2mdt.{_HOMES.get(name, 'schema')}"), name)
    globals()[name] = value
    return value


def _installed_version() -> str:
    """The version as installed, which comes from the tags of the repository; of files that are not installed "0"."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(__name__)
    except PackageNotFoundError:
        return "0"


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
