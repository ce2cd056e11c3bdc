"""The program `dot` of Graphviz: many graphs drawn by one call, since most of its time goes into its start."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from text2mdt.errors import Text2MDTError

_SECONDS = 120
_BEGIN = {"png": b"\x89PNG", "pdf": b"%PDF", "svg": b"<?xml"}
_OPTIONS = {
    "png": ("-Tpng", "-Gdpi=96", "-Gbgcolor=white", "-Gmargin=0", "-Gpad=0.05"),
    "pdf": ("-Tpdf",),
    "svg": ("-Tsvg",),
}


def program() -> str | None:
    """Where it is installed, if it is."""
    return shutil.which("dot")


def drawn_by_program(sources: Sequence[str], format: str, where: str) -> list[bytes]:
    """The pictures of some graphs, in their order.

    Args:
        sources: graphs in DOT.
        format: "png" (96 dots an inch, on white), "pdf" or "svg".
        where: what they are pictures of, for errors.

    Raises:
        Text2MDTError: T2M048 where the program is not installed, T2M043 where it fails or takes too long.
    """
    if not sources:
        return []
    found = program()
    if found is None:
        raise Text2MDTError("T2M048", where, format=format.upper(), detail="it is not on the PATH")
    with TemporaryDirectory(prefix="text2mdt-") as folder:
        names = [f"{number}.dot" for number in range(len(sources))]
        try:
            for name, source in zip(names, sources, strict=True):
                (Path(folder) / name).write_text(source, encoding="utf-8")
            subprocess.run(
                [found, *_OPTIONS[format], "-O", *names],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=_SECONDS,
                check=True,
                cwd=folder,
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
    lines = output.decode("utf-8", "replace").strip().splitlines()
    return lines[-1][:200] if lines else "no reason given"
