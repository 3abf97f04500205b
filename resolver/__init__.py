"""From traced modules to pinned versions: owners of modules, requirements, and their resolution."""

from __future__ import annotations

from importlib import import_module

__distribution__ = "modelenv"  # the owner: another may bring a package of this name

TYPE_CHECKING = False  # `typing` would be the heaviest import here
if TYPE_CHECKING:
    from .attribution.attribute import attribute as attribute
    from .attribution.values import Attributed as Attributed
    from .attribution.values import Attribution as Attribution
    from .attribution.values import Evidence as Evidence
    from .attribution.values import FirstParty as FirstParty
    from .attribution.values import Imported as Imported
    from .attribution.values import Project as Project
    from .attribution.values import Unlisted as Unlisted
    from .bundle.artifacts import Artifacts as Artifacts
    from .bundle.artifacts import FileSource as FileSource
    from .bundle.artifacts import find_artifacts as find_artifacts
    from .bundle.build_wheel import WheelBuilder as WheelBuilder
    from .bundle.bundle import Bundled as Bundled
    from .bundle.bundle import bundle_installed as bundle_installed
    from .bundle.bundle import bundle_wheel as bundle_wheel
    from .bundle.download import download as download
    from .bundle.edits import EditedFile as EditedFile
    from .bundle.edits import Edits as Edits
    from .bundle.installers import InstalledBy as InstalledBy
    from .bundle.installers import Installers as Installers
    from .bundle.keeping import keep_whole as keep_whole
    from .bundle.standing import PinStanding as PinStanding
    from .errors import AlikeTargetsError as AlikeTargetsError
    from .errors import BuildError as BuildError
    from .errors import ConfigurationError as ConfigurationError
    from .errors import EditedError as EditedError
    from .errors import MetadataError as MetadataError
    from .errors import MomentError as MomentError
    from .errors import NotBundledError as NotBundledError
    from .errors import ResolverError as ResolverError
    from .errors import SourceError as SourceError
    from .errors import TargetError as TargetError
    from .errors import UndecidedError as UndecidedError
    from .explain.errors import ConflictError as ConflictError
    from .explain.errors import UnbuiltError as UnbuiltError
    from .explain.quickxplain import smallest_part as smallest_part
    from .installed.environment import Distribution as Distribution
    from .installed.environment import Installed as Installed
    from .installed.pip_check import differences as differences
    from .installed.pip_check import installed_according_to_pip as installed_according_to_pip
    from .joint.joint_resolution import JointPin as JointPin
    from .joint.joint_resolution import JointResolution as JointResolution
    from .joint.jointly import TargetQuestion as TargetQuestion
    from .joint.jointly import resolve_jointly as resolve_jointly
    from .joint.markers import parting_marker as parting_marker
    from .moments import moment_text as moment_text
    from .moments import read_moment as read_moment
    from .moments import told_moment as told_moment
    from .requirements.hashes import all_hashes_asked as all_hashes_asked
    from .requirements.lines import Limit as Limit
    from .requirements.lines import Line as Line
    from .requirements.lines import Lines as Lines
    from .requirements.lines import Origin as Origin
    from .requirements.merge import RequirementSet as RequirementSet
    from .requirements.merge import Root as Root
    from .requirements.merge import merge as merge
    from .search.hash_rules import bears_one_of as bears_one_of
    from .search.resolution import Artifact as Artifact
    from .search.resolution import Edge as Edge
    from .search.resolution import Move as Move
    from .search.resolution import Pin as Pin
    from .search.resolution import Resolution as Resolution
    from .settings import IndexSettings as IndexSettings
    from .settings import Strategy as Strategy
    from .solving import resolve as resolve
    from .sources.availability import lacking as lacking
    from .sources.configured import configured_options as configured_options
    from .sources.configured import configured_sources as configured_sources
    from .sources.configured import index_forbidden_by as index_forbidden_by
    from .sources.protocol import Source as Source
    from .sources.wheels import WheelFolder as WheelFolder
    from .target import Target as Target
else:  # modules are loaded on first access
    _PUBLISHED = {
        "attribution.attribute": ("attribute",),
        "attribution.values": (
            "Attributed",
            "Attribution",
            "Evidence",
            "FirstParty",
            "Imported",
            "Project",
            "Unlisted",
        ),
        "bundle.artifacts": ("Artifacts", "FileSource", "find_artifacts"),
        "bundle.build_wheel": ("WheelBuilder",),
        "bundle.bundle": ("bundle_installed", "bundle_wheel", "Bundled"),
        "bundle.download": ("download",),
        "bundle.edits": ("EditedFile", "Edits"),
        "bundle.installers": ("InstalledBy", "Installers"),
        "bundle.keeping": ("keep_whole",),
        "bundle.standing": ("PinStanding",),
        "errors": (
            "AlikeTargetsError",
            "BuildError",
            "ConfigurationError",
            "EditedError",
            "MetadataError",
            "MomentError",
            "NotBundledError",
            "ResolverError",
            "SourceError",
            "TargetError",
            "UndecidedError",
        ),
        "explain.errors": ("ConflictError", "UnbuiltError"),
        "explain.quickxplain": ("smallest_part",),
        "installed.environment": ("Distribution", "Installed"),
        "installed.pip_check": ("differences", "installed_according_to_pip"),
        "joint.joint_resolution": ("JointPin", "JointResolution"),
        "joint.jointly": ("TargetQuestion", "resolve_jointly"),
        "joint.markers": ("parting_marker",),
        "moments": ("moment_text", "read_moment", "told_moment"),
        "requirements.hashes": ("all_hashes_asked",),
        "requirements.lines": ("Limit", "Line", "Lines", "Origin"),
        "requirements.merge": ("merge", "RequirementSet", "Root"),
        "search.hash_rules": ("bears_one_of",),
        "search.resolution": ("Artifact", "Edge", "Move", "Pin", "Resolution"),
        "settings": ("IndexSettings", "Strategy"),
        "solving": ("resolve",),
        "sources.availability": ("lacking",),
        "sources.configured": ("configured_options", "configured_sources", "index_forbidden_by"),
        "sources.protocol": ("Source",),
        "sources.wheels": ("WheelFolder",),
        "target": ("Target",),
    }
    _MODULES = {name: module for module, names in _PUBLISHED.items() for name in names}

    __all__ = list(_MODULES)

    def __getattr__(name: str) -> object:
        if name not in _MODULES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(f".{_MODULES[name]}", __name__), name)

    def __dir__() -> list[str]:
        return __all__
