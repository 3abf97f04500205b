"""pylock.toml (PEP 751), read and written by `packaging.pylock`."""

from __future__ import annotations

import re
import sys
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from packaging.markers import InvalidMarker, Marker
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

from ..errors import (
    EnvFilesError,
    Fault,
    FaultList,
    InvalidEntry,
    InvalidFile,
    InvalidSpec,
    Location,
)
from ..text import LARGEST
from .hashes import iter_hash_remarks
from .tolerance import tolerated
from .values import Lock, Locked, LockedFile

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import ModuleType

    from packaging.pylock import Package, PackageSdist, PackageWheel, Pylock

PYLOCK = "pylock.toml"

_VCS = re.compile(r"(?P<type>git|hg|svn|bzr)\+(?P<url>[^#]+)@(?P<commit>[^@/#]+)")
_STRONG = ("sha256", "sha384", "sha512")
_DEEPEST = 60  # TOML's reader recurses at every level
_OPENING = re.compile(r"[\[{]+|\.")


class PackagingTooOld(EnvFilesError):  # noqa: N818 (says what is wrong by itself)
    """The installed `packaging` does not support locks."""

    def __str__(self) -> str:
        return f"{PYLOCK} needs packaging 26 or newer: pip install 'packaging>=26'"


def write_pylock(lock: Lock, *, tool: Mapping[str, object] | None = None) -> str:
    """Return a pylock.toml; `tool` holds the tables of other tools, to be kept.

    Raises PackagingTooOld, and InvalidSpec if a file does not belong to its distribution.
    """
    import tomli_w

    pylock = _pylock()
    said = {"python": lock.python, "resolved": lock.resolved, "as-of": lock.as_of}
    ours: dict[str, object] = {key: text for key, text in said.items() if text}
    ours |= {"targets": list(lock.targets)} if lock.targets else {}
    tools: dict[str, object] = {**(tool or {}), **({"modelenv": ours} if ours else {})}
    groups = list(lock.default_groups) or None
    content = pylock.Pylock(
        lock_version=Version("1.0"),
        environments=[Marker(each) for each in lock.environments] or None,
        requires_python=SpecifierSet(lock.requires_python) if lock.requires_python else None,
        dependency_groups=groups,
        default_groups=groups,
        created_by=lock.created_by,
        packages=[_package(each, pylock) for each in lock.packages],
        tool=tools or None,
    )
    try:
        content.validate()
    except pylock.PylockValidationError as error:
        raise InvalidSpec([Fault(Location(PYLOCK), _one_line(error))]) from error
    return tomli_w.dumps(dict(content.to_dict()))


def read_pylock(text: str, *, file: str | None = None) -> Lock:
    r"""Read the text of a pylock.toml; `file` names it in errors.

    Parts that only some installers accept are read, with `remarks` on them. Raises InvalidFile with
    file and key, and PackagingTooOld.

    >>> read_pylock("lock-version = '1.0'\ncreated-by = 'hand'\npackages = []").created_by
    'hand'
    """
    found, remarks = _document(text, file)
    packages, faults = [], FaultList()
    for index, package in enumerate(found.packages):
        with faults.at(Location(file, None, f"packages[{index}]")):
            packages.append(_locked(package))
    faults.check(InvalidFile)
    told = (found.tool or {}).get("modelenv", {})
    ours = told if isinstance(told, dict) else {}
    return Lock(
        packages=tuple(packages),
        python=str(ours.get("python", "")),
        requires_python=str(found.requires_python or ""),
        environments=tuple(map(str, found.environments or ())),
        created_by=found.created_by,
        resolved=str(ours.get("resolved", "")),
        as_of=str(ours.get("as-of", "")),
        targets=_texts(ours.get("targets")),
        default_groups=tuple(found.default_groups or ()),
        remarks=(*remarks, *iter_hash_remarks(packages)),
    )


def pylock_document(text: str, *, file: str | None = None) -> Pylock:
    """Return a pylock.toml as a `packaging.pylock` value. Raises InvalidFile, PackagingTooOld."""
    return _document(text, file)[0]


def _document(text: str, file: str | None) -> tuple[Pylock, tuple[str, ...]]:
    """Return it with sentences about parts that only some installers accept."""
    pylock = _pylock()
    content, remarks = tolerated(read_toml(text, file=file), file)
    try:
        return pylock.Pylock.from_dict(content), remarks
    except (pylock.PylockValidationError, InvalidMarker, InvalidSpecifier, ValueError) as error:
        raise InvalidFile([Fault(Location(file), _one_line(error))]) from error


def other_tools(text: str, *, file: str | None = None) -> dict[str, object]:
    """Return the tables of other tools in a pylock.toml, to be kept. Raises InvalidFile."""
    tool = read_toml(text, file=file).get("tool", {})
    if not isinstance(tool, dict):
        raise InvalidFile([Fault(Location(file, None, "tool"), "is no table")])
    return {key: value for key, value in tool.items() if key != "modelenv"}


def read_toml(text: str, *, file: str | None = None) -> dict[str, Any]:
    """Parse a TOML document of bounded size and depth. Raises InvalidFile with the line."""
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    if len(text) > LARGEST:
        raise InvalidFile([Fault(Location(file), f"is longer than {LARGEST:,} characters")])
    for number, line in enumerate(text.split("\n"), 1):
        # Each level of nesting has a bracket or a dot; a line with more of them is no lock's.
        if len(_OPENING.findall(re.sub(r'"[^"]*"|\'[^\']*\'', "", line))) > _DEEPEST * 4:
            raise InvalidFile(
                [Fault(Location(file, number), "nested deeper than any such file is")]
            )
    try:
        content: dict[str, Any] = tomllib.loads(text.replace("\r\n", "\n"))
    except (tomllib.TOMLDecodeError, ValueError) as error:
        at = re.search(r"line (\d+)", str(error))
        place = Location(file, int(at[1]) if at else text.count("\n") + 1)
        raise InvalidFile([Fault(place, f"not TOML: {_one_line(error)}")]) from error
    except RecursionError as error:
        raise InvalidFile([Fault(Location(file), "nested deeper than any such file is")]) from error
    return content


def dump_toml(value: Mapping[str, Any]) -> str:
    """Return a document as TOML, keys in their given order.

    >>> print(dump_toml({"project": {"name": "x"}}), end="")
    [project]
    name = "x"
    """
    import tomli_w

    return tomli_w.dumps(value)


def knows_pylock() -> bool:
    """Return whether the installed `packaging` can read and write locks."""
    try:
        _pylock()
    except PackagingTooOld:
        return False
    return True


def _pylock() -> ModuleType:
    try:
        from packaging import pylock
    except ImportError as error:
        raise PackagingTooOld from error
    return pylock


def _package(locked: Locked, pylock: ModuleType) -> Package:
    values: dict[str, Any] = {"name": canonicalize_name(locked.name)}
    if locked.version:
        values["version"] = Version(locked.version)
    if locked.marker:
        values["marker"] = Marker(locked.marker)
    if locked.reasons:
        values["tool"] = {"modelenv": {"because": list(locked.reasons)}}
    wheels = [each for each in locked.artifacts if each.is_wheel]
    sources = [each for each in locked.artifacts if not each.is_wheel]
    if wheels:
        values["wheels"] = [pylock.PackageWheel(**_file(each)) for each in wheels]
    if sources:
        values["sdist"] = pylock.PackageSdist(**_file(sources[0]))
    if locked.reference:
        values |= _reference(locked, pylock)
    package: Package = pylock.Package(**values)
    return package


def _file(artifact: LockedFile) -> dict[str, Any]:
    place = {"url": artifact.url} if artifact.url else {"path": artifact.path}
    return {
        "name": artifact.file,
        "size": artifact.size,
        "upload_time": _moment(artifact),
        "hashes": _table((*artifact.hashes, *artifact.other_hashes)),
        **place,
    }


def _moment(artifact: LockedFile) -> datetime | None:
    """Return the upload time of a file. Raises InvalidEntry for an invalid time."""
    text = artifact.uploaded
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text.removesuffix("Z"))
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is not None or not text.endswith("Z"):
        raise InvalidEntry(artifact.file, f"was uploaded at {text!r}, which is no moment of UTC")
    return moment.replace(tzinfo=timezone.utc)


def _said(moment: datetime | None) -> str:
    """Return a time in a lock, which is UTC if it has no zone (PEP 751)."""
    if moment is None:
        return ""
    moment = moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)
    return f"{moment.astimezone(timezone.utc).replace(tzinfo=None).isoformat()}Z"


def _reference(locked: Locked, pylock: ModuleType) -> dict[str, Any]:
    bare, _, fragment = locked.reference.partition("#")
    parts = dict(part.split("=", 1) for part in fragment.split("&") if "=" in part)
    subdirectory = parts.get("subdirectory")
    vcs = _VCS.fullmatch(bare)
    if vcs is not None:
        made = pylock.PackageVcs(
            type=vcs["type"],
            url=vcs["url"],
            commit_id=vcs["commit"],
            requested_revision=parts.get("revision"),
            subdirectory=subdirectory,
        )
        return {"vcs": made}
    hashes = _table((*locked.archive, *locked.archive_other))
    if "://" not in bare and not hashes:
        return {"directory": pylock.PackageDirectory(path=bare, subdirectory=subdirectory)}
    place = {"url": bare} if "://" in bare else {"path": bare}
    return {"archive": pylock.PackageArchive(hashes=hashes, subdirectory=subdirectory, **place)}


def _locked(package: Package) -> Locked:
    wheels: Sequence[PackageWheel | PackageSdist] = package.wheels or ()
    files = [*wheels, *([package.sdist] if package.sdist else [])]
    ours = (package.tool or {}).get("modelenv", {})
    because = ours.get("because", ()) if isinstance(ours, dict) else ()
    strong, others = _parted(package.archive.hashes) if package.archive is not None else ((), ())
    return Locked(
        name=package.name,
        version=str(package.version or ""),
        marker=str(package.marker or ""),
        artifacts=tuple(map(_artifact, files)),
        reference=_reference_of(package),
        archive=strong,
        archive_other=others,
        reasons=_texts(because),
    )


def _texts(value: object) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, list) else ()


def _artifact(file: PackageWheel | PackageSdist) -> LockedFile:
    # Both places may be given; the one beside the lock needs no network.
    name = file.name or unquote((file.path or urlsplit(file.url or "").path).rpartition("/")[2])
    strong, others = _parted(file.hashes)
    return LockedFile(
        file=name,
        hashes=strong,
        other_hashes=others,
        url="" if file.path else file.url or "",
        path=file.path or "",
        size=file.size,
        uploaded=_said(file.upload_time),
    )


def _reference_of(package: Package) -> str:
    if package.vcs is not None:
        vcs = package.vcs
        parts = {"subdirectory": vcs.subdirectory, "revision": vcs.requested_revision}
        return _joined(f"{vcs.type}+{vcs.url or vcs.path}@{vcs.commit_id}", **parts)
    if package.directory is not None:
        folder = package.directory
        return _joined(folder.path, subdirectory=folder.subdirectory)
    if package.archive is not None:
        archive = package.archive
        return _joined(archive.path or archive.url or "", subdirectory=archive.subdirectory)
    return ""


def _joined(url: str, **parts: str | None) -> str:
    fragment = "&".join(f"{key}={value}" for key, value in parts.items() if value)
    return f"{url}#{fragment}" if fragment else url


def _table(hashes: Sequence[str]) -> dict[str, str]:
    return dict(each.split(":", 1) for each in hashes)


def _parted(hashes: Mapping[str, str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the hashes that lines of requirements can have, and the others."""
    spelled = [f"{kind}:{value}" for kind, value in hashes.items()]
    strong = tuple(each for each in spelled if each.partition(":")[0] in _STRONG)
    return strong, tuple(each for each in spelled if each not in strong)


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split())
