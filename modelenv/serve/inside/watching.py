"""Tell what a model that is served touches and nobody foresaw: by the tracer's own observers.

Travels into other interpreters: Python 3.8 syntax and the standard library only.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from typing import Any

_PROBE = "_modelenv_probe"
_ROOMS = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


class Watcher:
    """Watch this process from now on; what comes before `begin` counts as foreseen.

    `known` holds the folder of the tracer's ``probe``, the ``own`` folders of the model, and what
    its capture saw, by kind; None: nothing is watched.
    """

    def __init__(self, known: dict[str, Any] | None) -> None:
        self._watch: Any = None
        if known is None:
            return
        module = type(sys)(_PROBE)
        module.__path__ = [known["probe"]]  # it becomes a package
        sys.modules[_PROBE] = module
        from _modelenv_probe.watch import ProcessWatch  # type: ignore[import-not-found]

        # What the working folder holds before the model runs has travelled with it.
        own = [*known["own"], os.getcwd()]
        driver = [_ROOMS + os.sep, known["probe"] + os.sep]
        self._watch = ProcessWatch(known, own, driver)
        self._watch.learn()

    def begin(self) -> None:
        """Count from now on what is touched and was not foreseen."""
        if self._watch is not None:
            self._watch.begin()

    def taken(self) -> dict[str, Any]:
        """Return what was counted since the last time, as `ProcessWatch.taken`; mostly nothing."""
        return {} if self._watch is None else self._watch.taken()
