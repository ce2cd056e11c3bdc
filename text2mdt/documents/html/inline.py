"""The words of one block of a web page while they are collected: bold type, raised numbers, links to references."""

from __future__ import annotations

import re

from text2mdt.documents.superscripts import DROPPED, is_bracketed, is_reference, raised, without_references
from text2mdt.documents.typed_text import LINE_BREAK, clean, typed_paragraphs

_REFERENCE_LINK = re.compile(
    r"#(?:[\w.:-]*[_.:-])?(?:ref|refs|reference|references|bib|bibr|cite|citation|cit|footnote|endnote|fn|ftn|edn|note|"
    r"cr|b|r)(?:[\W_]*(?:note|ref|id|num|no|s))?[\W_]*\d[\w.:-]*",
    re.IGNORECASE,
)
_EMPTY_LINE = re.compile(r"\n[^\S\n]*\n\s*")
_MOST_PIECES = 40
_TAIL = 8  # pieces before a raised number that tell what it is


class InlineText:
    """Grows piece by piece until the block ends."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._marks: list[tuple[int, str]] = []  # where links and raised characters begin, and where a link leads
        self._bold = 0
        self._letters = 0
        self._bold_letters = 0

    def add(self, text: str | None) -> None:
        """Adds text; neighbours are joined without a blank."""
        if text:
            self._pieces.append(text.replace(DROPPED, "").replace(LINE_BREAK, "\n"))
            letters = sum(map(str.isalnum, text))
            self._letters += letters
            self._bold_letters += letters if self._bold else 0

    def add_lines(self, text: str | None) -> None:
        """Adds preformatted text, in which an empty line ends a paragraph."""
        parts = _EMPTY_LINE.split(text or "")
        for index, part in enumerate(parts):
            if index:
                self.break_line()
                self.break_line()
            self.add(part)

    def break_line(self) -> None:
        self._pieces.append(LINE_BREAK)

    def bold(self, step: int) -> None:
        """Bold type begins (1) or ends (-1)."""
        self._bold += step

    def mark(self, link: str = "") -> None:
        """A link or raised characters begin here."""
        self._marks.append((len(self._pieces), link))

    def end_link(self) -> None:
        """Drops the words of a link to a reference."""
        start, link = self._marks.pop() if self._marks else (0, "")
        words = self._short(start)
        if link.startswith("#") and is_reference(words) and (is_bracketed(words) or _REFERENCE_LINK.match(link)):
            self._pieces[start:] = [DROPPED]

    def end_raised(self) -> None:
        """Drops raised numbers of references, and keeps exponents."""
        start, _ = self._marks.pop() if self._marks else (0, "")
        words = self._short(start)
        if words:
            before = "".join(self._pieces[max(start - _TAIL, 0) : start])
            self._pieces[start:] = [raised(before, words)]

    def _short(self, start: int) -> str:
        """The text from a mark on; "" for a long one, which is no number of a reference."""
        pieces = self._pieces[start : start + _MOST_PIECES]
        return "".join(pieces) if start + len(pieces) == len(self._pieces) and sum(map(len, pieces)) < 200 else ""

    def take(self) -> tuple[list[str], bool]:
        """The paragraphs collected so far (not cleaned: bullets that were typed are still there), and whether all
        their letters are bold. Links and raised characters that are still open begin anew."""
        if not self._pieces:
            return [], False
        text = without_references("".join(self._pieces))
        bold = 0 < self._letters == self._bold_letters
        self._pieces, self._letters, self._bold_letters = [], 0, 0
        self._marks = [(0, link) for _, link in self._marks]
        return [part for part in typed_paragraphs(text) if clean(part)], bold
