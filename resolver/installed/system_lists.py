"""The lists of files that conda and Debian keep, for what has no RECORD of its own."""

from __future__ import annotations

# Paths are strings here: there are thousands, and pathlib takes ten times as long.
# ruff: noqa: PTH112, PTH118, PTH119, PTH120, PTH206, PTH207, PTH208
import glob
import json
import os
import re
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from ..local_files import read_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

DPKG = "/var/lib/dpkg/info"

_DEPTH = 5  # lib/python3.11/site-packages stands so far below a prefix, and a little further
_INFOS = (".egg-info", ".dist-info")
_INFO = re.compile(r'"([^"]+\.(?:egg|dist)-info)[/"]')


class ListedPackage(NamedTuple):
    """What conda or Debian installed as one."""

    name: str
    """Whose it is, and its name: "Debian's python3-yaml"."""
    infos: tuple[str, ...]
    """The metadata folders among its files, absolute paths."""


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

    def package_of(self, file: str) -> ListedPackage | None:
        """Return the package that brought `file`, an absolute path; None where no list has it."""
        return _in_conda(file) or self._in_dpkg(file)

    def _by_conda(self, info: str) -> Iterator[str]:
        prefix = _conda_prefix(info)
        if prefix is None:
            return
        if prefix not in self._by_prefix:
            self._by_prefix[prefix] = _conda_lists(os.path.join(prefix, "conda-meta"))
        file = self._by_prefix[prefix].get(os.path.relpath(info, prefix).replace(os.sep, "/"))
        if file is not None:
            for path in json.loads(read_text(file)).get("files", ()):
                yield os.path.normpath(os.path.join(prefix, path))

    def _by_dpkg(self, info: str) -> Iterator[str]:
        if "dist-packages" in info.split(os.sep) and (file := self._dpkg_lists.get(info)):
            yield from filter(os.path.isfile, read_text(file).splitlines())

    def _in_dpkg(self, file: str) -> ListedPackage | None:
        if "dist-packages" not in file.split(os.sep):
            return None
        for each in sorted(glob.glob(os.path.join(glob.escape(self._dpkg), "*.list"))):
            text = read_text(each)
            if f"\n{file}\n" in text:
                name = os.path.basename(each).removesuffix(".list").partition(":")[0]
                infos = (line for line in text.splitlines() if line.endswith(_INFOS))
                return ListedPackage(f"Debian's {name}", tuple(infos))
        return None

    @cached_property
    def _dpkg_lists(self) -> Mapping[str, str]:
        """Map each metadata folder to the list of the package that brought it."""
        found: dict[str, str] = {}
        for file in sorted(glob.glob(os.path.join(glob.escape(self._dpkg), "python*.list"))):
            for line in read_text(file).splitlines():
                if line.endswith(_INFOS):
                    found[line] = file
        return found


def _conda_prefix(path: str, depth: int = _DEPTH) -> str | None:
    """Return the conda environment that `path` stands in, at most so deep, or None."""
    prefix = os.path.dirname(path)
    for _ in range(depth):
        prefix = os.path.dirname(prefix)
        if os.path.isdir(os.path.join(prefix, "conda-meta")):
            return prefix
    return None


def _conda_lists(metas: str) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for name in sorted(os.listdir(metas)):
        if name.endswith(".json"):
            file = os.path.join(metas, name)
            found.update(dict.fromkeys(_INFO.findall(read_text(file)), file))
    return found


def _in_conda(file: str) -> ListedPackage | None:
    prefix = _conda_prefix(file, file.count(os.sep))
    if prefix is None:
        return None
    listed = json.dumps(os.path.relpath(file, prefix).replace(os.sep, "/"))
    for meta in sorted(glob.glob(os.path.join(glob.escape(prefix), "conda-meta", "*.json"))):
        text = read_text(meta)
        if listed in text:
            name = os.path.basename(meta).rsplit("-", 2)[0]
            infos = dict.fromkeys(_INFO.findall(text))
            absolute = (os.path.normpath(os.path.join(prefix, info)) for info in infos)
            return ListedPackage(f"conda's {name}", tuple(absolute))
    return None
