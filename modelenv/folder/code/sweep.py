"""Finding the files of a folder that travel: no caches, secrets, or links to outside."""

from __future__ import annotations

import fnmatch
import os
import re
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

_JUNK = ("__pycache__", "node_modules", "site-packages", "*.egg-info", "*.dist-info")
_TESTS = ("tests", "test")
# Usual names of files that only their owner should read.
_SECRETS = (
    ".env",
    ".env.*",
    "*.pem",
    "*.key",
    "*.p12",
    "*.pfx",
    "*.jks",
    "*.keystore",
    "id_rsa*",
    "id_dsa*",
    "id_ecdsa*",
    "id_ed25519*",
    ".netrc",
    "_netrc",
    ".pypirc",
    ".htpasswd",
    "credentials",
    "credentials.*",
    "secret.*",
    "secrets.*",
    "*_secret.*",
    "token",
    "token.*",
    "*_token.*",
    "*password*",
    "*passwd*",
    "*service-account*.json",
)
CODE = (".py", ".pyc", ".pyi", ".so", ".pyd")
"""The suffixes of code. A module with a name that suggests a secret is still code."""


@dataclass(frozen=True, slots=True)
class Swept:
    """The files of a folder, sorted."""

    files: tuple[Path, ...]
    secrets: tuple[Path, ...] = ()
    """Files skipped because of their names."""
    strays: tuple[Path, ...] = ()
    """Links that lead out of the folder, skipped too."""


def sweep(root: Path, *, keep: Collection[Path] | None = None, used: Iterable[Path] = ()) -> Swept:
    """Find the files below `root` that travel.

    Hidden files, caches, metadata of installations and virtual environments do not. With `keep`,
    the files of imported modules, folders of tests travel only if they contain one of these. A link
    that leads out of `root` is followed if a run imported or `used` its target by that path. If the
    package's own ``__init__`` is such a link, as in a strict editable install, the folder of its
    target counts as the package's too.
    """
    walk = _Walk(root, keep, _ways({*(keep or ()), *used}))
    walk.look_into(root, (_real(root),))
    return Swept(tuple(walk.files), tuple(walk.secrets), tuple(walk.strays))


def is_secret(path: Path) -> bool:
    """Return whether the name of a file suggests a secret."""
    return _matches(path.name, _SECRETS) and path.suffix not in CODE


@dataclass(slots=True)
class _Walk:
    """One walk through a folder and the targets of its links."""

    root: Path
    keep: Collection[Path] | None
    ways: Collection[Path]
    """The used paths, and the folders above them."""
    homes: list[Path] = field(default_factory=list)
    """The resolved folders with files of the package."""
    files: list[Path] = field(default_factory=list)
    secrets: list[Path] = field(default_factory=list)
    strays: list[Path] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.homes.append(_real(self.root))
        for initial in self.root.glob("__init__.*"):
            target = _real(initial)
            if initial.is_symlink() and initial in self.ways and target.name == initial.name:
                self.homes.append(target.parent)

    def look_into(self, folder: Path, above: tuple[Path, ...]) -> None:
        """Sort the content of a folder; `above` are the resolved folders on the way to it."""
        for path in _entries(folder):
            is_folder = path.is_dir()
            if is_folder and not _enters(path, self.keep):
                continue
            target = _real(path) if path.is_symlink() else above[-1] / path.name
            if path.is_symlink() and not self._belongs(path, target):
                self.strays.append(path)
            elif is_folder:
                if target not in above:
                    self.look_into(path, (*above, target))
            elif is_secret(path):
                self.secrets.append(path)
            elif path.is_file() and not _is_rubbish(path):
                self.files.append(path)

    def _belongs(self, link: Path, target: Path) -> bool:
        """Return whether the target of a link travels: it is inside, or it was used."""
        if any(home == target or home in target.parents for home in self.homes):
            return True
        if link in self.ways and target.is_dir():
            self.homes.append(target)
        return link in self.ways


def _is_rubbish(file: Path) -> bool:
    """Return whether a file is hidden, or compiled from a source beside it."""
    compiled = file.suffix == ".pyc" and file.with_suffix(".py").exists()
    return compiled or file.name.startswith(".") or _matches(file.name, _JUNK)


def _real(path: Path) -> Path:
    return Path(os.path.realpath(path))  # unlike resolve() it accepts a link to itself


def _entries(folder: Path) -> Iterator[Path]:
    names: list[str] = []
    with suppress(PermissionError):  # imports from it would fail too
        names = sorted(os.listdir(folder))  # noqa: PTH208
    return (folder / name for name in names)


def _ways(used: Iterable[Path]) -> frozenset[Path]:
    return frozenset(way for path in used for way in (path, *path.parents))


def _enters(folder: Path, keep: Collection[Path] | None) -> bool:
    """Return whether a folder is searched."""
    if folder.name.startswith(".") or _matches(folder.name, _JUNK):
        return False
    if os.path.exists(folder / "pyvenv.cfg"):  # noqa: PTH110  # no error if it may not be entered
        return False
    if folder.name in _TESTS and keep is not None:
        return any(folder in file.parents for file in keep)
    return True


def _matches(name: str, patterns: tuple[str, ...]) -> bool:
    return _one_of(patterns).match(name.lower()) is not None


@cache
def _one_of(patterns: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(map(fnmatch.translate, patterns)))
