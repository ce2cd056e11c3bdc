"""Guidelines: the trees of one document as a forest, and the comparison of two editions."""

from __future__ import annotations

from text2mdt.guideline.build import build_guideline
from text2mdt.guideline.compare_editions import compare_editions
from text2mdt.guideline.editions import EditionComparison, PassageChange, TreeChange
from text2mdt.guideline.extraction_file import read_extraction
from text2mdt.guideline.guideline import Conflict, Entry, Group, Guideline, GuidelineTree, LeftOut, Place, Source
from text2mdt.guideline.walking import reached
from text2mdt.guideline.word_diff import WordChange

__all__ = [
    "Conflict",
    "EditionComparison",
    "Entry",
    "Group",
    "Guideline",
    "GuidelineTree",
    "LeftOut",
    "PassageChange",
    "Place",
    "Source",
    "TreeChange",
    "WordChange",
    "build_guideline",
    "compare_editions",
    "reached",
    "read_extraction",
]
