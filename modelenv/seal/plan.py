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
"""The variables that name folders which a process may write to, as it thinks."""
_TEMPORARY = ("/tmp", "/var/tmp")  # noqa: S108  # empty ones


@dataclass(frozen=True, slots=True, kw_only=True)
class SealPlan:
    """All that is there for a sealed process, each at its own path; paths are absolute.

    Where paths of different kinds stand in one another, the deeper one holds.
    """

    reads: tuple[str, ...]
    """Files and folders to read."""
    elsewhere: tuple[tuple[str, str], ...] = ()
    """Files and folders to read at another path than their own, and where: only namespaces can.

    What is our own stands among the distributions, and nothing there may be seen unless pinned.
    """
    masks: tuple[str, ...] = ()
    """Folders of which only what `reads` names is there."""
    writes: tuple[str, ...] = ()
    """Folders to read and write, the scratch folder above all."""
    private: tuple[str, ...] = ()
    """Folders that are empty and writable, and gone at the end."""
    devices: tuple[str, ...] = ()
    """Devices to read and write."""
    environment: Mapping[str, str]
    """Its environment variables."""
    folder: str = ""
    """Its working folder, one of those that may be written."""
    stands_for: tuple[tuple[str, str], ...] = ()
    """Folders in which a process looks for what stands in another: its own, and that other one."""
    seals_forks: bool = False
    """Whether it seals forks of itself, within its own seal."""
    hosts: tuple[str, ...] = ()
    """Hosts that it may reach; where there are any, no network is kept from it."""

    def seen(self, path: str) -> str:
        """Return where the process sees what stands at `path`."""
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

        `folder`, its working folder, is one of `writes` or stands in one.
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
    """Plan for an interpreter with nothing of what is on its `path` but what is `installed`.

    `executable`, `base`, `stdlib` and `path` are the interpreter's, as it describes itself.
    `installed` are the files and folders of distributions that may be seen, `elsewhere` those that
    it sees at another path, `stands_for` where it has folders of distributions of its own, and what
    they are made of. `hosts` and
    `allow_paths` are what the user allowed beyond that. What one process is given, and its folders,
    are of its own plan: `SealPlan.of_run`.
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
