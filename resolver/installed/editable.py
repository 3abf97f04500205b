"""Editable installs, and the places of their modules."""

from __future__ import annotations

# Paths are strings here, as everywhere that thousands of them are compared.
# ruff: noqa: PTH110, PTH112, PTH113, PTH117, PTH118, PTH119, PTH120, PTH206
import ast
import os
import re
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..local_files import read_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .distribution import Distribution

_INSTALLED = frozenset({"site-packages", "dist-packages"})
_IMPORT = re.compile(r"\bimport\s+([\w.]+)")
_STARTED = re.compile(r"^\s*([\w.]+):[\w.]+\s*$")


@dataclass(frozen=True, slots=True)
class Layout:
    """The folders and modules of an editable install."""

    folders: tuple[str, ...] = ()
    """Path entries, as a `.pth` file names them."""

    modules: tuple[tuple[str, str], ...] = ()
    """The modules that an import hook maps: the name, and the file or the package's folder."""

    is_told: bool = True
    """Whether the install says so; else it is the whole project, wherever in it the code is."""

    @property
    def roots(self) -> Iterator[str]:
        """Yield the folders and files that hold the modules."""
        yield from self.folders
        for _, path in self.modules:
            is_package = os.path.basename(path).startswith("__init__.")
            yield os.path.dirname(path) if is_package else path

    def find(self, name: str) -> str | None:
        """Find the file of a top-level module, or None."""
        mapped = dict(self.modules).get(name)
        bases = [os.path.join(folder, name) for folder in self.folders]
        for base in [mapped, *bases] if mapped else bases:
            for file in (base, os.path.join(base, "__init__.py"), f"{base}.py"):
                if os.path.isfile(file):
                    return file
        return None


@dataclass(frozen=True, slots=True)
class ProjectRoot:
    """A folder or file that holds the modules of an editable install."""

    path: str
    project: Distribution
    is_entry: bool
    """Whether it is on the path, so that modules are found in it by their names."""

    def holds(self, file: str) -> bool:
        """Return whether it is `file`, or a folder with it that is not of an environment."""
        if file == self.path:
            return True
        inside = self.path.rstrip(os.sep) + os.sep
        # An environment may stand in the folder of a project.
        return file.startswith(inside) and _INSTALLED.isdisjoint(file[len(inside) :].split(os.sep))

    def is_beside(self, file: str, module: str) -> bool:
        """Return whether `module` is found by a folder further inside: beside a script, mostly.

        A project on the path by its root has more folders than those of its packages. Importing
        `helpers` in `scripts/train.py` gives `scripts/helpers.py`, which nobody installs.
        """
        entry = _entry(file, module) if self.is_entry else None
        return entry is not None and entry.startswith(self.path.rstrip(os.sep) + os.sep)


def project_of(file: str, module: str, roots: Iterable[ProjectRoot]) -> Distribution | None:
    """Return the project whose root holds `file`, the innermost where they are nested; None: none.

    A `module` that is found beside the modules of the project is none of it.
    """
    root = next((each for each in roots if each.holds(file)), None)
    return None if root is None or root.is_beside(file, module) else root.project


def project_roots(projects: Iterable[Distribution]) -> tuple[ProjectRoot, ...]:
    """Return each root of editable installs, in both spellings, the longest first."""
    found: dict[str, ProjectRoot] = {}
    for project in projects:
        places = layout(project)
        for root in places.roots:
            is_entry = places.is_told and root in places.folders
            for spelled in (root, os.path.realpath(root)):
                found.setdefault(spelled, ProjectRoot(spelled, project, is_entry))
    return tuple(sorted(found.values(), key=lambda each: (-len(each.path), each.path)))


def layout(project: Distribution) -> Layout:
    """Read where an editable install finds its modules.

    Its `.pth` files name folders, or import a finder (PEP 660) that holds a mapping; a `.start`
    file names a function of the finder (PEP 829); `setup.py develop` leaves the metadata in the
    folder itself. Without any of these, it is the whole project.
    """
    if project.is_source_tree:
        return Layout(folders=(project.location,))
    folders: list[str] = []
    modules: list[tuple[str, str]] = []
    for line, names in _startup_lines(project):
        if names is None:
            folders += _folder(project.location, line)
        for name in names or ():
            modules += _mapping(_source(project.location, name))
    if not folders and not modules and project.editable:
        return Layout((project.editable,), is_told=False)
    return Layout(tuple(dict.fromkeys(folders)), tuple(dict.fromkeys(modules)))


def top_modules(project: Distribution) -> tuple[tuple[str, str], ...]:
    """Return the top-level modules of a project and their files, as far as its metadata tells."""
    found = layout(project)
    names = dict.fromkeys((*project.tops, *(name for name, _ in found.modules)))
    files = ((name.replace("/", "."), found.find(name)) for name in names)
    return tuple((name, file) for name, file in files if file is not None)


def is_hook(file: str, project: Distribution) -> bool:
    """Return whether `file` is of the import hook that an editable install put beside it.

    The file itself may be a link into an installer's cache.
    """
    folder, name = os.path.split(file)
    real, location = os.path.realpath(folder), os.path.realpath(project.location)
    inside = os.path.join(real, name).removeprefix(location + os.sep)
    top = inside.partition(os.sep)[0].partition(".")[0]
    starts = (name for _, names in _startup_lines(project) for name in names or ())
    return any(name.partition(".")[0] == top for name in starts)


def _startup_lines(project: Distribution) -> Iterator[tuple[str, list[str] | None]]:
    """Yield each line of its `.pth` and `.start` files, and the modules that it imports, or None.

    A line without imports is a path entry.
    """
    for file in project.files:
        if "/" in file or not file.endswith((".pth", ".start")):
            continue
        for line in read_text(os.path.join(project.location, file)).splitlines():
            if file.endswith(".start"):
                yield line, _STARTED.findall(line)
            else:
                imports = line.startswith(("import ", "import\t"))
                yield line, _IMPORT.findall(line) if imports else None


def _source(location: str, module: str) -> str:
    """Return the source of a finder, a module or a package; empty if there is none."""
    place = os.path.join(location, *module.split("."))
    return read_text(f"{place}.py") or read_text(os.path.join(place, "__init__.py"))


def _folder(location: str, line: str) -> Iterator[str]:
    path = os.path.normpath(os.path.join(location, line.strip()))
    if line.strip() and not line.startswith("#") and os.path.isdir(path):
        yield path


def _mapping(source: str) -> Iterator[tuple[str, str]]:
    """Yield a finder's mapping: `{"name": "/path"}` or `map_module("name", "/path")`.

    Each build tool writes its own kind of finder, and all of them hold names beside absolute paths.
    """
    tree = ast.Module([], [])
    with suppress(SyntaxError, ValueError):
        tree = ast.parse(source)
    for node in ast.walk(tree):
        pairs: Iterable[tuple[ast.expr | None, ast.expr]] = ()
        if isinstance(node, ast.Dict):
            pairs = zip(node.keys, node.values, strict=True)
        elif isinstance(node, ast.Call) and len(node.args) >= 2:
            pairs = [(node.args[0], node.args[1])]
        for key, value in pairs:
            name, path = _text(key), _text(value)
            if name and os.path.isabs(path) and os.path.exists(path):
                yield name, os.path.normpath(path)


def _entry(file: str, module: str) -> str | None:
    """Return the folder in which `file` is found as `module`; None where their names differ.

    >>> _entry("/project/scripts/own/clock.py", "own.clock")
    '/project/scripts'
    """
    folder, name = os.path.split(file)
    stem = name.partition(".")[0]
    parts = [*folder.split(os.sep), *([] if stem == "__init__" else [stem])]
    names = module.split(".")
    return os.sep.join(parts[: -len(names)]) if parts[-len(names) :] == names else None


def _text(node: ast.expr | None) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
