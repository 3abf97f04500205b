"""Tell what a model that is served touches and nobody foresaw: by the tracer's own observers.

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
_ROOMS = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


class Watcher:
    """Watch this process from now on; what comes before `begin` counts as foreseen.

    `known` holds the folder of the tracer's ``probe``, the ``trace`` of the model's capture, its
    ``own`` folders, and the ``hosts`` that it may reach; None: nothing is watched.
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
        self._watch = ProcessWatch(_seen_by_capture(known), own, driver)
        self._watch.learn()

    def begin(self) -> None:
        """Count from now on what is touched and was not foreseen."""
        if self._watch is not None:
            self._watch.begin()

    def taken(self) -> dict[str, Any]:
        """Return what was counted since the last time, as `ProcessWatch.taken`; mostly nothing."""
        return {} if self._watch is None else self._watch.taken()


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
        found["imports"] += [each["name"] for each in trace["imports"]]
        for each in trace["touches"]:
            if each["kind"] in _PLURALS:
                found[_PLURALS[each["kind"]]].append(each["name"])
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        pass
    return {kind: [name for name in names if type(name) is str] for kind, names in found.items()}
