"""What a model was seen to use of a system, as packages of the release that its image stands on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from ...base.text import few
from ...folder.documents.trace_file import TraceFile
from ...folder.model_folder import ModelFolder
from ...system.data import read_table
from ...system.debian import (
    library_package,
    program_package,
    releases_of_library,
    renamed,
    sonames,
)
from ...system.find_packages import find_packages
from ...system.use import SystemUse, UsedPackage
from ...system.used_file import UsedFile
from ..image import SystemPackage

_FILES = ("file", "library", "program")
_PYTHON_S = re.compile(
    r"/(usr|opt)/(local/)?lib/(python3|pypy)|/(site|dist)-packages/|/python3[^/]*$"
)
_PYTHON_PACKAGE = re.compile(r"(lib)?python3([.\d]|$|-minimal|-distutils|-tk)")
_DRIVER = re.compile(r"lib(cuda|nvidia-|nvcuvid|amdhip)")
# What ctypes.util.find_library starts where the linker's list does not have a library.
_SEARCH = "ldconfig"
_SEARCHING = frozenset({_SEARCH, "gcc", "cc", "ld", "objdump"})


@dataclass(frozen=True, slots=True)
class SystemNeed:
    """Something that the image needs: a package, or what no package brings."""

    why: str
    package: str = ""
    """Empty where none is known."""
    seen: str = ""

    def as_package(self) -> SystemPackage:
        """Return it as an image has it."""
        return SystemPackage(package=self.package, why=self.why, seen=self.seen)


def use_of(folder: ModelFolder) -> SystemUse | None:
    """Return what a model used of the system when it was saved; None: nobody saw it.

    What a folder does not record is told from its trace, by tables. Raises BadFolderError.
    """
    recorded = folder.mlmodel.system
    if recorded is not None or not folder.is_traced:
        return recorded
    pinned = {entry.name for entry in folder.environment.requirements}
    return SystemUse("", find_packages(_used(folder.trace), pinned, here=False))


def _used(trace: TraceFile) -> Iterator[UsedFile]:
    for each in trace.touches:
        if each["kind"] in _FILES and not _PYTHON_S.search(each["name"]):
            file, line = each.get("importer_file"), each.get("line")
            asked = (f"{file}:{line}" if line else str(file)) if file else ""
            yield UsedFile(each["kind"], each["name"], asked)


def iter_seen(use: SystemUse, release: str) -> Iterator[SystemNeed]:
    """Yield what was used and no slim base has, as packages of a Debian release.

    Programs and libraries are known by their names, so that another release's package is named;
    what a search for a library started, or for fonts, is not used.
    """
    slim = frozenset(read_table("debian_packages")["slim_bases"]["packages"])
    searched = {each.asked_by for each in use.packages if _SEARCH in _names(each)}
    looking = read_table("system_files")["looks_around"]
    for each in use.packages:
        if each.what == "programs":
            if any(place in each.asked_by for place in looking):
                continue
            found = _programs(each, release, searching=each.asked_by in searched)
        elif each.what == "libraries":
            found = _libraries(each, release)
        else:
            found = iter([_file(each, release)])
        for need in found:
            if need.package not in slim and not _PYTHON_PACKAGE.match(need.package):
                yield need


def _programs(used: UsedPackage, release: str, *, searching: bool) -> Iterator[SystemNeed]:
    for name in _names(used):
        if searching and name in _SEARCHING:
            continue
        known = program_package(name, release) or renamed(used.package, release)
        yield _need(used, known, f"the program {name}")


def _libraries(used: UsedPackage, release: str) -> Iterator[SystemNeed]:
    found: dict[str, str] = {}
    for name in _names(used):
        soname = next(sonames(name), name)
        if _DRIVER.match(name):
            yield SystemNeed(f"{name} comes with the driver of the graphics card, on the machine")
            continue
        known = library_package(soname, release)
        if not known and releases_of_library(soname):
            only = " and ".join(releases_of_library(soname))
            yield SystemNeed(
                f"{soname}, which was loaded, is in Debian {only} and not in {release}"
            )
            continue
        found.setdefault(known or renamed(used.package, release), soname)
    for package, soname in found.items():
        yield _need(used, package, soname)


def _file(used: UsedPackage, release: str) -> SystemNeed:
    if used.what == "locales":  # the package has what makes them, and makes none
        return SystemNeed(
            f"locales: {few(used.files, 3)}; slim images have C.UTF-8 alone: take a base in which"
            " others were generated, or --system-package locales-all"
        )
    return _need(used, renamed(used.package, release), used.what)


def _need(used: UsedPackage, package: str, what: str) -> SystemNeed:
    asked = f", {used.asked_by}" if used.asked_by else ""
    if package:
        return SystemNeed(f"{what}{asked}", package, used.version)
    return SystemNeed(f"{what}: {few(used.files, 3)}{asked}, is in no Debian package that is known")


def _names(used: UsedPackage) -> Iterable[str]:
    return [PurePosixPath(file).name for file in used.files]
