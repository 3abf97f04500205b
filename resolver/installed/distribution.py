"""One installed distribution, its raw metadata read only as far as needed."""

from __future__ import annotations

# Paths are strings here: there are thousands, and pathlib takes ten times as long.
# ruff: noqa: PTH112, PTH118, PTH119, PTH120, PTH122
import json
import os
import re
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from packaging.requirements import InvalidRequirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from ..errors import MetadataError
from ..local_files import path_of, read_whole
from ..requirements.parse import parse_requirement
from ..requirements.references import is_local, references, same_reference
from . import eggs
from .core_metadata import counting, leading_name, may_count, read_headers, read_import_names
from .eggs import read_extras, read_requires
from .provenance import leads_elsewhere
from .record import find_files, find_unlisted, read_record

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

    from packaging.requirements import Requirement

    from ..requirements.references import Provenance
    from ..target import Target
    from .core_metadata import ImportNames
    from .system_lists import SystemLists

_T = TypeVar("_T")


class Distribution:
    """One installed distribution: a `.dist-info` or an `.egg-info`.

    Files are opened on first use. Two are equal when their metadata is the same folder.
    """

    def __init__(self, info: str, lists: SystemLists | None = None) -> None:
        self.info = info
        """The absolute path of its `.dist-info`."""
        self.location = os.path.dirname(info)
        """The folder that holds its metadata: an entry of `sys.path`."""
        self.is_egg = os.path.basename(info) == eggs.INFO
        """Whether it is an egg, a folder or a zip left by `setup.py install`."""
        self._lists = lists
        folder = self.location if self.is_egg else info
        self._folder_label, self._folder_version = _parse_folder(os.path.basename(folder))
        self.name: str = canonicalize_name(self._folder_label)
        """The normalised name (PEP 503)."""
        self._parsed: dict[str, Requirement] = {}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Distribution) and self.info == other.info

    def __hash__(self) -> int:
        return hash(self.info)

    def __repr__(self) -> str:
        return f"<Distribution {self.name} in {self.location}>"

    @cached_property
    def label(self) -> str:
        """The name as its metadata spells it."""
        return self._header("name") or self._folder_label

    @cached_property
    def version(self) -> Version:
        """The version. Raises MetadataError if it is invalid (PEP 440)."""
        text = self._header("version") or self._folder_version
        return self._parse(Version, "Version", text)

    @cached_property
    def requires(self) -> tuple[Requirement, ...]:
        """Every stated requirement, whatever its marker. Raises MetadataError (PEP 508)."""
        return tuple(map(self.requirement, self.requires_lines))

    @cached_property
    def requires_lines(self) -> tuple[str, ...]:
        """The requirements as they are written, a line each."""
        stated = self._headers.get("requires-dist")
        return tuple(stated or read_requires(self.read("requires.txt") or ""))

    def needs(self, target: Target, extra: str = "") -> tuple[Requirement, ...]:
        """Return the requirements that apply on `target` while `extra` is requested.

        Only lines that can apply are parsed, so this is much faster than filtering `requires`; the
        same line gives the same object each time.
        """
        return counting(self.requires_lines, self.requirement, target, extra)

    def extras_naming(self, name: str) -> list[str]:
        """Return the extras for which a requirement on `name` may apply; only names are parsed."""
        lines = [line for line in self.requires_lines if leading_name(line) == name]
        return [extra for extra in self.extras if any(may_count(line, extra) for line in lines)]

    def asks(self, target: Target, extra: str = "") -> Iterator[tuple[str, Collection[str]]]:
        """Yield the names, and their extras, that it needs on `target` while `extra` is requested.

        Few lines have to be parsed for that. Raises MetadataError as `needs` does.
        """
        for line in self.requires_lines:
            plain = None if extra or ";" in line else _PLAIN.fullmatch(line)
            if plain is not None:
                yield canonicalize_name(plain[1]), ()
            elif may_count(line, extra):
                need = self.requirement(line)
                if target.admits(need.marker, extra):
                    yield canonicalize_name(need.name), need.extras

    @property
    def metadata(self) -> str:
        """The text of METADATA, or of its predecessors."""
        return self.read(self._metadata_file) or ""

    @cached_property
    def extras(self) -> frozenset[str]:
        """The extras it offers, normalised."""
        stated = self._headers.get("provides-extra") or read_extras(self.read("requires.txt") or "")
        return frozenset(map(canonicalize_name, stated))

    @cached_property
    def requires_python(self) -> SpecifierSet:
        """The supported interpreters, all if none are stated. Raises MetadataError."""
        return self._parse(SpecifierSet, "Requires-Python", self._header("requires-python"))

    @cached_property
    def direct_url(self) -> Mapping[str, object] | None:
        """The origin it was installed from, if not an index (PEP 610). Raises MetadataError."""
        text = self.read("direct_url.json")
        if text is None:
            return None
        file = os.path.join(self.info, "direct_url.json")
        try:
            value = json.loads(text)
        except ValueError as error:
            raise MetadataError(file, "JSON", text, str(error)) from error
        if not isinstance(value, dict):
            raise MetadataError(file, "JSON", text, "it is no object")
        return value

    @cached_property
    def is_source_tree(self) -> bool:
        """Whether it is the metadata that setuptools leaves in a source tree.

        An installed `.egg-info` has its version in its name; that one has not, and lies where
        nothing is installed.
        """
        if self._folder_version or not self.info.endswith(".egg-info"):
            return False
        return os.path.basename(self.location) not in {"site-packages", "dist-packages"}

    @cached_property
    def editable(self) -> str | None:
        """The project folder of an editable install, else None."""
        if self.is_source_tree:
            return self.location
        url = self.direct_url or {}
        about = url.get("dir_info")
        if not isinstance(about, dict) or not about.get("editable"):
            return None
        path = path_of(str(url.get("url", "")))
        return None if path is None else os.path.normpath(path)

    @cached_property
    def installer(self) -> str:
        """The content of INSTALLER, as "pip"; empty if there is none."""
        return (self.read("INSTALLER") or "").strip()

    @cached_property
    def leads_elsewhere(self) -> bool:
        """Whether its `direct_url.json` names a folder of the machine that packed it."""
        return leads_elsewhere(self.direct_url, self.installer)

    @property
    def provenance(self) -> Provenance:
        """The kind of origin, as far as its record tells (PEP 610)."""
        if self.editable is not None:
            return "editable"
        if self.is_egg:  # the origin was not recorded
            return "local"
        if self.direct_url is not None and not self.leads_elsewhere:
            return "local" if is_local(str(self.direct_url.get("url", ""))) else "reference"
        return "label" if self.version.local else "index"

    def is_at(self, url: str) -> bool:
        """Return whether it was installed from the URL (PEP 610)."""
        return any(same_reference(url, each) for each in references(self.direct_url))

    @cached_property
    def record(self) -> Mapping[str, str]:
        """Each file as RECORD spells it, with its digest ("sha256=...", or "" if none is given).

        Paths are relative to `location`; empty if there is no file list.
        """
        if self.record_text is not None:
            return read_record(self.record_text.split("\n"))
        if self.is_egg:
            return dict.fromkeys(eggs.files_of(self.location), "")
        folder = os.path.basename(self.info)
        installed = (self.read("installed-files.txt") or "").splitlines()
        paths = [os.path.normpath(f"{folder}/{line}") for line in installed]
        if not paths and self._lists is not None:
            beside = self._lists.beside(self.info)
            paths = [os.path.relpath(path, self.location) for path in beside]
        return {path.replace(os.sep, "/"): "" for path in paths}

    @cached_property
    def record_text(self) -> str | None:
        """The text of RECORD, or None if it is missing or empty."""
        return _unix(self.read("RECORD") or "") or None

    @cached_property
    def has_path_file(self) -> bool:
        """Whether its files include a `.pth` or `.start` file, as an editable install's do."""
        return any(f"{kind}," in (self.record_text or "") for kind in (".pth", ".start"))

    @cached_property
    def files(self) -> tuple[str, ...]:
        """The paths of its files, '/'-separated and relative to `location`, as in RECORD.

        Without a file list, the files with the names of its modules; if a list has nothing of a
        stated module, the files with the name of that one.
        """
        if self.is_source_tree or self.is_egg:
            return tuple(self.record)
        if not self.record:
            return find_files(self.info, self.claims)
        return *self.record, *find_unlisted(self.location, self.record, self.stated or ())

    @property
    def size(self) -> int:
        """The bytes of its files, by RECORD; 0 if there is no file list."""
        lines = (self.record_text or "").split("\n")
        sizes = (line.rpartition(",")[2] for line in lines)
        return sum(int(size) for size in sizes if size.isdigit())

    @cached_property
    def claims(self) -> tuple[str, ...]:
        """Return the modules it is taken to own without a file list: "yaml", "ruamel/yaml".

        These are the stated ones, else the folder of its own name. A source tree's own `.egg-info`
        owns nothing: the files beside it are code under development.
        """
        return () if self.is_source_tree else self.tops

    @cached_property
    def tops(self) -> tuple[str, ...]:
        """Return its modules: the stated ones, else the one of its own name."""
        if self.stated is not None:
            return self.stated
        folder = self.label.replace("-", "_").replace(".", "/")
        return tuple(dict.fromkeys((folder, folder.lower())))

    @cached_property
    def stated(self) -> tuple[str, ...] | None:
        """The stated modules, as "ruamel/yaml": Import-Name, else `top_level.txt`.

        None if it has neither. Shared namespaces count if it states no module of its own.
        """
        if self.import_names is not None:
            names, namespaces = self.import_names
            return tuple(name.replace(".", "/") for name in names or namespaces)
        tops = self.read("top_level.txt")
        return None if tops is None else tuple(filter(None, map(str.strip, tops.splitlines())))

    @cached_property
    def import_names(self) -> ImportNames | None:
        """The modules that its metadata names; None if it names none (PEP 794)."""
        return read_import_names(self._headers)

    @cached_property
    def sources(self) -> str:
        """The `SOURCES.txt` that setuptools leaves in an `.egg-info`: a path a line, or empty."""
        return (self.read("SOURCES.txt") or "").replace("\r\n", "\n")

    def read(self, name: str) -> str | None:
        """Return the text of a file in the metadata folder, or None if there is none."""
        data = self._read(name)
        return None if data is None else _decode(data)

    def _read(self, name: str) -> bytes | None:
        try:
            return read_whole(os.path.join(self.info, name))
        except (FileNotFoundError, NotADirectoryError):
            return eggs.read_zipped(self.info, name) if self.is_egg else None

    @cached_property
    def _metadata_file(self) -> str:
        if self.info.endswith(".dist-info"):
            return "METADATA"
        return "PKG-INFO" if self.is_egg or os.path.isdir(self.info) else self.info

    @cached_property
    def _headers(self) -> Mapping[str, list[str]]:
        # The description follows, which is most of the file.
        return read_headers(_decode((self._read(self._metadata_file) or b"").partition(b"\n\n")[0]))

    def _header(self, field: str) -> str:
        return self._headers.get(field, [""])[0]

    def requirement(self, line: str) -> Requirement:
        """Parse one of its lines, each line once. Raises MetadataError (PEP 508)."""
        if line not in self._parsed:
            self._parsed[line] = self._parse(parse_requirement, "Requires-Dist", line)
        return self._parsed[line]

    def _parse(self, make: Callable[[str], _T], field: str, text: str) -> _T:
        try:
            return make(text)
        except (InvalidRequirement, InvalidSpecifier, InvalidVersion) as error:
            file = os.path.join(self.info, self._metadata_file)
            raise MetadataError(file, field, text, str(error)) from error


def _parse_folder(folder: str) -> tuple[str, str]:
    """Split the name of a metadata folder: "ruamel_yaml-0.18.dist-info" -> ruamel_yaml, 0.18."""
    stem, kind = os.path.splitext(folder)  # of a metadata folder, or of an egg
    if kind == ".dist-info":
        label, _, version = stem.rpartition("-")
        return (label, version) if label else (version, "")
    label, _, rest = stem.partition("-")
    return label, rest.partition("-py")[0]


def _decode(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def _unix(text: str) -> str:
    # A search for one character takes a twentieth of the time of a search for two.
    return text.replace("\r\n", "\n") if "\r" in text else text


# A name and versions, as most requirements are; all others are parsed.
_PLAIN = re.compile(
    r"([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*"
    r"(?:(?:[<>]|[<>=!~]=)\s*[0-9]+(?:\.[0-9]+)*\s*(?:,\s*(?!$)|$))*"
)
