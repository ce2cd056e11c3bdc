"""Runs over folders in processes that may be killed, with an engine that needs no model."""

from __future__ import annotations

import json
import os
import re
import signal
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from text2mdt.batch.inputs import folder_inputs
from text2mdt.batch.run import Batch
from text2mdt.batch.settings import BatchSettings
from text2mdt.batch.versions import Versions
from text2mdt.engines import Prompt
from text2mdt.errors import Text2MDTError
from text2mdt.extract import Extractor
from text2mdt.extractor_settings import ExtractorSettings
from text2mdt.predictor import Predictor
from text2mdt.schema import Generation

ILLNESSES = ("gout", "croup", "asthma", "migraine", "sepsis", "eczema", "angina", "scabies")
VERSIONS = Versions(text2mdt="0", model="m", adapter=None, grammar=None, prompt="p", packages={})
FORMATS = ("json", "mermaid", "csv", "html")


def squarer(place: str, number: int) -> Callable[[int], int]:
    """Squares; dies at 3 the first time and at 5 every time, raises at a negative number."""

    def square(value: int) -> int:
        if value == 5 or (value == 3 and not Path(place, "3").exists()):
            Path(place, str(value)).touch()
            os.kill(os.getpid(), signal.SIGKILL)
        if value < 0:
            raise Text2MDTError("T2M022", "a model")
        return value * value

    return square


def write_documents(folder: Path, count: int) -> None:
    """Small guidelines, all different."""
    for number in range(count):
        illness = ILLNESSES[number % len(ILLNESSES)]
        text = (
            f"# {illness.title()} in adults\n\nIf there is fever for {number + 1} days, give drug {number}. Otherwise "
            f"rest is enough.\n\nIf {illness} is severe, refer to hospital number {number}.\n"
        )
        path = folder / (f"part{number % 3}" if number % 3 else "") / f"{illness}-{number:02d}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


class CopyingEngine:
    """Answers with words of the passage, after a while; needs no model.

    Args:
        seconds: for each passage.
    """

    def __init__(self, seconds: float = 0.0) -> None:
        self.seconds = seconds

    def generate(self, prompts: Sequence[Prompt], progress: Callable[[int], None] | None = None) -> list[Generation]:
        found = []
        for prompt in prompts:
            time.sleep(self.seconds)
            condition, action = re.search(r"If (.*?), (.*?)\.", prompt.text).groups()
            text = f"1 if feature: {condition}\n1 yes plan: {action}\n1 no none"
            found.append(Generation(text=text, token_count=5))
            if progress is not None:
                progress(len(found))
        return found


def copying_extractor(seconds: float = 0.0) -> Extractor:
    return Extractor(Predictor(CopyingEngine(seconds)), "copying", None)


def batch(folder: Path, output: Path, formats: tuple[str, ...] = FORMATS, **details: object) -> Batch:
    settings = BatchSettings(
        formats=formats, max_characters=10_000, extractor=ExtractorSettings(), versions=VERSIONS, **details
    )
    return Batch(folder, output, folder_inputs(folder, output), settings)


def run_all(folder: Path, output: Path, seconds: float = 0.0, **details: object) -> list[str]:
    """Runs a batch here to its end; the names of the documents that took work."""
    steps = batch(folder, output, **details).run(load=lambda: copying_extractor(seconds))
    return [step.record.name for step in steps if step.anew]


def forked(work: Callable[[], object]) -> int:
    """Does some work in a copy of this process, which is quickly there; gives its id."""
    child = os.fork()
    if child == 0:
        try:
            work()
        finally:
            os._exit(0)
    return child


def killed_after(child: int, seconds: float) -> bool:
    """Waits, kills the process, and says whether it was still at work."""
    time.sleep(seconds)
    os.kill(child, signal.SIGKILL)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


def contents(output: Path) -> dict[str, str]:
    """All files of an output folder, locks left out, with the times in them made equal."""
    found = {}
    for path in sorted(output.rglob("*")):
        if path.is_file() and path.suffix != ".lock":
            text = path.read_bytes().decode()
            text = re.sub(r"<time>.*?</time>", "<time/>", text)
            if path.name == "manifest.json" or path.parent.name == ".text2mdt":
                text = re.sub(r'"(seconds|finished)": ("[^"]*"|[\d.]+)', r'"\1": 0', text)
            found[path.relative_to(output).as_posix()] = text
    return found


def check_whole(output: Path, undisturbed: Path) -> None:
    """Nothing lost, nothing twice, and every file as in the run that nothing disturbed."""
    manifest = json.loads((output / "manifest.json").read_text(encoding="utf-8"))
    names = [record["name"] for record in manifest["documents"]]
    assert len(set(names)) == len(names)
    assert manifest["waiting"] == []
    assert {record["state"] for record in manifest["documents"]} == {"done"}
    ours, theirs = contents(output), contents(undisturbed)
    assert ours.keys() == theirs.keys()
    assert [name for name in ours if ours[name] != theirs[name]] == []
