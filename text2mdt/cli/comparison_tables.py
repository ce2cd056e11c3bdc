"""A comparison of trees as tables on the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.table import Table

if TYPE_CHECKING:
    from rich.console import Console

    from text2mdt.comparison import Comparison
    from text2mdt.evaluate_documents import DocumentEvaluation


def show_comparison(comparison: Comparison, console: Console) -> None:
    """Figures with intervals, tables by relation and by shape, and the kinds of error."""
    figures, lenient = comparison.scores.flat(), comparison.lenient.flat()
    table = Table("figure", "value", "95 % interval", "lenient", title=f"{comparison.scores.records} records")
    for name, value in figures.items():
        interval = comparison.intervals.get(name)
        shown = "" if interval is None else f"{interval[0]:.3f} to {interval[1]:.3f}"
        table.add_row(name, _number(value), shown, _number(lenient[name]))
    console.print(table)
    console.print(_rows("by relation", comparison.relations))
    console.print(_rows("by shape of the gold trees", comparison.shapes))
    counted = Table("kind of error", "records")
    for kind, number in comparison.errors.items():
        counted.add_row(kind, str(number))
    console.print(counted)


def show_document_evaluation(evaluation: DocumentEvaluation, console: Console) -> None:
    """Passages and populations by document, then the trees: from end to end, as if all populations were one, and of the
    gold passages.
    """
    console.print(_rows("passages", {**evaluation.per_document, "all documents": evaluation.passages}))
    columns = ("trees", "end to end", "95 % interval", "any population", "on gold passages")
    table = Table(*columns, title="whole documents")
    whole, gold = evaluation.end_to_end.scores.flat(), evaluation.gold_passages.scores.flat()
    of_anyone = evaluation.any_population.scores.flat()
    for name in ("triple_f1", "node_f1", "path_f1"):
        interval = evaluation.end_to_end.intervals[name]
        shown = "" if interval is None else f"{interval[0]:.3f} to {interval[1]:.3f}"
        table.add_row(name, _number(whole[name]), shown, _number(of_anyone[name]), _number(gold[name]))
    table.add_row(
        "whole trees (recall)", _number(evaluation.trees.recall), "", "", _number(gold["tree_accuracy_decisions"])
    )
    console.print(table)
    seconds = evaluation.seconds
    console.print(
        f"strategy: {evaluation.strategy['name']}; {len(evaluation.per_document)} documents in {seconds:.0f} s, "
        f"{evaluation.found / seconds:.3g} passages/s"
    )


def _rows(title: str, rows: dict[str, Any]) -> Table:
    table = Table(title=title)
    table.add_column("")
    for index, (name, row) in enumerate(rows.items()):
        values = vars(row)
        if index == 0:
            for column in values:
                table.add_column(column.replace("_", " "))
        table.add_row(name, *(_number(value) for value in values.values()))
    return table


def _number(value: float | int | None) -> str:
    if value is None:
        return "-"
    return str(value) if isinstance(value, int) else f"{value:.3f}"
