"""The sample guidelines that come with the package."""

from __future__ import annotations

from pathlib import Path

from text2mdt.documents import READERS

_PACKAGE = Path(__file__).resolve().parent


def shipped_samples() -> dict[str, Path]:
    """Name → file of each sample in the installed package or, in a checkout, in `data/samples`."""
    samples: dict[str, Path] = {}
    for root in (_PACKAGE / "_data" / "samples", _PACKAGE.parent / "data" / "samples"):
        for path in sorted(root.glob("*")):
            if path.suffix in READERS and path.stem != "README":
                samples.setdefault(path.stem, path)
    return samples
