"""Files that conda and Debian installed, with their package and digest."""

from __future__ import annotations

# Paths are strings here: there are thousands, and pathlib takes ten times as long.
# ruff: noqa: PTH118, PTH206, PTH207
import glob
import json
import os
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from ..installed.system_lists import (
    DPKG,
    conda_lists,
    conda_package,
    conda_prefix,
    debian_package,
)
from ..local_files import read_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


class SystemFile(NamedTuple):
    """The record that a package manager keeps of a file that it installed."""

    package: str
    """The package manager and the package: "Debian's python3-yaml"."""
    digest: str
    """Its digest in the form of RECORD ("md5=..."), "" if none is kept."""


class SystemPackages:
    """The packages of conda and Debian that brought the files of distributions.

    Files are read on first use. conda writes its own prefix into files after RECORD was made;
    Debian strips compiled files, and may bring them in a package of their own.
    """

    def __init__(self, dpkg: str = DPKG) -> None:
        self._dpkg = dpkg
        self._prefixes: dict[str, str | None] = {}
        self._metas: dict[str, Mapping[str, str]] = {}
        self._conda: dict[str, Mapping[str, SystemFile]] = {}

    def package(self, info: str) -> str:
        """Return the package of the metadata at `info`: "Debian's python3-yaml"; empty: none."""
        if "dist-packages" in info.split(os.sep):
            found = self._debian.get(info)
            return found.package if found else ""
        prefix = self._prefix(info)
        meta = self._meta(prefix, info) if prefix else None
        return conda_package(meta) if meta else ""

    def find(self, file: str, info: str) -> SystemFile | None:
        """Return the record of `file`, an absolute path, installed with the metadata at `info`.

        None if no list that is read here has it.
        """
        if "dist-packages" in file.split(os.sep):
            return self._debian.get(file)
        prefix = self._prefix(info)
        meta = self._meta(prefix, info) if prefix else None
        if not prefix or not meta:
            return None
        if meta not in self._conda:
            self._conda[meta] = dict(_conda_files(prefix, meta))
        return self._conda[meta].get(file)

    def _prefix(self, info: str) -> str | None:
        """Return the conda environment of `info`, or None."""
        if info not in self._prefixes:
            self._prefixes[info] = conda_prefix(info)
        return self._prefixes[info]

    def _meta(self, prefix: str, info: str) -> str | None:
        """Return the file in which conda describes the package of `info`."""
        if prefix not in self._metas:
            self._metas[prefix] = conda_lists(prefix)
        return self._metas[prefix].get(os.path.relpath(info, prefix).replace(os.sep, "/"))

    @cached_property
    def _debian(self) -> Mapping[str, SystemFile]:
        found: dict[str, SystemFile] = {}
        for file in sorted(glob.glob(os.path.join(glob.escape(self._dpkg), "python*.list"))):
            package = debian_package(file)
            for path in read_text(file).splitlines():
                found[path] = SystemFile(package, "")
            for line in read_text(f"{file.removesuffix('.list')}.md5sums").splitlines():
                digest, _, path = line.partition("  ")
                found[f"/{path}"] = SystemFile(package, f"md5={digest}")
        return found


def _conda_files(prefix: str, meta: str) -> Iterator[tuple[str, SystemFile]]:
    about = json.loads(read_text(meta))
    package = conda_package(meta)
    digests = dict.fromkeys(about.get("files", ()), "")
    for each in about.get("paths_data", {}).get("paths", ()):
        digest = each.get("sha256_in_prefix") or each.get("sha256")
        digests[each["_path"]] = f"sha256={digest}" if digest else ""
    for path, digest in digests.items():
        yield os.path.normpath(os.path.join(prefix, path)), SystemFile(package, digest)
