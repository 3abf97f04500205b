"""Wheels written from installed files: no build tool, no network, the code that ran."""

from __future__ import annotations

import hashlib
import re
import zipfile
from configparser import ConfigParser
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from ..errors import NotBundledError
from ..installed.core_metadata import read_headers
from ..installed.eggs import as_metadata
from ..installed.record import record_digest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from packaging.version import Version

    from ..installed.distribution import Distribution
    from ..target import Target

# Files that an installer leaves beside the metadata (PEP 376, PEP 610); a wheel has none.
_LEFT_OUT = frozenset(
    {"RECORD", "RECORD.jws", "RECORD.p7s", "INSTALLER", "REQUESTED", "direct_url.json", "WHEEL"}
    | {"uv_cache.json", "uv_build.json"}
    | {"PKG-INFO", "requires.txt", "installed-files.txt", "SOURCES.txt", "dependency_links.txt"}
)
_COMPILED = (".so", ".pyd")
_SCRIPTS = frozenset({"bin", "scripts"})
_VERSION = re.compile(rb"^Version:[^\r\n]*", re.IGNORECASE | re.MULTILINE)
_BUILD = "1"
"""The build number of what is packed again (PEP 427). Of two wheels of one version pip takes the
one with the greater number; without it, the index's, which has another hash."""
_EARLIEST = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Contents:
    """The contents of a wheel: texts and files by their path in it."""

    stem: str
    """The name and version in the form of file names: "ruamel_yaml-0.18"."""
    tag: str
    """The compatibility tag of the file's name (PEP 425): "py3-none-any"."""
    files: dict[str, Path] = field(default_factory=dict)
    texts: dict[str, bytes] = field(default_factory=dict)

    @property
    def file_name(self) -> str:
        """The name of the wheel's file (PEP 427)."""
        return f"{self.stem}-{_BUILD}-{self.tag}.whl"

    @property
    def digest(self) -> str:
        """The SHA-256 of all contents with their paths, in hexadecimal."""
        total = hashlib.sha256()
        for name, body, _ in sorted(_bodies(self)):
            total.update(f"{name} {record_digest(body)}\n".encode())
        return total.hexdigest()


def installed_contents(distribution: Distribution, target: Target) -> Contents:
    """Gather the files in an installed distribution's RECORD, as a wheel has them.

    Raises NotBundledError if there is no RECORD, and MetadataError.
    """
    if not distribution.files:
        raise NotBundledError(distribution.info, "its files are not recorded")
    contents = contents_of(distribution, dict(_iter_files(distribution)), target)
    if distribution.is_egg and not Path(distribution.location).is_dir():
        with zipfile.ZipFile(distribution.location) as egg:
            contents.texts.update({name: egg.read(name) for name in distribution.files})
    return contents


def contents_of(distribution: Distribution, files: dict[str, Path], target: Target) -> Contents:
    """Gather `files`, by their path in a wheel, with the metadata of their distribution."""
    compiled = any(place.endswith(_COMPILED) for place in files)
    headers = read_headers(distribution.read("WHEEL") or "")
    tags = headers.get("tag", [])
    if not tags or (compiled and all(tag.endswith("-none-any") for tag in tags)):
        tags = [target.wheel_tags()[0] if compiled else "py3-none-any"]
    pure = headers.get("root-is-purelib") or ["false" if compiled else "true"]
    wheel = ["Wheel-Version: 1.0", "Generator: modelenv", f"Root-Is-Purelib: {pure[0]}"]
    wheel += [f"Build: {_BUILD}"]
    wheel += [f"Tag: {tag}" for tag in tags]

    contents = Contents(_stem(distribution), _compressed(tags), files)
    info = f"{contents.stem}.dist-info"
    for path in sorted(Path(distribution.info).rglob("*")):
        name = path.relative_to(distribution.info).as_posix()
        if path.is_file() and name not in _LEFT_OUT and "__pycache__" not in path.parts:
            contents.files[f"{info}/{name}"] = path
    if not distribution.info.endswith(".dist-info"):
        contents.texts[f"{info}/METADATA"] = as_metadata(
            distribution.metadata, distribution.requires_lines
        ).encode("utf-8", "surrogateescape")
    contents.texts[f"{info}/WHEEL"] = "\n".join([*wheel, ""]).encode()
    return contents


def with_version(contents: Contents, version: Version) -> Contents:
    """Return contents with another version, in their metadata and in all names that have it."""
    stem = f"{contents.stem.partition('-')[0]}-{version}"
    files = {_renamed(place, contents.stem, stem): path for place, path in contents.files.items()}
    texts = {_renamed(place, contents.stem, stem): text for place, text in contents.texts.items()}
    metadata = f"{stem}.dist-info/METADATA"
    if metadata in files:
        texts[metadata] = files.pop(metadata).read_bytes()
    texts[metadata] = _VERSION.sub(f"Version: {version}".encode(), texts[metadata], count=1)
    return Contents(stem, contents.tag, files, texts)


def _renamed(place: str, stem: str, new: str) -> str:
    own = place.startswith((f"{stem}.dist-info/", f"{stem}.data/"))
    return new + place[len(stem) :] if own else place


def write_wheel(contents: Contents, folder: Path) -> Path:
    """Write a wheel (PEP 427) into `folder`: the same contents give the same bytes."""
    path = folder / contents.file_name
    info = f"{contents.stem}.dist-info"
    rows: list[str] = []
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as wheel:
        for name, body, mode in sorted(_bodies(contents), key=lambda each: each[0]):
            _write(wheel, name, body, mode)
            rows.append(f"{_quoted(name)},{record_digest(body)},{len(body)}")
        rows.append(f"{_quoted(info)}/RECORD,,")
        _write(wheel, f"{info}/RECORD", ("\n".join(rows) + "\n").encode(), 0o644)
    return path


def _iter_files(distribution: Distribution) -> Iterator[tuple[str, Path]]:
    """Yield each file that is code or data of its own: its path in a wheel, its path now."""
    location = Path(distribution.location)
    info = PurePosixPath(Path(distribution.info).name)
    generated = _entry_points(distribution)
    for file in distribution.files:
        listed = PurePosixPath(file)
        source = location / file
        if info in listed.parents or "__pycache__" in listed.parts or not source.is_file():
            continue
        if ".." not in listed.parts:
            yield file, source
            continue
        # Files outside were installed below the prefix, to which the dots lead.
        below = PurePosixPath(*(part for part in listed.parts if part != ".."))
        if below.parts[0].lower() not in _SCRIPTS:
            yield f"{_stem(distribution)}.data/data/{below}", source
        elif re.sub(r"(-script\.pyw?|\.exe)$", "", below.name) not in generated:
            yield f"{_stem(distribution)}.data/scripts/{below.name}", source


def _entry_points(distribution: Distribution) -> frozenset[str]:
    """Return the scripts that an installer generates from entry points: a wheel has none."""
    parser = ConfigParser(delimiters=("=",), interpolation=None, strict=False)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(distribution.read("entry_points.txt") or "")
    groups = ("console_scripts", "gui_scripts")
    return frozenset(name for group in groups if group in parser for name in parser[group])


def _bodies(contents: Contents) -> Iterator[tuple[str, bytes, int]]:
    for name, text in contents.texts.items():
        yield name, text, 0o644
    for name, path in contents.files.items():
        body = path.read_bytes()
        if ".data/scripts/" in name:
            # The line names the interpreter it was installed for; an installer replaces it.
            body = re.sub(rb"\A#![^\n]*python[^\n]*", b"#!python", body)
        yield name, body, path.stat().st_mode


def _write(wheel: zipfile.ZipFile, name: str, body: bytes, mode: int) -> None:
    entry = zipfile.ZipInfo(name, _EARLIEST)
    entry.external_attr = (0o100000 | (0o755 if mode & 0o100 else 0o644)) << 16
    entry.compress_type = zipfile.ZIP_DEFLATED
    wheel.writestr(entry, body)


def _compressed(tags: list[str]) -> str:
    """Return several tags as one (PEP 425): "py2.py3-none-any"."""
    parts = [dict.fromkeys(each) for each in zip(*(tag.split("-") for tag in tags), strict=True)]
    return "-".join(".".join(part) for part in parts)


def _stem(distribution: Distribution) -> str:
    return f"{distribution.name.replace('-', '_')}-{distribution.version}"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"' if "," in name or '"' in name else name
