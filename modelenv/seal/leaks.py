"""Needs of a run outside its plan, from its trace or from its failure."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from .plan import SealPlan

if TYPE_CHECKING:
    from ..base.siblings import tracer

LeakKind = Literal["file", "library", "program", "host"]

_CODE = (".py", ".pyc", ".so", ".pyd")
_OURSELVES = ("localhost", "::1", "0.0.0.0")  # noqa: S104  # nothing is bound
_REMEDIES = {
    "artifacts": "artifacts= (--artifact) takes it along when a model is saved, allow_paths="
    " (--allow-path) shows it to a run as it is",
    "code_paths": "code_paths= (--code-path) takes it along when a model is saved, allow_paths="
    " (--allow-path) shows it to a run as it is",
    "extra_pip_requirements": "extra_pip_requirements= (--requirement) pins it",
    "allow_hosts": "allow_hosts= (--allow-host) lets a run reach it",
    "allow_paths": "allow_paths= (--allow-path) shows it to a run",
}
_OWN_FOLDER = "if it writes that: tempfile.gettempdir() and the working folder are a run's own"
_EVERYWHERE = ("/proc", "/dev/shm")  # noqa: S108  # a run has its own
_HELD = (
    "which no other environment has, whatever is pinned: have the model ask for that path where it"
    " is loaded or predicts (importlib.resources.files finds it), and not keep it"
)
_NAMED = (2, 13, 30)  # missing, denied, read-only
# The texts in which Python, and the loader of libraries, name denied or missing files.
_ERROR = re.compile(r"\[Errno (?P<number>\d+)\] [^:]*: (?P<quote>['\"])(?P<path>/.*?)(?P=quote)")
_PROGRAM = re.compile(r"\[Errno (?:2|13)\] [^:]*: (?P<quote>['\"])(?P<name>[^/'\"]+)(?P=quote)")
_LOADER = re.compile(r"(?P<path>/[^:\n]+): cannot open shared object file: (?P<why>[^\n]+)")
_FRAME = re.compile(r"^ *File \".*$", re.MULTILINE)
_NO_NETWORK = re.compile(
    r"Network is unreachable|Temporary failure in name resolution|Name or service not known"
    # Landlock's message; if a file was meant a path would follow.
    r"|(?:bind|connect)\b(?s:.*)\[Errno 13\] Permission denied(?!:)"
)


@dataclass(frozen=True, slots=True, order=True)
class Leak:
    """Something outside that a run used, or would have used had it not been sealed."""

    kind: LeakKind
    name: str
    """Its path, or ``host:port``; empty if the run did not name the host."""
    owner: str = ""
    """The installed distribution that it belongs to, with its version; empty: none."""
    held: bool = False
    """Whether the run asked for it at its path in the environment that the model was made in."""

    @property
    def by_path(self) -> bool:
        """Whether it belongs to a distribution, and no pin of that puts it where it was asked for.

        The path came with the model: in its pickle, a setting, or a file of its own.
        """
        return self.held and bool(self.owner)

    @property
    def option(self) -> str:
        """The option that carries or allows it.

        >>> Leak("file", "/home/me/stop_words.txt").option
        'artifacts'
        """
        if self.owner:
            return "extra_pip_requirements"
        if self.kind == "host":
            return "allow_hosts"
        if self.kind == "file":
            return "code_paths" if self.name.endswith(_CODE) else "artifacts"
        return "allow_paths"

    def __str__(self) -> str:
        """Return the name of the leak in words.

        >>> str(Leak("host", "db:5432"))
        'the host db:5432'
        """
        said = f"the {self.kind} {self.name}" if self.name else f"a {self.kind}"
        if self.by_path:
            return f"{said} of {self.owner} at that path"
        return f"{said} of {self.owner}, which is not pinned" if self.owner else said

    @property
    def remedy(self) -> str:
        """Return a sentence with the need and the option that allows it.

        A path in a temporary folder may also have been meant to be written.
        """
        if self.by_path:
            return f"it needs {self}, {_HELD}"
        written = f"; {_OWN_FOLDER}" if self.kind == "file" and self._is_temporary else ""
        return f"it needs {self}: {_REMEDIES[self.option]}{written}"

    @property
    def _is_temporary(self) -> bool:
        return self.name.startswith(("/tmp/", "/var/tmp/"))  # noqa: S108  # nothing is put there


class Allowed:
    """The paths that a plan shows unchanged."""

    def __init__(self, plan: SealPlan) -> None:
        shown = (*plan.reads, *plan.devices, *plan.writes, *_EVERYWHERE)
        self._shown = {
            **dict.fromkeys(map(_real, (*plan.private, *plan.masks)), False),
            **dict.fromkeys(map(_real, shown), True),
        }

    def __contains__(self, path: str) -> bool:
        """Return whether the plan shows the path `path` of the machine."""
        real = _real(path)
        while real not in self._shown:
            above = os.path.dirname(real)
            if above == real:
                return False
            real = above
        return self._shown[real]


def _real(path: str) -> str:
    return os.path.normcase(os.path.realpath(path))


def of_touches(touches: Iterable[tracer.Touch], plan: SealPlan) -> tuple[Leak, ...]:
    """Return the touches of a watched run that the plan does not allow, sorted."""
    allowed = Allowed(plan)
    return tuple(sorted({leak for touch in touches for leak in _of_touch(touch, plan, allowed)}))


def of_failure(message: str, plan: SealPlan) -> Leak | None:
    """Return what outside the plan a sealed run failed for, as its `message` names it.

    None if it names nothing, or something that does not exist outside either: then it is the
    model's own failure. Landlock denies existing files, and namespaces hide them.
    """
    return next(_of_failure(message, plan), None)


def _of_failure(message: str, plan: SealPlan) -> Iterator[Leak]:
    for found in _LOADER.finditer(message):
        yield from _hidden("library", found["path"], plan)
    for found in _ERROR.finditer(message):
        if int(found["number"]) in _NAMED:
            yield from _hidden("file", found["path"], plan)
    yield from _held(message, plan)
    for found in _PROGRAM.finditer(message):
        program = _find_program(found["name"], plan)
        if program is not None and _is_kept_back(program, plan):
            yield Leak("program", program)
    if _NO_NETWORK.search(message) and not plan.hosts:
        yield Leak("host", "")


def _of_touch(touch: tracer.Touch, plan: SealPlan, allowed: Allowed) -> Iterator[Leak]:
    if touch.kind == "host":
        if not _is_host_allowed(touch.name, plan.hosts):
            yield Leak("host", touch.name)
    elif touch.kind == "program":
        path = _find_program(touch.name, plan)
        if path is not None and path not in allowed:
            yield Leak("program", path)
    elif touch.kind in ("file", "library") and touch.name not in allowed:
        yield Leak("library" if touch.kind == "library" else "file", touch.name)


def _find_program(name: str, plan: SealPlan) -> str | None:
    return shutil.which(name, path=plan.environment.get("PATH", os.defpath))


def _is_host_allowed(name: str, hosts: Iterable[str]) -> bool:
    """Return whether `name`, with or without a port, is this machine or one of `hosts`."""
    spellings = (name, name.rpartition(":")[0])
    known = {*_OURSELVES, *hosts}
    return name.startswith("127.") or any(spelling in known for spelling in spellings)


def _hidden(kind: LeakKind, path: str, plan: SealPlan) -> Iterator[Leak]:
    """Yield what is hidden and was looked for at `path`, or at the one it stands for."""
    if _is_kept_back(path, plan):
        held = any(path.startswith(f"{other}/") for _, other in plan.stands_for)
        yield Leak(kind, path, held=held)
    for own, other in plan.stands_for:
        original = other + path[len(own) :]
        if path.startswith(f"{own}/") and _is_kept_back(original, plan):
            yield Leak(kind, original)


def _held(message: str, plan: SealPlan) -> Iterator[Leak]:
    """Yield hidden files of distributions whose paths a message has, in whatever words.

    A library that is not Python's own has words of its own for a file that it does not find, and
    may cut the path at its start (polars does). A path that may be the run's own is none of those.
    """
    said = _FRAME.sub("", message)
    for own, other in plan.stands_for:
        above, last = os.path.split(other)
        for found in re.finditer(rf"([^\s'\"]*/){re.escape(last)}(/[^\s'\":,;)]+)", said):
            start, path = found[1].lstrip(".…").rstrip("/"), other + found[2]
            is_theirs = above.endswith(start) and not os.path.dirname(own).endswith(start)
            if is_theirs and _is_kept_back(path, plan):
                kind: LeakKind = "library" if ".so" in os.path.basename(path) else "file"
                yield Leak(kind, path, held=True)


def _is_kept_back(path: str, plan: SealPlan) -> bool:
    return os.path.lexists(path) and path not in Allowed(plan)
