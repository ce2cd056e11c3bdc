"""How far two reviewers of the same passages agree: in the trees they leave, and in their verdicts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from text2mdt.comparison import Comparison, compare, json_values
from text2mdt.errors import Text2MDTError
from text2mdt.review.counted_forest import counted_forest
from text2mdt.review.problems import first_block
from text2mdt.review.review_tree import PassageReview, Verdict

JUDGED = (Verdict.ACCEPTED, Verdict.FIXED, Verdict.REJECTED)
"""The verdicts that are compared; a triple that a reviewer deleted counts as rejected."""


@dataclass(frozen=True)
class VerdictAgreement:
    """How two reviewers judged the same extracted triples.

    Attributes:
        triples: judged by both.
        open: not judged by one of them, and left out.
        same: share of equal verdicts, 0 to 1; None where there is nothing to compare.
        kappa: Cohen's kappa, at most 1, 0 for what chance would give; None also where both gave one and the same
            verdict throughout, for which it is not defined.
        table: the first one's verdict → the second one's → number.
    """

    triples: int
    open: int
    same: float | None
    kappa: float | None
    table: dict[str, dict[str, int]]


@dataclass(frozen=True)
class Agreement:
    """How two reviewers agree.

    Attributes:
        passages: with finished trees of both.
        trees: figures of the second one's trees against the first one's; F1 and tree accuracy do not depend on who is
            first. `triple_f1`, `tree_accuracy` name the main ones.
        verdicts: on the triples that both were shown.
        left_out: passages of both that are unfinished, or whose texts differ, and so not compared at all.
        other_extraction: passages whose verdicts are not compared, as the reviewers began with different trees.
    """

    passages: int
    trees: Comparison
    verdicts: VerdictAgreement
    left_out: tuple[str, ...]
    other_extraction: tuple[str, ...]

    @property
    def triple_f1(self) -> float | None:
        return self.trees.scores.triple.f1

    @property
    def tree_accuracy(self) -> float | None:
        return self.trees.scores.tree_accuracy

    def report(self) -> dict[str, Any]:
        """All figures as JSON values."""
        return {
            "passages": self.passages,
            "trees": self.trees.report(),
            "verdicts": json_values(self.verdicts),
            "left_out": list(self.left_out),
            "other_extraction": list(self.other_extraction),
        }


def agreement(reviews_a: Iterable[PassageReview], reviews_b: Iterable[PassageReview]) -> Agreement:
    """Compares two reviewers over the passages that both have, by the passages' ids.

    Raises:
        Text2MDTError: T2M062 where one of them has two passages of one id, T2M033 where no passage can be compared.
    """
    first, second = _by_id(reviews_a), _by_id(reviews_b)
    shared = [(first[name], second[name]) for name in first if name in second]
    pairs = [pair for pair in shared if _comparable(*pair)]
    if not pairs:
        raise Text2MDTError("T2M033")
    same_start = [pair for pair in pairs if pair[0].origin.tree == pair[1].origin.tree]
    return Agreement(
        passages=len(pairs),
        trees=compare([counted_forest(b).trees for _, b in pairs], [counted_forest(a).trees for a, _ in pairs]),
        verdicts=_verdicts(same_start),
        left_out=tuple(pair[0].passage.id for pair in shared if pair not in pairs),
        other_extraction=tuple(pair[0].passage.id for pair in pairs if pair not in same_start),
    )


def _by_id(reviews: Iterable[PassageReview]) -> Mapping[str, PassageReview]:
    found: dict[str, PassageReview] = {}
    for review in reviews:
        if review.passage.id in found:
            raise Text2MDTError("T2M062", id=review.passage.id)
        found[review.passage.id] = review
    return found


def _comparable(one: PassageReview, other: PassageReview) -> bool:
    same_text = one.passage.text == other.passage.text
    return same_text and first_block(one, "result") is None and first_block(other, "result") is None


def _verdicts(pairs: Iterable[tuple[PassageReview, PassageReview]]) -> VerdictAgreement:
    found: Counter[tuple[Verdict, Verdict]] = Counter()
    left_open = 0
    for one, other in pairs:
        ours, theirs = _verdicts_by_id(one), _verdicts_by_id(other)
        for triple in _extracted(one):
            pair = ours.get(triple, Verdict.REJECTED), theirs.get(triple, Verdict.REJECTED)
            if Verdict.OPEN in pair:
                left_open += 1
            else:
                found[pair] += 1
    total = found.total()
    return VerdictAgreement(
        triples=total,
        open=left_open,
        same=sum(found[verdict, verdict] for verdict in JUDGED) / total if total else None,
        kappa=cohens_kappa(found),
        table={str(one): {str(other): found[one, other] for other in JUDGED} for one in JUDGED},
    )


def _verdicts_by_id(review: PassageReview) -> dict[str, Verdict]:
    return {triple.id: triple.verdict for triple in review.triples()}


def _extracted(review: PassageReview) -> list[str]:
    """The ids that the triples of the extraction were given: the nodes' and triples' numbers run on in pre-order."""
    names, number = [], 1
    for node in review.origin.tree:
        names += [f"t{number + 1 + index}" for index in range(len(node.triples))]
        number += 1 + len(node.triples)
    return names


def cohens_kappa(pairs: Mapping[tuple[Verdict, Verdict], int]) -> float | None:
    """Agreement beyond chance: (observed - expected) / (1 - expected); None where nothing else was possible.

    Source: Cohen, A coefficient of agreement for nominal scales, Educ. Psychol. Meas. 20, 1960.
    """
    total = sum(pairs.values())
    rows, columns = Counter[Verdict](), Counter[Verdict]()
    for (one, other), number in pairs.items():
        rows[one] += number
        columns[other] += number
    agreed = sum(number for (one, other), number in pairs.items() if one is other)
    by_chance = sum(rows[verdict] * columns[verdict] for verdict in rows)  # times total²
    return None if by_chance == total**2 else (agreed * total - by_chance) / (total**2 - by_chance)
