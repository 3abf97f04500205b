"""Watch for touches of a served model that its capture did not see, by the tracer's observers.

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
_SHORT = 2  # the schema of traces in which a name may refer to the one before it
_MOST_CHARACTERS = 16000000
_SAYINGS = (
    ("imports", r"cannot import name '(?=[\w.]+' from '([\w.]+)')([\w.]+)'"),
    ("imports", r"No module named '?([\w.]+)'?"),
    ("libraries", r"(?<!\S)(\S+\.so[\w.]*): cannot open shared object file"),
    ("libraries", r"dlopen\(([^,)]+),"),  # macOS
)
# Exceptions of importlib.metadata and pkg_resources, by name: neither is imported for this.
_NO_METADATA = ("PackageNotFoundError", "DistributionNotFound")
_ROOMS = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


class Watcher:
    """Watch this process from now on; touches before `begin` count as expected.

    `known` holds the folder of the tracer's ``probe``, the ``trace`` of the model's capture, its
    ``own`` folders, the ``hosts`` that it may reach, and the file of the ``journal`` in which
    touches are written until they are taken. With None nothing is watched.
    """

    def __init__(self, known: dict[str, Any] | None) -> None:
        self._watch: Any = None
        if known is None:
            return
        module = type(sys)(_PROBE)
        module.__path__ = [known["probe"]]  # it becomes a package
        sys.modules[_PROBE] = module
        from _modelenv_probe.watch import ProcessWatch  # type: ignore[import-not-found]

        # The working folder's files travelled with the model, unless it is the file system's root.
        here = os.getcwd()
        own = [*known["own"], *([here] if os.path.dirname(here) != here else [])]
        driver = [_ROOMS + os.sep, known["probe"] + os.sep]
        journal = known.get("journal")
        self._watch = ProcessWatch(_seen_by_capture(known), own, driver, journal=journal)
        self._watch.learn()

    def begin(self) -> None:
        """Start to count touches that the capture did not see."""
        if self._watch is not None:
            self._watch.begin()

    def taken(self) -> dict[str, Any]:
        """Return the touches since the last call, like `ProcessWatch.taken`; mostly empty."""
        return {} if self._watch is None else self._watch.taken()


def wanted(error: BaseException | None) -> list[list[str]]:
    """Return the kind and name of what an exception and each of its causes lacked, itself first.

    It is a missing module, a name in a module, a shared library, a distribution's metadata, or a
    file.
    """
    found = []  # type: list[list[str]]
    for _ in range(20):  # a chain of causes may be circular
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
    """Return what an exception lacked, if only its message tells."""
    import re

    try:
        text = str(error)[:4000]
    except Exception:  # noqa: BLE001  # any class's __str__
        return None
    for kind, pattern in _SAYINGS:
        found = re.search(pattern, text)
        if found is not None:
            return [kind, ".".join(part for part in found.groups() if part)]
    return None


def _seen_by_capture(known: dict[str, Any]) -> dict[str, list[str]]:
    """Return the names of what the model touched when it was saved, by kind.

    The trace is not trusted for anything else; a damaged one yields fewer names.
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
    """Return the names of a trace's imports; a damaged trace may raise any of many errors."""
    if trace.get("schema") != _SHORT:
        return [each["name"] for each in trace["imports"]]
    names, parts, left = [], [], _MOST_CHARACTERS  # type: list[str], list[str], int
    for phase in trace["imports"]:
        for same, rest, *_ in phase["seen"]:  # the shared length with the name before, and the rest
            parts = [*parts[:same], *rest.split(".")]
            names.append(".".join(parts))
            left -= len(names[-1])
            if left < 0:
                return names
    return names
