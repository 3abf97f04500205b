"""Dependencies in pyproject.toml, with extras (PEP 621) and groups (PEP 735)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

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
    from collections.abc import Mapping, Sequence

    from ..requirements.reader import LocatedLine
    from .values import ListFile


def read_pyproject(file: ListFile) -> ListContent:
    """Return the requirements of a project: its dependencies, and the chosen extras and groups.

    The project itself is not among them: it is the user's own code. A source in ``tool.uv.sources``
    goes into the line of its name where a line can express it. Raises InvalidFile.
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
        asked.add_extra(extra)
    for group in file.selection.groups:
        for text in _members(file, groups, group):
            asked.add_text(file.at(f"dependency-groups.{group}", f'"{text}"'), text)
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
    """Return a table of a document, an empty one where it is missing. Raises InvalidFile."""
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
    _added: set[str] = field(default_factory=set)

    def add(self, key: str, listed: object) -> None:
        """Add the requirements of a list."""
        if not isinstance(listed, list):
            self.faults.add(self.file.at(key), "is no list of requirements")
            return
        for index, text in enumerate(listed):
            place = self.file.at(f"{key}[{index}]", f'"{text}"')
            if isinstance(text, str):
                self.add_text(place, text)
            else:
                self.faults.add(place, f"a requirement is a string, this is {type(text).__name__}")

    def add_text(self, place: Any, text: str) -> None:
        """Add one requirement; one on extras of the project is replaced by theirs."""
        with self.faults.at(place):
            asked = read_requirement(text)
            if self._is_own(asked):
                for extra in sorted(asked.extras):
                    self.add_extra(extra)
            else:
                self.lines.append((place, text.strip(), ()))

    def add_extra(self, extra: str) -> None:
        """Add the requirements of an extra of the project, once. Raises InvalidEntry."""
        name = canonicalize_name(extra)
        if name in self._added:
            return
        self._added.add(name)
        known = {canonicalize_name(each): each for each in self.extras}
        if name not in known:
            raise InvalidEntry(f"{self.name}[{extra}]", f"the project has no extra {name}")
        self.add(f"project.optional-dependencies.{known[name]}", self.extras[known[name]])

    def _is_own(self, asked: Requirement) -> bool:
        own = canonicalize_name(asked.name) == self.name
        return own and bool(asked.extras) and not asked.url and asked.marker is None


def _members(file: ListFile, groups: Mapping[str, Any], group: str) -> Sequence[str]:
    """Return the requirements of a group and of those that it includes (PEP 735)."""
    from ..lock.pylock import PackagingTooOld

    try:
        from packaging.dependency_groups import resolve_dependency_groups
        from packaging.errors import ExceptionGroup
    except ImportError as error:
        raise PackagingTooOld from error
    try:
        return resolve_dependency_groups(groups, group)
    except ExceptionGroup as error:
        faults = [Fault(file.at(f"dependency-groups.{group}"), said) for said in _leaves(error)]
        raise InvalidFile(faults) from error


def _leaves(error: Exception) -> list[str]:
    """Return the messages of the errors in an exception group."""
    inner = getattr(error, "exceptions", None)
    if inner is None:
        return [" ".join(str(error).split())]
    return list(dict.fromkeys(said for each in inner for said in _leaves(each)))
