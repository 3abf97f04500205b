"""The touches that a model's capture leads to expect, and the weight of any other."""

from __future__ import annotations

import fnmatch
import os
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from ...base.siblings import resolver
from ...folder.documents.trace_file import FILE as TRACE
from ...folder.documents.trace_file import TraceFile
from ...folder.errors import BadFolderError
from ...folder.model_folder import ModelFolder
from .finding import Weight

_SITE = re.compile(r"(?P<site>.*[/\\](?:site|dist)-packages)[/\\]")
# Programs that all POSIX systems have, even small images, and that the standard library starts.
_PROGRAMS = frozenset({"cat", "env", "getconf", "ldconfig", "ls", "sh", "true", "uname"})
_VERSION = re.compile(r"(-[0-9.]+)?\.(so|dylib)\b.*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """The touches that are expected of a model in production."""

    folder: Path
    pins: frozenset[str]
    """The normalised names of its requirements."""
    hosts: tuple[str, ...] = ()
    """The hosts that it may reach."""
    is_traced: bool = True
    """Whether there was a capture; otherwise only the example's touches are known."""
    is_sealed: bool = True
    """Whether its seal hides anything of this machine."""
    root: Path | None = None
    """Its own environment, which holds only the pins; None if it runs where more is installed."""
    installed: resolver.Installed | None = None
    """The distributions installed here, whose files an environment may show as its own."""
    _sites: dict[str, resolver.Installed] = field(default_factory=dict, compare=False)
    _files: list[str] = field(default_factory=list, compare=False)

    @classmethod
    def of(
        cls,
        folder: ModelFolder,
        *,
        root: Path | None = None,
        installed: resolver.Installed | None = None,
        hosts: Iterable[str] = (),
        is_sealed: bool = True,
    ) -> Expected:
        """Return what is expected of a folder's model; it may reach `hosts` besides its own.

        Its workers read its trace; it is read here only once something was found. Raises
        BadFolderError and InvalidFile.
        """
        lines = (each.requirement for each in folder.environment.requirements)
        return cls(
            folder=folder.path,
            pins=frozenset(canonicalize_name(Requirement(line).name) for line in lines),
            hosts=(*folder.mlmodel.allow_hosts, *hosts),
            is_traced=folder.is_traced,
            is_sealed=is_sealed,
            root=root,
            installed=installed,
        )

    def to_job(self) -> dict[str, Any]:
        """Return the data for a worker; its starter adds the path of the tracer's probe."""
        own = [str(self.folder), *([str(self.root)] if self.root is not None else [])]
        trace = str(self.folder / TRACE) if self.is_traced else None
        return {"trace": trace, "own": own, "hosts": list(self.hosts)}

    def weigh(self, kind: str, name: str, told: Mapping[str, Any]) -> tuple[Weight, str] | None:
        """Return the weight of a touch, and its distribution; None if the touch is expected."""
        if kind == "imports":
            return self._weigh_import(name, told)
        if kind == "files":
            return self._weigh_file(name)
        if kind == "libraries":
            base = _VERSION.sub("", Path(name).name)
            return None if base in _system_files()["with_every_python"] else OUTSIDE
        if kind == "programs":
            return None if Path(name).name in _PROGRAMS else self._weigh_file(name)
        return OUTSIDE

    def owner_of_missing(self, module: str) -> str:
        """Return the distribution of a missing module; empty if unknown."""
        from ...repair.owners.modules import owner_of

        owner = owner_of(module, None, self.pins)
        return owner.name if owner.certain else ""

    def is_kept_back(self, file: str) -> bool:
        """Return whether the seal hides an existing file that a request failed for."""
        own = Path(file).is_relative_to(self.folder)
        return (
            self.is_sealed and not own and os.path.lexists(file) and file not in self._seen_files()
        )

    def forget(self) -> None:
        """Forget what was read of the environment and the trace, so that it is read again."""
        self._sites.clear()
        self._files.clear()

    def _seen_files(self) -> list[str]:
        """Return the files that the capture saw; none if its trace cannot be read any more."""
        if not self._files:
            with suppress(BadFolderError):
                touches = TraceFile.read(self.folder).touches
                self._files.extend(each["name"] for each in touches if each["kind"] == "file")
        return self._files

    def _weigh_import(self, name: str, told: Mapping[str, Any]) -> tuple[Weight, str] | None:
        if "there" not in told:  # an earlier report of it was lost
            return None
        if told["there"] is False:
            return "optional", self.owner_of_missing(name)
        file = told.get("file")
        if not isinstance(file, str):  # a namespace package, or an import in a child
            return None if told["there"] else ("pinned", self.owner_of_missing(name))
        return self._weigh_installed(file, name) or OUTSIDE

    def _weigh_file(self, file: str) -> tuple[Weight, str] | None:
        installed = self._weigh_installed(file)
        if installed is not None:
            return None if installed[0] == "pinned" else installed
        if self.root is not None and Path(file).is_relative_to(self.root):
            return None
        table = _system_files()
        if _fits(file, table["everywhere"]):
            return None
        kind = next((each for each in table["kinds"] if _fits(file, each["files"])), None)
        if kind is not None:  # the capture needed the same system package
            seen = any(_fits(each, kind["files"]) for each in self._seen_files())
            if seen or kind.get("distribution") in self.pins:
                return None
        return OUTSIDE

    def _weigh_installed(self, file: str, module: str = "") -> tuple[Weight, str] | None:
        """Return the weight and the distribution of an installed file; None for other files."""
        found = _SITE.match(file)
        if found is None:
            return None
        owners = list(self._owners(found["site"], file, module))
        pinned = [name for name in owners if name in self.pins]
        if pinned:
            return "pinned", pinned[0]
        if self.root is not None and Path(file).is_relative_to(self.root):
            return "pinned", next(iter(owners), "")
        return ("unpinned", owners[0]) if owners else OUTSIDE

    def _owners(self, site: str, file: str, module: str) -> Iterator[str]:
        """Yield the names of the distributions that have a file in the folder `site`."""
        if site not in self._sites:
            self._sites[site] = resolver.Installed([site], resolver.Target.current())
        owners = self._sites[site].owners(file, module)
        if not owners and self.installed is not None:
            below = file[len(site) + 1 :]
            there = (str(Path(each, below)) for each in self.installed.sites)
            owners = next(filter(None, map(self.installed.owners, there)), ())
        yield from (each.name for each in owners)


OUTSIDE: tuple[Weight, str] = ("outside", "")


def _system_files() -> Mapping[str, Any]:
    from ...system.data import read_table

    return read_table("system_files")


def _fits(path: str, patterns: Collection[str]) -> bool:
    return any(pattern.match(path) for pattern in map(_compiled, patterns))


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(fnmatch.translate(pattern))
