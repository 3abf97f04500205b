"""What a sealed process may see and reach."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from . import python_files, system
from .distributions import SiteFiles

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
    """Folders to read at another path than their own, and where; only namespaces can show them so.

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
    folder: str
    """Its working folder, one of those that may be written."""
    hosts: tuple[str, ...] = ()
    """Hosts that it may reach; where there are any, no network is kept from it."""

    def seen(self, path: str) -> str:
        """Return where the process sees what stands at `path`."""
        return dict(self.elsewhere).get(path, path)


def make(
    *,
    executable: str,
    base: str,
    stdlib: Sequence[str],
    path: Iterable[str],
    installed: Iterable[SiteFiles],
    reads: Iterable[str],
    elsewhere: Iterable[tuple[str, str]] = (),
    scratch: str,
    folder: str,
    environment: Mapping[str, str],
    hosts: Sequence[str] = (),
    allow_paths: Sequence[str] = (),
) -> SealPlan:
    """Plan for an interpreter with nothing of what is on its `path` but what is `installed`.

    `executable`, `base`, `stdlib` and `path` are the interpreter's, as it describes itself. `reads`
    are the model's folder and whatever else its process is given, `elsewhere` what of that it sees
    at another path; `scratch` it may write, and `folder` in it is its working folder. `hosts` and
    `allow_paths` are what the user allowed beyond that.
    """
    home = [environment[name] for name in FOLDERS if os.path.isabs(environment.get(name, ""))]
    distributions = [path for each in installed for path in each.visible()]
    return SealPlan(
        reads=(
            *system.folders(environment),
            *system.SETTINGS,
            *python_files.files(executable, base, stdlib),
            *distributions,
            *reads,
            *allow_paths,
        ),
        elsewhere=tuple(elsewhere),
        masks=(*system.sites(), *python_files.sites(path, stdlib)),
        writes=(scratch,),
        private=(*_TEMPORARY, *home),
        devices=system.devices(),
        environment=environment,
        folder=folder,
        hosts=tuple(hosts),
    )
