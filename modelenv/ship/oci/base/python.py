"""Find the Python of a base image as a shell in it would, without running anything."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ...errors import NoImageError
from . import packages
from .tree import FoundPath, Tree

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
"""The PATH of an image that states none, as container runtimes set it."""
_PROGRAM = re.compile(r"python3\.(\d+)")
_ANY_PROGRAM = re.compile(r"(?:.*/)?python(?:3(?:\.\d+)?)?")
_VERSION = re.compile(r"\d+\.\d+\.\d+")
_PATCH = re.compile(rb'#define PY_VERSION\s+"(\d+\.\d+\.\d+)"')
_PATCH_LEVEL = re.compile(r"(?:.*/)?include/python3\.\d+/patchlevel\.h")
_CONDA = re.compile(r"python-(\d+\.\d+\.\d+)-[^-]+\.json")
_PACKAGED = ("/usr/bin", "/bin")
"""Folders of a Python that comes from system packages."""
_HEAD = 64  # bytes of an ELF file's header
_LARGEST_HEADER = 16 << 10
_FOLDERS = ("lib", "lib64")
# Modules of a usable Python, some of which Debian's smallest package leaves out.
_WHOLE = ("os.py", "asyncio/__init__.py", "urllib/request.py", "importlib/metadata/__init__.py")
_MACHINES = {
    "386": ("i686", 3),
    "amd64": ("x86_64", 62),
    "arm": ("armv7l", 40),
    "arm64": ("aarch64", 183),
    "ppc64le": ("ppc64le", 21),
    "riscv64": ("riscv64", 243),
    "s390x": ("s390x", 22),
}
"""The machine in wheel tags and in ELF headers (e_machine), by the architecture of images."""


@dataclass(frozen=True, slots=True)
class BasePython:
    """The interpreter from which an image's environments are made."""

    executable: str
    """Its path in the image, with links resolved."""
    minor: str
    """Its minor version, as ``3.11``."""
    version: str
    """Its version, as ``3.11.2``; only the minor one if the image states no more."""
    machine: str
    """The machine as in wheel tags: ``x86_64``."""

    @property
    def home(self) -> str:
        """The folder that contains it, as ``pyvenv.cfg`` names it (PEP 405)."""
        return posixpath.dirname(self.executable)


def kept(path: str) -> int:
    """Return how many bytes of the file at a path have to be kept, to be read here."""
    if _ANY_PROGRAM.fullmatch(path):
        return _HEAD
    return _LARGEST_HEADER if _PATCH_LEVEL.fullmatch(path) else 0


def find(
    tree: Tree, minor: str, variables: Mapping[str, str], architecture: str, where: str
) -> BasePython:
    """Return the first Python of a minor version on PATH. Raises NoImageError with those found.

    It has to be of the image's architecture, and have its standard library.
    """
    if architecture not in _MACHINES:
        reason = f"no wheels are known for its architecture, {architecture}"
        raise NoImageError(where, reason, f"these are known: {', '.join(_MACHINES)}")
    found = dict(reversed([*_iter_pythons(tree, variables.get("PATH", PATH))]))
    if minor not in found:
        others = f", only {', '.join(sorted(found))}" if found else ""
        way = f"take a base that has it, as python:{minor}-slim"
        raise NoImageError(where, f"it has no Python {minor} on its PATH{others}", way)
    program = found[minor]
    machine, number = _MACHINES[architecture]
    if _machine_of(program.node.content) not in {number, None}:
        reason = f"it is for {architecture}, but its Python, {program.path}, is not"
        raise NoImageError(where, reason)
    library = _standard_library(tree, program, minor)
    lacking = [name for name in _WHOLE if library and tree.file(f"{library}/{name}") is None]
    if library is None or lacking:
        what = f"lacks {', '.join(lacking)}" if library else "is not there"
        way = "take one with all of it: Debian's python3 instead of python3-minimal"
        raise NoImageError(where, f"the standard library of {program.path} {what}", way)
    return BasePython(program.path, minor, _version(tree, program, minor, variables), machine)


def _iter_pythons(tree: Tree, path: str) -> Iterator[tuple[str, FoundPath]]:
    """Yield each Python on PATH, in order, with its minor version."""
    for name in ("python3", "python", *(f"python3.{number}" for number in range(6, 30))):
        for folder in path.split(":"):
            found = tree.file(f"{folder}/{name}") if folder.startswith("/") else None
            if found is not None and found.node.mode & 0o111:
                minor = _minor(tree, found)
                if minor is not None:
                    yield minor, found


def _minor(tree: Tree, program: FoundPath) -> str | None:
    """Return a program's minor version, from its name or from the only library beside it."""
    folder, name = posixpath.split(program.path)
    called = _PROGRAM.fullmatch(name)
    if called:
        return f"3.{called[1]}"
    prefix = posixpath.dirname(folder)
    found = tree.find(f"{prefix}/lib")
    names = found.node.children if found is not None and name in {"python3", "python"} else {}
    minors = [name for name in names if _PROGRAM.fullmatch(name)]
    return minors[0].removeprefix("python") if len(minors) == 1 else None


def _standard_library(tree: Tree, program: FoundPath, minor: str) -> str | None:
    prefix = posixpath.dirname(posixpath.dirname(program.path))
    places = (f"{prefix.rstrip('/')}/{folder}/python{minor}" for folder in _FOLDERS)
    return next((place for place in places if tree.find(place) is not None), None)


def _version(tree: Tree, program: FoundPath, minor: str, variables: Mapping[str, str]) -> str:
    """Return the version of a program, with its patch level if the image states it anywhere."""
    folder = posixpath.dirname(program.path)
    prefix = posixpath.dirname(folder).rstrip("/")
    found = tree.file(f"{prefix}/include/python{minor}/patchlevel.h")
    header = _PATCH.search(found.node.content) if found is not None else None
    said = (
        header[1].decode() if header else "",
        *_of_conda(tree, prefix),
        *(_of_packages(tree, minor) if folder in _PACKAGED else ()),
        variables.get("PYTHON_VERSION", ""),  # set in the official images
    )
    versions = (_VERSION.match(each) for each in said if each.startswith(f"{minor}."))
    return next((each[0] for each in versions if each), minor)


def _of_conda(tree: Tree, prefix: str) -> Iterator[str]:
    """Yield the versions that conda has recorded for the Python of an environment."""
    found = tree.find(f"{prefix}/conda-meta")
    names = map(_CONDA.fullmatch, found.node.children if found is not None else ())
    yield from (each[1] for each in names if each)


def _of_packages(tree: Tree, minor: str) -> Iterator[str]:
    yield (packages.installed(tree) or {}).get(f"python{minor}", "")
    yield packages.of_apk(tree).get("python3", "")


def _machine_of(head: bytes) -> int | None:
    """Return the machine of an ELF file; None for another file, such as a script."""
    if head[:4] != b"\x7fELF" or len(head) < 20:
        return None
    return int.from_bytes(head[18:20], "little" if head[5] == 1 else "big")
