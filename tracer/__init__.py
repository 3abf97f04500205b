"""Trace the modules that a block of Python code imports, their importers and files.

The standard library only; importing this package loads nothing but itself.

>>> from tracer import trace
>>> with trace() as observed:
...     import colorsys
>>> "colorsys" in observed.modules
True

The standard library only; importing this package loads nothing but itself.
"""

from __future__ import annotations

from importlib import import_module

__distribution__ = "modelenv"  # the owner: another may bring a package of this name

TYPE_CHECKING = False  # `typing` would be the heaviest import here
if TYPE_CHECKING:
    from .__main__ import trace_program as trace_program
    from .errors import TracerError as TracerError
    from .errors import UnreadablePickleError as UnreadablePickleError
    from .errors import UnreadableTraceError as UnreadableTraceError
    from .fresh import Called as Called
    from .fresh import CallFailedError as CallFailedError
    from .fresh import trace_call as trace_call
    from .notebook import load_ipython_extension as load_ipython_extension
    from .pickles.scan import PickleSurvey as PickleSurvey
    from .pickles.scan import Unscanned as Unscanned
    from .pickles.scan import scan_globals as scan_globals
    from .pickles.scan import scan_modules as scan_modules
    from .pickles.scan import survey_pickles as survey_pickles
    from .pickles.writing import write_pickle as write_pickle
    from .reading.merge import read_spool as read_spool
    from .records import ImportRecord as ImportRecord
    from .records import Touch as Touch
    from .session import Observation as Observation
    from .session import trace as trace
    from .system import system_packages as system_packages
    from .traces import Trace as Trace
    from .travelling import probe_folder as probe_folder
else:  # modules are loaded on first access
    _PUBLISHED = {
        "__main__": ("trace_program",),
        "errors": ("TracerError", "UnreadablePickleError", "UnreadableTraceError"),
        "fresh": ("Called", "CallFailedError", "trace_call"),
        "notebook": ("load_ipython_extension",),
        "pickles.scan": (
            "PickleSurvey",
            "scan_globals",
            "scan_modules",
            "survey_pickles",
            "Unscanned",
        ),
        "pickles.writing": ("write_pickle",),
        "reading.merge": ("read_spool",),
        "records": ("ImportRecord", "Touch"),
        "session": ("Observation", "trace"),
        "system": ("system_packages",),
        "traces": ("Trace",),
        "travelling": ("probe_folder",),
    }
    _MODULES = {name: module for module, names in _PUBLISHED.items() for name in names}

    __all__ = list(_MODULES)

    def __getattr__(name: str) -> object:
        if name not in _MODULES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(f".{_MODULES[name]}", __name__), name)

    def __dir__() -> list[str]:
        return __all__
