"""Markdown → blocks. markdown-it-py finds the structure; the words are then found again in the source."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import accumulate

from markdown_it import MarkdownIt
from markdown_it.token import Token

from text2mdt.documents.document import CAPTION, Block, BlockKind, Outline, table_row
from text2mdt.mapped_text import MappedText

_FRONT_MATTER = re.compile(r"\A---\n(?:.*\n)*?(?:---|\.\.\.)(?:\n|\Z)")
_LINK_END = re.compile(r"\](?:\((?:[^()\\\n]|\\.|\([^()\n]*\))*\)|\[[^\]\n]*\])?")
_IMAGE = re.compile(r"!\[[^\]\n]*\](?:\((?:[^()\\\n]|\\.|\([^()\n]*\))*\)|\[[^\]\n]*\])?")
_LINE_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_HTML = re.compile(r"<(script|style)\b.*?(?:</\1\s*>|\Z)|<!--.*?(?:-->|\Z)|<[^<>]*>", re.DOTALL | re.IGNORECASE)
_INLINE_TAG = re.compile(r"</?(?:a|abbr|b|em|i|mark|small|span|strong|sub|sup|u)\b", re.IGNORECASE)
_HEADING_WORDS = 12
_BOLD_HEADING_LEVEL = 7  # below every real one


def markdown_blocks(text: str) -> list[Block]:
    """The blocks of a Markdown text (CommonMark with tables).

    Quotations are read as paragraphs and further paragraphs of a list item as list items. Fenced code, link
    targets, images, HTML tags, scripts, comments and front matter are left out; a short paragraph all in bold
    is a heading.
    """
    return _Reader(text).blocks()


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        # Indented code is switched off: in guidelines it is mostly running text that was indented. Without
        # `text_join`, escapes and entities stay tokens of their own and all other text stands in the source.
        self.parser = MarkdownIt("commonmark", {"html": True}).enable("table").disable(["code", "text_join"])
        self.line_starts = [0, *accumulate(len(line) + 1 for line in text.split("\n"))]
        self.outline = Outline()

    def blocks(self) -> list[Block]:
        source = _FRONT_MATTER.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), self.text)
        return list(self._walk(self.parser.parse(source)))

    def _walk(self, tokens: list[Token]) -> Iterator[Block]:
        depth, heading, in_table = 0, 0, False
        headers: list[MappedText] = []
        cells: list[MappedText] = []
        cursor, row = 0, (0, 0)
        for token in tokens:
            match token.type:
                case "bullet_list_open" | "ordered_list_open":
                    depth += 1
                case "bullet_list_close" | "ordered_list_close":
                    depth -= 1
                case "heading_open":
                    heading = int(token.tag[1])
                case "table_open":
                    in_table, headers = True, []
                case "table_close":
                    in_table = False
                case "tr_open":
                    cells, cursor = [], self._range(token)[0]
                case "tr_close" if headers:
                    yield from self._block(BlockKind.TABLE_ROW, table_row(headers, cells), row)
                case "tr_close":
                    headers = cells
                case "inline" if in_table:
                    row = self._range(token)
                    content, cursor = self._words(token, cursor, row[1])
                    cells.append(content)
                case "inline":
                    yield from self._inline(token, heading, depth)
                    heading = 0
                case "html_block":
                    start, end = self._range(token)
                    yield from self._block(BlockKind.PARAGRAPH, self._html(start, end), (start, end))

    def _inline(self, token: Token, heading: int, depth: int) -> Iterator[Block]:
        place = self._range(token)
        content, _ = self._words(token, *place)
        if not heading and not depth and _is_bold_heading(token, content):
            heading = _BOLD_HEADING_LEVEL
        if heading:
            if content.text:
                above = self.outline.enter(heading, content.text)
                yield Block(BlockKind.HEADING, content, above, *place, level=heading)
        elif depth:
            yield from self._block(BlockKind.LIST_ITEM, content, place, depth)
        else:
            yield from self._block(BlockKind.PARAGRAPH, content, place)

    def _block(self, kind: BlockKind, content: MappedText, place: tuple[int, int], level: int = 0) -> Iterator[Block]:
        if content.text:
            yield Block(kind, content, self.outline.path, *place, level=level)

    def _range(self, token: Token) -> tuple[int, int]:
        """The characters of a token's lines, without the last line end."""
        first, last = token.map or (0, 0)
        return self.line_starts[first], max(self.line_starts[first], self.line_starts[last] - 1)

    def _words(self, token: Token, cursor: int, end: int) -> tuple[MappedText, int]:
        """The visible text of an inline token between `cursor` and `end`, and where it ends."""
        parts: list[MappedText | str] = []
        for child in token.children or []:
            match child.type:
                case "text" | "code_inline":
                    found, cursor = self._find(child.content, cursor, end)
                    parts += found
                case "text_special":
                    at = self.text.find(child.markup, cursor, end)
                    cursor = at + len(child.markup) if at >= 0 else cursor
                    escaped = at >= 0 and child.info == "escape"
                    parts.append(MappedText.of(self.text, cursor - 1, cursor) if escaped else child.content)
                case "softbreak" | "hardbreak":
                    parts.append(" ")
                case "html_inline":
                    at = self.text.find(child.content, cursor, end)
                    cursor = at + len(child.content) if at >= 0 else cursor
                    parts += [" "] if _LINE_BREAK.fullmatch(child.content) else []
                case "link_close" if child.markup != "autolink":
                    skipped = _LINK_END.search(self.text, cursor, end)
                    cursor = skipped.end() if skipped else cursor
                case "image":
                    skipped = _IMAGE.search(self.text, cursor, end)
                    cursor = skipped.end() if skipped else cursor
        return MappedText.join(parts).tidy(), cursor

    def _find(self, words: str, cursor: int, end: int) -> tuple[list[MappedText | str], int]:
        """Where `words` stand from `cursor` on; a bar may be escaped in the source, so its sides are tried too."""
        if not words:
            return [], cursor
        at = self.text.find(words, cursor, end)
        if at >= 0:
            return [MappedText.of(self.text, at, at + len(words))], at + len(words)
        if "|" in words and words != "|":
            left, _, right = words.partition("|")
            before, cursor = self._find(left, cursor, end)
            after, cursor = self._find(right, cursor, end)
            return [*before, "|", *after], cursor
        return [words], cursor

    def _html(self, start: int, end: int) -> MappedText:
        parts: list[MappedText | str] = []
        cursor = start
        for match in _HTML.finditer(self.text, start, end):
            gap = "" if _INLINE_TAG.match(match[0]) else " "
            parts += [MappedText.of(self.text, cursor, match.start()), gap]
            cursor = match.end()
        return MappedText.join([*parts, MappedText.of(self.text, cursor, end)]).tidy()


def _is_bold_heading(token: Token, content: MappedText) -> bool:
    """A short paragraph that is bold from end to end and no sentence."""
    children = [child for child in token.children or [] if child.type != "text" or child.content]
    return (
        len(children) >= 3
        and children[0].type == "strong_open"
        and children[-1].type == "strong_close"
        and sum(child.type == "strong_open" for child in children) == 1
        and content.word_count <= _HEADING_WORDS
        and content.text[-1:] not in ".;,:!?"
        and not CAPTION.match(content.text)
    )
