"""From what ran to what is pinned: who owns a module, what is asked for, and the answer."""

from __future__ import annotations

from importlib import import_module

TYPE_CHECKING = False  # `typing` would be the heaviest import here
if TYPE_CHECKING:
    from .attribution.attribute import Attributed as Attributed
    from .attribution.attribute import Attribution as Attribution
    from .attribution.attribute import Evidence as Evidence
    from .attribution.attribute import FirstParty as FirstParty
    from .attribution.attribute import Imported as Imported
    from .attribution.attribute import Project as Project
    from .attribution.attribute import attribute as attribute
    from .bundle.artifacts import Artifacts as Artifacts
    from .bundle.artifacts import File as File
    from .bundle.artifacts import Shelf as Shelf
    from .bundle.artifacts import find_artifacts as find_artifacts
    from .bundle.bundle import Bundled as Bundled
    from .bundle.bundle import bundle_installed as bundle_installed
    from .bundle.bundle import bundle_wheel as bundle_wheel
    from .errors import ConflictError as ConflictError
    from .errors import MetadataError as MetadataError
    from .errors import ResolverError as ResolverError
    from .errors import UndecidedError as UndecidedError
    from .installed.environment import Distribution as Distribution
    from .installed.environment import Installed as Installed
    from .installed.pip_check import differences as differences
    from .installed.pip_check import installed_according_to_pip as installed_according_to_pip
    from .requirements.lines import Line as Line
    from .requirements.lines import Lines as Lines
    from .requirements.lines import Origin as Origin
    from .requirements.merge import RequirementSet as RequirementSet
    from .requirements.merge import Root as Root
    from .requirements.merge import merge as merge
    from .search.resolution import Artifact as Artifact
    from .search.resolution import Edge as Edge
    from .search.resolution import Move as Move
    from .search.resolution import Pin as Pin
    from .search.resolution import Resolution as Resolution
    from .solving import resolve as resolve
    from .sources.configured import configured_options as configured_options
    from .sources.configured import configured_sources as configured_sources
    from .sources.protocol import Source as Source
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
    "resolve",
]

_HOME = {
    "Artifacts": "bundle.artifacts",
    "Artifact": "search.resolution",
    "Attributed": "attribution.attribute",
    "Attribution": "attribution.attribute",
    "ConflictError": "errors",
    "Bundled": "bundle.bundle",
    "Distribution": "installed.environment",
    "Edge": "search.resolution",
    "Evidence": "attribution.attribute",
    "File": "bundle.artifacts",
    "FirstParty": "attribution.attribute",
    "Imported": "attribution.attribute",
    "Installed": "installed.environment",
    "Line": "requirements.lines",
    "Lines": "requirements.lines",
    "MetadataError": "errors",
    "Move": "search.resolution",
    "Origin": "requirements.lines",
    "Pin": "search.resolution",
    "Project": "attribution.attribute",
    "RequirementSet": "requirements.merge",
    "Resolution": "search.resolution",
    "ResolverError": "errors",
    "Root": "requirements.merge",
    "Shelf": "bundle.artifacts",
    "Source": "sources.protocol",
    "Target": "target",
    "UndecidedError": "errors",
    "WheelFolder": "sources.wheels",
    "attribute": "attribution.attribute",
    "configured_options": "sources.configured",
    "configured_sources": "sources.configured",
    "differences": "installed.pip_check",
    "find_artifacts": "bundle.artifacts",
    "installed_according_to_pip": "installed.pip_check",
    "bundle_installed": "bundle.bundle",
    "bundle_wheel": "bundle.bundle",
    "merge": "requirements.merge",
    "resolve": "solving",
}


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_HOME[name]}", __name__), name)


def __dir__() -> list[str]:
    return __all__
