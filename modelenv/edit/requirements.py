"""Editing the requirements of a saved model: resolve again, rewrite all its files in one step."""

from __future__ import annotations

import os
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from ..base.doors import door
from ..base.errors import WrongUseError
from ..base.indexes import AS_CONFIGURED, Indexes
from ..base.siblings import envfiles, resolver
from ..base.text import brief, counted
from ..environments.spec import Manager, Report, silent
from ..folder.bundling import EditedWheels
from ..folder.model_folder import ModelFolder
from ..folder.rewrite import redone, rewriting
from ..pins.change.idle_lines import idle_entries, idle_notes, unhashed_notes
from ..pins.change.repin import written_lines
from ..pins.change.requested import RequestedChange
from ..pins.change.reresolve import reresolve
from ..pins.lines import read_options, selected
from ..pins.lock_entries import all_hashed_or_none, requiring_hashes
from ..pins.origins import notes_when_asked
from ..pins.package_sources import as_texts, iter_untold
from ..pins.pin_set import PinSet, comes_built, iter_settings, renewed
from ..pins.reasons import Reasons, asked_for
from ..pins.user_hashes import check_whole
from ..pins.variables import as_written
from ..run.isolated import RunOptions
from ..run.verify import verify_folder
from ..seal.choose import Paths, SealRequest
from ..seal.seals import Wanted
from ..worker.errors import NotProvenError
from ..worker.verdict import Verdict, proof
from .unchanged import are_same_pins, do_locks_hold, is_on_disk


@dataclass(frozen=True, slots=True, kw_only=True)
class Edited:
    """The result of an edit."""

    path: Path
    difference: envfiles.Difference
    requirements: tuple[envfiles.Entry, ...]
    notes: tuple[str, ...]
    verdict: Verdict | None
    """None if no proof was asked for."""
    standing: Mapping[str, str] = field(default_factory=dict)
    """The recorded proof that is still valid, since the pins did not change; else empty."""

    def __str__(self) -> str:
        """Return a short report, one fact per line."""
        stands = self.standing.get("status", "unproven") != "unproven"
        unproven = "its proof stands" if stands else "not proven"
        said = unproven if self.verdict is None else str(self.verdict)
        lines = [f"{self.path}: {counted(len(self.requirements), 'requirement')}, {said}"]
        lines += [f"  {change}" for change in self.difference.changes] or ["  nothing changed"]
        return "\n".join([*lines, *(f"note: {note}" for note in self.notes)])

    def __repr__(self) -> str:
        """Return its first line, short."""
        return brief(self)

    def to_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            **self.difference.to_json(),
            "path": str(self.path),
            "requirements": [
                {"requirement": each.requirement, "because": each.comment}
                for each in self.requirements
            ],
            "notes": list(self.notes),
            "proof": self.verdict.to_json() if self.verdict else self.standing or proof(None),
        }


@door
def update_requirements(
    folder: str | os.PathLike[str],
    *,
    add: Iterable[str] = (),
    remove: Iterable[str] = (),
    replace_all: Iterable[str] | None = None,
    constraints: Iterable[str] = (),
    groups: str | Iterable[str] = (),
    extras: str | Iterable[str] = (),
    prove: bool = False,
    index: Literal["auto", "never"] = "auto",
    env_manager: Manager = "auto",
    timeout: float = 600.0,
    seal: Wanted = "auto",
    allow_hosts: str | Iterable[str] = (),
    allow_paths: Paths = (),
    indexes: Indexes = AS_CONFIGURED,
    report: Report = silent,
) -> Edited:
    """Change the requirements of a saved model, in every file that states them, in one step.

    `add` are requirement lines to add, which replace lines of the same name; `remove` are names;
    `replace_all` are lines that replace the whole list. A line ``-r FILE`` names a requirements
    file, or a project or its lock, from which `groups` and `extras` are taken too. Other pins keep
    their versions unless a line forces a change. A folder of modelenv's holds the pinned closure
    afterwards as before; in another tool's folder only the named lines change. `indexes` say where
    to find what is not installed, and are written to the files, without logins. With `prove` the
    recorded example is predicted again with the new pins, sealed as :func:`~modelenv.predict` is,
    and the folder is left unchanged if that fails. `report` is called with the progress of slow
    steps.

    If others change the folder meanwhile, the edit is repeated on its new state, within limits.
    Raises the resolver's errors for a conflict, WrongUseError, NotProvenError and TargetChanged;
    nothing is written then.
    """
    options = RunOptions(
        manager=env_manager,
        timeout=timeout,
        report=report,
        seal=SealRequest.read(seal, allow_hosts, allow_paths),
        indexes=indexes,
    )
    environment = options.settings.environment
    selection = selected(groups, extras)
    change = RequestedChange.of(add, remove, replace_all, constraints, environment, selection)
    change = change.located(read_options(indexes, environment))
    here = resolver.Installed.current()

    def edit(model: ModelFolder) -> Edited:
        return _edit(model, change, here, options, prove=prove, index=index)

    return redone(folder, edit, report)


def _edit(
    model: ModelFolder,
    change: RequestedChange,
    here: resolver.Installed,
    options: RunOptions,
    *,
    prove: bool,
    index: Literal["auto", "never"],
) -> Edited:
    """Edit a model as it was read. Raises TargetChanged if it has changed since."""
    if prove and not model.ours:
        raise WrongUseError(
            f"{model.path} was not saved by modelenv: it has no recorded prediction"
        )
    pins, environment = model.pins, options.settings.environment
    change = change.applying(pins.target(), pins.applicable())
    sources = model.sources(environment).with_indexes(options.indexes, options.report)
    resolution = reresolve(pins, change, here, sources, index=index)
    asked = [pin for pin in resolution.pins if pin.name in change.by_name]
    told = sources.with_options_of(change.lines)
    origins = tuple(notes_when_asked(asked, pins.installed(here), told, index))
    verdict = None
    with rewriting(model) as copy:
        wheels = EditedWheels(pins, change, here, copy.wheels, ours=model.ours)
        hashes = change.hashes(pins, replace(sources, wheels=copy.wheels), index)
        resolution = hashes.checked(wheels.complete(resolution))
        resolution = as_written(resolution, written_lines(pins, change.lines), environment)
        spec = wheels.prune(_edited(pins, change, resolution))
        same = are_same_pins(pins, change, spec)
        unchanged = same and do_locks_hold(model, spec)
        stale = copy.write_environment(spec, sources, same_pins=unchanged)
        if prove:
            own = replace(options, indexes=options.indexes.knowing(as_texts(change.lines)))
            verdict = _prove(copy.folder, spec, own)
        copy.write_proof(spec, verdict, same_pins=same, as_of=sources.indexes.dated)
        edited = Edited(
            path=model.path,
            difference=_compare(model.environment, spec),
            requirements=spec.requirements,
            notes=(
                *_iter_dated(model, options.indexes, stale),
                *_iter_notes(model, change, resolution, spec, stale, options.indexes),
                *origins,
            ),
            verdict=verdict,
            standing=model.proof if same else {},
        )
    return replace(edited, notes=(*edited.notes, *copy.notes))


def _edited(
    pins: PinSet, change: RequestedChange, resolution: resolver.Resolution
) -> envfiles.EnvSpec:
    """Return the environment after the edit."""
    iter_entries = _iter_closure if pins.closed else _iter_lines
    before = pins.entries
    entries = [*iter_entries(pins, change, resolution)]
    entries += _iter_idle(pins, change, _newly_everywhere(pins, entries))
    if {each.requirement for each in entries} == {each.requirement for each in before}:
        entries = [_of(each, before) if each.name not in change.names else each for each in entries]
    spec = replace(
        pins.spec,
        requirements=tuple(entries),
        constraints=(*pins.spec.constraints, *change.new_constraints),
        options=(*pins.spec.options, *change.options),
    )
    if any(pin.hashes for pin in resolution.pins):
        check_whole(resolution, filter(pins.applies, spec.requirements))
        return requiring_hashes(spec, pins.target())
    return replace(spec, requirements=all_hashed_or_none(entries, pins.target()))


def _iter_idle(
    pins: PinSet, change: RequestedChange, pinned: Container[str]
) -> Iterator[envfiles.Entry]:
    """Yield the lines for other targets: those of the list that stay, then the new ones.

    None of names that are `pinned` on every target now.
    """
    new = {each.key: each for each in idle_entries(change.idle)}
    old = () if change.whole else pins.idle
    stay = (each for each in old if each.name not in change.remove and each.key not in new)
    yield from (each for each in (*stay, *new.values()) if each.name not in pinned)


def _newly_everywhere(pins: PinSet, entries: Iterable[envfiles.Entry]) -> frozenset[str]:
    """Return the names that have a line for all targets now, and had none for this one."""
    before = {each.name for each in pins.applicable()}
    return frozenset(each.name for each in entries if not each.marker).difference(before)


def _counting(pins: PinSet, name: str) -> envfiles.Entry | None:
    """Return the line of a name that counts on the pins' own target."""
    found = pins.get(name)
    return found if found is not None and pins.applies(found) else None


def _of(entry: envfiles.Entry, before: Iterable[envfiles.Entry]) -> envfiles.Entry:
    """Return the previous line of the same requirement with all its parts, or the entry itself."""
    old = next(each for each in before if each.requirement == entry.requirement)
    return replace(old, hashes=old.hashes or entry.hashes)


def _iter_dated(model: ModelFolder, indexes: Indexes, locks: tuple[str, ...]) -> Iterator[str]:
    """Yield sentences about the recorded date of resolution, and where it cannot be recorded."""
    recorded = model.dates.chosen
    if recorded is not None and indexes.as_of is None:
        said = f"as of {resolver.told_moment(recorded)}, as the folder records"
        yield f"{said}; modelenv lock -m {model.path} --upgrade forgets that"
    elif indexes.as_of is not None and not model.ours and not locks:
        dated = indexes.of_model(model.dates).dated
        yield (
            f"as of {dated}, which a folder of another tool records in its lock alone:"
            f" modelenv lock -m {model.path} --as-of {dated}"
        )


def _iter_notes(
    model: ModelFolder,
    change: RequestedChange,
    resolution: resolver.Resolution,
    spec: envfiles.EnvSpec,
    locks: Iterable[str],
    indexes: Indexes,
) -> Iterator[str]:
    yield from resolution.notes
    yield from change.iter_staying(resolution, listed=model.pins.closed)
    yield from change.lines.notes
    pinned = _newly_everywhere(model.pins, spec.requirements)
    said = zip(change.idle, idle_entries(change.idle), strict=True)
    yield from idle_notes([one for one, each in said if each.name not in pinned], change.unkept)
    for each in () if change.whole else model.pins.idle:
        if each.name in pinned:
            yield f"{each.requirement} is gone: {each.name} is pinned for every target now"
    yield from iter_untold(change.lines, no_index=indexes.no_index)
    yield from iter_settings(resolution.pins)
    before, after = _hashed(model.environment.requirements), _hashed(spec.requirements)
    if before and not after:
        yield f"the hashes are gone: modelenv lock -m {model.path} --hashes"
    if after and not before:
        yield "each line has hashes now: only files with one of them are installed"
    if change.idle or (after and not before):
        yield from unhashed_notes(spec.requirements, model.pins.target())
    yield from locks
    yield from spec.notes


def _iter_closure(
    pins: PinSet, change: RequestedChange, resolution: resolver.Resolution
) -> Iterator[envfiles.Entry]:
    """Yield the whole pinned closure, each pin with its reasons."""
    asked = change.by_name
    names = {pin.name for pin in resolution.pins}
    for pin in resolution.pins:
        old = _counting(pins, pin.name)
        reasons = Reasons(parents=tuple(each for each in pin.via if each in names))
        if pin.name in asked:
            reasons = replace(reasons, own=(_asked_for(pin, asked[pin.name]),))
        elif old is not None and pin.root:
            known = Reasons.read(old.comment)
            reasons = replace(reasons, own=known.own, lines=known.strangers(pins.names))
        yield _entry(pin, old, str(reasons), asked.get(pin.name))


def _iter_lines(
    pins: PinSet, change: RequestedChange, resolution: resolver.Resolution
) -> Iterator[envfiles.Entry]:
    """Yield the existing lines, and the requested ones at the chosen versions."""
    asked = change.by_name
    for entry in () if change.whole else pins.entries:
        if entry.name not in asked and entry.name not in change.remove and pins.applies(entry):
            pin = resolution.get(entry.name)
            same = pin is not None and str(pin.requirement) == entry.requirement
            yield replace(entry, hashes=entry.hashes or (pin.hashes if pin and same else ()))
    for name, line in asked.items():
        pin = resolution.get(name)
        if pin is not None:
            yield _entry(pin, _counting(pins, name), _asked_for(pin, line), line)


def _asked_for(pin: resolver.Pin, line: resolver.Line) -> str:
    """Return the comment of a requested pin, without the local path of a wheel."""
    return asked_for(str(pin.requirement) if is_on_disk(line) else line.origin.text)


def _entry(
    pin: resolver.Pin, old: envfiles.Entry | None, comment: str, asked: resolver.Line | None
) -> envfiles.Entry:
    """Make the line of a pin, with the other parts of its old line."""
    marker = f" ; {old.marker}" if old is not None and old.marker else ""
    other = asked is not None and is_on_disk(asked)  # possibly another wheel with the same name
    entry = renewed(f"{pin.requirement}{marker}", comment, old, same_files=not other)
    settings = () if comes_built(pin) else pin.settings
    return replace(entry, hashes=pin.hashes or entry.hashes, settings=settings or entry.settings)


def _hashed(entries: Iterable[envfiles.Entry]) -> bool:
    return any(entry.hashes for entry in entries)


def _prove(folder: Path, spec: envfiles.EnvSpec, options: RunOptions) -> Verdict:
    verdict = verify_folder(ModelFolder.open(folder), options)
    if not verdict.good:
        raise NotProvenError(verdict, len(spec.requirements))
    return verdict


def _compare(before: envfiles.EnvSpec, after: envfiles.EnvSpec) -> envfiles.Difference:
    left, right = (
        envfiles.side(label, spec.python, [entry.requirement for entry in spec.requirements])
        for label, spec in (("before", before), ("after", after))
    )
    return envfiles.compare(left, right)
