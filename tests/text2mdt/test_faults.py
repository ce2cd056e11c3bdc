"""The machine fails: the disk is full, a folder cannot be written, memory ends, the clock goes back."""

from __future__ import annotations

import errno
import os
import resource
import shutil
import signal
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from batch_runs import CopyingEngine, batch, contents, copying_extractor, forked, run_all, write_documents
from stored_reviews import ANNA, filled, staffed

from text2mdt.errors import Text2MDTError
from text2mdt.extract import Extractor
from text2mdt.predictor import Predictor
from text2mdt.review import audit
from text2mdt.review.store import open_store
from text2mdt.written_file import UNFINISHED, write_whole

NOBODY = 65534


def outcome(work: Callable[[], object]) -> str:
    """What some work in a process of its own came to: "" or the error, its code first."""
    read, write = os.pipe()

    def told() -> None:
        try:
            work()
            said = ""
        except Text2MDTError as error:
            said = error.code
        except BaseException as error:
            said = repr(error)
        os.write(write, said.encode()[:1000])

    child = forked(told)
    os.close(write)
    with os.fdopen(read) as answer:
        said = answer.read()
    os.waitpid(child, 0)
    return said


def with_files_up_to(size: int, work: Callable[[], object]) -> Callable[[], object]:
    """The work where no file may grow beyond so many bytes, which fails just as a full disk does."""

    def limited() -> object:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
        return work()

    return limited


def test_a_full_disk_leaves_the_earlier_file_and_nothing_else(tmp_path):
    path = tmp_path / "a.json"
    write_whole(path, "earlier")
    assert outcome(with_files_up_to(10_000, lambda: write_whole(path, "x" * 1_000_000))) == "T2M041"
    assert path.read_text() == "earlier"
    assert list(tmp_path.iterdir()) == [path]


def test_no_space_left_is_told_in_words(tmp_path, monkeypatch):
    def full(path: Path, content: bytes) -> int:
        with path.open("wb") as file:
            file.write(content[:3])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(Text2MDTError, match=r"T2M041.*No space left on device"):
        write_whole(tmp_path / "a.json", "content")
    assert not list(tmp_path.glob(f"*{UNFINISHED}"))


def test_a_batch_on_a_full_disk_ends_with_its_error_and_goes_on_later(tmp_path):
    write_documents(tmp_path / "in", 5)
    run_all(tmp_path / "in", tmp_path / "whole")
    output = tmp_path / "out"
    largest = max(path.stat().st_size for path in (tmp_path / "whole").rglob("*") if path.is_file())
    for size in (0, 500, largest // 2):
        assert outcome(with_files_up_to(size, lambda: run_all(tmp_path / "in", output))) == "T2M041"
    run_all(tmp_path / "in", output)
    assert contents(output) == contents(tmp_path / "whole")


def test_a_store_on_a_full_disk_keeps_what_it_had(empty_store, tmp_path):
    place = str(shutil.copy(empty_store, tmp_path / "review.sqlite3"))
    store = staffed(place)
    filled(store)
    receipt = store.receipt()
    store.close()
    size = Path(place).stat().st_size + 20_000

    def fill() -> None:
        full = open_store(place)
        for number in range(100):
            full.add_document(f"{number}.md", os.urandom(50_000), ANNA)

    assert outcome(with_files_up_to(size, fill)) == "T2M100"
    store = open_store(place)
    assert store.verify(receipt).intact
    filled(store, name="later.pdf")
    assert store.verify(receipt).intact
    store.close()


@pytest.fixture
def foreign_folder():
    """A folder of root's in a place that everybody reaches."""
    if os.getuid() != 0:
        pytest.skip("only root can become somebody else")
    folder = Path(tempfile.mkdtemp(dir="/tmp"))
    yield folder
    folder.chmod(0o755)
    shutil.rmtree(folder)


@pytest.mark.parametrize("mode", [0o755, 0o700], ids=["to be read only", "closed"])
def test_a_folder_that_cannot_be_written(foreign_folder, mode):
    foreign_folder.chmod(mode)

    def write(path: Path) -> Callable[[], object]:
        def work() -> None:
            os.setgid(NOBODY)
            os.setuid(NOBODY)
            write_whole(path, "content")

        return work

    assert outcome(write(foreign_folder / "a.json")) == "T2M041"
    assert outcome(write(foreign_folder / "new" / "a.json")) == "T2M041"
    foreign_folder.chmod(0o755)
    assert not list(foreign_folder.iterdir())


@pytest.mark.parametrize("mode", [0o755, 0o700], ids=["to be read only", "closed"])
def test_a_store_in_a_folder_that_cannot_be_written(foreign_folder, mode):
    foreign_folder.chmod(mode)

    def work() -> None:
        os.setgid(NOBODY)
        os.setuid(NOBODY)
        open_store(str(foreign_folder / "review.sqlite3"))

    assert outcome(work) == "T2M100"


class HungryEngine(CopyingEngine):
    """Runs out of memory at one illness."""

    def generate(self, prompts, progress=None):
        if any("gout" in prompt.text for prompt in prompts):
            raise MemoryError
        return super().generate(prompts, progress)


def test_a_document_that_takes_all_memory_fails_alone(tmp_path):
    write_documents(tmp_path / "in", 4)
    hungry = Extractor(Predictor(HungryEngine()), "copying", None)
    steps = list(batch(tmp_path / "in", tmp_path / "out").run(load=lambda: hungry))
    failed = {step.record.name for step in steps if step.record.error}
    assert failed == {"gout-00.md"}
    assert len(steps) == 4
    again = list(batch(tmp_path / "in", tmp_path / "out").run(load=copying_extractor))
    assert not any(step.record.error for step in again)


def test_a_clock_that_goes_back_breaks_no_trail(empty_store, tmp_path, monkeypatch):
    store = staffed(str(shutil.copy(empty_store, tmp_path / "review.sqlite3")))
    filled(store)
    receipt = store.receipt()

    class Earlier(audit.datetime):
        @classmethod
        def now(cls, zone=None):
            return cls(1999, 12, 31, 23, 59, 59, tzinfo=zone)

    monkeypatch.setattr(audit, "datetime", Earlier)
    document, number = filled(store, name="later.pdf")
    first = store.passages(number)[0]
    assert store.document(document).name == "later.pdf"
    assert first.version >= 1
    assert store.verify(receipt).intact
    assert len(store.library().rows) == 2
    store.close()
