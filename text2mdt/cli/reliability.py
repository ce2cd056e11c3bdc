"""`text2mdt reliability`: whether the confidence of an adapter's trees means what it says."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from text2mdt.cli.dtype_option import DtypeOption

if TYPE_CHECKING:
    from text2mdt.confidence_fit import Judged
    from text2mdt.reliability import Reliability


def register(app: typer.Typer) -> None:
    app.command()(reliability)


def reliability(
    adapter: Annotated[str, typer.Argument(help="A shipped name or a folder, calibrated (`text2mdt calibrate`).")],
    data: Annotated[Path, typer.Argument(help="Records that it was neither trained nor calibrated on (test).")],
    model: Annotated[str, typer.Option(help="`default`, a folder or a hub id.")] = "default",
    device: Annotated[str, typer.Option(help="cpu, cuda, … or auto.")] = "auto",
    dtype: DtypeOption = "auto",
    batch_size: Annotated[int, typer.Option(min=1, help="Passages decoded together.")] = 16,
    output: Annotated[Path, typer.Option("-o", "--output", help="Folder for figures and charts.")] = Path(
        "reliability"
    ),
) -> None:
    """Measure the calibration of triples, nodes and trees: ECE with an interval, diagram, risk against coverage.

    Writes reliability.json and for each kind a reliability diagram and a risk-coverage curve as SVG.
    """
    from text2mdt.adapters import adapted_predictor, load_with_adapter
    from text2mdt.cli.progress import progress_bar
    from text2mdt.confidence import ConfidenceCurves, Curve
    from text2mdt.confidence_fit import judged
    from text2mdt.corpus import read_corpus
    from text2mdt.engines.transformers import TransformersEngine
    from text2mdt.evaluate import write_report
    from text2mdt.reliability_chart import reliability_chart, risk_chart
    from text2mdt.written_file import write_whole

    records = read_corpus(data)
    backbone = load_with_adapter(model, adapter, device, dtype)
    engine = TransformersEngine(backbone.model, backbone.tokenizer, batch_size=batch_size)
    predictor = adapted_predictor(engine, adapter)
    passages = [(record.population, record.text) for record in records]
    with progress_bar("passages") as move:
        predictions = predictor.predict(passages, lambda done: move(done, len(records)))
    curves = predictor.curves
    if curves is None:
        typer.echo("this adapter has no curves of confidence yet: run `text2mdt calibrate` first", err=True)
        curves = ConfidenceCurves()
    report = {}
    for kind, found in judged(predictions, records).items():
        if not len(found.logs):
            continue
        lines = {"before": _measured(found, Curve()), "after": _measured(found, getattr(curves, kind))}
        report[kind] = {name: one.report() for name, one in lines.items()}
        for name, one in lines.items():
            typer.echo(f"{kind} {name}: {_in_words(one)}")
        write_whole(output / f"{kind}.reliability.svg", reliability_chart(lines, f"Reliability of each {kind}"))
        write_whole(output / f"{kind}.risk.svg", risk_chart({"after": lines["after"]}, f"Risk and coverage, {kind}s"))
    output.mkdir(parents=True, exist_ok=True)
    write_report(report, output / "reliability.json")
    unknown = sum(prediction.logs is None and bool(prediction.trees) for prediction in predictions)
    typer.echo(f"{len(records)} passages, {unknown} with trees whose confidence is not known → {output}")


def _measured(found: Judged, curve: object) -> Reliability:
    from text2mdt.confidence import Curve
    from text2mdt.reliability import reliability as measure

    shares = found.probabilities(curve if isinstance(curve, Curve) else Curve())
    return measure(shares, found.right, found.record)


def _in_words(one: Reliability) -> str:
    low, high = one.interval
    return (
        f"ECE {one.ece:.3f} (95 % {low:.3f} to {high:.3f}) over {one.items}, {one.right:.1%} right; "
        f"Brier {one.brier:.3f}; {one.error_of_surest_half:.1%} wrong among the surest half, {1 - one.right:.1%} in all"
    )
