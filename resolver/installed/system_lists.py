"""The lists of files that conda and Debian keep, for what has no RECORD of its own."""

from __future__ import annotations

# Paths are strings here: there are thousands, and pathlib takes ten times as long.
# ruff: noqa: PTH112, PTH118, PTH120, PTH206, PTH207, PTH208
import glob
import json
import os
import re
from functools import cached_property
from typing import TYPE_CHECKING

from ..local_files import read_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

DPKG = "/var/lib/dpkg/info"

_DEPTH = 5  # lib/python3.11/site-packages stands so far below a prefix, and a little further
_INFO = re.compile(r'"([^"]+\.(?:egg|dist)-info)[/"]')


class SystemLists:
    """Which files came together with a metadata folder, for one environment.

    Nothing is read before it is asked; each list is read once to find out whose it is.
    """

    def __init__(self, dpkg: str = DPKG) -> None:
        self._dpkg = dpkg
        self._by_prefix: dict[str, Mapping[str, str]] = {}

    def beside(self, info: str) -> tuple[str, ...]:
        """Return the absolute paths of what was installed with the metadata at `info`."""
        return tuple(self._by_conda(info)) or tuple(self._by_dpkg(info))

    def _by_conda(self, info: str) -> Iterator[str]:
        prefix = os.path.dirname(info)
        for _ in range(_DEPTH):
            prefix = os.path.dirname(prefix)
            metas = os.path.join(prefix, "conda-meta")
            if not os.path.isdir(metas):
                continue
            if prefix not in self._by_prefix:
                self._by_prefix[prefix] = _conda_lists(metas)
            file = self._by_prefix[prefix].get(os.path.relpath(info, prefix).replace(os.sep, "/"))
            if file is not None:
                for path in json.loads(read_text(file)).get("files", ()):
                    yield os.path.normpath(os.path.join(prefix, path))
            return

    def _by_dpkg(self, info: str) -> Iterator[str]:
        if "dist-packages" in info.split(os.sep) and (file := self._dpkg_lists.get(info)):
            yield from filter(os.path.isfile, read_text(file).splitlines())

    @cached_property
    def _dpkg_lists(self) -> Mapping[str, str]:
        """Map each metadata folder to the list of the package that brought it."""
        found: dict[str, str] = {}
        for file in sorted(glob.glob(os.path.join(glob.escape(self._dpkg), "python*.list"))):
            for line in read_text(file).splitlines():
                if line.endswith((".egg-info", ".dist-info")):
                    found[line] = file
        return found


def _conda_lists(metas: str) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for name in sorted(os.listdir(metas)):
        if name.endswith(".json"):
            file = os.path.join(metas, name)
            found.update(dict.fromkeys(_INFO.findall(read_text(file)), file))
    return found
