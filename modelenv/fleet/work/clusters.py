"""Running units on a Dask or Ray cluster.

Its machines have modelenv installed, in this version, and see the models at the same paths. Models,
environments and verdicts are as here: the engine only decides where a unit runs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib import import_module
from itertools import islice
from typing import Any

from ...base import VERSION
from ...base.files.scratch import scratch_folder
from ..errors import ClusterFailedError, EngineMissingError, OtherVersionError
from ..state.outcome import ModelOutcome
from .unit import FleetTask, FleetUnit

_AHEAD = 2  # units per job, so that no machine waits for this one


@dataclass(frozen=True, slots=True)
class UnitAnswer:
    """The answer of a machine for a unit."""

    version: str
    outcomes: tuple[ModelOutcome, ...] = ()


def run_unit(task: FleetTask, unit: FleetUnit, version: str) -> UnitAnswer:
    """Run a task on a unit, on a machine of a cluster that has the same `version`."""
    if version != VERSION:
        return UnitAnswer(VERSION)
    return UnitAnswer(VERSION, tuple(task.run(unit, lambda: False)))


def on_dask(
    task: FleetTask, units: Iterator[FleetUnit], *, jobs: int, address: str | None
) -> Iterator[ModelOutcome]:
    """Yield the outcome of each model, on the cluster at an `address`; None: one started here."""
    distributed = _imported("distributed", "dask")
    with ExitStack() as stack:
        where: dict[str, Any] = {"address": address}
        if address is None:
            scratch = stack.enter_context(scratch_folder())
            where = {"n_workers": jobs, "threads_per_worker": 1, "dashboard_address": ":0"}
            where["local_directory"] = str(scratch)
            further = import_module("dask").config.set({"temporary-directory": str(scratch)})
            stack.enter_context(further)
        with _reaching("dask", address):
            client = stack.enter_context(distributed.Client(set_as_default=False, **where))

        def submit(unit: FleetUnit) -> Any:
            return client.submit(run_unit, task, unit, VERSION, pure=False, retries=0)

        def first_done(waiting: list[Any]) -> Any:
            with client.as_current():  # the client that `wait` uses
                return next(iter(distributed.wait(waiting, return_when="FIRST_COMPLETED").done))

        def result(future: Any) -> UnitAnswer:
            answer: UnitAnswer = future.result()
            return answer

        stack.callback(lambda: client.cancel(list(client.futures)))
        lost = (distributed.KilledWorker, distributed.client.FutureCancelledError)
        yield from _through(units, jobs, _Cluster(submit, first_done, result, lost))


def on_ray(
    task: FleetTask, units: Iterator[FleetUnit], *, jobs: int, address: str | None
) -> Iterator[ModelOutcome]:
    """Yield the outcome of each model, on the cluster at an `address`; None: one started here."""
    ray = _imported("ray", "ray")
    with ExitStack() as stack:
        if not ray.is_initialized():
            local = {} if address else {"num_cpus": jobs, "include_dashboard": False}
            with _reaching("ray", address):
                ray.init(address=address, log_to_driver=False, **local)
            stack.callback(ray.shutdown)
        remote = ray.remote(max_retries=0)(run_unit)

        def submit(unit: FleetUnit) -> Any:
            return remote.remote(task, unit, VERSION)

        def first_done(waiting: list[Any]) -> Any:
            return ray.wait(waiting, num_returns=1)[0][0]

        def result(future: Any) -> UnitAnswer:
            answer: UnitAnswer = ray.get(future)
            return answer

        lost = (ray.exceptions.WorkerCrashedError, ray.exceptions.RaySystemError)
        yield from _through(units, jobs, _Cluster(submit, first_done, result, lost))


@dataclass(frozen=True, slots=True)
class _Cluster:
    """The operations of a cluster."""

    submit: Callable[[FleetUnit], Any]
    first_done: Callable[[list[Any]], Any]
    result: Callable[[Any], UnitAnswer]
    lost: tuple[type[Exception], ...]
    """The errors raised if a machine, or its process, is lost."""


def _through(units: Iterator[FleetUnit], jobs: int, cluster: _Cluster) -> Iterator[ModelOutcome]:
    """Send units while there is capacity, and yield their outcomes.

    A unit whose process is lost is sent again model by model; a model that is lost alone is
    reported.
    """
    running: dict[Any, FleetUnit] = {}
    single: list[FleetUnit] = []

    def further() -> Iterator[FleetUnit]:
        while single:
            yield single.pop()
        yield from units

    while True:
        for unit in islice(further(), _AHEAD * jobs - len(running)):
            running[cluster.submit(unit)] = unit
        if not running:
            return
        done = cluster.first_done(list(running))
        unit = running.pop(done)
        try:
            answer = cluster.result(done)
        except cluster.lost as error:
            if len(unit.models) == 1:
                yield _lost(unit, error)
            single += (
                FleetUnit(unit.pins, (model,)) for model in unit.models if len(unit.models) > 1
            )
            continue
        if answer.version != VERSION:
            raise OtherVersionError(answer.version)
        yield from answer.outcomes


def _lost(unit: FleetUnit, error: Exception) -> ModelOutcome:
    return ModelOutcome(
        path=str(unit.models[0]),
        status="error",
        good=False,
        cause="the process of the cluster that had it was lost",
        reason=str(error).strip().partition("\n")[0],
        pins=unit.pins,
    )


@contextmanager
def _reaching(engine: str, address: str | None) -> Iterator[None]:
    """Convert errors within the block to ClusterFailedError."""
    try:
        yield
    except Exception as error:  # each engine raises errors of its own, Ray directly below Exception
        raise ClusterFailedError(engine, address, error) from error


def _imported(module: str, engine: str) -> Any:
    try:
        return import_module(module)
    except ImportError as error:
        raise EngineMissingError(engine) from error
