"""Edit the requirements of a saved model: resolve again, and rewrite all its files in one step."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from packaging.utils import canonicalize_name

from .amend import amend
from .errors import NotProvenError, WrongUseError
from .isolation.environments import Manager
from .reresolve import Asked, iter_stays, reresolve
from .siblings import envfiles, resolver
from .stated import Stated, own_reasons
from .verdict import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Edited:
    """What an edit came to."""

    path: Path
    difference: envfiles.Difference
    requirements: tuple[envfiles.Entry, ...]
    notes: tuple[str, ...]
    verdict: Verdict | None
    """None where nothing was to be proven."""

    def __str__(self) -> str:
        """Tell it in a few lines."""
        proof = "not proven" if self.verdict is None else str(self.verdict)
        lines = [f"{self.path}: {len(self.requirements)} requirements, {proof}"]
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
            "proof": self.verdict.to_json() if self.verdict else {"status": "unproven"},
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
    asked = Asked.of(add, remove, replace_all, constraints)
    stated = Stated.read(Path(folder))
    if prove and not stated.closed:
        raise WrongUseError(f"{folder} was not saved by modelenv: it has no recorded prediction")
    spec, notes = _edit(stated, asked, index)
    files = envfiles.update_files(stated.folder, spec)
    gone = {name for name, text in files.items() if text is None}
    locks = {path.name for path in stated.folder.glob("pylock*.toml")}
    for name in sorted(locks):
        notes = (*notes, f"{name} was out of date and is gone: modelenv lock -m {folder}")
    written = {name: text for name, text in files.items() if text is not None}
    verdict = None
    with envfiles.stage(stated.folder, overwrite=True) as staging:
        staging.carry(but=gone | locks)
        staging.write({**written, **amend(stated, spec, None)})
        if prove:
            verdict = _prove(staging.folder, spec, env_manager, timeout)
            staging.write(amend(stated, spec, verdict))
        staging.commit()
    return Edited(
        path=stated.folder,
        difference=_compare(stated.spec, spec),
        requirements=spec.requirements,
        notes=(*notes, *spec.notes),
        verdict=verdict,
    )


def _edit(
    stated: Stated, asked: Asked, index: Literal["auto", "never"]
) -> tuple[envfiles.EnvSpec, tuple[str, ...]]:
    """Return the environment as it is after the edit, and what the user should know."""
    resolution = reresolve(stated, asked, index=index)
    iter_entries = _iter_closure if stated.closed else _iter_lines
    idle = [
        entry
        for entry in stated.spec.requirements
        if not stated.applies(entry) and entry.name not in asked.remove
    ]
    entries = [*iter_entries(stated, asked, resolution), *(() if asked.replace_all else idle)]
    spec = replace(
        stated.spec,
        requirements=_all_hashed_or_none(entries),
        constraints=(*stated.spec.constraints, *asked.limits),
    )
    notes = [*resolution.notes, *iter_stays(asked, resolution)]
    if _hashed(stated.spec.requirements) and not _hashed(spec.requirements):
        notes.append(f"the hashes are gone: modelenv lock -m {stated.folder} --hashes")
    return spec, tuple(notes)


def _iter_closure(
    stated: Stated, asked: Asked, resolution: resolver.Resolution
) -> Iterator[envfiles.Entry]:
    """Yield the whole pinned closure, each pin with its reasons."""
    told = _told(asked)
    provided = stated.provided_by_conda
    names = {pin.name for pin in resolution.pins}
    for pin in resolution.pins:
        old = stated.get(pin.name)
        if old is None and pin.name in provided and pin.name not in told:
            continue
        reasons = [f"asked for ({told[pin.name]})"] if pin.name in told else []
        if old is not None and pin.root and not reasons:
            reasons = list(own_reasons(old.comment))
        via = [each for each in pin.via if each in names]
        reasons += [f"via {', '.join(via)}"] if via else []
        yield _entry(str(pin.requirement), old, "; ".join(reasons))


def _iter_lines(
    stated: Stated, asked: Asked, resolution: resolver.Resolution
) -> Iterator[envfiles.Entry]:
    """Yield the lines that were there, and those that were asked for at what was chosen."""
    told = _told(asked)
    for entry in stated.spec.requirements if asked.replace_all is None else ():
        if entry.name not in told and entry.name not in asked.remove and stated.applies(entry):
            yield entry
    for name, line in told.items():
        pin = resolution.get(name)
        if pin is not None:
            yield _entry(str(pin.requirement), stated.get(name), f"asked for ({line})")


def _entry(requirement: str, old: envfiles.Entry | None, comment: str) -> envfiles.Entry:
    """Make the line of a pin, with what its old line knew besides."""
    if old is None:
        return envfiles.Entry(requirement, comment)
    new = envfiles.Entry(f"{requirement} ; {old.marker}" if old.marker else requirement)
    hashes = old.hashes if new.requirement == old.requirement else ()
    return replace(new, comment=comment, hashes=hashes, evidence=old.evidence)


def _told(asked: Asked) -> dict[str, str]:
    """Return the lines that the user gave, by their normalised names."""
    lines = asked.lines.requirements
    return {canonicalize_name(each.requirement.name): each.origin.text for each in lines}


def _all_hashed_or_none(entries: list[envfiles.Entry]) -> tuple[envfiles.Entry, ...]:
    if all(entry.hashes for entry in entries):
        return tuple(entries)
    return tuple(replace(entry, hashes=()) for entry in entries)


def _hashed(entries: Iterable[envfiles.Entry]) -> bool:
    return any(entry.hashes for entry in entries)


def _prove(folder: Path, spec: envfiles.EnvSpec, manager: Manager, timeout: float) -> Verdict:
    from .replay import verify

    verdict = verify(folder, env_manager=manager, timeout=timeout)
    if not verdict.good:
        raise NotProvenError(verdict, len(spec.requirements))
    return verdict


def _compare(before: envfiles.EnvSpec, after: envfiles.EnvSpec) -> envfiles.Difference:
    left, right = (
        envfiles.side(label, spec.python, [entry.requirement for entry in spec.requirements])
        for label, spec in (("before", before), ("after", after))
    )
    return envfiles.compare(left, right)
