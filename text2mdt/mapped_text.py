"""Text put together from pieces of a document, with the place of every piece."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from text2mdt.schema import Segment

_WORDS = re.compile(r"\S+(?: \S+)*")


@dataclass(frozen=True)
class MappedText:
    """A text and where its pieces stand in a source.

    For each segment, `text[passage_start:passage_start + length]` equals the `length` characters of the
    source from `document_start`. Segments are in the order of `text` and do not overlap there; characters
    outside of them (a joining blank, a decoded entity) are not taken from the source.
    """

    text: str
    segments: tuple[Segment, ...] = ()

    @classmethod
    def of(cls, source: str, start: int, end: int) -> MappedText:
        """The piece `source[start:end]`."""
        if start >= end:
            return cls("")
        return cls(source[start:end], (Segment(passage_start=0, document_start=start, length=end - start),))

    @classmethod
    def join(cls, parts: Iterable[MappedText | str]) -> MappedText:
        """The parts one after another; a plain string is text of our own, without a place in the source."""
        texts: list[str] = []
        segments: list[Segment] = []
        length = 0
        for part in parts:
            piece = cls(part) if isinstance(part, str) else part
            for segment in piece.segments:
                _append(segments, segment.passage_start + length, segment.document_start, segment.length)
            texts.append(piece.text)
            length += len(piece.text)
        return cls("".join(texts), tuple(segments))

    def slice(self, start: int, end: int) -> MappedText:
        """The part from `start` to `end`, counted in `text`."""
        kept = []
        for segment in self.segments:
            first = max(start, segment.passage_start)
            last = min(end, segment.passage_start + segment.length)
            if first < last:
                shift = segment.document_start - segment.passage_start
                kept.append(Segment(passage_start=first - start, document_start=first + shift, length=last - first))
        return MappedText(self.text[start:end], tuple(kept))

    def tidy(self) -> MappedText:
        """The same words with one plain blank between them and none at the ends."""
        matches = list(_WORDS.finditer(self.text))
        if len(matches) == 1 and matches[0].span() == (0, len(self.text)):
            return self
        parts: list[MappedText | str] = []
        for match in matches:
            parts += [" ", self.slice(*match.span())] if parts else [self.slice(*match.span())]
        return MappedText.join(parts)

    @property
    def word_count(self) -> int:
        return len(self.text.split())


def _append(segments: list[Segment], passage_start: int, document_start: int, length: int) -> None:
    """Adds a segment, as a continuation of the last one where both texts run on."""
    if segments:
        last = segments[-1]
        if last.passage_start + last.length == passage_start and last.document_start + last.length == document_start:
            segments[-1] = last.model_copy(update={"length": last.length + length})
            return
    segments.append(Segment(passage_start=passage_start, document_start=document_start, length=length))
