"""Choose the wheels of an environment: one for each line of its lock, to fit the base."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename
from packaging.version import InvalidVersion, Version

from ...base.siblings import resolver
from ...base.text import few
from ...wheels.locked_environment import LockedEnvironment
from ..errors import NoImageError
from .base.packages import CLibrary
from .base.python import BasePython
from .base.store import BLOCK

_LINE = re.compile(r"(?P<name>[A-Za-z0-9._-]+)\s*(?:\[[^]]*\])?\s*===?\s*(?P<version>[^\s;\\]+)")
_HASH = re.compile(r"--hash[= ]([a-z0-9]+):([0-9a-f]+)")


@dataclass(frozen=True, slots=True)
class Fit:
    """The platform that wheels have to fit."""

    python: BasePython
    library: CLibrary

    def __str__(self) -> str:
        """Return the platform in words, for messages about a missing wheel."""
        return f"Python {self.python.minor} with {self.library} on {self.python.machine}"

    @property
    def tags(self) -> Mapping[str, int]:
        """The tags of wheels that fit, with their rank: 0 is the best."""
        platform = f"{self.library.tag}_{self.python.machine}"
        ranked = resolver.Target.of(self.python.minor, platform).wheel_tags()
        return {tag: rank for rank, tag in reversed([*enumerate(ranked)])}


def choose(environment: LockedEnvironment, fit: Fit) -> tuple[Path, ...]:
    """Return the wheel for each line of a lock, in order; other wheels are left out.

    Raises NoImageError with all that are missing, do not fit or have another hash.
    """
    tags = fit.tags
    named: dict[tuple[str, Version], list[Path]] = {}
    for wheel in environment.wheels:
        named.setdefault(_named(wheel), []).append(wheel)
    chosen: list[Path] = []
    faults: list[str] = []
    for line in environment.lines:
        pin, hashes = _read(line, environment)
        there = _with_hash(named.get(pin, []), hashes)
        ranked = [(rank, wheel) for wheel in there for rank in _ranks(wheel, tags)]
        if ranked:
            chosen.append(min(ranked)[1])
        else:
            faults.append(_fault(pin, named.get(pin, []), there, environment))
    if faults:
        raise NoImageError(
            f"the {environment.name} environment",
            f"not every distribution has a wheel for {fit}: {'; '.join(faults)}",
            "build the missing ones (`pip wheel`) and name their folder with find-links, lock for"
            " what the base has, or take a newer base",
        )
    return tuple(chosen)


def _named(wheel: Path) -> tuple[str, Version]:
    try:
        name, version, _, _ = parse_wheel_filename(wheel.name)
    except (InvalidWheelFilename, InvalidVersion) as error:
        raise NoImageError(str(wheel), f"its name is not that of a wheel ({error})") from error
    return str(name), version


def _read(line: str, environment: LockedEnvironment) -> tuple[tuple[str, Version], Iterable[str]]:
    """Return the name and version of a lock's line, and the hashes that its file may have."""
    found = _LINE.match(line.strip())
    if found is None:
        raise NoImageError(f"the {environment.name} environment", f"{line!r} is no pin")
    hashes = [f"{kind}:{digest}" for kind, digest in _HASH.findall(line)]
    return (canonicalize_name(found["name"]), Version(found["version"])), hashes


def _with_hash(wheels: Sequence[Path], hashes: Iterable[str]) -> list[Path]:
    """Return the files that have one of the hashes; all of them if there are no hashes."""
    wanted = set(hashes)
    kinds = {each.partition(":")[0] for each in wanted}
    return [each for each in wheels if not wanted or wanted & set(_iter_hashes(each, kinds))]


def _iter_hashes(file: Path, kinds: Iterable[str]) -> Iterator[str]:
    for kind in kinds:
        digest = hashlib.new(kind)
        with file.open("rb") as stream:
            while block := stream.read(BLOCK):
                digest.update(block)
        yield f"{kind}:{digest.hexdigest()}"


def _ranks(wheel: Path, tags: Mapping[str, int]) -> Iterator[int]:
    """Yield the ranks of a wheel's tags, 0 for the best; nothing if it does not fit."""
    own = parse_wheel_filename(wheel.name)[3]
    yield from (tags[str(tag)] for tag in own if str(tag) in tags)


def _fault(
    pin: tuple[str, Version],
    wheels: Sequence[Path],
    with_hash: Sequence[Path],
    environment: LockedEnvironment,
) -> str:
    label = f"{pin[0]}=={pin[1]}"
    if with_hash:
        return f"{label} has only {few([each.name for each in with_hash])}"
    if wheels:
        return f"{label}: {few([each.name for each in wheels])} has none of the lock's hashes"
    if pin[0] in environment.sources:
        return f"{label} exists as a source distribution only"
    return f"{label} has no file"
