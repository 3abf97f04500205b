"""Plans translated to steps that build a root of its own, or to rules of allowed paths."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

from . import system
from .plan import SealPlan

Step = tuple[str, str, str]
"""A step: verb, path, and the target of a link, or the source if it is not the path."""

_LINKS = 40  # the limit of Linux
_SHARED_MEMORY = "/dev/shm"  # noqa: S108  # a folder of its own


class Links:
    """Resolves paths to ones without links, and keeps the links on the way."""

    def __init__(self) -> None:
        self.found: dict[str, str] = {}
        """Links, at paths without links themselves, and their targets."""
        self._known = {"/": "/"}

    def resolve(self, path: str, left: int = _LINKS) -> str:
        """Return the target of `path`, whether or not it exists."""
        return self._resolve(os.path.normpath(path), left)

    def _resolve(self, path: str, left: int) -> str:
        known = self._known.get(path)
        if known is not None:
            return known
        parent, name = os.path.split(path)
        real = os.path.join(self._resolve(parent, left), name)
        try:
            target = os.readlink(real) if left else None
        except OSError:  # no link, or missing
            target = None
        if target is not None:
            self.found[real] = target
            whole = os.path.normpath(os.path.join(os.path.dirname(real), target))
            real = self._resolve(whole, left - 1)
        self._known[path] = real
        return real


def steps(plan: SealPlan, *, own_processes: bool) -> Iterator[Step]:
    """Yield the steps that build the root of `plan`, parents first.

    `own_processes`: ``/proc`` shows those of a process namespace, else those of the machine.
    """
    links = Links()
    wanted = _wanted(plan, links)
    wanted[_SHARED_MEMORY] = "private"
    told = {**links.found, **dict(system.DEVICE_LINKS)}
    for path in told:
        wanted.setdefault(path, "link")
    for source, path in plan.elsewhere:
        wanted[path], told[path] = "read", links.resolve(source)
    shown = {path for _, path in plan.elsewhere}
    for above, verb, path in _nested(wanted):
        if path in shown or _is_missing(above, verb, path):
            yield verb, path, told.get(path, "")
    yield ("processes" if own_processes else "write"), "/proc", ""


def rules(plan: SealPlan) -> Iterator[Step]:
    """Yield the Landlock rules for `plan`.

    A rule allows a folder with all of its content: so a folder with a masked part is replaced by
    all its other entries, and the process can still list the folder itself.
    """
    wanted = _wanted(plan, Links())
    for path in (*plan.private, "/proc"):
        wanted.pop(path, None)
    masks = [path for path, verb in wanted.items() if verb == "mask"]
    for above, verb, path in _nested(wanted):
        if verb == "read" and above != "read":
            yield from _around(path, masks)
        elif verb == "write":
            yield ("write" if os.path.isdir(path) else "device"), path, ""
    yield "write", _SHARED_MEMORY, ""
    yield "read", "/proc", ""


def _wanted(plan: SealPlan, links: Links) -> dict[str, str]:
    """Return the verb for each path, without links; later entries win."""
    wanted: dict[str, str] = {}
    for path in plan.private:
        wanted[links.resolve(path)] = "private"
    kinds = (("mask", plan.masks), ("read", plan.reads), ("write", plan.devices))
    for verb, paths in (*kinds, ("write", plan.writes)):
        for path in paths:
            real = links.resolve(path)
            if os.path.lexists(real):
                wanted[real] = verb
    wanted.pop("/", None)  # it exists in any case, and is empty
    return wanted


def _nested(wanted: dict[str, str]) -> Iterator[tuple[str, str, str]]:
    """Yield for each path the verb of the nearest one above, its own verb, and the path."""
    stack = [("", "")]
    for path in sorted(wanted, key=lambda path: path.split("/")):
        while not path.startswith(stack[-1][1] + "/"):
            stack.pop()
        above, verb = stack[-1][0], wanted[path]
        yield above, verb, path
        if verb != "link":
            stack.append((verb, path))


def _is_missing(above: str, verb: str, path: str) -> bool:
    """Return whether `path` is missing or wrong if its parent was made by the verb `above`."""
    if above not in ("read", "write"):
        return verb != "mask"  # a root of its own has nothing to hide
    # A shown folder of the machine has its own links and files, and no place for missing ones.
    return verb not in ("link", above) and os.path.lexists(path)


def _around(path: str, masks: Iterable[str]) -> Iterator[Step]:
    """Yield rules for the folder or file `path` and all below it except `masks`."""
    inside = [mask for mask in masks if mask == path or mask.startswith(path + "/")]
    if not inside:
        yield ("read" if os.path.isdir(path) else "file"), path, ""
    elif path not in inside:
        yield "list", path, ""
        on_the_way = {mask[len(path) + 1 :].partition("/")[0] for mask in inside}
        with os.scandir(path) as entries:
            for entry in entries:
                if entry.name in on_the_way:
                    yield from _around(entry.path, inside)
                elif not entry.is_symlink():  # a rule would apply to its target
                    yield ("read" if entry.is_dir() else "file"), entry.path, ""
