"""What was printed beside what is read in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from printed.pages import Printed
from text2mdt.documents import BlockKind, Document

Found = tuple[str, str, tuple[str, ...], int]
"""Kind, text, heading path and (of a list item) level of a block."""


@dataclass(frozen=True)
class Comparison:
    """The blocks that were printed and those that are read; words that may stand anywhere (`aside`) apart."""

    printed: list[Found]
    read: list[Found]
    aside: list[int]
    """How often each of the words that may stand anywhere is read."""

    @classmethod
    def of(cls, made: Printed, document: Document) -> Comparison:
        blocks: list[Found] = [
            (block.kind.value, block.text, block.heading_path, block.level if block.kind is BlockKind.LIST_ITEM else 0)
            for block in document.blocks
        ]
        texts = [text for _, text, _, _ in blocks]
        return cls(
            [(block.kind, block.text, block.path, block.level) for block in made.expected],
            [block for block in blocks if block[1] not in made.aside],
            [texts.count(words) for words in made.aside],
        )

    @property
    def is_same(self) -> bool:
        """Every block with its kind, text, headings and level, and none besides."""
        return self.read == self.printed

    @property
    def is_in_order(self) -> bool:
        """All words come in their order, whatever stands between them."""
        left = _words(self.read)
        return all(word in left for word in _words(self.printed))


def _words(blocks: Iterable[Found]) -> Iterator[str]:
    return iter(" ".join(text for _, text, _, _ in blocks).split())
