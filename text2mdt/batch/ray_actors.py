"""The documents of a batch spread over Ray actors, which may be on other machines that see the same folders."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Generic, TypeVar

from text2mdt.batch.workers import ATTEMPTS, Died
from text2mdt.errors import Text2MDTError

_SECONDS_FOR_ROOM = 15.0
Task = TypeVar("Task")
Result = TypeVar("Result")


def run_in_ray(
    tasks: Sequence[Task], make_worker: Callable[[int], Callable[[Task], Result]], actors: int, gpus: float = 0
) -> Iterator[tuple[Task, Result | Died[Task]]]:
    """The outcomes of tasks as they come; an actor that dies is replaced, and its task is tried again.

    Joins the cluster that `RAY_ADDRESS` names, or starts Ray on this machine.

    Args:
        tasks: picklable.
        make_worker: picklable; called in each actor with its number, gives what does a task there.
        actors: how many at most; no more than there are free CPUs, and free GPUs where they take some.
        gpus: of each actor.

    Raises:
        Text2MDTError: T2M042 where Ray is missing, T2M157 where it has no room.
        Exception: the first one that a task, or `make_worker`, raised.
    """
    try:
        import ray
    except ImportError:
        raise Text2MDTError("T2M042", extra="ray") from None
    if not ray.is_initialized():
        ray.init(log_to_driver=False, include_dashboard=False, configure_logging=False)
    pool = _Actors(tasks, make_worker, min(actors, _room(ray.available_resources, gpus)), gpus)
    try:
        yield from pool.outcomes()
    finally:
        pool.close()


def _room(resources: Callable[[], dict[str, float]], gpus: float) -> int:
    """How many actors there is room for: one without room would keep its task waiting for ever.

    What another run has just left takes Ray some seconds to give free.
    """
    limit = time.monotonic() + _SECONDS_FOR_ROOM
    while True:
        free = resources()
        room = int(free.get("CPU", 0))
        if gpus:
            room = min(room, int(free.get("GPU", 0) / gpus))
        if room >= 1:
            return room
        if time.monotonic() > limit:
            mend = "free CPUs or GPUs of the cluster, or leave --device cuda out"
            detail = f"Ray has {free.get('CPU', 0):g} CPUs and {free.get('GPU', 0):g} GPUs free"
            raise Text2MDTError("T2M157", engine="ray", detail=detail, mend=mend)
        time.sleep(0.2)


class _Worker:
    """What runs in an actor."""

    def __init__(self, make_worker: Callable[[int], Callable[[Any], Any]], number: int) -> None:
        self._make_worker = make_worker
        self._number = number
        self._do: Callable[[Any], Any] | None = None

    def do(self, task: Any) -> Any:
        """The result of a task, or the exception that it raised: Ray would wrap it."""
        try:
            self._do = self._do or self._make_worker(self._number)
            return self._do(task)
        except Exception as error:
            return error


class _Actors(Generic[Task, Result]):
    def __init__(
        self,
        tasks: Sequence[Task],
        make_worker: Callable[[int], Callable[[Task], Result]],
        actors: int,
        gpus: float,
    ) -> None:
        import ray

        self._ray: Any = ray
        self._kind = ray.remote(num_cpus=1, num_gpus=gpus)(_Worker)
        self._make_worker = make_worker
        self._tasks = tasks
        self._waiting = deque(range(len(tasks)))
        self._deaths = [0] * len(tasks)
        self._free = {number: self._start(number) for number in range(min(actors, len(tasks)))}
        self._busy: dict[Any, tuple[int, Any, int]] = {}

    def outcomes(self) -> Iterator[tuple[Task, Result | Died[Task]]]:
        left = len(self._tasks)
        while left:
            while self._free and self._waiting:
                number, actor = self._free.popitem()
                index = self._waiting.popleft()
                self._busy[actor.do.remote(self._tasks[index])] = (number, actor, index)
            (ready,), _ = self._ray.wait(list(self._busy), num_returns=1)
            number, actor, index = self._busy.pop(ready)
            try:
                result = self._ray.get(ready)
            except self._ray.exceptions.RayActorError:
                self._free[number] = self._start(number)
                self._deaths[index] += 1
                if self._deaths[index] < ATTEMPTS:
                    self._waiting.appendleft(index)
                    continue
                result = Died()
            else:
                self._free[number] = actor
                if isinstance(result, BaseException):
                    raise result
            left -= 1
            yield self._tasks[index], result

    def close(self) -> None:
        for actor in [*self._free.values(), *(actor for _, actor, _ in self._busy.values())]:
            self._ray.kill(actor)

    def _start(self, number: int) -> Any:
        return self._kind.remote(self._make_worker, number)
