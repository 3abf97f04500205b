"""Write other pins into a model folder: a copy is changed and put in its place, or nothing is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from ..base.siblings import envfiles
from ..pins.lock_entries import all_hashed_or_none
from ..pins.reasons import Reasons
from ..worker.verdict import Verdict
from .amend import amend
from .bundling import WHEELS
from .model_folder import Stated
from .wheels import prune

_LOCKS = "pylock*.toml"
"""Of the environment too, and not written from the pins alone: stale ones would mislead."""


def update_pins(
    folder: Path,
    pins: Sequence[str],
    verdict: Verdict,
    *,
    reasons: Mapping[str, str],
    left_out: Mapping[str, str] | None = None,
) -> None:
    """Give the folder other `pins`, which `verdict` has proven.

    `reasons` says of new pins why they are there; `left_out` names what was taken out, with who
    had asked for it. The wheels of what is taken out go with it. Killed at any moment the folder
    is the old one or the new one. Raises the store's errors.
    """
    stated = Stated.read(folder)
    spec = _changed(stated.spec, pins, reasons)
    with envfiles.stage(stated.folder, overwrite=True) as staging:
        staging.carry()
        for lock in staging.folder.glob(_LOCKS):
            lock.unlink()
        if stated.closed:
            spec = prune(staging.folder / WHEELS, spec)
        staging.rewrite(envfiles.update_files(stated.folder, spec))
        staging.write(amend(stated, spec, verdict, left_out=left_out))
        staging.commit()


def _changed(
    spec: envfiles.EnvSpec, pins: Sequence[str], reasons: Mapping[str, str]
) -> envfiles.EnvSpec:
    old = {entry.name: entry for entry in spec.requirements}
    names = {canonicalize_name(Requirement(line).name): line for line in pins}
    gone = old.keys() - names.keys()
    entries = []
    for name, line in names.items():
        entry, before = envfiles.Entry(line, reasons.get(name, "")), old.get(name)
        if before is not None:
            comment = entry.comment or _without(gone, before.comment)
            hashes = before.hashes if entry.requirement == before.requirement else ()
            entry = replace(entry, comment=comment, evidence=before.evidence, hashes=hashes)
            entry = replace(entry, settings=before.settings)
        entries.append(entry)
    return replace(spec, requirements=all_hashed_or_none(entries))


def _without(gone: AbstractSet[str], comment: str) -> str:
    """Take those who are gone out of a comment's list of who wants it."""
    reasons = Reasons.read(comment)
    parents = tuple(name for name in reasons.parents if name not in gone)
    return str(replace(reasons, parents=parents))
