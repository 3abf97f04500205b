"""Say an environment once, write it in every format, read it back.

An `EnvSpec` is the value; each format is a writer and a reader in one file; the store places
folders, all or nothing.
"""

from __future__ import annotations

from importlib import import_module

TYPE_CHECKING = False  # `typing` would be the heaviest import here
if TYPE_CHECKING:
    from .errors import Disagreement as Disagreement
    from .errors import EnvFilesError as EnvFilesError
    from .errors import InvalidEntry as InvalidEntry
    from .errors import InvalidFile as InvalidFile
    from .errors import InvalidSpec as InvalidSpec
    from .errors import StoreError as StoreError
    from .errors import TargetExists as TargetExists
    from .errors import TargetRefused as TargetRefused
    from .errors import TargetUnwritable as TargetUnwritable
    from .formats import check_agreement as check_agreement
    from .formats import read_folder as read_folder
    from .formats import write_files as write_files
    from .locked import Artifact as Artifact
    from .locked import Lock as Lock
    from .locked import Locked as Locked
    from .nested import read_requirements_file as read_requirements_file
    from .pylock import PackagingTooOld as PackagingTooOld
    from .spec import Entry as Entry
    from .spec import EnvSpec as EnvSpec
    from .store import Staging as Staging
    from .store import recover as recover
    from .store import stage as stage

_HOME = {
    "Artifact": "locked",
    "Disagreement": "errors",
    "Entry": "spec",
    "EnvFilesError": "errors",
    "EnvSpec": "spec",
    "InvalidEntry": "errors",
    "InvalidFile": "errors",
    "InvalidSpec": "errors",
    "Lock": "locked",
    "Locked": "locked",
    "PackagingTooOld": "pylock",
    "Staging": "store",
    "StoreError": "errors",
    "TargetExists": "errors",
    "TargetRefused": "errors",
    "TargetUnwritable": "errors",
    "check_agreement": "formats",
    "read_folder": "formats",
    "read_requirements_file": "nested",
    "recover": "store",
    "stage": "store",
    "write_files": "formats",
}

__all__ = [
    "Artifact",
    "Disagreement",
    "Entry",
    "EnvFilesError",
    "EnvSpec",
    "InvalidEntry",
    "InvalidFile",
    "InvalidSpec",
    "Lock",
    "Locked",
    "PackagingTooOld",
    "Staging",
    "StoreError",
    "TargetExists",
    "TargetRefused",
    "TargetUnwritable",
    "check_agreement",
    "read_folder",
    "read_requirements_file",
    "recover",
    "stage",
    "write_files",
]


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module("." + _HOME[name], __name__), name)


def __dir__() -> list[str]:
    return __all__
