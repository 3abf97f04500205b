"""A virtual environment of links in which only the pinned distributions exist.

It is made offline in milliseconds from what is installed. With namespaces no links are needed: the
pinned files are mounted into it, and are visible nowhere else. Landlock identifies files by their
real paths: for it the replica has files of its own.
"""

from __future__ import annotations

import configparser
import os
import shutil
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ..base.run_variables import HASH_SEED, NO_BYTECODE
from ..base.siblings import resolver
from ..seal.distributions import SiteFiles
from ..seal.seals import OFF, Seal
from ..worker.process import Interpreter
from . import scripts as programs
from .errors import NotReplicableError, NotUnpackedError
from .interpreter import Python

if TYPE_CHECKING:
    from installer.destinations import SchemeDictionaryDestination

_OPTIONS = ("-B", "-X", "utf8")
# The hook that finds the unpacked wheels: import lines of path files are deprecated since Python
# 3.15 (PEP 829), if a file names a function instead.
_WHEELS = "_modelenv_wheels"
_WHEELS_FILES = (f"{_WHEELS}.pth", f"{_WHEELS}.start", f"{_WHEELS}.py")
_START_FILES = (3, 15)
_NOBODY_S = frozenset(("..", "__pycache__"))


def make(
    root: Path,
    distributions: Sequence[resolver.Distribution],
    installed: resolver.Installed,
    python: Python,
    environment: Mapping[str, str],
    seal: Seal = OFF,
) -> Interpreter:
    """Make a replica in the new folder `root`; return its interpreter, to be run in `seal`.

    `distributions` must be among the `installed` ones of `python`. Raises NotReplicableError for
    one without a list of its files.
    """
    executable, site = _skeleton(root, python)
    put = _copy if seal.kind == "landlock" else _link
    seen, placed = _visible(site_files(distributions, installed), site)
    for path, copy in placed if seal.kind != "namespaces" else ():
        Path(copy).parent.mkdir(parents=True, exist_ok=True)
        put(Path(path), Path(copy))
    for distribution in distributions:
        location = Path(distribution.location)
        for file in (file for file in distribution.files if file.startswith("../")):
            source, target = (Path(os.path.normpath(top / file)) for top in (location, site))
            _add_outside(source, target, executable, put)
        programs.add_declared(Path(distribution.info), executable)
    variables = {
        **clean_environment(
            programs.without(environment, python.executable.parent, python.base), executable.parent
        ),
        NO_BYTECODE: "1",
    }
    if seal.kind == "namespaces":
        python = replace(python, path=(*python.path, str(site)))
    elif seal.kind == "landlock":
        placed = []
    return python.in_seal(
        seal,
        root,
        executable,
        options=_OPTIONS,
        environment=variables,
        installed=[*seen, *(str(site / name) for name in _WHEELS_FILES)],
        elsewhere=placed,
        stands_for=[(str(site), entry) for entry in python.path],
    )


def _visible(files: Iterable[SiteFiles], site: Path) -> tuple[list[str], list[tuple[str, str]]]:
    """Return the files outside of site-packages, and those inside with their paths in `site`."""
    seen: list[str] = []
    placed: list[tuple[str, str]] = []
    for each in files:
        inside = f"{each.location}/"
        for path in filter(os.path.exists, each.visible()):
            if path.startswith(inside):
                placed.append((path, f"{site}/{path[len(inside) :]}"))
            else:
                seen.append(path)
    return seen, placed


def site_files(
    distributions: Sequence[resolver.Distribution], installed: resolver.Installed
) -> Iterator[SiteFiles]:
    """Yield the files of the distributions in each folder, and the other files there.

    Raises NotReplicableError for one without a list of its files.
    """
    pinned = set(distributions)
    for distribution in distributions:
        if not distribution.files:
            raise NotReplicableError(
                distribution.label, str(distribution.version), distribution.info
            )
    for location in sorted({distribution.location for distribution in distributions}):
        here = [item.files for item in distributions if item.location == location]
        tops = {file.partition("/")[0] for files in here for file in files} - _NOBODY_S
        sharers = {other for top in tops for other in installed.sharers(location, top)} - pinned
        foreign = (file for other in sharers for file in other.files)
        yield SiteFiles(location, tuple(here), tuple(foreign))


def add_wheels(root: Path, python: Python, wheels: Sequence[Path]) -> None:
    """Unpack `wheels` into the replica in `root`, separate from its links.

    A folder of the replica may be a link to one of the user's: nothing is written through it.
    """
    if not wheels:
        return
    apart = root / "wheels"
    executable = _executable(root, python)
    for wheel in wheels:
        unpack(wheel, apart)
    for script in filter(Path.is_file, sorted((apart / "scripts").glob("*"))):
        script.chmod(0o755)
        programs.add(script, executable)
    for info in sorted((apart / "purelib").glob("*.dist-info")):
        programs.add_declared(info, executable)
    for file in filter(Path.is_file, sorted((apart / "data").rglob("*"))):
        _add_outside(file, root / file.relative_to(apart / "data"), executable, _link)
    _add_folder(_site(root, python), python, apart / "purelib")


def _add_folder(site: Path, python: Python, folder: Path) -> None:
    """Add `folder` to the site folders of a replica's interpreter, from its start."""
    adds = f"import site; site.addsitedir({str(folder)!r})\n"
    if tuple(map(int, python.version.split(".")[:2])) < _START_FILES:
        (site / f"{_WHEELS}.pth").write_text(adds, "utf-8")
        return
    (site / f"{_WHEELS}.py").write_text(f"def add():\n    {adds}", "utf-8")
    (site / f"{_WHEELS}.start").write_text(f"{_WHEELS}:add\n", "utf-8")


def unpack(wheel: Path, folder: Path) -> None:
    """Install a wheel below `folder`, each installation scheme (PEP 427) in a folder of its own.

    Both pure and platform files go to ``purelib``; scripts name no interpreter yet. Raises
    NotUnpackedError for an invalid wheel, and for one with a path outside its folders.
    """
    schemes = {scheme: str(folder / scheme) for scheme in ("purelib", "headers", "data", "scripts")}
    install_wheel(wheel, {**schemes, "platlib": schemes["purelib"]}, "python")


def install_wheel(
    wheel: Path,
    schemes: Mapping[str, str],
    interpreter: str,
    *,
    root: Path | None = None,
    besides: Mapping[str, bytes] | None = None,
    destination: type[SchemeDictionaryDestination] | None = None,
) -> None:
    """Install a wheel into the folders of `schemes`, with scripts that `interpreter` runs.

    With `root` the scheme paths are relative to that root. `besides` are files added to the
    metadata; `destination` is the class that writes. Raises NotUnpackedError as `unpack` does.
    """
    from installer import install
    from installer.destinations import SchemeDictionaryDestination
    from installer.exceptions import InstallerError
    from installer.sources import WheelFile

    written = (destination or SchemeDictionaryDestination)(
        dict(schemes),
        interpreter=interpreter,
        script_kind="posix",
        destdir=None if root is None else str(root),
        overwrite_existing=True,
    )
    try:
        with WheelFile.open(wheel) as source:
            install(source, written, dict(besides or {}))
    except (AssertionError, configparser.Error) as error:  # the error for such an invalid line
        raise NotUnpackedError(wheel, "an entry point of it names no function") from error
    except (InstallerError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise NotUnpackedError(wheel, str(error.args[-1])) from error


def clean_environment(environment: Mapping[str, str], first: Path) -> dict[str, str]:
    """Return `environment` without variables of other Pythons, with the folder `first` on PATH."""
    kept = {
        name: value
        for name, value in environment.items()
        if name == HASH_SEED or not name.startswith(("PYTHON", "VIRTUAL_ENV", "CONDA_", "__PYVENV"))
    }
    kept["PATH"] = os.pathsep.join(filter(None, (str(first), environment.get("PATH"))))
    # For child processes that the model starts without our options.
    kept["PYTHONNOUSERSITE"] = "1"
    return kept


def _skeleton(root: Path, python: Python) -> tuple[Path, Path]:
    """Lay out an empty virtual environment (PEP 405); return its executable and site-packages."""
    executable = _executable(root, python)
    folder = executable.parent
    site = _site(root, python)
    folder.mkdir(parents=True)
    site.mkdir(parents=True)
    (root / "pyvenv.cfg").write_text(
        f"home = {python.base.parent}\n"
        "include-system-site-packages = false\n"
        f"version = {python.version}\n",
        "utf-8",
    )
    _link(python.base, executable)
    if executable.suffix != ".exe":
        for name in ("python3", _versioned(python)):
            (folder / name).symlink_to("python")
    return executable, site


def _executable(root: Path, python: Python) -> Path:
    """Return the path of the interpreter of a virtual environment in `root`."""
    windows = python.markers["os_name"] == "nt"
    return root / ("Scripts/python.exe" if windows else "bin/python")


def _site(root: Path, python: Python) -> Path:
    """Return the path of site-packages of a virtual environment in `root`."""
    if python.markers["os_name"] == "nt":
        return root / "Lib/site-packages"
    return root / "lib" / _versioned(python) / "site-packages"


def _versioned(python: Python) -> str:
    """Return the versioned name of the interpreter, and of its folder."""
    return f"python{python.version.rpartition('.')[0]}{'t' if python.free_threaded else ''}"


def _add_outside(
    source: Path, target: Path, executable: Path, put: Callable[[Path, Path], None]
) -> None:
    """Add a file outside of site-packages: data below the prefix, or a script.

    Paths that would lead outside of the environment are skipped, also through a linked folder.
    """
    root = executable.parent.parent
    if root not in target.parents or os.path.lexists(target) or not source.exists():
        return
    if target.parent == executable.parent:
        programs.add(source, executable)
    elif target.parent.resolve().is_relative_to(root.resolve()):
        target.parent.mkdir(parents=True, exist_ok=True)
        put(source, target)


def _link(source: Path, target: Path) -> None:
    """Make `target` a link to `source`; if links need a privilege, share or copy its files."""
    try:
        target.symlink_to(source, target_is_directory=source.is_dir())
    except OSError:
        _copy(source, target)


def _copy(source: Path, target: Path) -> None:
    """Copy `source` to `target`, with hard links for its files where possible."""
    if source.is_dir():
        shutil.copytree(source, target, copy_function=_share)
    else:
        _share(str(source), str(target))


def _share(source: str, target: str) -> None:
    try:
        os.link(os.path.realpath(source), target)
    except OSError:
        shutil.copy2(source, target)
