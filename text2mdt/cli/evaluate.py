"""`text2mdt evaluate`: measures an adapter on a corpus."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from text2mdt.cli.dtype_option import DtypeOption
from text2mdt.cli.strategy import (
    BeamsOption,
    LengthPenaltyOption,
    SamplesOption,
    SeedOption,
    Strategy,
    StrategyOption,
    TemperatureOption,
    VoteAdaptersOption,
    chosen_beams,
    chosen_voting,
)

if TYPE_CHECKING:
    from rich.console import Console

    from text2mdt.evaluate import Evaluation
    from text2mdt.predictor import TreeWriter
    from text2mdt.relations import RelationSet
    from text2mdt.voting.settings import VotingSettings


def register(app: typer.Typer) -> None:
    app.command()(evaluate)


def evaluate(
    adapter: Annotated[str, typer.Argument(help="A shipped name (`default`), a folder, or `none`.")],
    data: Annotated[Path, typer.Argument(help="A file of records (JSON Lines, or Text2DT), or a folder of documents.")],
    model: Annotated[str, typer.Option(help="`default`, a folder or a hub id.")] = "default",
    device: Annotated[str, typer.Option(help="cpu, cuda, … or auto.")] = "auto",
    dtype: DtypeOption = "auto",
    grammar: Annotated[bool, typer.Option("--grammar/--no-grammar", help="Keep generation to legal trees.")] = True,
    few_shot: Annotated[int, typer.Option(min=0, help="Solved examples in the prompt, drawn from --examples.")] = 0,
    examples: Annotated[Path | None, typer.Option(help="Records to draw the examples from.")] = None,
    batch_size: Annotated[int, typer.Option(min=1, help="Passages decoded together.")] = 16,
    max_new_tokens: Annotated[int, typer.Option(min=1, help="Longest answer, in tokens.")] = 512,
    strategy: StrategyOption = Strategy.GREEDY,
    vote_adapters: VoteAdaptersOption = None,
    samples: SamplesOption = None,
    temperature: TemperatureOption = None,
    seed: SeedOption = None,
    beams: BeamsOption = None,
    length_penalty: LengthPenaltyOption = None,
    predictions: Annotated[Path | None, typer.Option(help="Write the predicted trees to this JSON Lines file.")] = None,
    report: Annotated[Path | None, typer.Option(help="Write all figures to this JSON file.")] = None,
) -> None:
    """Measure an adapter: published metrics with intervals, tables by relation and shape, kinds of error.

    A folder holds whole documents with gold.jsonl: then also how their passages and populations are found.
    """
    from rich.console import Console

    from text2mdt.cli.progress import progress_bar
    from text2mdt.corpus import read_corpus
    from text2mdt.evaluate import evaluate as run
    from text2mdt.evaluate import write_predictions, write_report
    from text2mdt.relations import ENGLISH, relations_of

    voting = chosen_voting(strategy, vote_adapters, samples, temperature, seed, model)
    searched = {"beams": chosen_beams(strategy, beams, length_penalty, batch_size)}
    computing = {"device": device, "dtype": dtype}
    limits: dict[str, Any] = {"batch_size": batch_size, "max_new_tokens": max_new_tokens}
    asked = {"model": model, "adapter": adapter, **computing, **limits, "grammar": grammar, "few_shot": few_shot}
    made = None if report is None else _made(asked, data, (adapter, *(voting.adapters if voting else ())))
    if data.is_dir():
        if predictions is not None:
            raise typer.BadParameter("--predictions is for a file of records; extract the documents to see their trees")
        options = _options(grammar, few_shot, examples, ENGLISH) | searched
        _documents(_predictor(adapter, model, computing, voting, limits, options), model, adapter, data, report, made)
        return
    records = read_corpus(data)
    relations = relations_of(records)
    options = {**_options(grammar, few_shot, examples, relations or ENGLISH), "relations": relations, **searched}
    predictor = _predictor(adapter, model, computing, voting, limits, options)
    with progress_bar("evaluating") as move:
        evaluation = run(predictor, records, lambda done: move(done, len(records)))
    if predictions is not None:
        write_predictions(evaluation, records, predictions)
    if report is not None:
        write_report(evaluation.report() | {"made": made}, report)
    _show(evaluation, Console())


def _options(grammar: bool, few_shot: int, examples: Path | None, relations: RelationSet) -> dict[str, Any]:
    """What the predictors are told beside their engines."""
    from functools import partial

    from text2mdt.corpus import read_corpus
    from text2mdt.prompts import choose_examples, few_shot_prompt, passage_prompt

    if not few_shot:
        return {"use_grammar": grammar, "prompt": passage_prompt}
    if examples is None:
        raise typer.BadParameter("--few-shot needs --examples FILE")
    solved = choose_examples(read_corpus(examples), few_shot)
    return {"use_grammar": grammar, "prompt": partial(few_shot_prompt, solved, relations=relations)}


def _predictor(
    adapter: str,
    model: str,
    computing: dict[str, Any],
    voting: VotingSettings | None,
    limits: dict[str, Any],
    options: dict[str, Any],
) -> TreeWriter:
    """`computing` names device and dtype."""
    from text2mdt.adapters import adapted_predictor, load_with_adapter
    from text2mdt.engines.transformers import TransformersEngine
    from text2mdt.voting.voters import load_vote

    if voting is not None:
        return load_vote(model, adapter, voting, **computing, **limits, **options)
    backbone = load_with_adapter(model, adapter, **computing)
    return adapted_predictor(TransformersEngine(backbone.model, backbone.tokenizer, **limits), adapter, **options)


def _made(asked: dict[str, Any], data: Path, adapters: Sequence[str]) -> dict[str, Any]:
    """What a report is made from, when and where: options that were asked for, and the data and all adapters by the
    beginnings of their hashes (None where there is no file that could be read twice, and no adapter)."""
    from datetime import UTC, datetime

    from text2mdt import __version__
    from text2mdt.adapters import find_adapter
    from text2mdt.compare.machine import machine_facts
    from text2mdt.content_hash import adapter_hash, file_hash
    from text2mdt.document_gold import GOLD_FILE

    file = data / GOLD_FILE if data.is_dir() else data
    folders = {name: find_adapter(name) for name in adapters}
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "text2mdt": __version__,
        **asked,
        "adapters": {name: None if folder is None else adapter_hash(folder) for name, folder in folders.items()},
        "data": data.resolve().name,
        "data_hash": file_hash(file) if file.is_file() else None,
        "machine": machine_facts(),
    }


def _documents(
    predictor: TreeWriter, model: str, adapter: str, folder: Path, report: Path | None, made: dict[str, Any] | None
) -> None:
    from rich.console import Console

    from text2mdt.cli.comparison_tables import show_document_evaluation
    from text2mdt.cli.progress import progress_bar
    from text2mdt.document_gold import read_document_gold
    from text2mdt.evaluate import write_report
    from text2mdt.evaluate_documents import evaluate_documents
    from text2mdt.extract import Extractor

    documents = read_document_gold(folder)
    with progress_bar("documents") as move:
        move(0, len(documents))
        evaluation = evaluate_documents(
            Extractor(predictor, model, adapter), documents, lambda done: move(done, len(documents))
        )
    if report is not None:
        write_report(evaluation.report() | {"made": made}, report)
    show_document_evaluation(evaluation, Console())


def _show(evaluation: Evaluation, console: Console) -> None:
    from text2mdt.cli.comparison_tables import show_comparison

    show_comparison(evaluation.comparison, console)
    published = evaluation.comparison.scores.published()
    shown = (f"{name} {'-' if value is None else f'{value:.3f}'}" for name, value in published.items())
    console.print(f"as the published scorer gives them: {', '.join(shown)}")
    output = evaluation.output
    agreement = "" if evaluation.agreement is None else f", mean agreement {evaluation.agreement:.3f}"
    console.print(f"strategy: {_told(evaluation.strategy)}{agreement}")
    console.print(
        f"outputs: {output.empty:.1%} empty, {output.truncated:.1%} truncated, {output.repaired:.1%} repaired, "
        f"{output.unreadable:.1%} unreadable; {evaluation.tokens} tokens ({evaluation.forced_tokens} forced) "
        f"in {evaluation.seconds:.0f} s: {evaluation.tokens_per_second:.0f} tokens/s, "
        f"{evaluation.passages_per_second:.3g} passages/s"
    )


def _told(strategy: dict[str, Any]) -> str:
    details = (
        f"{key} {', '.join(value) if isinstance(value, list) else value}"
        for key, value in strategy.items()
        if key != "name"
    )
    return "; ".join([strategy["name"], *details])
