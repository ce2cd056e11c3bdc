"""Decision tree → PNG or PDF, which need the system's Graphviz: the one that comes as WebAssembly draws SVG only."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from text2mdt.errors import Text2MDTError
from text2mdt.export.dot import numbered_trees, tree_dot
from text2mdt.schema import DecisionTree, Extraction

_SECONDS = 120
_BEGIN = {"png": b"\x89PNG", "pdf": b"%PDF"}
_OPTIONS = {"png": ("-Tpng", "-Gdpi=96", "-Gbgcolor=white"), "pdf": ("-Tpdf",)}


def tree_png(tree: DecisionTree, title: str = "") -> bytes:
    """One tree as a PNG picture, 96 dots an inch, on white; raises T2M048 without Graphviz, T2M043 where it fails."""
    return _drawn([tree_dot(tree, title)], "png", title)[0]


def tree_pdf(tree: DecisionTree, title: str = "") -> bytes:
    """One tree as a PDF page; raises T2M048 without Graphviz, T2M043 where it fails."""
    return _drawn([tree_dot(tree, title)], "pdf", title)[0]


def png_files(extraction: Extraction) -> dict[str, bytes]:
    """A file for each tree."""
    return _files(extraction, "png")


def pdf_files(extraction: Extraction) -> dict[str, bytes]:
    """A file for each tree."""
    return _files(extraction, "pdf")


def _files(extraction: Extraction, format: str) -> dict[str, bytes]:
    trees = list(numbered_trees(extraction))
    if not trees:
        return {}
    pictures = _drawn([tree_dot(tree, title) for _, title, tree in trees], format, extraction.document.name)
    return {f"{place}.{format}": picture for (place, _, _), picture in zip(trees, pictures, strict=True)}


def _drawn(sources: Sequence[str], format: str, where: str) -> list[bytes]:
    """The pictures of some graphs, by one call of the program: most of its time goes into its start."""
    program = shutil.which("dot")
    if program is None:
        raise Text2MDTError("T2M048", where, format=format.upper(), detail="it is not on the PATH")
    with TemporaryDirectory(prefix="text2mdt-") as folder:
        names = [f"{number}.dot" for number in range(len(sources))]
        try:
            for name, source in zip(names, sources, strict=True):
                (Path(folder) / name).write_text(source, encoding="utf-8")
            command = [program, *_OPTIONS[format], "-O", *names]
            subprocess.run(
                command, stdin=subprocess.DEVNULL, capture_output=True, timeout=_SECONDS, check=True, cwd=folder
            )
            pictures = [(Path(folder) / f"{name}.{format}").read_bytes() for name in names]
        except subprocess.CalledProcessError as error:
            raise Text2MDTError("T2M043", where, detail=_last_line(error.stderr)) from None
        except (OSError, subprocess.SubprocessError) as error:
            raise Text2MDTError("T2M043", where, detail=type(error).__name__) from None
    if not all(picture.startswith(_BEGIN[format]) for picture in pictures):
        raise Text2MDTError("T2M043", where, detail=f"no {format.upper()} came back")
    return pictures


def _last_line(output: bytes) -> str:
    lines = output.decode(errors="replace").strip().splitlines()
    return lines[-1][:200] if lines else "no reason given"
