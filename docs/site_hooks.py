"""Hooks of the site (mkdocs.yml): files of the project outside docs/ that pages link to become pages of the site too.

So a link works in the repository and in the site alike. A Markdown file comes as it is, any other text as a code block;
a link to a folder leads to its README, and is plain words where there is none. Where the words of a link are a file's
name, the site shows the page's title.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files, InclusionLevel

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
PREFIX = "project/"
_LINK = re.compile(r"(?<!!)\[((?:[^\[\]]|\[[^\]]*\])*)\]\(([^()\s#]*)(#[^()\s]*)?\)")
_ALWAYS = ("CHANGELOG.md", "CONTRIBUTING.md", "data/adapters/default/README.md", "data/samples/README.md")
_LANGUAGES = {".py": "python", ".yaml": "yaml", ".yml": "yaml", ".json": "json", ".toml": "toml"}


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Adds what is linked, and what these files link to in turn."""
    found = {file.src_uri: Path(file.abs_src_path or "") for file in files.documentation_pages()}
    waiting = [*found.values(), *(ROOT / name for name in _ALWAYS)]
    seen: set[Path] = set()
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        if not path.is_relative_to(DOCS):
            files.append(_file(path, config))
        if path.suffix == ".md":
            targets = (linked_file(path, target) for _, target, _ in _LINK.findall(path.read_text(encoding="utf-8")))
            waiting += [target for target in targets if target and not target.is_relative_to(DOCS)]
    return files


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Turns links from and to files outside docs/ to their places in the site."""
    origin = _origin(page.file.src_uri)
    here = Path(page.file.src_uri).parent

    def turned(match: re.Match[str]) -> str:
        words, target, anchor = match[1], match[2], match[3] or ""
        if not target or ":" in target:
            return match[0]
        path = linked_file(origin, target)
        if path is None:
            return str(words)
        if re.fullmatch(r"[\w/.-]+\.md", words):
            words = _title(path) or words
        return f"[{words}]({os.path.relpath(_uri(path), here)}{anchor})"

    return _LINK.sub(turned, markdown)


def linked_file(page: Path, target: str) -> Path | None:
    """The file of the project that a relative link leads to; None for an address, and for a folder without README."""
    if not target or ":" in target:
        return None
    path = (page.parent / target).resolve()
    if path.is_dir():
        path = path / "README.md"
        return path if path.exists() else None
    return path


def _title(path: Path) -> str | None:
    """The first heading of a page."""
    found = re.search(r"^# (.+)$", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return found[1] if found else None


def _origin(uri: str) -> Path:
    if not uri.startswith(PREFIX):
        return DOCS / uri
    path = ROOT / uri.removeprefix(PREFIX)
    return path if path.exists() else path.with_suffix("")


def _uri(path: Path) -> str:
    if path.is_relative_to(DOCS):
        return path.relative_to(DOCS).as_posix()
    name = PREFIX + path.relative_to(ROOT).as_posix()
    return name if path.suffix == ".md" else name + ".md"


def _file(path: Path, config: MkDocsConfig) -> File:
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".md":
        text = f"# {path.relative_to(ROOT)}\n\n```{_LANGUAGES.get(path.suffix, 'text')}\n{text}```\n"
    inclusion = InclusionLevel.UNDEFINED if path.suffix == ".md" else InclusionLevel.NOT_IN_NAV
    return File.generated(config, _uri(path), content=text, inclusion=inclusion)
