"""A batch on a real Ray of this machine."""

from __future__ import annotations

import importlib.util
import os
import signal
from functools import partial
from pathlib import Path

import pytest
from batch_runs import check_whole, squarer, write_documents
from tiny_model import save_tiny_model

from text2mdt.batch.inputs import folder_inputs
from text2mdt.batch.ray_actors import run_in_ray
from text2mdt.batch.run import Batch
from text2mdt.batch.settings import BatchSettings
from text2mdt.batch.workers import Died
from text2mdt.errors import Text2MDTError
from text2mdt.extractor_settings import ExtractorSettings

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(3000),
    pytest.mark.skipif(not importlib.util.find_spec("ray"), reason="Ray is not installed"),
]


@pytest.fixture(autouse=True)
def ray(monkeypatch):
    """A Ray of two CPUs whose workers find this checkout and its tests."""
    import ray

    places = os.pathsep.join([str(Path.cwd()), str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")])
    monkeypatch.setenv("PYTHONPATH", places)
    ray.init(
        num_cpus=2,
        include_dashboard=False,
        log_to_driver=False,
        object_store_memory=100 * 1024**2,
        runtime_env={"env_vars": {"PYTHONPATH": places, "OMP_NUM_THREADS": "1"}},
    )
    yield ray
    ray.shutdown()


def test_two_actors_one_of_which_dies(tmp_path):
    outcomes = dict(run_in_ray(range(8), partial(squarer, str(tmp_path)), 2))
    assert isinstance(outcomes.pop(5), Died)
    assert outcomes == {value: value * value for value in (0, 1, 2, 3, 4, 6, 7)}
    with pytest.raises(Text2MDTError, match=r"T2M022: .*a model"):
        list(run_in_ray([1, -1], partial(squarer, str(tmp_path)), 1))


def test_a_batch_on_ray_with_a_killed_actor_writes_what_one_process_writes(tmp_path):
    write_documents(tmp_path / "in", 12)
    model = save_tiny_model(tmp_path / "model", seed=7)
    settings = BatchSettings.of(ExtractorSettings(model=model, adapter="none", device="cpu"), ("json", "csv"), 10_000)

    def batch(name: str) -> Batch:
        output = tmp_path / name
        return Batch(tmp_path / "in", output, folder_inputs(tmp_path / "in", output), settings)

    list(batch("alone").run())
    killed = False
    for number, _ in enumerate(batch("ray").run(jobs=2, on_ray=True)):
        if number == 3:
            os.kill(workers()[0], signal.SIGKILL)
            killed = True
    assert killed
    check_whole(tmp_path / "ray", tmp_path / "alone")


def test_a_cluster_without_room_is_an_error_and_no_endless_wait(tmp_path):
    with pytest.raises(Text2MDTError, match=r"T2M157: .*0 GPUs free"):
        list(run_in_ray([1], partial(squarer, str(tmp_path)), 1, gpus=1))


def workers() -> list[int]:
    """The processes of the actors, by what Ray calls them."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if b"ray::_Worker" in path.read_bytes():
                found.append(int(path.parent.name))
        except OSError:
            continue
    return found
