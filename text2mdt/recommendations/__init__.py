"""How firmly the text recommends each decision, and the grade printed with it; both traced to their words."""

from __future__ import annotations

from text2mdt.recommendations.find import find_recommendations

__all__ = ["find_recommendations"]
