"""A virtual environment of links in which only the pinned distributions exist.

Made in milliseconds and offline, from what is installed. It proves which imports are needed; the
native files that a library loads by itself still come from the environment that the links lead to.
"""

from __future__ import annotations

import configparser
import os
import shutil
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from ..base.run_variables import HASH_SEED
from ..base.siblings import resolver
from ..worker.process import Interpreter
from . import scripts as programs
from .errors import NotReplicableError, NotUnpackedError
from .interpreter import Python, isolating_options

_OPTIONS = ("-B", "-X", "utf8")


def make(
    root: Path,
    distributions: Sequence[resolver.Distribution],
    installed: resolver.Installed,
    python: Python,
    environment: Mapping[str, str],
) -> Interpreter:
    """Make a replica in the new folder `root` and return its interpreter.

    `distributions` must be among the `installed` ones of `python`. Raises NotReplicableError for
    one whose files nobody recorded.
    """
    executable, site = _skeleton(root, python)
    for location in sorted({distribution.location for distribution in distributions}):
        here = [item for item in distributions if item.location == location]
        _link_location(Path(location), here, installed, site, executable)
    for distribution in distributions:
        programs.add_declared(Path(distribution.info), executable)
    return Interpreter(
        executable=executable,
        options=(*isolating_options(python.version), *_OPTIONS),
        environment={
            **clean_environment(
                programs.without(environment, python.executable.parent, python.base),
                executable.parent,
            ),
            "PYTHONDONTWRITEBYTECODE": "1",
        },
        prefix=root,
    )


def add_wheels(root: Path, python: Python, wheels: Sequence[Path]) -> None:
    """Unpack `wheels` into the replica in `root`, apart from the links that it is made of.

    A folder of the replica may be a link to one of the user's: nothing is written into that.
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
        _link_outside(file, root / file.relative_to(apart / "data"), executable)
    (_site(root, python) / "modelenv_wheels.pth").write_text(
        f"import site; site.addsitedir({str(apart / 'purelib')!r})\n", "utf-8"
    )


def unpack(wheel: Path, folder: Path) -> None:
    """Install a wheel below `folder`, each installation scheme (PEP 427) in a folder of its own.

    What is pure and what is not go to ``purelib``; programs name no interpreter yet. Raises
    NotUnpackedError for what is no wheel, and for one with a file that would go elsewhere.
    """
    from installer import install
    from installer.destinations import SchemeDictionaryDestination
    from installer.exceptions import InstallerError
    from installer.sources import WheelFile

    schemes = {scheme: str(folder / scheme) for scheme in ("purelib", "headers", "data", "scripts")}
    schemes["platlib"] = schemes["purelib"]
    destination = SchemeDictionaryDestination(
        schemes, interpreter="python", script_kind="posix", overwrite_existing=True
    )
    try:
        with WheelFile.open(wheel) as source:
            install(source, destination, {})
    except (AssertionError, configparser.Error) as error:  # how it refuses such a line
        raise NotUnpackedError(wheel, "an entry point of it names no function") from error
    except (InstallerError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise NotUnpackedError(wheel, str(error.args[-1])) from error


def clean_environment(environment: Mapping[str, str], first: Path) -> dict[str, str]:
    """Return `environment` without what leads to another Python, the folder `first` on PATH."""
    kept = {
        name: value
        for name, value in environment.items()
        if name == HASH_SEED or not name.startswith(("PYTHON", "VIRTUAL_ENV", "CONDA_", "__PYVENV"))
    }
    kept["PATH"] = os.pathsep.join(filter(None, (str(first), environment.get("PATH"))))
    # For children that the model starts without our options.
    kept["PYTHONNOUSERSITE"] = "1"
    return kept


def _skeleton(root: Path, python: Python) -> tuple[Path, Path]:
    """Lay out an empty virtual environment (PEP 405); return its executable and site-packages."""
    executable = _executable(root, python)
    folder = executable.parent
    minor = python.version.rpartition(".")[0]
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
        for name in ("python3", f"python{minor}"):
            (folder / name).symlink_to("python")
    return executable, site


def _executable(root: Path, python: Python) -> Path:
    """Return where a virtual environment in `root` has its interpreter."""
    windows = python.markers["os_name"] == "nt"
    return root / ("Scripts/python.exe" if windows else "bin/python")


def _site(root: Path, python: Python) -> Path:
    """Return where a virtual environment in `root` has its distributions."""
    if python.markers["os_name"] == "nt":
        return root / "Lib/site-packages"
    return root / f"lib/python{python.version.rpartition('.')[0]}/site-packages"


def _link_location(
    location: Path,
    distributions: Iterable[resolver.Distribution],
    installed: resolver.Installed,
    site: Path,
    executable: Path,
) -> None:
    """Link the files of `distributions`, all of which stand in `location`."""
    files_by_top: dict[str, list[tuple[str, ...]]] = {}
    pinned = set(distributions)
    for distribution in pinned:
        if not distribution.files:
            raise NotReplicableError(
                distribution.label, str(distribution.version), distribution.info
            )
        for file in distribution.files:
            parts = tuple(part for part in file.split("/") if part not in ("", "."))
            if parts[0] == "..":
                source, target = (Path(os.path.normpath(top / file)) for top in (location, site))
                _link_outside(source, target, executable)
            elif parts[0] != "__pycache__":
                files_by_top.setdefault(parts[0], []).append(parts)
    for top, files in sorted(files_by_top.items()):
        foreign = [
            tuple(file.split("/"))
            for other in installed.sharers(str(location), top)
            if other not in pinned
            for file in other.files
            if file.split("/", 1)[0] == top
        ]
        _link_tree(location, site, files, foreign, depth=1)


def _link_tree(
    source: Path,
    target: Path,
    files: Sequence[tuple[str, ...]],
    foreign: Sequence[tuple[str, ...]],
    depth: int,
) -> None:
    """Link the folder that all `files` begin with, whole where nobody foreign has a file in it.

    `files` and `foreign` are paths below `source`, as parts; their first `depth` parts are equal.
    """
    below = Path(*files[0][:depth])
    strangers = set(foreign) - set(files)
    if not strangers or any(len(parts) == depth for parts in files):
        if (source / below).exists():
            _link(source / below, target / below)
        return
    (target / below).mkdir()
    children: dict[str, list[tuple[str, ...]]] = {}
    for parts in files:
        if parts[depth] != "__pycache__":
            children.setdefault(parts[depth], []).append(parts)
    for name, inside in sorted(children.items()):
        theirs = [parts for parts in strangers if len(parts) > depth and parts[depth] == name]
        _link_tree(source, target, inside, theirs, depth + 1)


def _link_outside(source: Path, target: Path, executable: Path) -> None:
    """Link a file that stands outside site-packages: data below the prefix, or a program.

    What would stand elsewhere is left out, also where a folder on the way is a link.
    """
    root = executable.parent.parent
    if root not in target.parents or os.path.lexists(target) or not source.exists():
        return
    if target.parent == executable.parent:
        programs.add(source, executable)
    elif target.parent.resolve().is_relative_to(root.resolve()):
        target.parent.mkdir(parents=True, exist_ok=True)
        _link(source, target)


def _link(source: Path, target: Path) -> None:
    """Make `target` a link to `source`; where links need a privilege, share or copy its files."""
    try:
        target.symlink_to(source, target_is_directory=source.is_dir())
    except OSError:
        if source.is_dir():
            shutil.copytree(source, target, copy_function=_share)
        else:
            _share(str(source), str(target))


def _share(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
