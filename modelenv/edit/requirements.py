"""Edit the requirements of a saved model: resolve again, and rewrite all its files in one step."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, get_args

from ..base import arguments
from ..base.errors import NotProvenError, WrongUseError
from ..base.settings import Settings
from ..base.siblings import envfiles, resolver
from ..base.text import counted
from ..environments.managers import Manager
from ..folder.amend import amend
from ..folder.bundling import WHEELS
from ..folder.model_folder import Stated
from ..folder.wheels import Carried
from ..pins.lock_entries import all_hashed_or_none
from ..pins.package_sources import Places
from ..pins.reasons import Reasons, asked_for
from ..pins.reresolve import Asked, iter_stays, reresolve
from ..pins.variables import as_written
from ..run.predict import Folder, Run, verify_folder
from ..worker.verdict import Verdict, proof


@dataclass(frozen=True, slots=True, kw_only=True)
class Edited:
    """What an edit came to."""

    path: Path
    difference: envfiles.Difference
    requirements: tuple[envfiles.Entry, ...]
    notes: tuple[str, ...]
    verdict: Verdict | None
    """None where nothing was to be proven."""
    standing: Mapping[str, str] = field(default_factory=dict)
    """The proof that was there and stands, as the pins are what they were."""

    def __str__(self) -> str:
        """Tell it in a few lines."""
        stands = self.standing.get("status", "unproven") != "unproven"
        unproven = "its proof stands" if stands else "not proven"
        said = unproven if self.verdict is None else str(self.verdict)
        lines = [f"{self.path}: {counted(len(self.requirements), 'requirement')}, {said}"]
        lines += [f"  {change}" for change in self.difference.changes] or ["  nothing changed"]
        return "\n".join([*lines, *(f"note: {note}" for note in self.notes)])

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


def update_requirements(
    folder: str | os.PathLike[str],
    *,
    add: Iterable[str] = (),
    remove: Iterable[str] = (),
    replace_all: Iterable[str] | None = None,
    constraints: Iterable[str] = (),
    prove: bool = False,
    index: Literal["auto", "never"] = "auto",
    env_manager: Manager = "auto",
    timeout: float = 600.0,
) -> Edited:
    """Change the requirements of a saved model, in every file that states them, in one step.

    `add` are requirement lines that are added, and win on the same name; `remove` are names;
    `replace_all` are lines that take the place of the whole list. What else is pinned stays at its
    version unless a line forces it to move. A folder of modelenv's holds the pinned closure after
    it as before; of another's, only the lines that were named change. With `prove` the recorded
    example is predicted again with the new pins, and the folder is left as it was where that fails.

    Raises the resolver's errors for a conflict, WrongUseError, NotProvenError; nothing is written
    then.
    """
    place = arguments.path("the model folder", folder)
    arguments.word("env_manager", env_manager, get_args(Manager))
    arguments.seconds("timeout", timeout)
    settings = Settings.from_environment()
    asked = Asked.of(
        arguments.several("add", add),
        arguments.several("remove", remove),
        None if replace_all is None else arguments.several("replace_all", replace_all),
        arguments.several("constraints", constraints),
        settings.environment,
    )
    stated = Stated.read(place)
    places = Places.of(stated.folder, stated.spec, settings.environment)
    if prove and not stated.closed:
        raise WrongUseError(f"{folder} was not saved by modelenv: it has no recorded prediction")
    resolution = reresolve(stated, asked, places, index=index)
    verdict, standing = None, stated.proof
    with envfiles.stage(stated.folder, overwrite=True) as staging:
        staging.carry()
        locks = sorted(path.name for path in staging.folder.glob("pylock*.toml"))
        carried = Carried(stated, asked, staging.folder / WHEELS)
        resolution = carried.complete(resolution)
        resolution = as_written(resolution, _written(stated, asked), settings.environment)
        spec = carried.settle(_edited(stated, asked, resolution))
        same = _is_same(stated, asked, spec)
        stale = () if same else locks
        files = envfiles.update_files(stated.folder, spec)
        kept = {name: text for name, text in files.items() if name not in locks}
        staging.rewrite({**kept, **dict.fromkeys(stale)})
        staging.write(amend(stated, spec, None, same_pins=same))
        if prove:
            how = Run(manager=env_manager, timeout=timeout, settings=settings)
            verdict = _prove(staging.folder, spec, how)
            staging.write(amend(stated, spec, verdict, same_pins=same))
        staging.commit()
    return Edited(
        path=stated.folder,
        difference=_compare(stated.spec, spec),
        requirements=spec.requirements,
        notes=tuple(_iter_notes(stated, asked, resolution, spec, stale)),
        verdict=verdict,
        standing=standing if same else {},
    )


def _edited(stated: Stated, asked: Asked, resolution: resolver.Resolution) -> envfiles.EnvSpec:
    """Return the environment as it is after the edit."""
    iter_entries = _iter_closure if stated.closed else _iter_lines
    before = stated.spec.requirements
    idle = [
        entry for entry in before if not stated.applies(entry) and entry.name not in asked.remove
    ]
    entries = [*iter_entries(stated, asked, resolution), *(() if asked.whole else idle)]
    if {each.requirement for each in entries} == {each.requirement for each in before}:
        concerned = {*asked.told, *asked.remove}
        entries = [_of(each, before) if each.name not in concerned else each for each in entries]
    return replace(
        stated.spec,
        requirements=all_hashed_or_none(entries),
        constraints=(*stated.spec.constraints, *asked.limits),
        options=(*stated.spec.options, *asked.options),
    )


def _of(entry: envfiles.Entry, before: Iterable[envfiles.Entry]) -> envfiles.Entry:
    """Return the line that stood for the same requirement, with all that it said."""
    return next(each for each in before if each.requirement == entry.requirement)


def _is_same(stated: Stated, asked: Asked, spec: envfiles.EnvSpec) -> bool:
    """Tell whether the pins are what they were, so that what is known of them holds."""
    before, after = (
        {entry.requirement for entry in each.requirements} for each in (stated.spec, spec)
    )
    return before == after and not any(map(_is_on_disk, asked.lines.requirements))


def _iter_notes(
    stated: Stated,
    asked: Asked,
    resolution: resolver.Resolution,
    spec: envfiles.EnvSpec,
    locks: Iterable[str],
) -> Iterator[str]:
    yield from resolution.notes
    yield from iter_stays(asked, resolution)
    if _hashed(stated.spec.requirements) and not _hashed(spec.requirements):
        yield f"the hashes are gone: modelenv lock -m {stated.folder} --hashes"
    for name in locks:
        yield f"{name} was out of date and is gone: modelenv lock -m {stated.folder}"
    yield from spec.notes


def _iter_closure(
    stated: Stated, asked: Asked, resolution: resolver.Resolution
) -> Iterator[envfiles.Entry]:
    """Yield the whole pinned closure, each pin with its reasons."""
    told = asked.told
    names = {pin.name for pin in resolution.pins}
    for pin in resolution.pins:
        old = stated.get(pin.name)
        reasons = Reasons(parents=tuple(each for each in pin.via if each in names))
        if pin.name in told:
            reasons = replace(reasons, own=(_asked_for(pin, told[pin.name]),))
        elif old is not None and pin.root:
            known = Reasons.read(old.comment)
            reasons = replace(reasons, own=known.own, lines=known.strangers(stated.names))
        yield _entry(pin, old, str(reasons), told.get(pin.name))


def _iter_lines(
    stated: Stated, asked: Asked, resolution: resolver.Resolution
) -> Iterator[envfiles.Entry]:
    """Yield the lines that were there, and those that were asked for at what was chosen."""
    told = asked.told
    for entry in () if asked.whole else stated.spec.requirements:
        if entry.name not in told and entry.name not in asked.remove and stated.applies(entry):
            yield entry
    for name, line in told.items():
        pin = resolution.get(name)
        if pin is not None:
            yield _entry(pin, stated.get(name), _asked_for(pin, line), line)


def _asked_for(pin: resolver.Pin, line: resolver.Line) -> str:
    """Say that the user wants a pin; where its wheel lay on this machine tells others nothing."""
    return asked_for(str(pin.requirement) if _is_on_disk(line) else line.origin.text)


def _is_on_disk(line: resolver.Line) -> bool:
    return (line.requirement.url or "").startswith("file:")


def _entry(
    pin: resolver.Pin, old: envfiles.Entry | None, comment: str, told: resolver.Line | None
) -> envfiles.Entry:
    """Make the line of a pin, with what its old line knew besides."""
    requirement = str(pin.requirement)
    if old is None:
        return envfiles.Entry(requirement, comment)
    new = envfiles.Entry(f"{requirement} ; {old.marker}" if old.marker else requirement)
    other = told is not None and _is_on_disk(told)  # perhaps another wheel of the same name
    hashes = old.hashes if new.requirement == old.requirement and not other else ()
    new = replace(new, comment=comment, hashes=hashes, evidence=old.evidence)
    return replace(new, settings=old.settings)


def _written(stated: Stated, asked: Asked) -> dict[str, str]:
    """Return the lines by their names as they are written, those that are asked for first."""
    standing = {entry.name: entry.requirement for entry in stated.spec.requirements}
    return {
        **standing,
        **{name: line.written or line.origin.text for name, line in asked.told.items()},
    }


def _hashed(entries: Iterable[envfiles.Entry]) -> bool:
    return any(entry.hashes for entry in entries)


def _prove(folder: Path, spec: envfiles.EnvSpec, how: Run) -> Verdict:
    verdict = verify_folder(Folder.open(folder), how)
    if not verdict.good:
        raise NotProvenError(verdict, len(spec.requirements))
    return verdict


def _compare(before: envfiles.EnvSpec, after: envfiles.EnvSpec) -> envfiles.Difference:
    left, right = (
        envfiles.side(label, spec.python, [entry.requirement for entry in spec.requirements])
        for label, spec in (("before", before), ("after", after))
    )
    return envfiles.compare(left, right)
