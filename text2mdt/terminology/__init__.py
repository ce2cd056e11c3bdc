"""Hints from a user's code list: suggestions for the words of trees, and the codes that a person accepted."""

from __future__ import annotations

from text2mdt.terminology.accepted import NO_CODES, Chosen, Codes, accepted_codes, read_answers, read_codes, read_said
from text2mdt.terminology.code_list import Concept, read_code_list
from text2mdt.terminology.suggestions import Suggestion, suggestions
from text2mdt.terminology.suggestions_file import suggestions_file
from text2mdt.terminology.terms import Term, terms_of

__all__ = [
    "NO_CODES",
    "Chosen",
    "Codes",
    "Concept",
    "Suggestion",
    "Term",
    "accepted_codes",
    "read_answers",
    "read_code_list",
    "read_codes",
    "read_said",
    "suggestions",
    "suggestions_file",
    "terms_of",
]
