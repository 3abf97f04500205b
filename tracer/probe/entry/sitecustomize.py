"""Let a traced process's child interpreter record as well, then make way for the site's own.

This folder stands first on PYTHONPATH while a trace runs, so ``site`` imports this file instead of
the ``sitecustomize`` that an administrator may have installed: that one is run here, as the module
of its name, and where there is none ``site`` is told so, as it would be without us.
"""

from __future__ import annotations

import sys


def _site_own(here: str) -> bool:
    """Run the next ``sitecustomize`` on the path as the module of that name."""
    # The import system itself, since importlib.util would bring in modules that nobody asked for.
    from _frozen_importlib import module_from_spec
    from _frozen_importlib_external import PathFinder

    spec = PathFinder.find_spec(__name__, [entry for entry in sys.path if entry != here])
    if spec is None or spec.loader is None:
        return False
    module = sys.modules[__name__] = module_from_spec(spec)
    spec.loader.exec_module(module)
    return True


def _record(probe: str) -> None:
    """Make the probe's files importable under a private name and begin."""
    package = type(sys)("_modelenv_probe")
    package.__path__ = [probe]
    sys.modules["_modelenv_probe"] = package
    __import__("_modelenv_probe.start")
    sys.modules["_modelenv_probe.start"].enter()


def _enter() -> None:
    separator = "\\" if "\\" in __file__ else "/"
    here = __file__.rpartition(separator)[0]
    sys.path[:] = [entry for entry in sys.path if entry != here]
    found = True
    try:
        found = _site_own(here)
    finally:
        _record(here.rpartition(separator)[0])
    if not found:
        raise ImportError("No module named 'sitecustomize'", name="sitecustomize")


_enter()
