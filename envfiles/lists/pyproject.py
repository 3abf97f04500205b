"""Dependencies in pyproject.toml, with extras (PEP 621) and groups (PEP 735)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from ..errors import Fault, FaultList, InvalidEntry, InvalidFile
from ..lock.pylock import read_toml
from ..requirements.requirement import read_requirement
from .conditions import requires_python
from .undeclared import check_declared
from .uv.tool import UvTool
from .values import ListContent

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ..errors import Location
    from ..requirements.reader import LocatedLine
    from .values import ListFile


def read_pyproject(file: ListFile) -> ListContent:
    """Return the requirements of a project: its dependencies, and the chosen extras and groups.

    The project itself is not among them: it is the user's own code. A source in ``tool.uv.sources``
    goes into the line of its name if a line can express it. Raises InvalidFile.
    """
    content = read_toml(file.text, file=file.path)
    check_declared(file, content)
    project = table(file, content, "project")
    groups = table(file, content, "dependency-groups")
    extras = table(file, project, "optional-dependencies")
    file.selection.check(file.at(), extras=extras, groups=groups)
    asked = _Asked(file, canonicalize_name(str(project.get("name", ""))), extras)
    asked.add("project.dependencies", project.get("dependencies", []))
    for extra in file.selection.extras:
        with asked.faults.at(file.at("project.optional-dependencies")):
            asked.add_extra(extra)
    for group in file.selection.groups:
        _check_group(file, groups, group)
        for key, text in _iter_members(groups, group):
            asked.add_text(file.at(key, f'"{text}"'), text.strip())
    asked.faults.check(InvalidFile)
    uv = UvTool.of(file, content)
    condition = requires_python(file, project.get("requires-python"), "project.requires-python")
    return ListContent(
        lines=(*uv.options, *uv.sourced(asked.lines)),
        constraints=uv.constraints,
        conditions=condition,
        untold=uv.untold,
    )


def table(file: ListFile, content: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """Return a table of a document, an empty one if it is missing. Raises InvalidFile."""
    found = content.get(key, {})
    if not isinstance(found, dict):
        raise InvalidFile([Fault(file.at(key), "is no table")])
    return found


@dataclass(slots=True)
class _Asked:
    """The gathered lines of a project, and the faults in them."""

    file: ListFile
    name: str
    """The project's own name, normalised."""
    extras: Mapping[str, Any]
    lines: list[LocatedLine] = field(default_factory=list)
    faults: FaultList = field(default_factory=FaultList)
    _added: set[tuple[str, str]] = field(default_factory=set)
    """The extras that were added, each with the marker under which."""

    def add(self, key: str, listed: object, via: Sequence[str] = (), marker: str = "") -> None:
        """Add what a list asks for, under a marker, via these extras of the project."""
        for place, text in self.file.texts(key, listed, self.faults):
            self.add_text(place, text, via, marker)

    def add_text(
        self, place: Location, text: str, via: Sequence[str] = (), marker: str = ""
    ) -> None:
        """Add one requirement; one on the project stands for what the extras in it ask for."""
        with self.faults.at(place):
            asked = read_requirement(text)
            own = canonicalize_name(asked.name) == self.name and not asked.url
            if not own:
                self.lines.append((place, _under(asked, text, marker), ()))
                return
            for extra in sorted(asked.extras):
                self.add_extra(extra, via, _both(marker, str(asked.marker or "")))

    def add_extra(self, extra: str, via: Sequence[str] = (), marker: str = "") -> None:
        """Add what an extra asks for, once under a marker. Raises InvalidEntry.

        One of those that lead to it is being added, if it counts whenever this does.
        """
        name = canonicalize_name(extra)
        if name in via or not self._added.isdisjoint({(name, ""), (name, marker)}):
            return
        self._added.add((name, marker))
        known = [each for each in self.extras if canonicalize_name(each) == name]
        if len(known) != 1:
            reason = f"there is more than one: {', '.join(known)}" if known else "there is none"
            raise InvalidEntry(f"{self.name}[{extra}]", f"of the extras {name} {reason}")
        key = f"project.optional-dependencies.{known[0]}"
        self.add(key, self.extras[known[0]], (*via, name), marker)


def _both(one: str, other: str) -> str:
    return f"({one}) and ({other})" if one and other else one or other


def _under(asked: Requirement, text: str, marker: str) -> str:
    """Return a requirement that counts only under a marker too."""
    if not marker:
        return text
    whole = _both(marker, str(asked.marker or ""))
    asked.marker = Marker(whole)
    return str(asked)


def _check_group(file: ListFile, groups: Mapping[str, Any], group: str) -> None:
    """Raise InvalidFile for what is wrong in a group and in those that it includes (PEP 735)."""
    from ..lock.pylock import PackagingTooOld

    try:
        from packaging.dependency_groups import resolve_dependency_groups
        from packaging.errors import ExceptionGroup
    except ImportError as error:
        raise PackagingTooOld from error
    try:
        resolve_dependency_groups(groups, group)
    except ExceptionGroup as error:
        faults = [Fault(file.at(f"dependency-groups.{group}"), said) for said in _leaves(error)]
        raise InvalidFile(faults) from error


def _iter_members(groups: Mapping[str, Any], group: str) -> Iterator[tuple[str, str]]:
    """Yield the requirements of a group that is right as they stand, each with its place."""
    name = next(each for each in groups if canonicalize_name(each) == canonicalize_name(group))
    for index, item in enumerate(groups[name]):
        if isinstance(item, str):
            yield f"dependency-groups.{name}[{index}]", item
        else:
            yield from _iter_members(groups, item["include-group"])


def _leaves(error: Exception) -> list[str]:
    """Return the messages of the errors in an exception group."""
    inner = getattr(error, "exceptions", None)
    if inner is None:
        return [" ".join(str(error).split())]
    return list(dict.fromkeys(said for each in inner for said in _leaves(each)))
