"""Verifying the models of one unit, which share a pin set."""

from __future__ import annotations

import os
import sys
from collections import defaultdict, deque
from collections.abc import Collection, Iterator, Sequence
from collections.abc import Set as AbstractSet
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from ..base.errors import ModelenvError
from ..base.files.scratch import scratch_folder
from ..base.siblings import envfiles, resolver
from ..environments.spec import ReadyEnvironment
from ..run.isolated import RunOptions, environment_for
from ..run.verify import judged, verify_again
from ..worker import process
from ..worker.comparing import outside
from ..worker.job import Ended, Job
from ..worker.verdict import Verdict
from .forking.clock import Clock
from .forking.host import ForkHost
from .forking.modules import shared_by
from .forking.prepared import PreparedModel, Preparing
from .verified import VerifiedModel

_FEWEST = 2  # fewest models for which a process with their imports pays off
_AGAIN = 2  # how often the imports are repeated without modules that were not imported
_FAILURES = (ModelenvError, envfiles.EnvFilesError, resolver.ResolverError, OSError)


@dataclass(frozen=True, slots=True)
class _Turn:
    """A model to settle, with the result of its fork; None: no result, or no fork."""

    model: PreparedModel
    said: Verdict | None = None
    cpu: float = 0.0
    unasked: frozenset[str] = frozenset()
    """Modules that the fork got without importing them."""


def verify_unit(
    models: Sequence[str | os.PathLike[str]], options: RunOptions
) -> Iterator[VerifiedModel]:
    """Yield the result of verifying each of `models` as it is known, in any order.

    They are up to a hundred folders with the same pin set. Each runs in a fork of one process that
    has imported their shared modules; failures, a sample of the others, and those without a result
    from a fork run again in a process of their own; its verdict counts.
    """
    preparing = Preparing(options)
    units: dict[str, list[PreparedModel]] = defaultdict(list)
    spent: dict[Path, float] = {}
    for model in map(Path, models):
        clock = Clock()
        try:
            prepared = preparing.prepared(model)
        except _FAILURES:
            yield _fresh(model, options, clock)
        else:
            units[prepared.environment].append(prepared)
            spent[prepared.folder.path] = clock.spent
    for unit in units.values():
        for turn in _turns(unit, options):
            yield _settled(turn, options, spent[turn.model.folder.path])


def _settled(turn: _Turn, options: RunOptions, spent: float) -> VerifiedModel:
    """Return the result of a model, given that of its fork."""
    model, said, clock = turn.model, turn.said, Clock(turn.cpu + spent)
    folder = model.folder.path
    if said is not None and said.good and not model.is_drawn:
        return VerifiedModel(folder=folder, verdict=said, cpu=clock.spent, how="fork")
    fresh = _fresh(folder, options, clock)
    # Whether a model varies by chance needs more runs, if it is not known yet.
    is_open = said is not None and said.status == "differs" and not model.is_proven
    if said is None or fresh.verdict is None or is_open or _key(said) == _key(fresh.verdict):
        return fresh
    differing = f"in a fork it {said}; in a process of its own it {fresh.verdict}"
    return replace(fresh, disagreement=differing)


def _key(verdict: Verdict) -> tuple[object, ...]:
    return verdict.status, verdict.stage, verdict.missing


def _fresh(folder: Path, options: RunOptions, clock: Clock) -> VerifiedModel:
    """Verify a model as if it were the only one."""
    with clock.with_children():
        try:
            verdict = verify_again(folder, options)
        except _FAILURES as error:
            return VerifiedModel(folder=folder, error=error, cpu=clock.spent)
    return VerifiedModel(folder=folder, verdict=verdict, cpu=clock.spent)


def _turns(models: Sequence[PreparedModel], options: RunOptions) -> Iterator[_Turn]:
    """Yield models of one environment, each after its run in a fork."""
    groups: dict[object, list[PreparedModel]] = defaultdict(list)
    for each in models:
        groups[each.group].append(each)
    alone = groups.pop(None, [])
    with ExitStack() as stack:
        place = _opened(models[0], options, stack) if groups else None
        for group in groups.values():
            if place is None or len(group) < _FEWEST:
                alone += group
            else:
                yield from _in_forks(group, place, options)
    yield from map(_Turn, alone)


def _opened(model: PreparedModel, options: RunOptions, stack: ExitStack) -> ReadyEnvironment | None:
    """Return the environment of a model if it is available and sealed; else None."""
    try:
        place = stack.enter_context(environment_for(model.wanted, options))
    except _FAILURES:  # each model reports the error itself
        return None
    can_fork = sys.platform == "linux" and place.interpreter.seal.seals
    return place if can_fork and place.interpreter.plan is not None else None


def _in_forks(
    models: Sequence[PreparedModel], place: ReadyEnvironment, options: RunOptions
) -> Iterator[_Turn]:
    """Yield models of one group, each after its run in a fork of a process that serves them.

    Modules in the traces of two models that their runs did not import are no longer imported.
    """
    waiting = deque(models)
    unasked, seen = set[str](), set[str]()
    again = _AGAIN
    while len(waiting) >= _FEWEST:
        clock = Clock()
        with scratch_folder() as scratch, _host(waiting, unasked, place, scratch) as host:
            if not host.serves:
                options.report(f"each in a process of its own: {host.reason}")
                break
            clock.add(host.cpu)
            while waiting and host.serves:
                turn = _run(waiting.popleft(), host, place, options, clock)
                if again and not seen.isdisjoint(turn.unasked):
                    again -= 1
                    unasked |= turn.unasked
                    waiting.appendleft(turn.model)
                    break
                seen |= turn.unasked
                yield turn
                clock = Clock()
    yield from map(_Turn, waiting)


def _host(
    models: Collection[PreparedModel],
    unasked: AbstractSet[str],
    place: ReadyEnvironment,
    scratch: Path,
) -> ForkHost:
    needed = [model.needed for model in models if model.needed is not None]
    modules = [name for name in shared_by(needed) if name not in unasked]
    look = frozenset[str]().union(*(each.unknown for each in needed))
    jobs = [model.job.without_dots() for model in models]
    return ForkHost(place.interpreter, jobs, modules, look, scratch)


def _run(
    model: PreparedModel,
    host: ForkHost,
    place: ReadyEnvironment,
    options: RunOptions,
    clock: Clock,
) -> _Turn:
    """Return the result of a model in a fork."""
    assert model.needed is not None
    if model.needed.unknown & host.found:
        return _Turn(model, cpu=clock.spent)
    unasked: frozenset[str] = frozenset()

    def start(job: Job) -> Ended:
        nonlocal unasked
        if job.made is not None:  # it holds nothing of the model, whose libraries it may not need
            with clock.with_children():
                return process.run_once(job, place.interpreter, timeout=options.timeout)
        forked = host.run(job, options.timeout)
        clock.add(forked.cpu)
        unasked = forked.unasked
        return forked.ended

    try:
        if outside.compares(model.job):
            with host.folder() as folder:
                ended = outside.run(model.job, folder / "prediction", start)
        else:
            ended = start(model.job)
        verdict = judged(ended, place, model.folder.mlmodel.repeatability)
    except _FAILURES:
        return _Turn(model, cpu=clock.spent)
    return _Turn(model, None if unasked else verdict, clock.spent, unasked)
