"""Functions for many models: verify, inspect, lock and migrate a fleet."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal, get_args

from ..base import arguments
from ..base.arguments import Requirements
from ..base.doors import door
from ..base.indexes import AS_CONFIGURED, Indexes
from ..environments.spec import Manager, Report, silent
from ..seal.choose import Paths, SealRequest
from ..seal.seals import Wanted
from .places.find import Words, find_models
from .results.report import FleetReport
from .tasks.inspect import inspected
from .tasks.lock import LockTask
from .tasks.migrate import MigrateTask
from .tasks.reading import ReadingTask
from .tasks.verify import VerifyTask
from .work.clusters import on_dask, on_ray
from .work.going import Again, FleetRun, go_through
from .work.threads import in_threads
from .work.unit import FleetTask

Engine = Literal["threads", "dask", "ray"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetOptions:
    """Options that all operations on a fleet share."""

    jobs: int | None = None
    """The number of units that run at once; None: the number of processors of this machine."""
    engine: Engine = "threads"
    """The engine: threads of this process, or a cluster with machines that see the same folders and
    have this version of modelenv.
    """
    address: str | None = None
    """The address of the cluster; None: one that is started here."""
    state: str | os.PathLike[str] | None = None
    """The file from which a later run continues; None: one of the user's own, by the places."""
    again: Again = "errors"
    """The earlier results to repeat: "errors", those without a result; "failed", failures
    too; "all".
    """
    report: Report = silent

    def __post_init__(self) -> None:
        """Raise BadArgumentError for an invalid number or engine."""
        if self.jobs is not None:
            arguments.count("jobs", self.jobs)
        arguments.choice("engine", self.engine, get_args(Engine))
        arguments.choice("again", self.again, get_args(Again))
        if self.state is not None:
            arguments.path("state", self.state)
        if self.address is not None and self.engine == "threads":
            raise arguments.BadArgumentError("address", self.address, "given with an engine")

    def run(self) -> FleetRun:
        """Return the options of a run."""
        jobs = self.jobs or os.cpu_count() or 1
        engines = {
            "threads": partial(in_threads, jobs=jobs, report=self.report),
            "dask": partial(on_dask, jobs=jobs, address=self.address),
            "ray": partial(on_ray, jobs=jobs, address=self.address),
        }
        return FleetRun(
            engine=engines[self.engine],
            jobs=jobs,
            state=None if self.state is None else Path(self.state),
            again=self.again,
            report=self.report,
        )


AS_USUAL = FleetOptions()


def gone_through(task: FleetTask, models: Words, options: FleetOptions) -> FleetReport:
    """Run a task on each of many models with `options`."""
    run = options.run()
    options.report("models: looking for them")
    return go_through(task, find_models(models), run)


@door
def verify_fleet(
    models: Words,
    *,
    env_manager: Manager = "auto",
    python: str | os.PathLike[str] | None = None,
    pip_requirements_override: Requirements | None = None,
    timeout: float = 600.0,
    memory: int | None = None,
    allow_changed: bool = False,
    seal: Wanted = "auto",
    allow_hosts: str | Iterable[str] = (),
    allow_paths: Paths = (),
    indexes: Indexes = AS_CONFIGURED,
    fresh: bool = False,
    fleet: FleetOptions = AS_USUAL,
) -> FleetReport:
    """Verify each of many models, and return their verdicts, which are those of `verify`.

    `models` are folders of models, folders with models below, as a tracking folder of MLflow's,
    globs, or ``@FILE``, a list of these. The other options are those of :func:`~modelenv.verify`;
    with `fresh` each model runs in a process of its own instead of a fork of one that has imported
    its unit's modules. If the process is killed, the next call continues. Raises WrongUseError for
    a missing place, FleetBusyError, StateFileError.
    """
    request = SealRequest.read(seal, allow_hosts, allow_paths)
    override = arguments.lines("pip_requirements_override", pip_requirements_override)
    task = VerifyTask(
        manager=env_manager,
        python=None if python is None else os.fspath(python),
        override=os.fspath(override) if isinstance(override, os.PathLike) else override,
        timeout=timeout,
        memory=memory,
        allow_changed=allow_changed,
        seal=request.seal,
        allow_hosts=request.allow_hosts,
        allow_paths=request.allow_paths,
        indexes=indexes,
        fresh=fresh,
    )
    task.options()  # errors in them are raised before any work
    return gone_through(task, models, fleet)


@door
def inspect_fleet(models: Words, *, fleet: FleetOptions = AS_USUAL) -> FleetReport:
    """Read the folders of many models; no model is loaded or run.

    `models` and `fleet` are those of :func:`~modelenv.verify_fleet`, and so are the errors.
    """
    return gone_through(ReadingTask("inspect", inspected), models, fleet)


@door
def lock_fleet(
    models: Words,
    *,
    target: str | None = None,
    hashes: bool = False,
    upgrade: bool = False,
    indexes: Indexes = AS_CONFIGURED,
    fleet: FleetOptions = AS_USUAL,
) -> FleetReport:
    """Write pylock.toml for each of many models; models with equal pins are resolved once.

    The options are those of :func:`~modelenv.lock_model`; `models`, `fleet` and the errors are
    those of :func:`~modelenv.verify_fleet`. A model that cannot be locked does not affect others.
    """
    from ..wheels.targets import parse_target

    if target is not None:
        parse_target(target)
    task = LockTask(target=target, hashes=hashes, upgrade=upgrade, indexes=indexes)
    return gone_through(task, models, fleet)


@door
def migrate_fleet(
    models: Words,
    *,
    old: str = "defaults",
    new: str = "conda-forge",
    write: bool = False,
    fleet: FleetOptions = AS_USUAL,
) -> FleetReport:
    """Move many models from one conda channel to another; without `write` only report changes.

    Each is changed as by :func:`~modelenv.migrate_channels`. `models`, `fleet` and the errors are
    those of :func:`~modelenv.verify_fleet`.
    """
    return gone_through(MigrateTask(old=old, new=new, write=write), models, fleet)
