"""The paths that a sealed process may see and the hosts that it may reach."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from . import python_files, system

FOLDERS = (
    *("HOME", "TMPDIR", "TEMP", "TMP", "USERPROFILE", "APPDATA", "LOCALAPPDATA"),
    *(f"XDG_{name}_HOME" for name in ("CACHE", "CONFIG", "DATA", "STATE")),
    "XDG_RUNTIME_DIR",
)
"""The variables that name folders which a process expects to be writable."""
_TEMPORARY = ("/tmp", "/var/tmp")  # noqa: S108  # empty ones


@dataclass(frozen=True, slots=True, kw_only=True)
class SealPlan:
    """Everything that a sealed process can see, each at its own path; paths are absolute.

    If paths of different kinds are nested, the deeper one applies.
    """

    reads: tuple[str, ...]
    """Files and folders to read."""
    elsewhere: tuple[tuple[str, str], ...] = ()
    """Files and folders shown at another path, and that path: only namespaces can do so.

    Our own code lies among the distributions, where nothing may be seen unless pinned.
    """
    masks: tuple[str, ...] = ()
    """Folders in which only the paths of `reads` are visible."""
    writes: tuple[str, ...] = ()
    """Folders to read and write, above all the scratch folder."""
    private: tuple[str, ...] = ()
    """Folders that are empty and writable, and removed at the end."""
    devices: tuple[str, ...] = ()
    """Devices to read and write."""
    environment: Mapping[str, str]
    """Its environment variables."""
    folder: str = ""
    """Its working folder, one of the writable ones."""
    stands_for: tuple[tuple[str, str], ...] = ()
    """Folders whose content is in another one: the one that a process looks in, and the other."""
    seals_forks: bool = False
    """Whether it seals forks of itself, inside its own seal."""
    hosts: tuple[str, ...] = ()
    """Hosts that it may reach; if there are any, the whole network is open."""

    def seen(self, path: str) -> str:
        """Return the path at which the process sees `path`."""
        return dict(self.elsewhere).get(path, path)

    def of_run(
        self,
        *,
        reads: Iterable[str],
        writes: Iterable[str],
        folder: str,
        elsewhere: Iterable[tuple[str, str]] = (),
    ) -> SealPlan:
        """Return the plan of one process: with the files that it is given, and its folders.

        `folder`, its working folder, is one of `writes` or lies in one.
        """
        return replace(
            self,
            reads=(*self.reads, *reads),
            writes=(*self.writes, *writes),
            elsewhere=(*self.elsewhere, *elsewhere),
            folder=folder,
        )


def make(
    *,
    executable: str,
    base: str,
    stdlib: Sequence[str],
    path: Iterable[str],
    installed: Iterable[str],
    environment: Mapping[str, str],
    elsewhere: Iterable[tuple[str, str]] = (),
    stands_for: Iterable[tuple[str, str]] = (),
    hosts: Sequence[str] = (),
    allow_paths: Sequence[str] = (),
) -> SealPlan:
    """Return the plan for an interpreter, with only `installed` visible of its `path`.

    `executable`, `base`, `stdlib` and `path` are the interpreter's, as it describes itself.
    `installed` are the visible files and folders of distributions, `elsewhere` those that it sees
    at another path, `stands_for` its own folders of distributions, with their sources. `hosts` and
    `allow_paths` are those that the user allowed. The files of one process, and its folders, belong
    to its own plan: `SealPlan.of_run`.
    """
    masks = (*system.sites(), *python_files.sites(path, stdlib))
    home = [environment[name] for name in FOLDERS if os.path.isabs(environment.get(name, ""))]
    return SealPlan(
        reads=(
            *system.folders(environment),
            *system.SETTINGS,
            *python_files.files(executable, base, stdlib),
            *installed,
            *allow_paths,
        ),
        masks=tuple(mask for mask in masks if not _is_allowed(mask, allow_paths)),
        private=(*_TEMPORARY, *home),
        devices=system.devices(),
        elsewhere=tuple(elsewhere),
        environment=environment,
        stands_for=tuple(stands_for),
        hosts=tuple(hosts),
    )


def _is_allowed(path: str, allowed: Sequence[str]) -> bool:
    """Return whether a folder on ``sys.path`` lies in a folder that the user allowed.

    Folders of installed distributions are excluded.
    """
    inside = any(f"{path}/".startswith(f"{folder.rstrip('/')}/") for folder in allowed)
    return inside and os.path.basename(path) not in python_files.SITES
