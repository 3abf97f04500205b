"""The wheels of an environment: each that its lock names, fit for the base, and harmless."""

from __future__ import annotations

import hashlib
import re
import stat
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile, ZipFile, ZipInfo

from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename
from packaging.version import InvalidVersion, Version

from ...base.siblings import resolver
from ...base.text import few
from ..errors import NoImageError
from ..image import LockedEnvironment
from .base.packages import CLibrary
from .base.python import BasePython
from .base.store import BLOCK

_LINE = re.compile(r"(?P<name>[A-Za-z0-9._-]+)\s*(?:\[[^]]*\])?\s*===?\s*(?P<version>[^\s;\\]+)")
_HASH = re.compile(r"--hash[= ]([a-z0-9]+):([0-9a-f]+)")
_PER_BYTE = 100
"""How many times its size a wheel may unpack to; ten is much."""
_ALWAYS = 256 << 20  # bytes that any may
LARGEST = 32 << 30
"""Bytes that one wheel may unpack to: six times what the largest on the index do."""
_MOST_FILES = 500_000
_ENCRYPTED = 0x1


@dataclass(frozen=True, slots=True)
class Fit:
    """What wheels have to fit."""

    python: BasePython
    library: CLibrary

    def __str__(self) -> str:
        """Say it, for whoever looks for a wheel."""
        return f"Python {self.python.minor} with {self.library} on {self.python.machine}"

    @property
    def tags(self) -> Mapping[str, int]:
        """The tags of the wheels that fit, by their rank: the best has 0."""
        platform = f"{self.library.tag}_{self.python.machine}"
        ranked = resolver.Target.of(self.python.minor, platform).wheel_tags()
        return {tag: rank for rank, tag in reversed([*enumerate(ranked)])}


def choose(environment: LockedEnvironment, fit: Fit) -> tuple[Path, ...]:
    """Return the wheel of each line of a lock, in its order; what no line names is left out.

    Raises NoImageError, which names all that are lacking, do not fit or have another hash.
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
        ranked = sorted(
            (rank, wheel) for wheel in there if (rank := _rank(wheel, tags)) is not None
        )
        if ranked:
            chosen.append(ranked[0][1])
        else:
            faults.append(_fault(pin, named.get(pin, []), there, environment))
    if faults:
        raise NoImageError(
            f"the {environment.name} environment",
            f"not every distribution has a wheel for {fit}: {'; '.join(faults)}",
            "build what has none (`pip wheel`) and name its folder with find-links, lock for what"
            " the base has, or take a newer base",
        )
    return tuple(chosen)


def check(wheel: Path, largest: int = LARGEST) -> None:
    """Raise NoImageError for a wheel that is not harmless to unpack.

    That is one whose files would stand elsewhere, or are links or devices, or that unpacks to more
    than any does. What its directory says is the size of a file is all that is read of it.
    """
    try:
        with ZipFile(wheel) as archive:
            files = archive.infolist()
    except (OSError, BadZipFile, ValueError, NotImplementedError) as error:
        raise NoImageError(str(wheel), f"it is no wheel that can be read ({error})") from error
    if len(files) > _MOST_FILES:
        raise NoImageError(str(wheel), f"it has {len(files):,} files, more than any wheel")
    size = sum(file.file_size for file in files)
    if size > min(largest, max(_ALWAYS, _PER_BYTE * wheel.stat().st_size)):
        raise NoImageError(
            str(wheel), f"it unpacks to {size:,} bytes, more than a wheel of its size"
        )
    names: set[str] = set()
    for file in files:
        reason = _harm(file)
        if file.filename in names:
            reason = "stands in it twice"
        names.add(file.filename)
        if reason:
            way = "get the wheel anew from where you trust it"
            raise NoImageError(str(wheel), f"its file {file.filename!r} {reason}", way)


def _harm(file: ZipInfo) -> str:
    """Return what is wrong with a file of an archive; nothing for most."""
    # What the archive itself has: zipfile shows other separators, and no null bytes.
    name = file.orig_filename
    kind = stat.S_IFMT(file.external_attr >> 16)
    if name.startswith(("/", "\\")) or name[1:2] == ":":
        return "has an absolute path"
    if ".." in re.split(r"[/\\]", name):
        return "leads out of it"
    if "\0" in name or "\\" in name:
        return "has a name that no file of a wheel has"
    if kind not in {0, stat.S_IFREG, stat.S_IFDIR}:
        return "is a link or a device, which no wheel may hold"
    return "is encrypted" if file.flag_bits & _ENCRYPTED else ""


def _named(wheel: Path) -> tuple[str, Version]:
    try:
        name, version, _, _ = parse_wheel_filename(wheel.name)
    except (InvalidWheelFilename, InvalidVersion) as error:
        raise NoImageError(str(wheel), f"it is not called as a wheel is ({error})") from error
    return str(name), version


def _read(line: str, environment: LockedEnvironment) -> tuple[tuple[str, Version], Iterable[str]]:
    """Return what a line of a lock pins, and the hashes that its file may have."""
    found = _LINE.match(line.strip())
    if found is None:
        raise NoImageError(f"the {environment.name} environment", f"{line!r} is no pin")
    hashes = [f"{kind}:{digest}" for kind, digest in _HASH.findall(line)]
    return (canonicalize_name(found["name"]), Version(found["version"])), hashes


def _with_hash(wheels: Sequence[Path], hashes: Iterable[str]) -> list[Path]:
    """Return the files that have one of the hashes; all of them where there is none to have."""
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


def _rank(wheel: Path, tags: Mapping[str, int]) -> int | None:
    """Return how well a wheel fits, 0 the best; None: it does not."""
    own = parse_wheel_filename(wheel.name)[3]
    return min((tags[str(tag)] for tag in own if str(tag) in tags), default=None)


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
