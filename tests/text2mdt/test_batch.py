"""Runs over a folder: what is done stays done, whatever ends a run."""

from __future__ import annotations

import json
import os
import random
import shutil
from pathlib import Path

import pytest
from batch_runs import batch, check_whole, contents, copying_extractor, forked, killed_after, run_all, write_documents

from text2mdt.batch.inputs import folder_inputs, shard
from text2mdt.batch.manifest import Manifest
from text2mdt.batch.run import Batch
from text2mdt.batch.summary_page import summary_page
from text2mdt.errors import Text2MDTError
from text2mdt.voting.settings import VotingSettings

NAMES = ["asthma-02.md", "gout-00.md", "migraine-03.md", "sepsis-04.md", "croup-01.md"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_documents(tmp_path / "in", 5)
    return tmp_path / "in"


@pytest.fixture
def undisturbed(folder: Path, tmp_path: Path) -> Path:
    assert len(run_all(folder, tmp_path / "whole")) == 5
    return tmp_path / "whole"


def manifest(output: Path) -> Manifest:
    return Manifest.model_validate_json((output / "manifest.json").read_text(encoding="utf-8"))


def test_a_run_writes_all_files_and_says_what_made_them(undisturbed, folder):
    found = manifest(undisturbed)
    assert [Path(record.name).name for record in found.documents] == [
        one.path.name for one in folder_inputs(folder, undisturbed)
    ]
    assert sorted(record.name.rpartition("/")[2] for record in found.documents) == sorted(NAMES)
    assert all(record.passages and record.trees for record in found.documents)
    assert found.settings.versions.prompt == "p"
    for record in found.documents:
        assert {Path(name).suffix for name in record.files} == {".json", ".mmd", ".csv", ".html"}
        assert all((undisturbed / name).is_file() for name in record.files)
    assert not (undisturbed / "errors.jsonl").exists()


def test_a_second_run_has_nothing_to_do_and_changes_nothing(undisturbed, folder):
    before = {path: path.stat().st_mtime_ns for path in undisturbed.rglob("*-0*")}
    steps = list(batch(folder, undisturbed).run(load=lambda: 1 / 0))  # no model is needed for it
    assert [step.anew for step in steps] == [False] * 5
    assert {path: path.stat().st_mtime_ns for path in undisturbed.rglob("*-0*")} == before


def test_only_what_changed_is_done_again_and_nothing_of_the_old_stays(undisturbed, folder):
    (folder / "gout-00.md").write_text("# Gout\n\nGout is caused by crystals.\n", encoding="utf-8")
    damaged = next(undisturbed.rglob("sepsis-04.csv"))
    damaged.write_text("cut", encoding="utf-8")
    next(undisturbed.rglob("croup-01.json")).unlink()
    assert any(undisturbed.glob("gout-00-*.mmd"))
    assert sorted(name.rpartition("/")[2] for name in run_all(folder, undisturbed)) == [
        "croup-01.md", "gout-00.md", "sepsis-04.md"
    ]  # fmt: skip
    assert not any(undisturbed.glob("gout-00-*.mmd"))
    assert damaged.read_text(encoding="utf-8") != "cut"


def test_other_settings_do_everything_again(undisturbed, folder):
    assert len(run_all(folder, undisturbed, formats=("csv",))) == 5
    assert {path.suffix for path in undisturbed.glob("gout*")} == {".csv"}


def test_two_kills_at_any_moment_lose_nothing(folder, undisturbed, tmp_path):
    source, output = random.Random(0), tmp_path / "out"
    landed = 0
    while landed < 2:
        child = forked(lambda: run_all(folder, output, seconds=0.05))
        landed = landed + 1 if killed_after(child, source.uniform(0.02, 0.2)) else 0
        if not landed:  # it was through before: from the beginning
            shutil.rmtree(output, ignore_errors=True)
    run_all(folder, output)
    check_whole(output, undisturbed)


def test_an_end_before_any_rename_loses_nothing(folder, undisturbed, tmp_path):
    """Every file takes its name by a rename: a process that ends before the first, the second, … leaves all whole."""
    renames = len([name for name in contents(undisturbed) if name.endswith((".md", ".json", ".mmd", ".csv", ".html"))])
    output = tmp_path / "out"
    replace = os.replace

    def ends_at(number: int) -> None:
        left = number

        def counted(source: object, target: object) -> None:
            nonlocal left
            left -= 1
            if left == 0:
                os._exit(9)
            replace(source, target)

        os.replace = counted
        run_all(folder, output)

    for number in range(1, renames, 3):
        shutil.rmtree(output, ignore_errors=True)
        status = os.waitpid(forked(lambda number=number: ends_at(number)), 0)[1]
        assert os.WEXITSTATUS(status) == 9
        run_all(folder, output)
        check_whole(output, undisturbed)


def test_a_failing_document_does_not_stop_the_others_and_is_tried_again(folder, tmp_path):
    output = tmp_path / "out"
    (folder / "empty.md").write_bytes(b"")
    bad = copying_extractor()
    bad.predictor.engine.generate = lambda *_: 1 / 0
    run = batch(folder, output)
    assert [step.record.state for step in run.run(load=lambda: bad)] == ["failed"] * 6
    lines = [json.loads(line) for line in (output / "errors.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [line["input"] for line in lines] == [str(one.path) for one in run.inputs]
    assert sum("T2M152: unexpected ZeroDivisionError" in line["error"] for line in lines) == 5
    assert sum("T2M011" in line["error"] for line in lines) == 1
    assert len(run_all(folder, output)) == 6
    assert [record.name for record in manifest(output).failed] == ["empty.md"]


def test_a_name_that_is_too_long_fails_alone(folder, tmp_path):
    (folder / ("x" * 250 + ".md")).write_text("# A\n\nIf there is fever, give drug 1.\n", encoding="utf-8")
    run_all(folder, tmp_path / "out")
    found = manifest(tmp_path / "out")
    assert [len(record.name) for record in found.failed] == [253]
    assert len(found.done) == 5


def test_a_run_that_cannot_write_ends_with_its_error(folder, tmp_path):
    (tmp_path / "out" / "gout-00.json").mkdir(parents=True)
    with pytest.raises(Text2MDTError, match="T2M041"):
        run_all(folder, tmp_path / "out")


def test_one_run_at_a_time(folder, tmp_path):
    output = tmp_path / "out"
    first = batch(folder, output).run(load=copying_extractor)
    next(first)
    with pytest.raises(Text2MDTError, match="T2M151"):
        run_all(folder, output)
    first.close()
    assert len(manifest(output).waiting) == 4  # an end on the way is told
    assert len(run_all(folder, output)) == 4


def test_shares_make_the_whole(folder, undisturbed, tmp_path):
    output = tmp_path / "out"
    whole = batch(folder, output)
    for number in (1, 2, 3):
        part = Batch(folder, output, shard(whole.inputs, number, 3), whole.settings, f"-{number}of3")
        assert sum(step.anew for step in part.run(load=copying_extractor)) in (1, 2)
    assert sum(step.anew for step in whole.run(load=lambda: 1 / 0)) == 0
    for path in [*output.glob("*of3.*"), *output.rglob("*of3.lock")]:
        path.unlink()
    check_whole(output, undisturbed)
    with pytest.raises(ValueError, match="no share 4 of 3"):
        shard(whole.inputs, 4, 3)


def test_documents_named_as_the_files_of_the_run(tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    for name in ("manifest.md", "summary.md", "errors.md"):
        (folder / name).write_text("# A\n\nIf there is fever, give drug 1.\n", encoding="utf-8")
    run_all(folder, tmp_path / "out")
    assert {"manifest.md.json", "summary.md.html", "errors.json"} <= {
        path.name for path in (tmp_path / "out").iterdir()
    }
    assert manifest(tmp_path / "out").documents


def test_the_summary_page_names_who_voted(undisturbed):
    found = manifest(undisturbed)
    assert "vote with" not in summary_page(found)
    voting = VotingSettings(adapters=("lora", "none"), samples=2)
    settings = found.settings.model_copy(
        update={
            "extractor": found.settings.extractor.model_copy(update={"voting": voting}),
            "versions": found.settings.versions.model_copy(update={"voters": ("12ab", None)}),
        }
    )
    page = summary_page(found.model_copy(update={"settings": settings}))
    assert "vote with <code>lora (12ab), none (none)</code>" in page
    assert "samples of each <code>2, temperature" in page


def test_the_summary_page_escapes_what_it_shows_and_links_what_there_is(tmp_path):
    folder, output = tmp_path / "<i>in", tmp_path / "out"
    folder.mkdir()
    (folder / "<img src=x onerror=alert(1)>.md").write_text("# A\n\nIf there is fever, give 1.\n", encoding="utf-8")
    (folder / "50% #1?.md").write_text("", encoding="utf-8")
    run_all(folder, output)
    page = (output / "summary.html").read_text(encoding="utf-8")
    assert "<img" not in page and "<i>" not in page and "<script" not in page
    assert "&lt;img src=x onerror=alert(1)&gt;.md" in page
    assert 'href="%3Cimg%20src%3Dx%20onerror%3Dalert%281%29%3E.html"' in page
    assert "T2M011" in page
    assert "default-src 'none'" in page
    for name in ("manifest.json", "summary.html"):
        assert (output / name).is_file()
