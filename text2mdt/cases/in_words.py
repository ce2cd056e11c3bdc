"""An explanation as plain text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from text2mdt.cases.explain import ExplainedCondition, ExplainedDecision, ExplainedTriple, Explanation
from text2mdt.relations import ENGLISH
from text2mdt.schema import Logic
from text2mdt.sourced_tree import Quote

_LONGEST_LIST = 20


def in_words(explanation: Explanation) -> str:
    """Path, decision or possible decisions, and the sources of each; lines end with "\\n"."""
    return "".join(f"{line}\n" for line in _lines(explanation))


def condition_words(condition: ExplainedCondition) -> str:
    """The triples of a condition: "'fever' or 'rash'"."""
    return joined_words(condition.triples, condition.logical_rel)


def joined_words(triples: Iterable[ExplainedTriple], logic: Logic) -> str:
    """Triples joined by their logic, a dose with its drug; an empty decision in words."""
    said = [
        f"'{one.triple.object}' of '{one.triple.subject}'"
        if one.triple.relation == ENGLISH.dosage
        else f"'{one.triple.object}'"
        for one in triples
    ]
    return f" {logic} ".join(said) or "no recommendation given"


def _lines(told: Explanation) -> Iterator[str]:
    if told.population:
        yield f"population: {told.population}"
    if told.passages:
        yield f"said in: {', '.join(told.passages)}"
    for step in told.path:
        yield f"{'yes' if step.holds else 'no'}: {condition_words(step)}{_answers(step)}"
        yield from _sources(step.triples)
    if told.open is not None:
        yield f"open: {condition_words(told.open)}{_answers(told.open)}"
        yield from _sources(told.open.triples)
    if len(told.decisions) == 1:
        yield f"decision: {_decision(told.decisions[0])}"
        yield from _sources(told.decisions[0].triples)
        return
    yield f"{'the same in all' if told.settled else 'possible'}, {len(told.decisions)} decisions:"
    for one in told.decisions[:_LONGEST_LIST]:
        yield f"- {_decision(one)}"
        yield f"  hangs on: {_hangs_on(one)}"
        yield from _sources(one.triples)
    if (more := len(told.decisions) - _LONGEST_LIST) > 0:
        yield f"- and {more} more"


def _answers(condition: ExplainedCondition) -> str:
    """What was answered to each of several triples."""
    if len(condition.triples) < 2:
        answer = condition.triples[0].answer
        return " (unknown)" if condition.holds is None and answer == "unknown" else ""
    return f" ({', '.join(str(one.answer or 'not asked') for one in condition.triples)})"


def _decision(decision: ExplainedDecision) -> str:
    words = joined_words(decision.triples, decision.logical_rel)
    return f"{words} [{', '.join(decision.strengths)}]" if decision.strengths else words


def _hangs_on(decision: ExplainedDecision) -> str:
    return "; ".join(f"{condition_words(one)} {'yes' if one.holds else 'no'}" for one in decision.hangs_on)


def _sources(triples: Iterable[ExplainedTriple]) -> Iterator[str]:
    for quote in dict.fromkeys(quote.model_copy(update={"triple": 0}) for one in triples for quote in one.quotes):
        yield f"    {quote_words(quote)}"


def quote_words(quote: Quote) -> str:
    """The words with their passage and pages."""
    pages = f", page {', '.join(map(str, quote.pages))}" if quote.pages else ""
    return f'"{quote.words}" ({quote.passage}{pages})'
