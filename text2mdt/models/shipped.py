"""The adapters that come with the package."""

from __future__ import annotations

from pathlib import Path

DEFAULT_ADAPTER = "default"
"""The one that is taken where none is named."""

_PACKAGE = Path(__file__).resolve().parents[1]


def shipped_adapters() -> dict[str, Path]:
    """Name → folder of each adapter in the installed package or, in a checkout, in `data/adapters`."""
    adapters: dict[str, Path] = {}
    for root in (_PACKAGE / "_data" / "adapters", _PACKAGE.parent / "data" / "adapters"):
        for config in sorted(root.glob("*/adapter.json")):
            adapters.setdefault(config.parent.name, config.parent)
    return adapters
