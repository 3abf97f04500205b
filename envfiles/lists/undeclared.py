"""Dependencies missing from a pyproject.toml: computed by its build, or kept by another tool."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..errors import Fault, InvalidFile

if TYPE_CHECKING:
    from .values import ListFile

_POETRY = "tool.poetry.dependencies"


def check_declared(file: ListFile, content: Mapping[str, Any]) -> None:
    """Raise InvalidFile if a pyproject.toml does not list the project's dependencies.

    The message names their place, or the command that lists them.
    """
    project = content.get("project")
    dynamic = _at(content, "project", "dynamic")
    if not isinstance(dynamic, (list, tuple)):
        raise InvalidFile([Fault(file.at("project.dynamic"), "is no list of keys")])
    computed = [key for key in ("dependencies", "optional-dependencies") if key in dynamic]
    if "dependencies" in computed or (computed and file.selection.extras):
        place = file.at("project.dynamic")
        raise InvalidFile([Fault(place, f"its {computed[0]} are computed: {_way(content)}")])
    if project is None and _at(content, "tool", "poetry", "dependencies"):
        reason = (
            f"says what it needs in {_POETRY}, poetry's own words: `poetry export -f"
            " requirements.txt -o requirements.txt` writes it as a list; [project] dependencies"
            " are read"
        )
        raise InvalidFile([Fault(file.at(), reason)])
    if project is None and not file.selection.groups:
        groups = ", ".join(_at(content, "dependency-groups")) or "none either"
        reason = f"has no [project], whose dependencies would be the list; groups: {groups}"
        raise InvalidFile([Fault(file.at(), reason)])


def _way(content: Mapping[str, Any]) -> str:
    """Return the place of computed dependencies, or the tool that computes them."""
    files = _at(content, "tool", "setuptools", "dynamic", "dependencies", "file") or _at(
        content, "tool", "hatch", "metadata", "hooks", "requirements_txt", "files"
    )
    listed = [files] if isinstance(files, str) else files
    if listed:
        return f"give {' and '.join(map(str, listed))}, where they stand"
    if _at(content, "tool", "poetry", "dependencies"):
        return "`poetry export -f requirements.txt -o requirements.txt` writes them as a list"
    return "`pip lock .`, or `uv pip compile pyproject.toml`, has the build say them in a list"


def _at(content: object, *keys: str) -> Any:
    """Return the value at a path of keys; an empty tuple if there is none."""
    for key in keys:
        if not isinstance(content, Mapping) or key not in content:
            return ()
        content = content[key]
    return content
