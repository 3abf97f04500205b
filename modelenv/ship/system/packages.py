"""The Debian packages that an image needs, by traced uses and by links."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...base.settings import Settings
from ...base.siblings import resolver
from ...base.text import few, visible
from ...environments.spec import Report, silent
from ...folder.model_folder import ModelFolder
from ...system.bases import release_of
from ...system.data import read_table
from ...system.debian import library_package, program_package, why_absent
from ..image import SystemPackage
from .at_hand import iter_environments
from .driver import brought_by_driver
from .errors import NoElfReaderError
from .evidence import SystemNeed, iter_seen, use_of
from .fetching import Fetch
from .imports import OwnImports
from .links import MissingLibrary, find_missing, loaded_files
from .machine import iter_local
from .pin_files import PinFiles, find_pin_files, fits

_LINUX = ("linux", "debian", "ubuntu")


@dataclass(frozen=True, slots=True)
class SystemNeeds:
    """The system needs of an image."""

    packages: tuple[SystemPackage, ...]
    """The packages, sorted by name, each once."""
    needs: tuple[str, ...]
    """Sentences on needs without a known package."""


def system_packages(
    folder: ModelFolder, platform: str = "", report: Report = silent, **more: Any
) -> tuple[SystemPackage, ...]:
    """Return only the packages of `system_needs`."""
    return system_needs(folder, platform, report, **more).packages


def system_needs(
    folder: ModelFolder,
    platform: str = "",
    report: Report = silent,
    *,
    base: str = "",
    release: str | None = None,
    wheels: Iterable[Path] = (),
    installed: Iterable[resolver.Installed] | None = None,
    fetch: Fetch | None = None,
) -> SystemNeeds:
    """Return what the image of a model needs of its `base`, by all evidence.

    The `release` of the base follows from its name, unless it is given.

    The evidence is what the prediction used when the model was saved, and what compiled files of
    its pins link to, if the prediction or the pins' own imports load them. The pins' files are
    looked for in `wheels`, those in the folder, and in `installed`, by default this environment and
    the cached ones; `fetch` brings wheels for the rest. Files built for another `platform` count as
    well, since libraries have the same names there. Raises BadFolderError.
    """
    release = release_of(base) if release is None else release
    use = use_of(folder)
    lines = [entry.requirement for entry in folder.environment.requirements]
    here = iter_environments(lines, Settings.from_environment()) if installed is None else installed
    known = [each for each in (*_own_wheels(folder), *wheels) if fits(each, platform)]
    places = tuple(here)
    files = find_pin_files(lines, places, known)
    if files.absent and fetch is not None:
        files = find_pin_files(lines, places, (*known, *fetch(files.absent)))
    found = [*iter_seen(use, release)] if use is not None else []
    if use is None or not _is_linux(use.release, folder):
        found += _named(files, release)
    report("looking into the compiled files of the pins")
    found += _linked(folder, files, release)
    found += [SystemNeed(each) for each in iter_local(folder)]
    return SystemNeeds(_packages(found), tuple(_needs(found, files, seen=use is not None)))


def _own_wheels(folder: ModelFolder) -> list[Path]:
    return sorted(folder.wheels.glob("*.whl")) if folder.wheels.is_dir() else []


def _is_linux(release: str, folder: ModelFolder) -> bool:
    """Return whether the run was on Linux; without a release, by the paths of loaded files."""
    if release:
        return release.startswith(_LINUX) or release not in ("darwin", "windows")
    return any(each["name"].startswith("/usr/lib/") for each in folder.trace.touches)


def _linked(folder: ModelFolder, files: PinFiles, release: str) -> Iterator[SystemNeed]:
    """Yield what the loaded files link to, or why that is unknown."""
    try:
        names = set(_loaded(folder))
        seen = {files.owners[each] for each in names & files.owners.keys()}
        own = OwnImports(files, seen)
        missing = find_missing(files, {*loaded_files(names, files), *own.compiled()})
        perhaps = find_missing(files, own.doubtful())
    except NoElfReaderError as error:
        yield SystemNeed(str(error))
        return
    by_soname: dict[str, list[MissingLibrary]] = {}
    for each in missing:
        by_soname.setdefault(each.soname, []).append(each)
    for soname, askers in by_soname.items():
        pins = few(list(dict.fromkeys(each.pin for each in askers)), 3)
        yield _library(soname, f"{soname} for {pins}", release, f" ({askers[0].file})")
    for each in perhaps:
        if each.soname not in by_soname and not brought_by_driver(each.soname):
            by_soname[each.soname] = [each]
            yield _doubtful(each, release)


def _doubtful(each: MissingLibrary, release: str) -> SystemNeed:
    package = library_package(each.soname, release)
    way = f"--system-package {package}" if package else "--system-package"
    return SystemNeed(
        f"{each.soname} for {each.pin} ({each.file}), if that is loaded, which is unknown; {way}"
        " brings it"
    )


def _library(soname: str, why: str, release: str, where: str = "") -> SystemNeed:
    package = library_package(soname, release)
    if package:
        return SystemNeed(why, package, asks=(soname,))
    if brought_by_driver(soname):
        return SystemNeed(f"{why}{where}: {brought_by_driver(soname)}")
    absent = why_absent(soname, release)
    if absent:
        return SystemNeed(f"{why}{where} {absent}")
    return SystemNeed(
        f"{why}{where}: no Debian package of it is known; name it with --system-package"
    )


def _loaded(folder: ModelFolder) -> Iterator[str]:
    """Yield the files that the trace saw loaded, by their paths in ``site-packages``."""
    if not folder.is_traced:
        return
    for record in folder.trace.imports:
        if record["loaded"] and isinstance(record.get("file"), str):
            yield record["file"]
    for touch in folder.trace.touches:
        if touch["kind"] == "library":
            yield touch["name"].replace("\\", "/").rpartition("-packages/")[2]


def _named(files: PinFiles, release: str) -> Iterator[SystemNeed]:
    """Yield what pins load or start by name, if no trace tells whether they do."""
    table = read_table("loaded_by_name")
    for pin in files.pins.keys() | {each.partition("==")[0] for each in files.absent}:
        asked = [each for each in table["libraries"].get(pin, ()) if not _brought(each, files)]
        known = [each for each in asked if library_package(each, release)]
        for soname in known:
            package = library_package(soname, release)
            yield SystemNeed(f"{soname}, loaded by {pin}", package, asks=(soname,))
        for soname in asked[-1:] if not known else ():
            yield SystemNeed(f"{soname}, loaded by {pin}, {why_absent(soname, release)}")
        for program in table["programs"].get(pin, ()):
            package, why = program_package(program, release), f"the program {program} for {pin}"
            said = why if package else f"{why} {why_absent(program, release)}".rstrip()
            yield SystemNeed(said, package, asks=(program,) if package else ())


def _brought(soname: str, files: PinFiles) -> bool:
    """Return whether some pin has a library itself, perhaps under a name of its own."""
    stem = soname.partition(".so")[0]
    return any(name.startswith(stem) for name in files.by_name)


def _packages(found: Iterable[SystemNeed]) -> tuple[SystemPackage, ...]:
    """Return each package once, with all that it is needed for."""
    by_name: dict[str, SystemNeed] = {}
    for each in found:
        known = by_name.get(each.package)
        if known is None:
            by_name[each.package] = each
        else:
            why = known.why if each.why in known.why else f"{known.why}; {each.why}"
            asks = tuple(dict.fromkeys((*known.asks, *each.asks)))
            by_name[each.package] = SystemNeed(why, each.package, known.seen or each.seen, asks)
    named = sorted(by_name.items())
    return tuple(
        SystemPackage(package=name, why=_line(each.why), seen=_line(each.seen), asks=each.asks)
        for name, each in named
        if name
    )


def _needs(found: Collection[SystemNeed], files: PinFiles, *, seen: bool) -> Iterator[str]:
    yield from dict.fromkeys(_line(each.why) for each in found if not each.package)
    if files.absent:
        known = "" if seen else ", nor what the model used of a system"
        yield (
            f"what these link to is not known{known}: {few(files.absent)}; they are neither"
            " installed here, nor wheels of them at hand"
        )


def _line(text: str) -> str:
    """Return an untrusted text on one line, as it is written to files."""
    return " ".join(visible(text).split())
