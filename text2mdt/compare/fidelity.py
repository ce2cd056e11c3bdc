"""How well cheap rules score ranks, from the file that `benchmarks/importance_fidelity.py` writes."""

from __future__ import annotations

import json
import statistics
from pathlib import Path
from typing import Any

from text2mdt.errors import Text2MDTError

_BASES = {"as_trained": "as trained", "svd": "SVD basis"}
_VARIANT = "variant:"


def fidelity_rows(path: Path) -> list[dict[str, Any]]:
    """One row for each rule and basis: over all tasks and seeds the mean and lowest Spearman correlation with exact
    Shapley values, the mean loss in nats after the lower half of the ranks is cut, and the passes it costs.

    Raises:
        Text2MDTError: T2M010 where there is no such file, T2M161 where it is another.
    """
    try:
        sections = json.loads(path.read_text(encoding="utf-8"))
        results = [
            result
            for name, section in sections.items()
            if not name.startswith(_VARIANT)
            for result in section["seeds"].values()
        ]
        return [
            {
                "rule": "path, 8 nodes" if rule == "path" else rule,
                "basis": words,
                "adapters": len(results),
                "spearman": statistics.mean(result[basis][rule]["spearman"] for result in results),
                "lowest": min(result[basis][rule]["spearman"] for result in results),
                "half": statistics.mean(result[basis][rule]["half"] for result in results),
                "passes": statistics.mean(sum(result[basis][rule]["cost"][:2]) for result in results),
            }
            for basis, words in _BASES.items()
            for rule in results[0][basis]
            if "spearman" in results[0][basis][rule]
        ]
    except FileNotFoundError:
        raise Text2MDTError("T2M010", path) from None
    except (OSError, ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
        raise Text2MDTError("T2M161", path, detail=f"{type(error).__name__}: {error}") from error
