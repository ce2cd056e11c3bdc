"""Reviewed passages → records of the corpus; those that are not finished are named and left out."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import NamedTuple

from text2mdt.errors import Text2MDTError
from text2mdt.review.passage_review import record_of
from text2mdt.review.review_tree import PassageReview
from text2mdt.schema import Record

_LOG = logging.getLogger(__name__)


class Skipped(NamedTuple):
    """A passage that gave no record, and why."""

    passage: str
    reason: str


def corpus_records(
    reviews: Iterable[PassageReview],
    *,
    specialty: str = "",
    source: str = "",
    negatives: bool = False,
    on_skip: Callable[[Skipped], None] | None = None,
) -> list[Record]:
    """A record of every finished passage, under the passage's id, in the order given.

    Args:
        specialty, source: of all these records.
        negatives: take a passage in which nothing was found as one without a decision. Nothing in it had to be checked,
            so somebody must have read it; a passage whose trees a person deleted is taken anyway.
        on_skip: hears of each passage left out; else a warning is logged.

    Raises:
        Text2MDTError: T2M062 where two passages have one id.
    """
    tell = on_skip or _log
    records: list[Record] = []
    seen: set[str] = set()
    for review in reviews:
        name = review.passage.id
        if name in seen:
            raise Text2MDTError("T2M062", id=name)
        seen.add(name)
        if not (review.trees or review.origin.tree or negatives):
            tell(Skipped(name, "nothing was found in it, and nobody has said that it holds no decision"))
            continue
        try:
            records.append(record_of(review, name, specialty, source))
        except Text2MDTError as error:
            tell(Skipped(name, str(error)))
    return records


def _log(skipped: Skipped) -> None:
    _LOG.warning("%s is no record yet: %s", skipped.passage, skipped.reason)
