"""The smallest set of pins that still gives the recorded prediction."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from ..base.doors import door
from ..base.errors import WrongUseError
from ..base.indexes import AS_CONFIGURED, Indexes
from ..base.siblings import resolver
from ..base.text import be, brief, counted
from ..environments.interpreter import Python
from ..environments.managers import opened
from ..environments.spec import Manager, Report, silent
from ..folder.mlflow.permission import check_allowed
from ..folder.model_folder import ModelFolder
from ..folder.rewrite import redone, update_pins
from ..run.isolated import RunOptions, check_standing, wanted_of
from ..seal.choose import Paths, SealRequest
from ..seal.seals import Wanted
from ..worker.errors import NotProvenError
from ..worker.verdict import Verdict, judge
from .evidence.import_graph import ImportGraph


@dataclass(frozen=True, slots=True)
class Dropped:
    """A pin that the prediction does not need."""

    requirement: str
    bytes: int
    asked_by: tuple[str, ...]
    """The places that looked for it, which may need it on other inputs."""

    def __str__(self) -> str:
        """Return it as one line."""
        stake = f": without it for {', '.join(self.asked_by)}" if self.asked_by else ""
        return f"{self.requirement} ({self.bytes / 1e6:.1f} MB){stake}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Minimized:
    """The result of `minimize`: the sufficient pins, and the dropped ones."""

    pins: tuple[str, ...]
    dropped: tuple[Dropped, ...]
    needed: tuple[str, ...]
    """Optional pins that have to stay."""
    predictions: int
    """The number of predictions that were run."""
    seconds_before: float
    seconds_after: float
    verdict: Verdict
    written: bool = False
    notes: tuple[str, ...] = ()
    """Remarks on the files that were written."""

    def __str__(self) -> str:
        """Return it as a few lines of text."""
        count, gone = len(self.pins), len(self.dropped)
        trials = counted(self.predictions, "prediction")
        if not self.dropped:
            every = "all " if count != 1 else ""
            return f"{every}{counted(count, 'pin')} {be(count)} needed ({trials})"
        size = sum(item.bytes for item in self.dropped) / 1e6
        lines = [
            f"{counted(count, 'pin')} {be(count)} enough ({trials});"
            f" {gone} {be(gone)} not needed, {size:.1f} MB;"
            f" a run took {self.seconds_before:.2f} s, and takes {self.seconds_after:.2f} s",
            *(f"  {item}" for item in self.dropped),
        ]
        if self.needed:
            lines.append(f"optional, and needed: {', '.join(self.needed)}")
        ending = "the folder is updated" if self.written else "--write takes them out of the folder"
        return "\n".join([*lines, ending, *(f"note: {note}" for note in self.notes)])

    def __repr__(self) -> str:
        """Return its first line, short."""
        return brief(self)

    def to_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {"schema": 1, **asdict(self)}


@door
def minimize(
    folder: str | os.PathLike[str],
    *,
    env_manager: Manager = "auto",
    write: bool = False,
    timeout: float = 600.0,
    seal: Wanted = "auto",
    allow_hosts: str | Iterable[str] = (),
    allow_paths: Paths = (),
    indexes: Indexes = AS_CONFIGURED,
    report: Report = silent,
) -> Minimized:
    """Return the smallest set of pins with which the recorded prediction is the same.

    Only what libraries probe for may go, with what it alone requires; never what the model itself
    imports, what that requires, or what the user asked for. All are tried at once, then by
    bisection, each in a replica, sealed as :func:`~modelenv.predict` is. `env_manager` makes the
    environment that replicas are made of, if the pins are not installed here; `indexes` say
    where they are found. Raises
    NotProvenError if not even all pins are enough, WrongUseError if another tool saved the
    model, LoadForbiddenError, BadFolderError, BuildFailedError, and TargetChanged if somebody
    else changed the folder meanwhile.
    """
    how = RunOptions(
        manager=env_manager,
        timeout=timeout,
        report=report,
        seal=SealRequest.read(seal, allow_hosts, allow_paths),
        indexes=indexes,
    )

    def fewer(model: ModelFolder) -> Minimized:
        return _minimized(model, how, write=write)

    return redone(folder, fewer, report)


def _minimized(model: ModelFolder, how: RunOptions, *, write: bool) -> Minimized:
    """Minimize a model after it was read. Raises TargetChanged if it was changed meanwhile."""
    _ = model.mlmodel  # whether it can be run at all
    if not model.ours:
        raise WrongUseError(
            f"{model.path} was not saved by modelenv: no trace says what its libraries merely look"
            f" for. modelenv revive -m {model.path} -o NEW makes a folder of it that is traced,"
            " proven and locked, and leaves out what its list brings for MLflow's sake alone"
        )
    check_allowed(model, how.settings, whole=True)
    with _home(model, how) as (python, installed):
        graph = ImportGraph(model, installed)
        trials = _Trials(model, python, installed, how)
        idle = {entry.name: entry.requirement for entry in model.pins.idle}  # for other targets
        everything = frozenset(graph.pins).difference(idle)
        first = trials.run(everything)
        if not first.good:
            mend = "modelenv diagnose says why, and modelenv fix mends it first."
            raise NotProvenError(first, len(everything), way_out=mend)
        asked = _optional(graph)
        base = everything - _only_for(graph, list(asked))

        def pins_with(names: Sequence[str]) -> frozenset[str]:
            return graph.closure([*base, *names]) & everything

        needed = resolver.smallest_part(list(asked), lambda some: trials.run(pins_with(some)).good)
        kept = pins_with(needed)
        last = trials.run(kept)
        dropped = tuple(
            Dropped(str(graph.pins[name]), _size(installed, name), asked.get(name, ()))
            for name in sorted(everything - kept)
        )
        result = Minimized(
            pins=tuple(str(graph.pins[name]) for name in sorted(kept)),
            dropped=dropped,
            needed=tuple(sorted(needed)),
            predictions=trials.count,
            seconds_before=first.seconds,
            seconds_after=last.seconds,
            verdict=last,
        )
    if write and dropped:
        gone = {
            name: asked[name][0] if asked.get(name) else "a distribution that was taken out"
            for name in everything - kept
        }
        sources = model.sources(how.settings.environment).with_indexes(how.indexes)
        lines = (*result.pins, *idle.values())
        notes = update_pins(model, lines, last, sources=sources, reasons={}, left_out=gone)
        return replace(result, written=True, notes=notes)
    return result


@dataclass(frozen=True, slots=True)
class _Trials:
    """Runs the model with some of its pins; the same pins are run once."""

    model: ModelFolder
    python: Python
    installed: resolver.Installed
    how: RunOptions
    known: dict[frozenset[str], Verdict] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """The number of predictions that were run."""
        return len(self.known)

    def run(self, names: frozenset[str]) -> Verdict:
        """Return the verdict in a replica that holds these pins alone."""
        if names not in self.known:
            model, how = self.model, self.how
            pins = {entry.name: entry.requirement for entry in model.pins.applicable()}
            how.report(f"predicting with {len(names)} of {len(pins)} pins")
            lines = [pins[name] for name in sorted(names)]
            wanted = model.wanted(self.python, self.installed, lines)
            repeatability = model.mlmodel.repeatability
            job = model.comparing_job(repeatability.skipped)
            here = self.installed
            with opened(wanted, here, how.settings, "replica", seal=how.seal) as place:
                ended = place.run(job, timeout=how.timeout)
            check_standing(model, ended)
            self.known[names] = judge(ended, place.label, repeatability)
        return self.known[names]


@contextmanager
def _home(model: ModelFolder, how: RunOptions) -> Iterator[tuple[Python, resolver.Installed]]:
    """Yield the Python with the distributions for replicas: this one, or a built one."""
    python = Python.current()
    installed = python.installed()
    wanted = wanted_of(model, how)
    if wanted.distributions is not None and how.manager in ("auto", "replica"):
        yield python, installed
        return
    with opened(wanted, installed, how.settings, how.manager, how.report, how.seal) as place:
        there = python if how.manager == "local" else Python.at(place.interpreter.executable)
        yield there, there.installed()


def _optional(graph: ImportGraph) -> dict[str, tuple[str, ...]]:
    """Return the pins that libraries merely probe for, with the probing code, by name."""
    attribution = graph.attribution
    required = graph.closure(_firm(graph))
    found = {}
    for item in attribution.of_kind("optional"):
        name = item.distribution.name
        if name in graph.pins and name not in required and not graph.asked_for(name):
            found[name] = tuple(
                f"{each.file}:{each.line}" for each in item.evidence if each.file is not None
            )
    return found


def _firm(graph: ImportGraph) -> list[str]:
    """Return the pins that the model itself, or its input example, needs."""
    found = graph.attribution.of_kind("direct", "input")
    return [item.distribution.name for item in found if item.distribution.name in graph.pins]


def _only_for(graph: ImportGraph, optional: Sequence[str]) -> frozenset[str]:
    """Return the optional pins with the dependencies that only they have."""
    through = graph.closure(optional)
    others = frozenset(graph.pins) - through
    return through - graph.closure([*others, *_firm(graph)])


def _size(installed: resolver.Installed, name: str) -> int:
    found = installed.get(name)
    return found.size if found is not None else 0
