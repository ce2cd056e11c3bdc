"""The llguidance grammar of a passage: the outline texts that are legal for it.

What the grammar allows: trees of at least one question that close in pre-order, with labels that say the depth;
relations of the node's role, the same logic between all triples of a node; a dosage only after a drug of
its node; objects that are words (or characters) of the passage and hold a letter or digit.

A lexeme holds an object *with* the separator behind it. Apart they could not be told: llguidance's lexer is
greedy and does not go back, so the blank before `&` would be taken for the object's.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Literal

from text2mdt.errors import Text2MDTError
from text2mdt.linear.escape import escape
from text2mdt.relations import Relation, RelationSet

FORMATS_WITH_GRAMMAR = (
    "outline",
    "if_then_else",
    "plan_outline",
    "triples_outline",
    "nodes_outline",
    "steps_outline",
    "three_steps",
)
_WORDS = re.compile(r"\\.|\w+(?:(?<=\d)[.,·](?=\d)\w+)*|.", re.DOTALL)
"""Letters and digits in a row, a number with its decimals ("6.5", "1,000 ml") in one: "potassium is 6" misleads."""
_CHARS = re.compile(r"\\.|.", re.DOTALL)
_SEPARATORS = {"and": " & ", "or": " | "}
_ENDS = {"next": "\n", "last": ""}
"""Behind the last object of a node: another line, or the end of the text."""


def passage_grammar(
    text: str,
    population: str,
    relations: RelationSet,
    *,
    format: str = "outline",
    max_depth: int = 6,
    max_triples: int = 8,
    max_trees: int = 3,
    granularity: Literal["words", "chars"] = "words",
) -> str:
    """The Lark grammar (llguidance dialect) of the target texts that are legal for a passage.

    Only the dosage may name its subject, also a piece of the passage; every other subject is the population.
    A tree of one decision (`1 do …`) is left out, since unconditional advice belongs to no tree.

    Args:
        text: the passage; lone surrogates count as U+FFFD.
        population: the subject that is left out of the text; it does not change the grammar.
        relations: the relations and their roles.
        format: the target format, one of `FORMATS_WITH_GRAMMAR`, or the grammar of an earlier step.
        max_depth: questions from the root to a leaf.
        max_triples: triples in one node.
        max_trees: trees in one text.
        granularity: whether an object begins and ends at words (runs of letters and digits, "6.5" whole; all else
            stands alone) or at any character (Chinese).

    Raises:
        Text2MDTError: T2M003 for a format without a grammar.
        ValueError: for a limit below 1.
    """
    rules = list(outline_rules(relations, max_depth, max_triples, max_trees, format))
    if not re.search(r"\w", text):
        return 'start: "none"\n'
    return "\n".join([*rules, *_spans(text, granularity)]) + "\n"


def outline_rules(
    relations: RelationSet, max_depth: int, max_triples: int, max_trees: int, format: str = "outline"
) -> Iterator[str]:
    """The rules that are the same for every passage: all but the terminals `OBJECT_…` and `SUBJECT`.

    Raises:
        Text2MDTError: T2M003 for a format without a grammar.
        ValueError: for a limit below 1.
    """
    if format not in (*FORMATS_WITH_GRAMMAR, *_STEPS):
        known = ", ".join(FORMATS_WITH_GRAMMAR)
        raise Text2MDTError("T2M003", where=f"grammar of '{format}'", name=format, known=known)
    if min(max_depth, max_triples, max_trees) < 1:
        raise ValueError("max_depth, max_triples and max_trees must be at least 1")
    thoughts = _AHEAD.get(format, ())
    answer = " ".join(thoughts if format in _STEPS else [*thoughts, f"forest{max_trees}"])
    yield f"start: {answer}" if format == "step_nodes" else f'start: "none" | {answer}'
    for name in thoughts:
        yield from _THOUGHTS[name](relations)
    yield from _forest(max_trees, max_depth, labelled=format != "if_then_else")
    yield from _condition(relations, max_triples)
    yield from _decision(relations, max_triples)


def span_chunks(text: str, granularity: Literal["words", "chars"]) -> list[str]:
    """The passage as it is written in the outline, cut where an object may begin and end."""
    escaped = escape(re.sub("[\ud800-\udfff]", "\ufffd", text))
    # An own chunking, not `substring_words`, keeps each escape in one chunk.
    return (_WORDS if granularity == "words" else _CHARS).findall(escaped)


def _forest(max_trees: int, max_depth: int, labelled: bool) -> Iterator[str]:
    yield "forest1: ask1_last"
    for count in range(2, max_trees + 1):
        yield f"forest{count}: ask1_last | ask1_next forest{count - 1}"
    for depth in range(1, max_depth + 1):
        words = ("if ", "then ", "else ")
        ask, yes, no = (f"{depth} if ", f"{depth} yes ", f"{depth} no ") if labelled else words
        for end in _ENDS:
            yield (
                f"ask{depth}_{end}: {_quoted(ask)} condition "
                f"{_quoted(yes)} branch{depth}_next {_quoted(no)} branch{depth}_{end}"
            )
            deeper = f" | ask{depth + 1}_{end}" if depth < max_depth else ""
            yield f"branch{depth}_{end}: decision_{end}{deeper}"


def _plan(relations: RelationSet) -> Iterator[str]:
    yield f'plan: "plan C" (" " kind){{2,{_MOST_THOUGHTS}}} "\\n"'
    yield 'kind: "C" | "D" | "N"'


def _triples(relations: RelationSet) -> Iterator[str]:
    yield f"triples: {_quoted('triples' + _ENDS['next'])} (keyword {_object('next')}){{1,{_MOST_THOUGHTS}}}"
    yield f"keyword: {_keywords((*relations.of_role('C'), *relations.of_role('D')))}"


def _nodes(relations: RelationSet) -> Iterator[str]:
    yield f"nodes: {_quoted('groups' + _ENDS['next'])} (node){{1,{_MOST_THOUGHTS}}}"
    yield 'node: "? " condition | "! " decision_next'


_THOUGHTS: dict[str, Callable[[RelationSet], Iterator[str]]] = {"plan": _plan, "triples": _triples, "nodes": _nodes}
_AHEAD = {
    "plan_outline": ("plan",),
    "triples_outline": ("triples",),
    "nodes_outline": ("nodes",),
    "steps_outline": ("triples", "nodes"),
    "step_triples": ("triples",),
    "step_nodes": ("nodes",),
}
"""What stands before the outline in the formats of `text2mdt.linear.thought_first`, or is a whole answer (`_STEPS`)."""
_STEPS = ("step_triples", "step_nodes")
"""The earlier steps of `text2mdt.linear.three_steps`: the first says `none` where there is no tree."""
_MOST_THOUGHTS = 60


def _condition(relations: RelationSet, max_triples: int) -> Iterator[str]:
    yield f"keyword_c: {_keywords(relations.of_role('C'))}"
    last = f"keyword_c {_object('next')}"
    options = [last]
    if max_triples > 1:
        options += [f"(keyword_c {_object(logic)}){{1,{max_triples - 1}}} {last}" for logic in _SEPARATORS]
    yield f"condition: {' | '.join(options)}"


def _decision(relations: RelationSet, max_triples: int) -> Iterator[str]:
    """Rules `more_logic_drug_count_end`: up to count more triples, drug says whether a drug came before."""
    decisions = relations.of_role("D")
    drugs = tuple(relation for relation in decisions if relation.name in relations.drugs)
    doses = tuple(relation for relation in decisions if relation.name == relations.dosage)
    plain = tuple(relation for relation in decisions if relation not in drugs + doses)
    items = {"plain": plain, "drug": drugs, "dose": doses}
    for kind, found in items.items():
        if found:
            named = " | ".join(f"{_quoted(f'{relation.keyword} [')} SUBJECT" for relation in doses)
            yield f"{kind}: {_keywords(found)}" + (f" | {named}" if kind == "dose" else "")

    def more(logic: str, drug: bool, count: int, end: str) -> str:
        options = []
        for kind in (kind for kind, found in items.items() if found and (drug or kind != "dose")):
            options.append(f"{kind} {_object(end)}")
            if count > 1:
                after = drug or kind == "drug"
                logics = [logic] if logic else list(_SEPARATORS)
                options += [f"{kind} {_object(each)} more_{each}_{int(after)}_{count - 1}_{end}" for each in logics]
        return " | ".join(options)

    for end, text in _ENDS.items():
        yield f"decision_{end}: {_quoted('none' + text)} | {more('', False, max_triples, end)}"
        for count in range(1, max_triples):
            for logic in _SEPARATORS:
                for drug in (False, True) if drugs else (False,):
                    yield f"more_{logic}_{int(drug)}_{count}_{end}: {more(logic, drug, count, end)}"


def _spans(text: str, granularity: Literal["words", "chars"]) -> Iterator[str]:
    """The terminals: a piece of the passage that begins and ends without a blank and holds a letter or digit."""
    yield f"PIECE: %regex {json.dumps({'substring_chunks': span_chunks(text, granularity)})}"
    # str.strip() takes four control characters for blanks that Rust's \s does not.
    edge = r"[^\s\x1c-\x1f]"
    yield rf"INNER: PIECE & /{edge}(.*{edge})?/ & /.*[\w\pN].*/"
    for name, separator in (_SEPARATORS | _ENDS).items():
        yield f'{_object(name)}: " " INNER' + (f" {_quoted(separator)}" if separator else "")
    yield 'SUBJECT: INNER "]:"'


def _object(name: str) -> str:
    """The terminal of an object with what stands behind it."""
    return f"OBJECT_{name.upper()}"


def _keywords(relations: tuple[Relation, ...]) -> str:
    return " | ".join(_quoted(f"{relation.keyword}:") for relation in relations)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
