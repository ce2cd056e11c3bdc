"""How guidelines set out a chain of cases: sentences, bullets, numbers, table rows, arrows, grades.

Cells and items come as the readers of documents give them (`text2mdt.documents`): without marks, the row of a table as
`header: cell; header: cell.`
"""

from __future__ import annotations

from collections.abc import Sequence

from text2mdt.synthetic.writer import Writer, capital, sentence

Item = tuple[str, str]
"""The label of a case and what is done, both without a full stop."""


_STYLES = (
    "cells", "cells", "cells", "cells", "cells", "items", "items", "bullets", "bullets", "numbers", "plain", "plain",
    "table", "arrows", "letters", "dashes",
)  # fmt: skip
_CASES = (
    "Finding", "Situation", "Group", "Category", "Clinical picture", "Presentation", "Type", "Grade", "Patients",
    "When", "If", "Condition",
)  # fmt: skip
_ACTIONS = (
    "Treatment", "Management", "Action", "Recommendation", "What to do", "First choice", "Recommended care", "Then",
    "Next step", "Plan", "Approach", "First treatment",
)  # fmt: skip


def cells(headers: Sequence[str], table: Sequence[Sequence[str]]) -> str:
    """The rows of a table: `header: cell; header: cell.` for each."""
    return " ".join("; ".join(map(": ".join, zip(headers, row, strict=True))) + "." for row in table)


def rows(w: Writer, items: Sequence[Item], heading: str) -> str:
    """The cases as a list or table, after a line that says what it is."""
    style = w.pick(_STYLES)
    if style == "cells":
        opening = f"{_opening(w, heading)} " if w.chance(0.4) else ""
        return opening + cells((capital(heading) or w.pick(_CASES), w.pick(_ACTIONS)), items)
    opening = _opening(w, heading)
    between_items = ". " if any(";" in text for _, text in items) else w.pick((". ", "; "))
    if style == "bullets":
        sign, between = w.pick(("•", "•", "-", "–", "*")), w.pick((": ", ": ", " – "))
        if sign == "–":
            between = ": "
        end = w.pick((".", ".", ""))
        return (
            f"{opening} "
            + " ".join(f"{sign} {label}{between}{text}{end}" for label, text in items)
            + ("" if end else ".")
        )
    if style == "numbers":
        form = w.pick(("{}.", "({})", "{})"))
        parts = [f"{form.format(number)} {label}: {text}" for number, (label, text) in enumerate(items, 1)]
        return f"{opening} " + between_items.join(parts) + "."
    if style == "letters":
        parts = [f"({letter}) {label}: {text}" for letter, (label, text) in zip("abcdef", items, strict=False)]
        return f"{opening} " + between_items.join(parts) + "."
    if style == "table":
        head = w.pick(("Finding | Action.", "Category | Management.", "", "Group | Recommendation."))
        return f"{opening} {head} ".replace("  ", " ") + ". ".join(f"{label} | {text}" for label, text in items) + "."
    if style == "arrows":
        return f"{opening} " + between_items.join(f"{label} → {text}" for label, text in items) + "."
    if style == "dashes":
        return f"{opening} " + ". ".join(f"{label} – {text}" for label, text in items) + "."
    between = between_items if style == "items" else ". "
    return f"{opening} " + between.join(f"{label}: {text}" for label, text in items) + "."


def _opening(w: Writer, heading: str) -> str:
    number = w.rng.randint(1, 9)
    if heading:
        return w.pick(
            (
                f"Choose by {heading}.",
                f"Management by {heading}.",
                f"Table {number}. {capital(heading)} and treatment.",
                f"The decision rests on the {heading}:",
                f"{capital(heading)} decides.",
                f"Treatment according to {heading}:",
                f"{capital(heading)}:",
            )
        )
    return w.pick(
        (
            f"Table {number}.",
            f"Box {number}: management.",
            f"Recommendation {number}.",
            "What to do:",
            "Management is as follows.",
            "The options are set out below.",
            f"Treatment (see also section {number}).",
            "Recommended action:",
            f"Management of {w.noun}:",
        )
    )


def prose(w: Writer, clauses: Sequence[str], joined: bool = True) -> str:
    """Sentences; where they may be `joined`, sometimes two of them are, by a semicolon."""
    parts: list[str] = []
    for clause in clauses:
        simple = joined and parts and ";" not in parts[-1] + clause and ":" not in parts[-1] + clause
        if simple and len(parts[-1]) + len(clause) < 260 and w.chance(0.25):
            parts[-1] = f"{parts[-1]}; {clause}"
        else:
            parts.append(clause)
    return _numbered(w, [sentence(part) for part in parts])


def _numbered(w: Writer, parts: Sequence[str]) -> str:
    draw = w.rng.random()
    if draw < 0.08:
        first, second = w.rng.randint(1, 9), w.rng.randint(1, 12)
        return " ".join(f"{first}.{second + index} {part}" for index, part in enumerate(parts))
    if draw < 0.11:
        start = w.rng.randint(1, 40)
        return " ".join(f"R{start + index}. {part}" for index, part in enumerate(parts))
    if draw < 0.2:
        return " ".join(graded(w, part) for part in parts)
    return " ".join(parts)


def graded(w: Writer, text: str) -> str:
    """The sentence with a grade of recommendation behind it."""
    strength = (
        "strong recommendation", "conditional recommendation", "grade A", "grade B", "grade C", "grade 1B", "grade 2C",
        "low certainty", "moderate-quality evidence", "class I, level B", "class IIa", "expert opinion", "2B",
    )  # fmt: skip
    if not text.endswith("."):
        return text
    return f"{text[:-1]} ({w.pick(strength)})."
