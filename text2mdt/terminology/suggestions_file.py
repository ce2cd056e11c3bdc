"""Suggestions as a CSV file, in which a person says which ones to accept."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence

from text2mdt.node_text import escaped
from text2mdt.spreadsheet_cells import BYTE_ORDER_MARK, guarded
from text2mdt.terminology.accepted import Chosen
from text2mdt.terminology.suggestions import Suggestion

COLUMNS = ("accepted", "words", "what", "times", "code", "system", "display", "name", "match", "score")


def suggestions_file(found: Sequence[Suggestion], said: Mapping[Chosen, str] | None = None) -> str:
    """One row a suggestion; "accepted" is empty for a person to write yes or no.

    Args:
        said: what a person has said before, which is written again; also of codes that are suggested no more.
    """
    left = dict(said or {})
    written = io.StringIO()
    writer = csv.writer(written, quoting=csv.QUOTE_ALL)
    writer.writerow(COLUMNS)
    for one in found:
        term, concept = one.term, one.concept
        answer = left.pop(Chosen(term.words, concept.system, concept.code, concept.display), "")
        row = [answer, escaped(term.words), ", ".join(term.uses), str(term.times), concept.code, concept.system]
        row += [concept.display, one.name, one.match, f"{one.score:g}"]
        writer.writerow([guarded(cell) for cell in row])
    for chosen, answer in left.items():
        row = [answer, escaped(chosen.words), "", "", chosen.code, chosen.system, chosen.display, "", "", ""]
        writer.writerow([guarded(cell) for cell in row])
    return BYTE_ORDER_MARK + written.getvalue()
