"""Write other pins into a model folder: a copy is changed and put in its place, or nothing is."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import Any

import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from .lock_entries import all_hashed_or_none
from .model.mlmodel import FILE
from .replay import Folder
from .siblings import envfiles
from .verdict import Verdict

_LOCKS = "pylock*.toml"
"""Of the environment too, and not written from the pins alone: stale ones would mislead."""


def update_pins(
    folder: Folder,
    pins: Sequence[str],
    verdict: Verdict,
    *,
    reasons: Mapping[str, str],
    left_out: Mapping[str, str] | None = None,
) -> None:
    """Give the folder other `pins`, which `verdict` has proven.

    `reasons` says of new pins why they are there; `left_out` names what was taken out, with who
    had asked for it. Killed at any moment the folder is the old one or the new one. Raises the
    store's errors.
    """
    spec = _changed(folder.environment, pins, reasons)
    with envfiles.stage(folder.path, overwrite=True) as staging:
        shutil.copytree(folder.path, staging.folder, symlinks=True, dirs_exist_ok=True)
        for lock in staging.folder.glob(_LOCKS):
            lock.unlink()
        files = envfiles.update_files(folder.path, spec)
        staging.write({name: text for name, text in files.items() if text is not None})
        file = staging.folder / FILE
        text = _with_proof(file.read_text("utf-8"), verdict, left_out or {})
        file.write_text(text, "utf-8")
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
        entries.append(entry)
    return replace(spec, requirements=all_hashed_or_none(entries))


def _without(gone: AbstractSet[str], comment: str) -> str:
    """Take those who are gone out of a comment's list of who wants it."""
    start, via, names = comment.rpartition("via ")
    kept = [name for name in names.split(", ") if name not in gone]
    if kept and via:
        return f"{start}{via}{', '.join(kept)}"
    return comment if not via else start.rstrip("; ")


def _with_proof(text: str, verdict: Verdict, left_out: Mapping[str, str]) -> str:
    """Write the new proof into MLmodel; other keys and other flavors stay as they are."""
    document: dict[str, Any] = yaml.safe_load(text)
    ours = document["flavors"]["modelenv"]
    proof = {"status": verdict.status, "where": verdict.where, "reason": verdict.reason}
    ours["proof"] = proof
    ours.pop("lock", None)
    ours["left_out"] = {**ours.get("left_out", {}), **left_out}
    return str(yaml.safe_dump(document, sort_keys=True, allow_unicode=True))
