"""Decision tree → PNG or PDF, which need the system's Graphviz: the one that comes as WebAssembly draws SVG only."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Collection

from text2mdt.errors import Text2MDTError
from text2mdt.export.dot import tree_dot
from text2mdt.schema import DecisionTree, Extraction
from text2mdt.sourced_tree import sourced_trees

_SECONDS = 60
_BEGIN = {"png": b"\x89PNG", "pdf": b"%PDF"}
_OPTIONS = {"png": ("-Tpng", "-Gdpi=144", "-Gbgcolor=white"), "pdf": ("-Tpdf",)}


def tree_png(tree: DecisionTree, title: str = "", doubtful: Collection[int] = ()) -> bytes:
    """One tree as a PNG picture, 144 dots an inch, on white; raises T2M048 without Graphviz, T2M043 where it fails."""
    return _drawn(tree, title, doubtful, "png")


def tree_pdf(tree: DecisionTree, title: str = "", doubtful: Collection[int] = ()) -> bytes:
    """One tree as a PDF page; raises T2M048 without Graphviz, T2M043 where it fails."""
    return _drawn(tree, title, doubtful, "pdf")


def png_files(extraction: Extraction) -> dict[str, bytes]:
    """A file for each tree."""
    return {f"{one.place}.png": tree_png(one.tree, one.title, one.doubtful) for one in sourced_trees(extraction)}


def pdf_files(extraction: Extraction) -> dict[str, bytes]:
    """A file for each tree."""
    return {f"{one.place}.pdf": tree_pdf(one.tree, one.title, one.doubtful) for one in sourced_trees(extraction)}


def _drawn(tree: DecisionTree, title: str, doubtful: Collection[int], format: str) -> bytes:
    program = shutil.which("dot")
    if program is None:
        raise Text2MDTError("T2M048", title, format=format.upper(), detail="it is not on the PATH")
    source = tree_dot(tree, title, doubtful).encode()
    try:
        done = subprocess.run(
            [program, *_OPTIONS[format]], input=source, capture_output=True, timeout=_SECONDS, check=True
        )
    except subprocess.CalledProcessError as error:
        raise Text2MDTError("T2M043", title, detail=_last_line(error.stderr)) from None
    except (OSError, subprocess.SubprocessError) as error:
        raise Text2MDTError("T2M043", title, detail=type(error).__name__) from None
    if not done.stdout.startswith(_BEGIN[format]):
        raise Text2MDTError("T2M043", title, detail=f"no {format.upper()} came back")
    return done.stdout


def _last_line(output: bytes) -> str:
    lines = output.decode(errors="replace").strip().splitlines()
    return lines[-1][:200] if lines else "no reason given"
