"""What imported trees would change, in sentences for people."""

from __future__ import annotations

from text2mdt.imports.differences import Difference


def heading(difference: Difference) -> str:
    """Which tree it is about: "g-001, tree 2"."""
    if difference.passage is None:
        return "a tree that names no passage: it cannot be taken"
    if difference.old is None:
        return f"{difference.passage}, a new tree"
    return f"{difference.passage}, tree {difference.old}"


def sentences(difference: Difference) -> list[str]:
    """What changes, a sentence each; none where nothing does."""
    said = []
    if difference.population is not None:
        old, new = difference.population
        said.append(f"the population '{old}' became '{new}'")
    said += [change.text for change in difference.changes]
    if not said and not difference.identical:
        said.append("only the writing changed")
    return said
