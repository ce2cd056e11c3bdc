"""The documents of a folder, each with the name of its output files."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from text2mdt.documents import READERS
from text2mdt.errors import Text2MDTError

OWN_FILES = ("manifest", "summary")
"""Names of files that a batch writes for itself, without their endings."""


@dataclass(frozen=True)
class BatchInput:
    """A document of a batch.

    Attributes:
        path: where it is read.
        name: its path below the folder, with "/"; tells the documents of a batch apart.
        stem: what its output files begin with, relative to the output folder.
    """

    path: Path
    name: str
    stem: Path


def folder_inputs(folder: Path, output: Path) -> list[BatchInput]:
    """The files of a folder and below of a type that can be read, in the order of their names.

    What lies in the output folder is no input. The output mirrors the folder. Of files that differ in their ending
    only, and of one that has the name of a file of the batch's own, the ending is kept.

    Raises:
        Text2MDTError: T2M037 where there is none, T2M150 where the output would go among the inputs.
    """
    written = output.resolve()
    if written == folder.resolve():
        raise Text2MDTError("T2M150", output)
    files = sorted(
        file
        for file in folder.rglob("*")
        if file.suffix.lower() in READERS and file.is_file() and written not in file.resolve().parents
    )
    if not files:
        raise Text2MDTError("T2M037", folder, known=", ".join(READERS))
    names = [file.relative_to(folder) for file in files]
    plain = [name.with_suffix("") for name in names]
    taken = Counter([*names, *plain, *2 * [Path(own) for own in OWN_FILES]])
    stems = [name if taken[name.with_suffix("")] > 1 else name.with_suffix("") for name in names]
    return [BatchInput(file, name.as_posix(), stem) for file, name, stem in zip(files, names, stems, strict=True)]


def shard(inputs: list[BatchInput], number: int, of: int) -> list[BatchInput]:
    """Every `of`-th document from the `number`-th (from 1): the share of one of several runs.

    Raises:
        ValueError: for a number that is not in 1 to `of`.
    """
    if not 1 <= number <= of:
        raise ValueError(f"there is no share {number} of {of}")
    return inputs[number - 1 :: of]
