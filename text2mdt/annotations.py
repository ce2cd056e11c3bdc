"""Annotations of the same passages by several people: reading them, and how far two of them agree."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from text2mdt.comparison import Comparison, compare
from text2mdt.corpus import parsed_lines
from text2mdt.errors import Text2MDTError
from text2mdt.schema import DecisionTree, Node, split_forest


class Annotation(BaseModel):
    """One annotator's trees of one passage.

    Attributes:
        id: of the record.
        tree: nodes in pre-order, of several trees one after another.
        doubt: where the annotator saw a second reading.
        fact: a clinical statement of the passage that the annotator held to be wrong.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)  # a corpus file may be read as annotations

    id: str
    tree: tuple[Node, ...]
    doubt: str = ""
    fact: str = ""

    @property
    def trees(self) -> list[DecisionTree]:
        return split_forest(self.tree)


def read_annotations(path: str | Path) -> dict[str, Annotation]:
    """The annotations of a JSON Lines file, by record id.

    Raises:
        Text2MDTError: T2M010, T2M013, T2M016 for a file that cannot be read; T2M031 and T2M030 for a line that is no
            annotation, with file and line; T2M033 where there is none.
    """
    found: dict[str, Annotation] = {}
    for where, annotation in parsed_lines(path, _parse):
        if annotation.id in found:
            raise Text2MDTError("T2M030", where, detail=f"the id {annotation.id} stands twice")
        found[annotation.id] = annotation
    return found


def _parse(line: str) -> Annotation:
    annotation = Annotation.model_validate(json.loads(line))
    split_forest(annotation.tree)
    return annotation


def agreement(
    first: Mapping[str, Annotation], second: Mapping[str, Annotation], ids: Collection[str] | None = None
) -> Comparison:
    """Compares the second annotator's trees with the first's, over the records that both have.

    F1 figures do not depend on who is called first; precision and recall do.

    Args:
        ids: only these records.

    Raises:
        Text2MDTError: T2M033 where no record has both annotations.
    """
    shared = [name for name in first if name in second and (ids is None or name in ids)]
    if not shared:
        raise Text2MDTError("T2M033")
    return compare([second[name].trees for name in shared], [first[name].trees for name in shared])
