"""Sources, indexes and constraints of ``[tool.uv]``; the rest is reported as faults."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from packaging.utils import canonicalize_name

from ...errors import Fault, FaultList, InvalidFile
from ...requirements.requirement import read_requirement

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from ...errors import Location
    from ...requirements.reader import LocatedLine
    from ..values import ListFile

# Settings that change uv's choice, and our option with the same effect.
_OF_OTHER_OPTIONS = {
    "build-constraint-dependencies": "a constraint of pip's own, PIP_BUILD_CONSTRAINT,",
    "dependency-metadata": "--override LINE",
    "exclude-dependencies": "--exclude NAME",
    "exclude-newer": "--as-of {}",
    "exclude-newer-package": "--as-of DATE, for all,",
    "index-strategy": "--index-strategy {}",
    "override-dependencies": "--override LINE",
    "prerelease": "a line with a pre-release in it",
    "resolution": "a list that is pinned",
    "no-index": "the line --no-index",
}
# Settings about files, and the option of pip's lines for each.
_OF_FILES = (("binary", "--no-binary"), ("build", "--only-binary"))
_OF_OTHER_TOOLS = (("poetry", "source"), ("pdm", "source"))


@dataclass(frozen=True, slots=True)
class UvTool:
    """The settings of uv that concern a list, as far as lines can express them."""

    file: ListFile
    sources: Mapping[str, Any]
    """The sources, by normalised names."""
    options: tuple[LocatedLine, ...]
    """Option lines for further indexes and folders."""
    constraints: tuple[LocatedLine, ...]
    untold: tuple[Fault, ...]

    @classmethod
    def of(cls, file: ListFile, content: Mapping[str, Any]) -> UvTool:
        """Return the ``[tool.uv]`` of a document; an empty one if none. Raises InvalidFile."""
        tool = _mapping(content.get("tool"))
        said = _mapping(tool.get("uv"))
        listed = _mapping(said.get("sources")).items()
        sources: dict[str, Any] = {canonicalize_name(name): each for name, each in listed}
        indexes = [each for each in _list(said.get("index")) if isinstance(each, dict)]
        faults = FaultList()
        key = "constraint-dependencies"
        narrowing = [*file.texts(f"tool.uv.{key}", said.get(key, []), faults)]
        options = [*_iter_options(file, indexes, said, faults)]
        faults.check(InvalidFile)
        return cls(
            file,
            sources,
            tuple((place, option, ()) for place, option in options),
            tuple((place, text, ()) for place, text in narrowing),
            (
                *_iter_unheeded(file, said),
                *_iter_sources_left(file, sources, indexes),
                *_iter_of_others(file, tool),
            ),
        )

    def sourced(self, lines: Iterable[LocatedLine]) -> Iterator[LocatedLine]:
        """Yield lines, with the source of those that have one."""
        for place, text, reasons in lines:
            asked = read_requirement(text)
            source = _line_source(self.sources.get(canonicalize_name(asked.name)))
            if source is None or asked.url:
                yield place, text, reasons
                continue
            extras = f"[{','.join(sorted(asked.extras))}]" if asked.extras else ""
            marker = f" ; {asked.marker}" if asked.marker else ""
            url = _url(source, Path(self.file.path).parent)
            if source.get("editable") is True:
                yield place, f"-e {url}{extras}{marker}", reasons
            else:
                yield place, f"{asked.name}{extras} @ {url}{marker}", reasons


def _line_source(said: object) -> Mapping[str, Any] | None:
    """Return a source that a line can express; None for others."""
    listed = said if isinstance(said, list) else [said]
    if len(listed) != 1 or not isinstance(listed[0], dict):
        return None
    source: Mapping[str, Any] = listed[0]
    parted = not source.keys().isdisjoint(("marker", "extra", "group"))
    return None if parted or source.keys().isdisjoint(("git", "url", "path")) else source


def _url(source: Mapping[str, Any], folder: Path) -> str:
    if "git" in source:
        asked = next((source[key] for key in ("rev", "tag", "branch") if key in source), None)
        url = str(source["git"]).removeprefix("git+")
        url = f"git+{url}" + (f"@{asked}" if asked else "")
    elif "url" in source:
        url = str(source["url"])
    else:
        url = (folder.absolute() / str(source["path"])).resolve().as_uri()
    return f"{url}#subdirectory={source['subdirectory']}" if "subdirectory" in source else url


def _iter_options(
    file: ListFile, indexes: Sequence[Mapping[str, Any]], said: Mapping[str, Any], faults: FaultList
) -> Iterator[tuple[Location, str]]:
    """Yield the further indexes and the allowed files, as option lines."""
    for number, index in enumerate(indexes):
        if "url" not in index or index.get("explicit") is True:
            continue
        flat = index.get("format") == "flat"
        default = "--index-url" if index.get("default") is True else "--extra-index-url"
        place = file.at(f"tool.uv.index[{number}]")
        yield from _place_option("--find-links" if flat else default, index["url"], place, faults)
    for key, several in (("index-url", False), ("extra-index-url", True), ("find-links", True)):
        if key in said:
            for each in said[key] if several and isinstance(said[key], list) else [said[key]]:
                yield from _place_option(f"--{key}", each, file.at(f"tool.uv.{key}"), faults)
    for kind, option in _OF_FILES:
        if said.get(f"no-{kind}") is True:
            yield file.at(f"tool.uv.no-{kind}"), f"{option} :all:"
        key = f"no-{kind}-package"
        for _, name in file.texts(f"tool.uv.{key}", said.get(key, []), faults):
            yield file.at(f"tool.uv.{key}"), f"{option} {name}"


def _place_option(
    option: str, place: object, location: Location, faults: FaultList
) -> Iterator[tuple[Location, str]]:
    """Yield an option line; a path is relative to the file for uv."""
    if not isinstance(place, str) or not place.strip():
        faults.add(location, "its place is a string: an address, or a path")
    elif "://" in place:
        yield location, f"{option} {place}"
    else:
        folder = Path(str(location.file)).parent.absolute()
        yield location, f"{option} {(folder / place).resolve().as_uri()}"


def _iter_unheeded(file: ListFile, said: Mapping[str, Any]) -> Iterator[Fault]:
    for key, instead in _OF_OTHER_OPTIONS.items():
        if said.get(key):
            way = instead.format(said[key])
            yield Fault(file.at(f"tool.uv.{key}"), f"is not used here: {way} says it")


def _iter_sources_left(
    file: ListFile, sources: Mapping[str, Any], indexes: Sequence[Mapping[str, Any]]
) -> Iterator[Fault]:
    urls = {each.get("name"): each.get("url") for each in indexes}
    for name, said in sources.items():
        if _line_source(said) is not None:
            continue
        listed = [each for each in _list(said) or [said] if isinstance(each, dict)]
        places = [urls.get(each.get("index"), "") for each in listed if "index" in each]
        if any(each.get("workspace") for each in listed):
            way = f"{name} is a member of its workspace: give its folder as a line"
        elif places:
            way = " or ".join(f"--extra-index-url {each}" for each in places if each)
            way = f"{way or 'the option --extra-index-url'} has it found there"
        else:
            way = "a source under a marker is no line: write it as one"
        yield Fault(file.at(f"tool.uv.sources.{name}"), f"is not used here: {way}")


def _iter_of_others(file: ListFile, tool: Mapping[str, Any]) -> Iterator[Fault]:
    for name, key in _OF_OTHER_TOOLS:
        if _mapping(tool.get(name)).get(key):
            place = file.at(f"tool.{name}.{key}")
            yield Fault(place, "is not used here: --extra-index-url names an index")


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
