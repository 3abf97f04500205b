"""Lookups of a distribution's metadata by name, and loads of its entry points."""

from __future__ import annotations

import os

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from types import FrameType
    from typing import Any

    Names = Callable[[Mapping[str, Any]], Iterable[object]]

# Libraries that look up for others.
_LIBRARIES = ("importlib", "importlib_metadata", "pkg_resources")


def _of_entry_point(values: Mapping[str, Any]) -> Iterable[object]:
    return (_distribution_name(getattr(values.get("self"), "dist", None)),)


def _of_requirement(values: Mapping[str, Any]) -> Iterable[object]:
    return (getattr(values.get("req"), "key", None),)


def _of_requirements(values: Mapping[str, Any]) -> Iterable[object]:
    for each in values.get("requirements", ()):
        yield _leading_name(each) if isinstance(each, str) else getattr(each, "key", None)


# Python functions, by module and name, that are called with the name to look up.
LOOKS_UP: Mapping[tuple[str, str], Names] = {
    ("importlib.metadata", "load"): _of_entry_point,
    ("importlib_metadata", "load"): _of_entry_point,
    ("pkg_resources", "find"): _of_requirement,
    ("pkg_resources", "load"): _of_entry_point,
    ("pkg_resources", "require"): _of_requirements,
}
FUNCTIONS = frozenset(function for _, function in LOOKS_UP)
_HOMES = tuple(sorted({module for module, _ in LOOKS_UP}))


def looked_up(module: str, frame: FrameType) -> Iterable[str]:
    """Yield the distributions that a function of `LOOKS_UP` looks for, from its first frame."""
    for name in LOOKS_UP[module, frame.f_code.co_name](frame.f_locals):
        if isinstance(name, str) and name:
            yield name


def may_look_up(modules: Mapping[str, object]) -> bool:
    """Return whether any module that has lookup functions is loaded."""
    return not modules.keys().isdisjoint(_HOMES)


def tell_loading(frame: FrameType | None, tell: Callable[[str, FrameType | None], None]) -> None:
    """Report the entry point whose loading caused an import, found on the stack.

    If functions are not watched, only the first loading is seen in this way.
    """
    while frame is not None:
        name = frame.f_globals.get("__name__")
        if not isinstance(name, str) or name.partition(".")[0] not in _LIBRARIES:
            return
        if (name, frame.f_code.co_name) in LOOKS_UP:
            for each in looked_up(name, frame):
                tell(each, frame)
            return
        frame = frame.f_back


def normalized(name: str) -> str:
    """Return the normalised name of a distribution (PEP 503).

    >>> normalized("Ruamel_Yaml..clib")
    'ruamel-yaml-clib'
    """
    parts = name.lower().replace("_", "-").replace(".", "-").split("-")
    return "-".join(part for part in parts if part)


def asker(frame: FrameType | None) -> FrameType | None:
    """Return the frame that looks something up by way of one of the general libraries."""
    while frame is not None:
        name = frame.f_globals.get("__name__")
        if not isinstance(name, str) or name.partition(".")[0] not in _LIBRARIES:
            break
        frame = frame.f_back
    return frame


def _distribution_name(distribution: object) -> str | None:
    """Return the name of a distribution by its folder, since its metadata would have to be read."""
    path = getattr(distribution, "_path", None)
    if path is None:
        key = getattr(distribution, "key", None)  # as pkg_resources has it
        return key if isinstance(key, str) else None
    stem, _, ending = os.path.basename(str(path)).rpartition(".")
    return stem.partition("-")[0] if ending in ("dist-info", "egg-info") else None


def _leading_name(requirement: str) -> str:
    for place, character in enumerate(requirement):
        if not (character.isalnum() or character in "-_."):
            return requirement[:place]
    return requirement
