"""The name of a new file, from the name that somebody gave a document."""

from __future__ import annotations

import re

_LONGEST = 100
_UNFIT = re.compile(r'[\x00-\x1f\x7f<>:"|?*]')
"""No system takes all of them in a name."""


def file_stem(name: str) -> str:
    """The last part of a name without its ending, fit for a file in any folder of any system; never a path.

    At most 100 characters; "document" where nothing is left.
    """
    last = re.split(r"[/\\]", name)[-1]
    stem = _UNFIT.sub("_", last).strip()
    if "." in stem.lstrip("."):
        stem = stem.rpartition(".")[0]
    return stem.strip(". ")[:_LONGEST].rstrip(". ") or "document"
