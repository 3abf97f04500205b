"""The schema of a case.toml: one small check per rule, each yielding the faults it finds."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, get_args

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from .families import FAMILIES
from .pins import ALWAYS_INSTALLED, FOLDER, PINS, read_pins

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib  # type: ignore[import-not-found,unused-ignore]

How = Literal["wheel", "path", "editable", "index", "offered"]

_SHAPES: Mapping[str, tuple[type[Any], type[Any] | None]] = {
    "description": (str, None),
    "python": (str, None),
    "main": (bool, None),
    "train": (str, None),
    "install": (list, str),
    "clutter": (list, str),
    "roots": (list, str),
    "families": (list, str),
    "first_party": (dict, str),
    "local": (list, dict),
    "pins": (str, None),
    "after_install": (str, None),
    "edited": (list, str),
    "random": (list, str),
    "modelenv": (dict, str),
}
_REQUIRED = {"description", "python", "install", "clutter", "roots", "families"}


def read_toml(file: Path) -> dict[str, Any]:
    """Return what a TOML file says."""
    return parse_toml(file.read_text("utf-8"))


def parse_toml(text: str) -> dict[str, Any]:
    """Return what a text of TOML says."""
    said: dict[str, Any] = tomllib.loads(text)
    return said


def find_faults(folder: Path, said: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with a case.toml; content is looked at once the shape is right."""
    for checks in (_SHAPE_CHECKS, _ENTRY_CHECKS, _CONTENT_CHECKS):
        faults = [fault for check in checks for fault in check(folder, said)]
        if faults:
            return faults
    return []


def _check_keys(_: Path, said: Mapping[str, Any]) -> Iterator[str]:
    yield from (f"unknown key {key!r}" for key in said if key not in _SHAPES)
    yield from (f"no {key!r}" for key in _SHAPES if key in _REQUIRED - said.keys())


def _check_types(_: Path, said: Mapping[str, Any]) -> Iterator[str]:
    for key, (outer, inner) in _SHAPES.items():
        value = said.get(key, outer())
        if not isinstance(value, outer):
            yield f"{key}: expected {outer.__name__}, found {value!r}"
            continue
        entries = value.values() if isinstance(value, dict) else value
        for entry in entries if inner else ():
            if inner and not isinstance(entry, inner):
                yield f"{key}: expected {inner.__name__} entries, found {entry!r}"


def _check_requirements(_: Path, said: Mapping[str, Any]) -> Iterator[str]:
    for key in ("install", "clutter", "roots"):
        for entry in said[key]:
            try:
                requirement = Requirement(entry)
            except InvalidRequirement as fault:
                yield f"{key}: {entry!r}: {fault}"
                continue
            if requirement.specifier or requirement.marker or requirement.url:
                yield f"{key}: {entry!r}: a name and extras only; versions stand in a file of pins"


def _check_projects(folder: Path, said: Mapping[str, Any]) -> Iterator[str]:
    for entry in said.get("local", ()):
        if set(entry) != {"project", "how"}:
            yield f"local: expected 'project' and 'how', found {sorted(entry)}"
        elif entry["how"] not in get_args(How):
            yield f"local: {entry['project']}: how is one of {get_args(How)}, not {entry['how']!r}"
        elif not (folder / entry["project"] / "pyproject.toml").is_file():
            yield f"local: {entry['project']}: no pyproject.toml there"


def _check_python(_: Path, said: Mapping[str, Any]) -> Iterator[str]:
    if not re.fullmatch(r"3\.\d+", said["python"]):
        yield f"python: expected a version such as '3.11', found {said['python']!r}"


def _check_families(_: Path, said: Mapping[str, Any]) -> Iterator[str]:
    yield from (f"families: unknown {name!r}" for name in said["families"] if name not in FAMILIES)
    if not said["families"]:
        yield "families: none"


def _check_files(folder: Path, said: Mapping[str, Any]) -> Iterator[str]:
    scripts = {"train": "train.py", **said}
    for key in ("train", "after_install"):
        if key in scripts and not (folder / scripts[key]).is_file():
            yield f"{key}: no file {scripts[key]!r}"
    for module, path in said.get("first_party", {}).items():
        if not (folder / path).exists():
            yield f"first_party: {module}: no file or folder {path!r}"
        if Path(path).stem != module:
            yield f"first_party: {module}: {path!r} would be imported by another name"


def _check_pinned(_: Path, said: Mapping[str, Any]) -> Iterator[str]:
    file = FOLDER / said.get("pins", PINS.name)
    if not file.is_file():
        yield f"pins: no file {file.name!r} beside {PINS.name}"
        return
    pins = read_pins(file)
    for key in ("install", "clutter"):
        for name in _names(said[key]):
            if name not in pins:
                yield f"{key}: {name} has no version in {file.name}"


def _check_roots(folder: Path, said: Mapping[str, Any]) -> Iterator[str]:
    files = [folder / entry["project"] / "pyproject.toml" for entry in said.get("local", ())]
    own = {canonicalize_name(read_toml(file)["project"]["name"]) for file in files}
    named = _names(said["install"]) | own | set(ALWAYS_INSTALLED)
    roots, clutter = _names(said["roots"]), _names(said["clutter"])
    if not roots:
        yield "roots: none"
    yield from (f"roots: {name} is neither in install nor local" for name in sorted(roots - named))
    yield from (f"clutter: {name} is in install too" for name in sorted(clutter & named))
    edited = {canonicalize_name(name) for name in said.get("edited", ())}
    yield from (f"edited: {name} is not among the roots" for name in sorted(edited - roots))
    if edited and "after_install" not in said:
        yield "edited: no script edits it: name one in after_install"


def _names(entries: list[str]) -> set[str]:
    return {canonicalize_name(Requirement(entry).name) for entry in entries}


_Check = Callable[[Path, Mapping[str, Any]], Iterator[str]]
_SHAPE_CHECKS: tuple[_Check, ...] = (_check_keys, _check_types)
_ENTRY_CHECKS: tuple[_Check, ...] = (_check_requirements, _check_projects)
_CONTENT_CHECKS: tuple[_Check, ...] = (
    _check_python,
    _check_families,
    _check_files,
    _check_pinned,
    _check_roots,
)
