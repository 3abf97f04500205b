"""Which files of a folder of code travel, and which had better not."""

from __future__ import annotations

import fnmatch
import os
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

_JUNK = ("__pycache__", "node_modules", "site-packages", "*.egg-info", "*.dist-info", "*.pyc")
_TESTS = ("tests", "test")
# Names under which people keep what nobody else may read.
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
    "*service-account*.json",
)
# A module of such a name is code, whatever its name says.
CODE = (".py", ".pyi", ".so", ".pyd")


@dataclass(frozen=True, slots=True)
class Swept:
    """The files of a folder, sorted."""

    files: tuple[Path, ...]
    secrets: tuple[Path, ...] = ()
    """Left behind, by their names."""
    strays: tuple[Path, ...] = ()
    """Links that lead out of the folder: left behind too."""


def sweep(root: Path, *, keep: Collection[Path] | None = None) -> Swept:
    """Find the files below `root` that travel.

    Hidden files, caches, metadata of installations and virtual environments do not. With `keep`,
    folders of tests do only where they hold one of these files.
    """
    files: list[Path] = []
    secrets: list[Path] = []
    strays: list[Path] = []
    for folder, folders, names in os.walk(root):
        here = Path(folder)
        folders[:] = sorted(name for name in folders if _enters(here / name, keep))
        for name in [*folders, *sorted(names)]:
            path = here / name
            if path.is_symlink() and not _stays(path, root):
                strays.append(path)
            elif name in folders:
                continue
            elif is_secret(path):
                secrets.append(path)
            elif not name.startswith(".") and not _matches(name, _JUNK) and path.is_file():
                files.append(path)
    return Swept(tuple(files), tuple(secrets), tuple(strays))


def is_secret(path: Path) -> bool:
    """Tell by its name whether nobody but its owner should read a file."""
    return _matches(path.name, _SECRETS) and path.suffix not in CODE


def _enters(folder: Path, keep: Collection[Path] | None) -> bool:
    """Tell whether a folder is looked into."""
    if folder.name.startswith(".") or _matches(folder.name, _JUNK):
        return False
    if (folder / "pyvenv.cfg").exists():
        return False
    if folder.name in _TESTS and keep is not None:
        return any(folder in file.parents for file in keep)
    return True


def _stays(link: Path, root: Path) -> bool:
    target = link.resolve()
    home = root.resolve()
    return target == home or home in target.parents


def _matches(name: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatch.fnmatchcase(name.lower(), pattern) for pattern in patterns)
