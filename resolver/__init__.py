"""From what ran to what is pinned: who owns a module, what is asked for, and the answer."""

from __future__ import annotations

from importlib import import_module

TYPE_CHECKING = False  # `typing` would be the heaviest import here
if TYPE_CHECKING:
    from .artifacts import Artifacts as Artifacts
    from .artifacts import File as File
    from .artifacts import Shelf as Shelf
    from .artifacts import find_artifacts as find_artifacts
    from .attribution import Attributed as Attributed
    from .attribution import Attribution as Attribution
    from .attribution import Evidence as Evidence
    from .attribution import FirstParty as FirstParty
    from .attribution import Imported as Imported
    from .attribution import Project as Project
    from .attribution import attribute as attribute
    from .bundle import Bundled as Bundled
    from .bundle import bundle_installed as bundle_installed
    from .bundle import bundle_wheel as bundle_wheel
    from .errors import ConflictError as ConflictError
    from .errors import MetadataError as MetadataError
    from .errors import ResolverError as ResolverError
    from .errors import UndecidedError as UndecidedError
    from .installed import Distribution as Distribution
    from .installed import Installed as Installed
    from .requirements import Line as Line
    from .requirements import Lines as Lines
    from .requirements import Origin as Origin
    from .requirements import read as read
    from .resolution import Artifact as Artifact
    from .resolution import Edge as Edge
    from .resolution import Move as Move
    from .resolution import Pin as Pin
    from .resolution import Resolution as Resolution
    from .rules import RequirementSet as RequirementSet
    from .rules import Root as Root
    from .rules import merge as merge
    from .second_opinion import differences as differences
    from .second_opinion import installed_according_to_pip as installed_according_to_pip
    from .solve import resolve as resolve
    from .sources import Source as Source
    from .sources.configured import configured_options as configured_options
    from .sources.configured import configured_sources as configured_sources
    from .sources.wheels import WheelFolder as WheelFolder
    from .target import Target as Target

__all__ = [
    "Artifact",
    "Artifacts",
    "Attributed",
    "Attribution",
    "Bundled",
    "ConflictError",
    "Distribution",
    "Edge",
    "Evidence",
    "File",
    "FirstParty",
    "Imported",
    "Installed",
    "Line",
    "Lines",
    "MetadataError",
    "Move",
    "Origin",
    "Pin",
    "Project",
    "RequirementSet",
    "Resolution",
    "ResolverError",
    "Root",
    "Shelf",
    "Source",
    "Target",
    "UndecidedError",
    "WheelFolder",
    "attribute",
    "bundle_installed",
    "bundle_wheel",
    "configured_options",
    "configured_sources",
    "differences",
    "find_artifacts",
    "installed_according_to_pip",
    "merge",
    "read",
    "resolve",
]

_HOME = {
    "Artifacts": "artifacts",
    "Artifact": "resolution",
    "Attributed": "attribution",
    "Attribution": "attribution",
    "ConflictError": "errors",
    "Bundled": "bundle",
    "Distribution": "installed",
    "Edge": "resolution",
    "Evidence": "attribution",
    "File": "artifacts",
    "FirstParty": "attribution",
    "Imported": "attribution",
    "Installed": "installed",
    "Line": "requirements",
    "Lines": "requirements",
    "MetadataError": "errors",
    "Move": "resolution",
    "Origin": "requirements",
    "Pin": "resolution",
    "Project": "attribution",
    "RequirementSet": "rules",
    "Resolution": "resolution",
    "ResolverError": "errors",
    "Root": "rules",
    "Shelf": "artifacts",
    "Source": "sources",
    "Target": "target",
    "UndecidedError": "errors",
    "WheelFolder": "sources.wheels",
    "attribute": "attribution",
    "configured_options": "sources.configured",
    "configured_sources": "sources.configured",
    "differences": "second_opinion",
    "find_artifacts": "artifacts",
    "installed_according_to_pip": "second_opinion",
    "bundle_installed": "bundle",
    "bundle_wheel": "bundle",
    "merge": "rules",
    "read": "requirements",
    "resolve": "solve",
}


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_HOME[name]}", __name__), name)


def __dir__() -> list[str]:
    return __all__
