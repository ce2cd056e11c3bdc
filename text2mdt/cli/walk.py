"""`text2mdt walk`: a case through the trees of an extraction, question by question."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from text2mdt.cases import Case, CaseTree, Question
    from text2mdt.schema import Extraction

_HELP = "y = yes, n = no, u = unknown, b = back, q = end here"
_ALL = "a"


def register(app: typer.Typer) -> None:
    app.command()(walk)


def walk(
    tree: Annotated[Path, typer.Argument(metavar="TREE", help="The .json file that `text2mdt extract` wrote.")],
    passage: Annotated[str | None, typer.Option(help="Id of the passage, or its number from 1.")] = None,
    number: Annotated[int | None, typer.Option("--tree", min=1, help="Which tree of the passage, from 1.")] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="All trees of the document, those that several passages say once.")
    ] = False,
    answers: Annotated[
        Path | None, typer.Option(help="JSON file with the answers: nothing is asked, what follows is printed.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the outcome as JSON.")] = False,
) -> None:
    """Walk a case through decision trees: answer yes, no or unknown; get the decision and the words it rests on."""
    from text2mdt.cases import Case, distinct_questions, plain_trees, read_answers
    from text2mdt.guideline import read_extraction

    extraction = read_extraction(tree)
    chosen = _chosen(extraction, tree, passage, number, everything, asks=answers is None, aside=as_json)
    if answers is None:
        case = _interview(chosen, Case(), as_json)
    else:
        case = read_answers(answers, distinct_questions(plain_trees(chosen)))
    if as_json:
        typer.echo(_outcome(extraction, chosen, case))
    else:
        _show(chosen, case)


def _chosen(
    extraction: Extraction,
    path: Path,
    passage: str | None,
    number: int | None,
    everything: bool,
    asks: bool,
    aside: bool,
) -> list[CaseTree]:
    """The trees meant; where several are left and questions can be asked, the user chooses."""
    from text2mdt.cases import trees_of_extraction
    from text2mdt.errors import Text2MDTError

    trees = trees_of_extraction(extraction)
    if not trees:
        raise Text2MDTError("T2M073", path, detail="in it", known="the extractions that hold trees")
    if everything:
        return _all(extraction)
    if passage is not None:
        named = [one for one in trees if one.sources[0].result.id == passage]
        named = named or [one for one in trees if str(one.sources[0].passage_number) == passage]
        if not named:
            ids = dict.fromkeys(one.sources[0].result.id for one in trees)
            raise Text2MDTError("T2M073", path, detail=f"in a passage '{passage}'", known=_some(list(ids)))
        trees = named
    if number is not None:
        of_number = [one for one in trees if one.sources[0].number == number]
        if not of_number:
            known = sorted({one.sources[0].number for one in trees})
            raise Text2MDTError("T2M073", path, detail=f"{number}", known=_some([str(one) for one in known]))
        trees = of_number
    if len(trees) == 1 or not asks:
        return trees
    return _pick(trees, extraction, aside)


def _all(extraction: Extraction) -> list[CaseTree]:
    from text2mdt.cases import trees_of_guideline
    from text2mdt.guideline import build_guideline

    return trees_of_guideline(build_guideline(extraction), extraction)


def _some(names: list[str]) -> str:
    return ", ".join(names[:8]) + (", …" if len(names) > 8 else "")


def _pick(trees: list[CaseTree], extraction: Extraction, aside: bool) -> list[CaseTree]:
    """Lists the trees and lets the user choose one, or all."""
    for count, one in enumerate(trees, start=1):
        root = one.tree.nodes[0]
        words = f" {root.logical_rel} ".join(triple.object for triple in root.triples) or "no recommendation given"
        _say(f"{count:3}. {one.sources[0].result.id}, tree {one.sources[0].number}: {one.population}: {words}", aside)
    while True:
        said = _ask(f"Which one (1 to {len(trees)}, {_ALL} = all of the document, q = end)? ", aside)
        if said is None or said == "q":
            raise typer.Exit
        if said == _ALL:
            return _all(extraction)
        if said.isdecimal() and 1 <= int(said) <= len(trees):
            return [trees[int(said) - 1]]
        _say(f"'{said}' is none of them", aside)


def _interview(trees: Sequence[CaseTree], case: Case, aside: bool) -> Case:
    """Asks until nothing more can change what is decided, or the user ends."""
    from text2mdt.cases import Answer, next_question, plain_trees

    given = {"y": Answer.YES, "yes": Answer.YES, "n": Answer.NO, "no": Answer.NO}
    given |= {"u": Answer.UNKNOWN, "unknown": Answer.UNKNOWN}
    forest = plain_trees(trees)
    if next_question(forest, case) is not None:
        _say(_HELP, aside)
    while (question := next_question(forest, case)) is not None:
        said = _ask(_prompt(trees, question), aside)
        if said is None or said in ("q", "quit"):
            return case
        if said in ("b", "back"):
            if not case.answers:
                _say("this is the first question", aside)
            case = case.without_last()
        elif said in given:
            case = case.with_answer(question.asked, given[said])
        else:
            _say(f"'{said}' is no answer: {_HELP}", aside)
    return case


def _prompt(trees: Sequence[CaseTree], question: Question) -> str:
    from text2mdt.cases.in_words import quote_words
    from text2mdt.export.dot import relation_label

    asked = question.asked
    quotes = [quote for quote in trees[question.tree].quotes(question.node) if quote.triple == question.triple]
    source = f"  {quote_words(quotes[0])}\n" if quotes else ""
    return f"\n[{asked.subject}]\n{source}{relation_label(asked.relation)}: {asked.object}? "


def _ask(prompt: str, aside: bool) -> str | None:
    """What the user types, small; None at the end of the input."""
    from text2mdt.export.dot import printable

    typer.echo(printable(prompt), nl=False, err=aside)
    line = sys.stdin.readline(1000)
    if not line:
        _say("", aside)
        return None
    return printable(line).strip().casefold()


def _say(words: str, aside: bool) -> None:
    from text2mdt.export.dot import printable

    typer.echo(printable(words), err=aside)


def _show(trees: Sequence[CaseTree], case: Case) -> None:
    from text2mdt.cases import explain, in_words
    from text2mdt.export.dot import printable

    for count, tree in enumerate(trees):
        typer.echo(("\n" if count else "") + printable(in_words(explain(tree, case))), nl=False)


def _outcome(extraction: Extraction, trees: Sequence[CaseTree], case: Case) -> str:
    """Document, case, explanations and the next question, as JSON."""
    import json

    from text2mdt.cases import explain, next_question, plain_trees

    question = next_question(plain_trees(trees), case)
    value = {
        "schema_version": 1,
        "document": extraction.document.model_dump(mode="json"),
        "case": case.model_dump(mode="json"),
        "trees": [explain(tree, case).model_dump(mode="json") for tree in trees],
        "next_question": None if question is None else question._asdict(),
    }
    return json.dumps(value, ensure_ascii=False, indent=2)
