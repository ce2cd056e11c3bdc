"""What the pages of the project show: their links, headings and blocks of code, as Markdown reads them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")),
    *sorted(DOCS.rglob("*.md")),
    *sorted((ROOT / "data").rglob("README.md")),
]
_SNIPPET = re.compile(r"^--8<--\n(.+)\n--8<--$", flags=re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """A block of code.

    Attributes:
        language: of a fenced block; "" of an indented one.
        note: the words of the comment right before it.
    """

    page: Path
    line: int
    language: str
    text: str
    note: str

    @property
    def name(self) -> str:
        return f"{named(self.page)}:{self.line}"


def named(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


@cache
def tokens(page: Path) -> tuple[Token, ...]:
    return tuple(MarkdownIt("commonmark").enable("table").parse(page.read_text(encoding="utf-8")))


def blocks(page: Path, *languages: str) -> Iterator[Block]:
    """Its blocks of code in these languages, with included files in their place."""
    note = ""
    for token in tokens(page):
        if token.type in ("fence", "code_block") and token.info.strip() in languages:
            text = _SNIPPET.sub(lambda match: (DOCS / match[1]).read_text(encoding="utf-8"), token.content)
            yield Block(page, token.map[0] + 1 if token.map else 0, token.info.strip(), text, note)
        found = re.fullmatch(r"<!-- (.*) -->\s*", token.content) if token.type == "html_block" else None
        note = found[1] if found else ""


def links(page: Path) -> Iterator[str]:
    """Where its links and images lead."""
    for token in tokens(page):
        for child in token.children or ():
            target = child.attrGet("href") if child.type == "link_open" else child.attrGet("src")
            if target is not None:
                yield str(target)


def anchors(page: Path) -> set[str]:
    """The anchors of its headings, as repositories and the site make them."""
    found: dict[str, int] = {}
    places = set()
    every = tokens(page)
    for token, inline in pairwise(every):
        if token.type == "heading_open":
            words = "".join(child.content for child in inline.children or () if child.type in ("text", "code_inline"))
            anchor = re.sub(r"[^\w\- ]", "", words.strip().lower()).replace(" ", "-")
            places.add(f"{anchor}-{found[anchor]}" if anchor in found else anchor)
            found[anchor] = found.get(anchor, 0) + 1
    return places
