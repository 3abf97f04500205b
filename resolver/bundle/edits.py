"""Files that ran and differ from what was installed: edited or added since."""

from __future__ import annotations

# Paths are strings here: there are thousands, and pathlib takes ten times as long.
# ruff: noqa: PTH116, PTH118, PTH123, PTH206
import os
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from ..installed.record import bears, is_checkable
from .system_packages import SystemPackages

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from ..installed.environment import Distribution, Installed

# A larger file is hashed only if its size or its time suggest a change: hashing everything that a
# model of scikit-learn runs takes twice as long.
_LARGE = 1 << 18
# Install folders of package managers with lists that are not read here: these strip and patch files
# after RECORD was written.
_SYSTEM = ("/usr/lib/", "/usr/lib64/", "/nix/store/", "/gnu/store/")
_SOURCE = (".py", ".pyi")
_READ = os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)


@dataclass(frozen=True, slots=True)
class EditedFile:
    """A file of an installed distribution that differs from what was installed."""

    distribution: Distribution
    file: str
    """Its absolute path."""
    name: str
    """Its path relative to its path entry: "sklearn/base.py"."""
    added: bool
    """Whether no RECORD lists it, though it lies in that distribution's own folder."""

    def __str__(self) -> str:
        return f"{self.name} of {self.distribution.label} {self.distribution.version}"


class Edits:
    """Finder of files that differ from what was installed, one distribution at a time.

    Nothing is read before it is asked. Editable installs and files without a hash in any list are
    not checked. If several distributions list a file, it is unedited if it is as one of them
    installed it. A file of over 256 kB counts as unedited if it has the size in RECORD and is not
    newer than that list. Line ends of source files do not count.

    >>> from resolver import Installed
    >>> Edits([], Installed.current()).of("packaging")
    ()
    """

    def __init__(
        self, files: Iterable[str], installed: Installed, packages: SystemPackages | None = None
    ) -> None:
        self._files = sorted(set(files))
        self._installed = installed
        self._packages = packages or SystemPackages()
        self._known: dict[str, tuple[EditedFile, ...]] = {}
        self._unedited: dict[str, tuple[int, ...]] = {}
        """Files that were as installed, each with its status at that time."""

    def among(self, files: Iterable[str]) -> Edits:
        """Return the edited ones of these files; a file that was checked is not read again."""
        other = Edits(files, self._installed, self._packages)
        other._unedited = self._unedited
        return other

    def look(self, file: str) -> None:
        """Check a file that will be asked about; a change between now and then is noticed."""
        owners = self._installed.listed(file)
        if owners and all(owner.editable is None for owner in owners):
            self._is_as_installed(file, owners)

    def of(self, name: str) -> tuple[EditedFile, ...]:
        """Return the files of a distribution, by its name in any spelling, sorted."""
        name = canonicalize_name(name)
        if name not in self._known:
            self._known[name] = tuple(self._find(name))
        return self._known[name]

    def _find(self, name: str) -> Iterator[EditedFile]:
        for file, owners in self._by_name.get(name, ()):
            if owners and self._is_as_installed(file, owners):
                continue
            for owner in owners or self._around(file):
                if owner.name == name:
                    yield EditedFile(owner, file, self._installed.relative(file), not owners)

    @cached_property
    def _by_name(self) -> Mapping[str, list[tuple[str, Mapping[Distribution, str]]]]:
        """Edited files by the names of their owners, each with all distributions that list it."""
        found: dict[str, list[tuple[str, Mapping[Distribution, str]]]] = defaultdict(list)
        for file in self._files:
            owners = self._installed.listed(file)
            around = () if owners or _is_left_over(file) else self._around(file)
            for owner in owners or around:
                if owner.editable is None:
                    found[owner.name].append((file, owners))
        return found

    def _around(self, file: str) -> tuple[Distribution, ...]:
        """Return the distributions around an unlisted file; none for those without a file list."""
        owned = self._installed.whose(file)
        if owned.listed or owned.package:
            return ()
        recorded = (each for each in owned.owners if each.record)
        # conda or Debian may still have brought it, in a separate package.
        return tuple(each for each in recorded if self._packages.find(file, each.info) is None)

    def _is_as_installed(self, file: str, owners: Mapping[Distribution, str]) -> bool:
        recorded = {owner: digest for owner, digest in owners.items() if is_checkable(digest)}
        try:
            about = os.stat(file)
            moment = _moment(about)
            is_old = about.st_size > _LARGE and any(
                _looks_old(about, *each) for each in recorded.items()
            )
            if is_old or self._unedited.get(file) == moment:
                return True
            data = _read(file, about.st_size)
        except OSError:  # it lies in an archive, or is gone
            return True
        if any(bears(data, digest) for digest in recorded.values()):
            self._unedited[file] = moment
            return True
        kept = filter(None, [self._packages.find(file, owner.info) for owner in owners])
        digests = [each.digest for each in kept]
        if any(bears(data, digest) for digest in digests):
            return True
        untold = len(recorded) < len(owners) or file.startswith(_SYSTEM)
        if not all(digests) or (untold and not digests):
            return True  # its original state is unknown, for at least one of its owners
        unix = data.replace(b"\r\n", b"\n") if file.endswith(_SOURCE) else data
        return unix != data and any(bears(unix, each) for each in (*recorded.values(), *digests))


def _moment(about: os.stat_result) -> tuple[int, ...]:
    """Return the parts of a file's status that change when it is replaced or written to."""
    return (about.st_dev, about.st_ino, about.st_size, about.st_mtime_ns, about.st_ctime_ns)


def _read(file: str, size: int) -> bytes:
    """Return the content of a file of a known size, with half the system calls of a file object."""
    opened = os.open(file, _READ)
    try:
        data = os.read(opened, size + 1)
    finally:
        os.close(opened)
    if len(data) == size:
        return data
    with open(file, "rb") as whole:
        return whole.read()


def _is_left_over(file: str) -> bool:
    """Return whether a file is a by-product of interpreters or installers."""
    folders = file.split(os.sep)[:-1]
    return "__pycache__" in folders or any(each.endswith(".dist-info") for each in folders)


def _looks_old(about: os.stat_result, owner: Distribution, digest: str) -> bool:
    """Return whether a file has the size that RECORD gives, and is no younger than RECORD."""
    text = owner.record_text or ""
    _, found, rest = text.partition(f",{digest},")
    if not found or rest.partition("\n")[0].strip() != str(about.st_size):
        return False
    return about.st_mtime_ns <= os.stat(os.path.join(owner.info, "RECORD")).st_mtime_ns
