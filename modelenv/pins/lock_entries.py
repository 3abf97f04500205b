"""The entry of a lock for a pin: its installable files, or its reference."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from packaging.requirements import Requirement
from packaging.utils import canonicalize_version

from ..base import VERSION
from ..base.siblings import envfiles, resolver
from .package_sources import REQUIRE_HASHES, WHEELS, leading_to_wheels
from .pin_set import applies

_COMMIT = re.compile(r"(git|hg|svn|bzr)\+[^#]+@[0-9a-f]{7,64}(#.*)?")
_ARCHIVE_HASH = re.compile(r"(sha256|sha384|sha512)=([0-9a-f]+)")


def is_reference(entry: envfiles.Entry) -> bool:
    """Return whether a line is pinned to a URL instead of a version."""
    return "@" in entry.requirement.partition(";")[0]


def lock_entries(
    entries: Iterable[envfiles.Entry], files: Mapping[str, Sequence[resolver.Artifact]]
) -> tuple[tuple[envfiles.Locked, ...], tuple[str, ...]]:
    """Lock each line, by its files or by its reference.

    Return the entries, and a sentence for each reference that cannot be locked. Lines without files
    are skipped.
    """
    packages, missing = [], []
    for entry in entries:
        try:
            if is_reference(entry):
                packages.append(_reference(entry))
            elif files.get(entry.name):
                packages.append(_package(entry, files[entry.name]))
        except envfiles.InvalidEntry as error:
            missing.append(str(error))
    return tuple(packages), tuple(missing)


def admitted(
    entries: Iterable[envfiles.Entry], found: resolver.Artifacts
) -> tuple[resolver.Artifacts, tuple[str, ...]]:
    """Filter the files of each line by its hashes, and prefer wheels.

    Return the files, and a sentence for each line of which no file is certain to be admitted.
    """
    files, refused = dict(found.files), []
    for entry in entries:
        known = found.files.get(entry.name, ())
        fitting = [
            each
            for each in known
            if not entry.hashes or resolver.bears_one_of(each.url, each.hashes, entry.hashes)
        ]
        if known and not fitting:
            there = ", ".join(f"{', '.join(each.hashes)} for {each.file}" for each in known)
            refused.append(f"{entry.requirement}: no file has a hash that its line names ({there})")
        files[entry.name] = tuple(each for each in fitting if each.file.endswith(".whl")) or tuple(
            fitting
        )
    return replace(found, files=files), tuple(refused)


def locks_admitted(text: str, entries: Iterable[envfiles.Entry], target: resolver.Target) -> bool:
    """Return whether the hashes of lines admit what a lock of the same pins installs on a target.

    A lock that cannot be read, or that is not for the target, has nothing that they admit.
    """
    try:
        chosen = envfiles.select_locked(text, target.markers, target.wheel_tags())
    except (envfiles.InvalidFile, envfiles.PackagingTooOld):
        return False
    locked = {each.name: set(each.hashes) for each in chosen}
    hashed = (each for each in entries if each.hashes and each.name in locked)
    return not any(locked[each.name].isdisjoint(each.hashes) for each in hashed)


def make_lock(packages: Iterable[envfiles.Locked], target: resolver.Target) -> envfiles.Lock:
    """Return the lock of packages for a target."""
    return envfiles.Lock(
        packages=tuple(packages),
        python=target.python_version,
        requires_python=f"=={'.'.join(target.python_version.split('.')[:2])}.*",
        environments=(environment_marker(target),),
        created_by=f"modelenv {VERSION}",
    )


def lock_at_hand(
    resolution: resolver.Resolution,
    reasons: Mapping[str, str],
    wheels: Path,
    target: resolver.Target,
) -> envfiles.Lock | None:
    """Lock pins if all their files are in `wheels` or were named by an index already; else None.

    No index is asked: files that were not looked up have no known hash.
    """
    files: dict[str, Sequence[resolver.Artifact]] = {
        pin.name: pin.artifacts for pin in resolution.pins
    }
    # Files of a folder of `--find-links` have that source, too.
    bundled = [pin for pin in resolution.pins if pin.source == resolver.WheelFolder.label]
    if bundled and wheels.is_dir():
        shelf = resolver.WheelFolder(wheels, target)
        files |= resolver.find_artifacts(bundled, target, sources=[shelf]).files
    entries = [
        envfiles.Entry(str(pin.requirement), reasons[pin.name], hashes=pin.hashes)
        for pin in resolution.pins
    ]
    travelling = {name: _travelling(found, wheels) for name, found in files.items()}
    packages, _ = lock_entries(entries, travelling)
    return make_lock(packages, target) if packages and len(packages) == len(entries) else None


def are_placed(pins: Iterable[resolver.Pin]) -> bool:
    """Return whether every pin is known to be found at its stated place, without an index."""
    return all(pin.source == "wheels" or pin.url or pin.artifacts for pin in pins)


def all_hashed_or_none(
    entries: Sequence[envfiles.Entry], target: resolver.Target | None = None
) -> tuple[envfiles.Entry, ...]:
    """Return the entries without hashes if any of them has none: pip refuses such a file.

    With a `target` those count whose markers are true there, as for pip 26.3 and uv 0.13.9.
    """
    if all(entry.hashes for entry in entries if target is None or applies(entry, target)):
        return tuple(entries)
    return tuple(replace(entry, hashes=()) for entry in entries)


def requiring_hashes(
    spec: envfiles.EnvSpec, target: resolver.Target | None = None
) -> envfiles.EnvSpec:
    """Return an environment that requires hashes if every line has one, else unchanged.

    With a `target` its own lines count. The `--require-hashes` line tells editors to keep them, and
    makes uv check all as pip does.
    """
    entries = all_hashed_or_none(spec.requirements, target)
    others = tuple(each for each in spec.options if each != REQUIRE_HASHES)
    line = (REQUIRE_HASHES,) if any(each.hashes for each in entries) else ()
    return replace(spec, requirements=entries, options=(*line, *others))


def is_hashed(lock: envfiles.Lock) -> bool:
    """Return whether every file of a lock has a hash for requirement lines; a commit has none."""
    return all(each.hashes for each in lock.packages)


def with_hashes(
    spec: envfiles.EnvSpec, entries: Iterable[envfiles.Entry], lock: envfiles.Lock
) -> envfiles.EnvSpec:
    """Return an environment with its lock, and with hashes if every file of the lock has one.

    Hashes that a line already has are kept: they may be meant for other platforms too. pip refuses
    a file in which only some lines have them.
    """
    if not is_hashed(lock):
        return replace(spec, lock=lock)
    own = lock.own_environment
    counting = lock.locked_for(own) if own else lock.packages
    known = {(each.name, _version(each)): each.hashes for each in (*lock.packages, *counting)}
    lines = tuple(
        replace(entry, hashes=entry.hashes or known.get((entry.name, _version(entry)), ()))
        if entry.version or is_reference(entry)
        else entry  # pip takes no hash of a line that leaves its version open
        for entry in entries
    )
    files = (artifact for each in lock.packages for artifact in each.artifacts)
    spec = leading_to_wheels(spec) if any(file.path for file in files) else spec
    return replace(spec, lock=lock, requirements=lines)


def _version(each: envfiles.Entry | envfiles.Locked) -> str:
    """Return a version in the form that equal ones share; empty for a reference."""
    is_place = each.reference if isinstance(each, envfiles.Locked) else is_reference(each)
    return "" if is_place or each.version is None else canonicalize_version(each.version)


def _travelling(files: Sequence[resolver.Artifact], wheels: Path) -> Sequence[resolver.Artifact]:
    """Return the files with a hash that holds elsewhere; a source only if there is no wheel."""
    found = [
        each
        for each in files
        if each.hashes and (not each.is_local or (wheels / each.file).is_file())
    ]
    return [each for each in found if each.file.endswith(".whl")] or found


def _package(entry: envfiles.Entry, files: Sequence[resolver.Artifact]) -> envfiles.Locked:
    artifacts = [
        envfiles.LockedFile(
            file=file.file,
            hashes=file.hashes,
            url="" if file.is_local else file.url,
            path=f"{WHEELS}/{file.file}" if file.is_local else "",
            size=file.size,
            uploaded=file.uploaded,
        )
        for file in files
    ]
    return envfiles.Locked(
        name=entry.name,
        version=entry.version or "",
        marker=entry.marker,
        artifacts=tuple(artifacts[: _first_kind(artifacts)]),
        reasons=_reasons(entry),
    )


def _first_kind(artifacts: Sequence[envfiles.LockedFile]) -> int:
    """Return the number of wheels, or 1 for the one source distribution that PEP 751 allows."""
    return len(artifacts) if artifacts[0].is_wheel else 1


def _reference(entry: envfiles.Entry) -> envfiles.Locked:
    """Lock a pin to a URL. Raises InvalidEntry if the content behind the URL may change."""
    url = Requirement(entry.requirement).url or ""
    hashes = tuple(
        f"{kind}:{value}" for kind, value in _ARCHIVE_HASH.findall(urlsplit(url).fragment)
    )
    hashes = hashes or entry.hashes
    if not hashes and _COMMIT.fullmatch(url) is None:
        reason = "its URL has neither a commit nor a hash: add #sha256=... to it"
        raise envfiles.InvalidEntry(entry.requirement, reason)
    return envfiles.Locked(
        name=entry.name,
        marker=entry.marker,
        reference=url.partition("#")[0] if hashes else url,
        archive=hashes,
        reasons=_reasons(entry),
    )


def _reasons(entry: envfiles.Entry) -> tuple[str, ...]:
    return tuple(each for each in (entry.comment, *entry.evidence) if each)


def environment_marker(target: resolver.Target, *, python: bool = False) -> str:
    """Return the marker that is true on the platform of a target, and there on its `python` alone.

    >>> environment_marker(resolver.Target.of("3.12", "macosx_arm64"))
    'sys_platform == "darwin" and platform_machine == "arm64" and implementation_name == "cpython"'
    """
    versions = ("python_version",) if python else ()
    names = ("sys_platform", "platform_machine", "implementation_name", *versions)
    return " and ".join(f'{name} == "{target.markers[name]}"' for name in names)
