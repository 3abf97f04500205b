"""Touches of a served model that were not foreseen, by the tracer's own observers.

Travels into other interpreters: Python 3.8 syntax and the standard library only.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from typing import Any

_PLURALS = {"file": "files", "library": "libraries", "program": "programs", "host": "hosts"}
_PROBE = "_modelenv_probe"
_SHORT = 2  # the schema of traces in which a name is told by the one before
_MOST_CHARACTERS = 16000000
_SAYINGS = (
    ("imports", r"cannot import name '(?=[\w.]+' from '([\w.]+)')([\w.]+)'"),
    ("imports", r"No module named '?([\w.]+)'?"),
    ("libraries", r"(?<!\S)(\S+\.so[\w.]*): cannot open shared object file"),
    ("libraries", r"dlopen\(([^,)]+),"),  # macOS
)
# Of importlib.metadata and of pkg_resources, by their names: neither is imported for that.
_NO_METADATA = ("PackageNotFoundError", "DistributionNotFound")
_ROOMS = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


class Watcher:
    """Watch this process from now on; what comes before `begin` counts as foreseen.

    `known` holds the folder of the tracer's ``probe``, the ``trace`` of the model's capture, its
    ``own`` folders, the ``hosts`` that it may reach, and the file of the ``journal`` where what is
    touched stands until it is taken; None: nothing is watched.
    """

    def __init__(self, known: dict[str, Any] | None) -> None:
        self._watch: Any = None
        if known is None:
            return
        module = type(sys)(_PROBE)
        module.__path__ = [known["probe"]]  # it becomes a package
        sys.modules[_PROBE] = module
        from _modelenv_probe.watch import ProcessWatch  # type: ignore[import-not-found]

        # What the working folder holds has travelled with the model, unless it holds all there is.
        here = os.getcwd()
        own = [*known["own"], *([here] if os.path.dirname(here) != here else [])]
        driver = [_ROOMS + os.sep, known["probe"] + os.sep]
        journal = known.get("journal")
        self._watch = ProcessWatch(_seen_by_capture(known), own, driver, journal=journal)
        self._watch.learn()

    def begin(self) -> None:
        """Count from now on what is touched and was not foreseen."""
        if self._watch is not None:
            self._watch.begin()

    def taken(self) -> dict[str, Any]:
        """Return what was counted since the last time, as `ProcessWatch.taken`; mostly nothing."""
        return {} if self._watch is None else self._watch.taken()


def wanted(error: BaseException | None) -> list[list[str]]:
    """Return what an exception failed for, as kinds and names, and what led to it; itself first.

    It is the missing module, name of a module, shared library, metadata of a distribution, or file.
    """
    found = []  # type: list[list[str]]
    for _ in range(20):  # a chain may lead back to itself
        if error is None:
            break
        each = _wanted(error)
        if each is not None and each not in found:
            found.append(each)
        error = error.__cause__ or error.__context__
    return found


def _wanted(error: BaseException) -> list[str] | None:
    if type(error).__name__ in _NO_METADATA:
        return ["metadata", str(error.args[0])] if error.args else None
    if isinstance(error, ModuleNotFoundError) and isinstance(error.name, str):
        return ["imports", error.name]
    if isinstance(error, (FileNotFoundError, PermissionError)) and isinstance(error.filename, str):
        return ["files", os.path.abspath(error.filename)]
    return _said(error) if isinstance(error, (ImportError, OSError)) else None


def _said(error: BaseException) -> list[str] | None:
    """Return what an exception names in its text alone."""
    import re

    try:
        text = str(error)[:4000]
    except Exception:  # noqa: BLE001  # somebody's __str__
        return None
    for kind, pattern in _SAYINGS:
        found = re.search(pattern, text)
        if found is not None:
            return [kind, ".".join(part for part in found.groups() if part)]
    return None


def _seen_by_capture(known: dict[str, Any]) -> dict[str, list[str]]:
    """Return the names of what a model touched when it was saved, by kind.

    Nothing of it is believed but that: a trace that is damaged names less.
    """
    found = {kind: [] for kind in ("imports", *_PLURALS.values())}  # type: dict[str, list[str]]
    found["hosts"] += known["hosts"]
    if known["trace"] is None:
        return found
    import json

    try:
        with open(known["trace"], encoding="utf-8") as file:
            trace = json.load(file)
        found["imports"] += _imports(trace)
        for each in trace["touches"]:
            if each["kind"] in _PLURALS:
                found[_PLURALS[each["kind"]]].append(each["name"])
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        pass
    return {kind: [name for name in names if type(name) is str] for kind, names in found.items()}


def _imports(trace: dict[str, Any]) -> list[Any]:
    """Return the names of a trace's imports; a damaged one raises one of many errors."""
    if trace.get("schema") != _SHORT:
        return [each["name"] for each in trace["imports"]]
    names, parts, left = [], [], _MOST_CHARACTERS  # type: list[str], list[str], int
    for phase in trace["imports"]:
        for same, rest, *_ in phase["seen"]:  # how much of the name before, and what follows
            parts = [*parts[:same], *rest.split(".")]
            names.append(".".join(parts))
            left -= len(names[-1])
            if left < 0:
                return names
    return names
