"""What became of the words of a passage in another edition."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Literal

from pydantic import BaseModel, ConfigDict

_BORDER = ".,;:()[]{}'\"!?‘’“”"

_LONG = 1000
"""Words from which frequent ones are passed over in the comparison, which would take too long otherwise."""


class WordChange(BaseModel):
    """A run of words, as written, that both editions have or only one of them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    change: Literal["equal", "delete", "insert"]
    words: str


@lru_cache(maxsize=4096)
def word_keys(text: str) -> tuple[str, ...]:
    """The words of a text without case and without punctuation at their borders, a mark that stands alone apart."""
    return tuple(word.casefold().strip(_BORDER) or word for word in text.split())


def word_diff(old: str, new: str) -> tuple[WordChange, ...]:
    """The words of two texts as runs, in the order of reading; what is deleted stands before what came for it.

    The words of "equal" are those of the new text. Joined with blanks, equal and inserted runs are the new text.
    """
    old_words, new_words = old.split(), new.split()
    runs: list[WordChange] = []
    for tag, start, end, new_start, new_end in _operations(word_keys(old), word_keys(new)):
        if tag == "equal":
            runs.append(WordChange(change="equal", words=" ".join(new_words[new_start:new_end])))
            continue
        if start < end:
            runs.append(WordChange(change="delete", words=" ".join(old_words[start:end])))
        if new_start < new_end:
            runs.append(WordChange(change="insert", words=" ".join(new_words[new_start:new_end])))
    return tuple(runs)


def changed_words(runs: Sequence[WordChange]) -> int:
    """How many words changed: of a replaced piece the longer side counts."""
    changed = waiting = 0
    for run in runs:
        number = len(run.words.split())
        if run.change == "delete":
            changed += waiting
            waiting = number
        else:
            changed += max(waiting, number if run.change == "insert" else 0)
            waiting = 0
    return changed + waiting


def similarity(old: tuple[str, ...], new: tuple[str, ...]) -> float:
    """How far two lists of words share their words in their order, 0 to 1."""
    shared = sum(end - start for tag, start, end, *_ in _operations(old, new) if tag == "equal")
    return 2 * shared / ((len(old) + len(new)) or 1)


@lru_cache(maxsize=4096)
def _operations(old: tuple[str, ...], new: tuple[str, ...]) -> tuple[tuple[str, int, int, int, int], ...]:
    """What makes the old words the new ones, as `difflib` has it; kept, as a pair is first scored and then shown."""
    return tuple(SequenceMatcher(None, old, new, autojunk=max(len(old), len(new)) > _LONG).get_opcodes())
