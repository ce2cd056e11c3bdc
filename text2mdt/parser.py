"""Generated text → trees: strict where the text is well-formed, else repaired, else a named error."""

from __future__ import annotations

from dataclasses import dataclass

from text2mdt.linear import Format, get_format
from text2mdt.relations import RelationSet
from text2mdt.schema import DecisionTree


@dataclass(frozen=True)
class ParsedForest:
    """The trees of a text, and what had to be mended to read them (nothing where the text is well-formed)."""

    trees: list[DecisionTree]
    repairs: tuple[str, ...] = ()


def parse(text: str, population: str, format: str | Format, relations: RelationSet) -> ParsedForest:
    """The trees of a generated text.

    Text that the format writes (in the outline also with subjects in brackets where they could be left out)
    is read exactly and without repairs. Truncated or slightly malformed text is mended: a kind of repair
    gives one line, however often it was needed. Takes time linear in the length of the text and never
    recurses, whatever the text.

    Args:
        text: what an engine wrote.
        population: the subject of triples that name none.
        format: a target format or its name.
        relations: the relations that may stand in it.

    Raises:
        Text2MDTError: T2M002 where no tree can be read, T2M003 for an unknown format.
    """
    form = get_format(format) if isinstance(format, str) else format
    trees, repairs = form.read(text, population, relations)
    return ParsedForest(trees, repairs)
