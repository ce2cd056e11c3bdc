"""The files that a build is given: those of the repository that .dockerignore lets through."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath


class Context:
    """A folder and the patterns of its .dockerignore, of which the last that fits decides."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        ignored = folder / ".dockerignore"
        self._rules = rules(ignored.read_text(encoding="utf-8").splitlines() if ignored.exists() else ())

    def sends(self, path: str) -> bool:
        """Whether a file with this path, relative to the folder, is sent to the build."""
        sent = True
        parents = [str(parent) for parent in PurePosixPath(path).parents][:-1]
        for pattern, kept in self._rules:
            if any(pattern.fullmatch(one) for one in (path, *parents)):
                sent = kept
        return sent

    def files(self, source: str) -> Iterator[str]:
        """The paths of the files at or below a path that are sent, sorted."""
        start = self.folder / source
        found = sorted(path for path in start.rglob("*") if not path.is_dir()) if start.is_dir() else [start]
        for path in found:
            relative = path.relative_to(self.folder).as_posix()
            if path.exists() and self.sends(relative):
                yield relative

    def copy(self, source: str, destination: Path, into: bool) -> None:
        """Copies a file, or what a folder holds, as COPY does.

        Args:
            source: relative to the folder of the context.
            destination: where the content of a folder goes, or a file.
            into: the destination is a folder, which a file goes into.

        Raises:
            FileNotFoundError: there is no such file, or .dockerignore keeps all of it out.
        """
        source = os.path.normpath(source)
        files = list(self.files(source))
        if not files:
            raise FileNotFoundError(f"{source} is not there, or .dockerignore keeps it out")
        for file in files:
            if (self.folder / source).is_dir():
                target = destination / PurePosixPath(file).relative_to(source)
            else:
                target = destination / PurePosixPath(file).name if into else destination
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(self.folder / file, target)  # with its mode; it belongs to root, as in an image


def rules(lines: Sequence[str]) -> list[tuple[re.Pattern[str], bool]]:
    """The patterns of a .dockerignore, each with whether what fits is kept."""
    found = []
    for line in lines:
        text = line.strip()
        if text and not text.startswith("#"):
            kept = text.startswith("!")
            found.append((_expression(text.removeprefix("!").strip().strip("/")), kept))
    return found


def _expression(pattern: str) -> re.Pattern[str]:
    """`**` stands for any number of folders, `*` and `?` for what is within a name."""
    text = ""
    for part in re.findall(r"\*\*/|\*\*|\*|\?|[^*?]+", pattern):
        text += {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}.get(part) or re.escape(part)
    return re.compile(text)
