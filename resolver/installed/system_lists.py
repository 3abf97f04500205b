"""File lists of conda and Debian, for distributions without a RECORD."""

from __future__ import annotations

# Paths are strings here: there are thousands, and pathlib takes ten times as long.
# ruff: noqa: PTH112, PTH118, PTH119, PTH120, PTH206, PTH207
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

_INFOS = (".egg-info", ".dist-info")
_INFO = re.compile(r'"([^"]+\.(?:egg|dist)-info)[/"]')


class ListedPackage(NamedTuple):
    """One package that conda or Debian installed."""

    name: str
    """The package manager and the package: "Debian's python3-yaml"."""
    infos: tuple[str, ...]
    """The metadata folders among its files, as absolute paths."""


class SystemLists:
    """The files that a package manager installed with a metadata folder, for one environment.

    Lists are read on first use, and each is read once to find its owner.
    """

    def __init__(self, dpkg: str = DPKG) -> None:
        self._dpkg = dpkg
        self._by_prefix: dict[str, Mapping[str, str]] = {}

    def beside(self, info: str) -> tuple[str, ...]:
        """Return the absolute paths of the files installed with the metadata at `info`."""
        return tuple(self._by_conda(info)) or tuple(self._by_dpkg(info))

    def package_of(self, file: str) -> ListedPackage | None:
        """Return the package that brought `file`, an absolute path; None if no list has it."""
        return _in_conda(file) or self._in_dpkg(file)

    def _by_conda(self, info: str) -> Iterator[str]:
        prefix = conda_prefix(info)
        if prefix is None:
            return
        if prefix not in self._by_prefix:
            self._by_prefix[prefix] = conda_lists(prefix)
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
                infos = (line for line in text.splitlines() if line.endswith(_INFOS))
                return ListedPackage(debian_package(each), tuple(infos))
        return None

    @cached_property
    def _dpkg_lists(self) -> Mapping[str, str]:
        """Return each metadata folder with the dpkg list of the package that brought it."""
        found: dict[str, str] = {}
        for file in sorted(glob.glob(os.path.join(glob.escape(self._dpkg), "python*.list"))):
            for line in read_text(file).splitlines():
                if line.endswith(_INFOS):
                    found[line] = file
        return found


def debian_package(file: str) -> str:
    """Return the package of a dpkg list, with the package manager.

    >>> debian_package("/var/lib/dpkg/info/python3-yaml:amd64.list")
    "Debian's python3-yaml"
    """
    return f"Debian's {os.path.basename(file).removesuffix('.list').partition(':')[0]}"


def conda_package(meta: str) -> str:
    """Return the package of a conda description, with the package manager.

    >>> conda_package("/env/conda-meta/scikit-learn-1.9.1-py312h0_0.json")
    "conda's scikit-learn"
    """
    return f"conda's {os.path.basename(meta).rsplit('-', 2)[0]}"


def conda_prefix(path: str) -> str | None:
    """Return the conda environment around `path`, or None."""
    folder = os.path.dirname(path)
    while folder != os.path.dirname(folder):
        if os.path.isdir(os.path.join(folder, "conda-meta")):
            return folder
        folder = os.path.dirname(folder)
    return None


def conda_lists(prefix: str) -> Mapping[str, str]:
    """Return each metadata folder of a conda environment, relative, with its description."""
    found: dict[str, str] = {}
    for file in _conda_metas(prefix):
        found.update(dict.fromkeys(_INFO.findall(read_text(file)), file))
    return found


def _conda_metas(prefix: str) -> list[str]:
    return sorted(glob.glob(os.path.join(glob.escape(prefix), "conda-meta", "*.json")))


def _in_conda(file: str) -> ListedPackage | None:
    prefix = conda_prefix(file)
    if prefix is None:
        return None
    listed = json.dumps(os.path.relpath(file, prefix).replace(os.sep, "/"))
    for meta in _conda_metas(prefix):
        text = read_text(meta)
        if listed in text:
            infos = dict.fromkeys(_INFO.findall(text))
            absolute = (os.path.normpath(os.path.join(prefix, info)) for info in infos)
            return ListedPackage(conda_package(meta), tuple(absolute))
    return None
