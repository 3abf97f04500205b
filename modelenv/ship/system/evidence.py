"""Turn traced uses of the system into packages of the release that the image is based on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from ...base.text import few
from ...folder.documents.names import CODE
from ...folder.documents.trace_file import TraceFile
from ...folder.model_folder import ModelFolder
from ...system.bases import NEWEST, UBUNTU, spelled
from ...system.data import read_table
from ...system.debian import (
    known_packages,
    library_package,
    program_package,
    renamed,
    sonames,
    why_absent,
)
from ...system.find_packages import find_packages
from ...system.library_names import library_names
from ...system.named_files import find_named_files
from ...system.use import SystemUse, UsedPackage
from ...system.used_file import UsedFile
from .driver import brought_by_driver

_FILES = ("file", "library", "program")
_PYTHON_S = re.compile(
    r"/(usr|opt)/(local/)?lib/(python3|pypy)|/(site|dist)-packages/|/python3[^/]*$"
)
_PYTHON_PACKAGE = re.compile(r"(lib)?python3([.\d]|$|-minimal|-distutils|-tk)")
# Packages of companies' own repositories, which Debian and Ubuntu do not have.
_COMPANIES = re.compile(
    r"google-chrome|microsoft-edge|msodbcsql|mssql-tools|cuda-|libcudnn|libcublas|libnccl|libnvinfer"
    r"|nvidia-|libnvidia-|docker-ce|temurin-|zulu\d|amazon-corretto|azure-cli|google-cloud-"
)
# Started by ctypes.util.find_library if the linker's list does not have a library.
_SEARCH = "ldconfig"
_OLD_ZONES = "time zones by old names"
_SEARCHING = frozenset({_SEARCH, "gcc", "cc", "ld", "objdump"})


@dataclass(frozen=True, slots=True)
class SystemNeed:
    """A need of the image: a package, or something that no known package brings."""

    why: str
    package: str = ""
    """The package; empty if none is known."""
    seen: str = ""
    asks: tuple[str, ...] = ()
    """The needed parts: sonames, programs by name, other files by path."""


def use_of(folder: ModelFolder) -> SystemUse | None:
    """Return what a model used of the system when it was saved; None if that was not seen.

    What the folder does not record is found by tables, from its trace and from names in its pickles
    and code. Raises BadFolderError.
    """
    recorded = folder.mlmodel.system
    if recorded is not None or not folder.is_traced:
        return recorded
    pinned = {entry.name for entry in folder.environment.requirements}
    seen = find_packages(_used(folder.trace), pinned, here=False)
    code = sorted((folder.path / CODE).rglob("*.py"))
    names = find_named_files((*folder.pickles, *code), here=False)
    named = find_packages(names, pinned, here=False)
    return SystemUse("", (*seen, *(each for each in named if each.package)))


def _used(trace: TraceFile) -> Iterator[UsedFile]:
    for each in trace.touches:
        if each["kind"] in _FILES and not _PYTHON_S.search(each["name"]):
            file, line = each.get("importer_file"), each.get("line")
            asked = (f"{file}:{line}" if line else str(file)) if file else ""
            yield UsedFile(each["kind"], each["name"], asked)


def iter_seen(use: SystemUse, release: str) -> Iterator[SystemNeed]:
    """Yield what was used and is not in every slim base, as packages of a release.

    Programs and libraries are looked up by name, to find another release's package. Something
    seen on another distribution and in no table is reported, but not taken for a Debian package;
    programs started only to search for libraries or fonts are left out.
    """
    slim = frozenset(read_table("debian_packages")["slim_bases"]["packages"])
    searched = {each.asked_by for each in use.packages if _SEARCH in _names(each)}
    looking = read_table("system_files")["looks_around"]
    names = _Names(use.release, release)
    for each in use.packages:
        if each.package in slim:
            continue
        if each.what == "programs":
            if any(place in each.asked_by for place in looking):
                continue
            found = _programs(each, names, searching=each.asked_by in searched)
        elif each.what == "libraries":
            found = _libraries(each, names)
        else:
            found = iter([_file(each, names)])
        for need in found:
            if need.package not in slim and not _PYTHON_PACKAGE.match(need.package):
                yield need


@dataclass(frozen=True, slots=True)
class _Names:
    """Names of the traced system's packages on the release of the image."""

    seen: str
    """The traced system, as ``ubuntu 24.04``; empty if only the tables were used."""
    release: str

    @property
    def same(self) -> bool:
        """Whether both are the same release of Ubuntu, so that packages keep their names."""
        return self.seen.startswith("ubuntu") and self.seen == spelled(self.release)

    def of(self, package: str) -> str:
        """Return the name of a package there; empty if it may not exist there."""
        if _COMPANIES.match(package):
            return ""
        known = self.same or self.seen.partition(" ")[0] in ("", "debian")
        if spelled(self.release).startswith("ubuntu") and not self.same:
            known = False
        return renamed(package, self.release) if known or package in known_packages() else ""


def _programs(used: UsedPackage, names: _Names, *, searching: bool) -> Iterator[SystemNeed]:
    for path in used.files:
        name = PurePosixPath(path).name
        if searching and name in _SEARCHING:
            continue
        if brought_by_driver(name):
            yield SystemNeed(brought_by_driver(name))
            continue
        known = "" if names.same else program_package(name, names.release)
        absent = "" if names.same else why_absent(name, names.release)
        if not known and absent:
            yield SystemNeed(f"the program {name}, which was started, {absent}")
        else:
            package = known or names.of(used.package)
            yield _need(used, package, f"the program {name}", (path,), (name,))


def _libraries(used: UsedPackage, names: _Names) -> Iterator[SystemNeed]:
    found: dict[str, tuple[str, str, list[str]]] = {}
    for path in used.files:
        name = PurePosixPath(path).name
        soname = next((each for one in library_names(path) for each in sonames(one)), name)
        if brought_by_driver(name):
            yield SystemNeed(brought_by_driver(name))
            continue
        known = "" if names.same else library_package(soname, names.release)
        absent = "" if names.same else why_absent(soname, names.release)
        if not known and absent:
            yield SystemNeed(f"{soname}, which was loaded, {absent}")
            continue
        package = known or names.of(used.package)
        found.setdefault(package or path, (package, path, []))[2].append(soname)
    for package, path, asked in found.values():
        yield _need(used, package, asked[0], (path,), asked)


def _file(used: UsedPackage, names: _Names) -> SystemNeed:
    if used.what == "locales":  # the package only has the tools that generate them
        return SystemNeed(
            f"locales: {few(used.files, 3)}; slim images only have C.UTF-8: take a base in which"
            " others were generated, or --system-package locales-all"
        )
    if used.what == _OLD_ZONES:  # newer releases have them in a package of their own
        parted = UBUNTU.get(names.release, names.release) == NEWEST
        package = "tzdata-legacy" if parted else "tzdata"
        return _need(used, package, used.what, used.files, used.files)
    return _need(used, names.of(used.package), used.what, used.files, used.files)


def _need(
    used: UsedPackage, package: str, what: str, files: tuple[str, ...], asks: Iterable[str]
) -> SystemNeed:
    asked = f", {used.asked_by}" if used.asked_by else ""
    if package:
        return SystemNeed(f"{what}{asked}", package, used.version, tuple(asks))
    said = f"{what}: {few(files, 3)}{asked}"
    if not used.package:
        return SystemNeed(f"{said}, is in no Debian package that is known")
    return SystemNeed(
        f"{said}, was of the package {used.package}, which the image's system may not have: name"
        " one that it has with --system-package, or take a base with it"
    )


def _names(used: UsedPackage) -> Iterable[str]:
    return [PurePosixPath(file).name for file in used.files]
