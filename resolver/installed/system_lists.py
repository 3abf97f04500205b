"""The lists of files that conda and Debian keep, for what has no RECORD of its own."""

from __future__ import annotations

# Paths are strings here: there are thousands, and pathlib takes ten times as long.
# ruff: noqa: PTH112, PTH118, PTH119, PTH120, PTH206, PTH207, PTH208
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
        self._conda_digests: dict[str, Mapping[str, str]] = {}

    def beside(self, info: str) -> tuple[str, ...]:
        """Return the absolute paths of what was installed with the metadata at `info`."""
        return tuple(self._by_conda(info)) or tuple(self._by_dpkg(info))

    def digest(self, file: str, info: str) -> str | None:
        """Return the hash of a file that came with the metadata at `info`, as RECORD has hashes.

        It is "" where they keep none of it; None: no list that can be read has the file. conda
        writes its own prefix into files after RECORD was made, and Debian strips compiled ones, and
        may bring them in a package of their own.
        """
        if "dist-packages" in file.split(os.sep):
            return self._dpkg_digests.get(file)
        prefix, package = self._conda_package(info)
        if package and package not in self._conda_digests:
            self._conda_digests[package] = dict(_conda_digests(prefix, package))
        return self._conda_digests[package].get(file) if package else None

    def package(self, info: str) -> str:
        """Return what brought the metadata at `info`: "conda: numpy 2.0", or nothing.

        Debian's packages bear their names alone: "dpkg: python3-yaml".
        """
        _, conda = self._conda_package(info)
        if conda:
            about = json.loads(read_text(conda))
            return f"conda: {about.get('name', '')} {about.get('version', '')}".rstrip()
        dpkg = os.path.basename(self._dpkg_package(info))
        name = dpkg.removesuffix(".list").partition(":")[0]
        return f"dpkg: {name}" if name else ""

    def _by_conda(self, info: str) -> Iterator[str]:
        prefix, file = self._conda_package(info)
        for path in json.loads(read_text(file)).get("files", ()) if file else ():
            yield os.path.normpath(os.path.join(prefix, path))

    def _conda_package(self, info: str) -> tuple[str, str]:
        """Return the prefix that `info` stands in, and the file of its package; empty: none."""
        prefix = os.path.dirname(info)
        for _ in range(_DEPTH):
            prefix = os.path.dirname(prefix)
            metas = os.path.join(prefix, "conda-meta")
            if not os.path.isdir(metas):
                continue
            if prefix not in self._by_prefix:
                self._by_prefix[prefix] = _conda_lists(metas)
            path = os.path.relpath(info, prefix).replace(os.sep, "/")
            return prefix, self._by_prefix[prefix].get(path, "")
        return "", ""

    def _by_dpkg(self, info: str) -> Iterator[str]:
        if file := self._dpkg_package(info):
            yield from filter(os.path.isfile, read_text(file).splitlines())

    def _dpkg_package(self, info: str) -> str:
        return self._dpkg_lists.get(info, "") if "dist-packages" in info.split(os.sep) else ""

    @cached_property
    def _dpkg_lists(self) -> Mapping[str, str]:
        """Map each metadata folder to the list of the package that brought it."""
        found: dict[str, str] = {}
        for file in self._dpkg_files(".list"):
            for line in read_text(file).splitlines():
                if line.endswith((".egg-info", ".dist-info")):
                    found[line] = file
        return found

    @cached_property
    def _dpkg_digests(self) -> Mapping[str, str]:
        """Map what Debian's packages for Python brought, a configuration file too, to hashes."""
        found: dict[str, str] = {}
        for file in self._dpkg_files(".list"):
            found |= dict.fromkeys(read_text(file).splitlines(), "")
        for file in self._dpkg_files(".md5sums"):
            for line in read_text(file).splitlines():
                digest, _, path = line.partition("  ")
                found[f"/{path}"] = f"md5={digest}"
        return found

    def _dpkg_files(self, suffix: str) -> list[str]:
        return sorted(glob.glob(os.path.join(glob.escape(self._dpkg), f"python*{suffix}")))


def _conda_digests(prefix: str, package: str) -> Iterator[tuple[str, str]]:
    about = json.loads(read_text(package))
    hashes = dict.fromkeys(about.get("files", ()), "")
    for each in about.get("paths_data", {}).get("paths", ()):
        digest = each.get("sha256_in_prefix") or each.get("sha256")
        hashes[each["_path"]] = f"sha256={digest}" if digest else ""
    for path, digest in hashes.items():
        yield os.path.normpath(os.path.join(prefix, path)), digest


def _conda_lists(metas: str) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for name in sorted(os.listdir(metas)):
        if name.endswith(".json"):
            file = os.path.join(metas, name)
            found.update(dict.fromkeys(_INFO.findall(read_text(file)), file))
    return found
