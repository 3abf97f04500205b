"""Say an environment once, write it in every format, read it back.

An `EnvSpec` is the value; each format is a writer and a reader in one file; the store places
folders, all or nothing.
"""

from __future__ import annotations

from importlib import import_module

TYPE_CHECKING = False  # `typing` would be the heaviest import here
if TYPE_CHECKING:
    from .channels import Migration as Migration
    from .channels import migrate as migrate
    from .conda import CondaFile as CondaFile
    from .conda import read_conda as read_conda
    from .conda_pip import conda_admits as conda_admits
    from .conda_pip import conda_as_pip as conda_as_pip
    from .credentials import protect as protect
    from .diff import Change as Change
    from .diff import Difference as Difference
    from .diff import Side as Side
    from .diff import compare as compare
    from .diff import read_side as read_side
    from .diff import side as side
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
    from .formats import dangling as dangling
    from .formats import read_folder as read_folder
    from .formats import write_files as write_files
    from .locked import Artifact as Artifact
    from .locked import Lock as Lock
    from .locked import Locked as Locked
    from .mlmodel import read_model_file as read_model_file
    from .nested import read_requirements_file as read_requirements_file
    from .options import join_options as join_options
    from .pylock import PackagingTooOld as PackagingTooOld
    from .pylock import knows_pylock as knows_pylock
    from .pylock import write_pylock as write_pylock
    from .spec import Entry as Entry
    from .spec import EnvSpec as EnvSpec
    from .spec import conda_name as conda_name
    from .store import Staging as Staging
    from .store import recover as recover
    from .store import replace_file as replace_file
    from .store import stage as stage
    from .texts import read_text as read_text
    from .updates import update_files as update_files
    from .yaml_nodes import dump_yaml as dump_yaml
    from .yaml_nodes import load_yaml as load_yaml

_HOME = {
    "Artifact": "locked",
    "Change": "diff",
    "CondaFile": "conda",
    "Difference": "diff",
    "Disagreement": "errors",
    "Entry": "spec",
    "EnvFilesError": "errors",
    "EnvSpec": "spec",
    "InvalidEntry": "errors",
    "InvalidFile": "errors",
    "InvalidSpec": "errors",
    "Lock": "locked",
    "Locked": "locked",
    "Migration": "channels",
    "PackagingTooOld": "pylock",
    "Side": "diff",
    "Staging": "store",
    "StoreError": "errors",
    "TargetExists": "errors",
    "TargetRefused": "errors",
    "TargetUnwritable": "errors",
    "check_agreement": "formats",
    "compare": "diff",
    "conda_admits": "conda_pip",
    "conda_as_pip": "conda_pip",
    "conda_name": "spec",
    "dangling": "formats",
    "dump_yaml": "yaml_nodes",
    "join_options": "options",
    "knows_pylock": "pylock",
    "load_yaml": "yaml_nodes",
    "migrate": "channels",
    "protect": "credentials",
    "read_conda": "conda",
    "read_folder": "formats",
    "read_model_file": "mlmodel",
    "read_requirements_file": "nested",
    "read_side": "diff",
    "read_text": "texts",
    "recover": "store",
    "replace_file": "store",
    "side": "diff",
    "stage": "store",
    "update_files": "updates",
    "write_files": "formats",
    "write_pylock": "pylock",
}

__all__ = [
    "Artifact",
    "Change",
    "CondaFile",
    "Difference",
    "Disagreement",
    "Entry",
    "EnvFilesError",
    "EnvSpec",
    "InvalidEntry",
    "InvalidFile",
    "InvalidSpec",
    "Lock",
    "Locked",
    "Migration",
    "PackagingTooOld",
    "Side",
    "Staging",
    "StoreError",
    "TargetExists",
    "TargetRefused",
    "TargetUnwritable",
    "check_agreement",
    "compare",
    "conda_admits",
    "conda_as_pip",
    "conda_name",
    "dangling",
    "dump_yaml",
    "join_options",
    "knows_pylock",
    "load_yaml",
    "migrate",
    "protect",
    "read_conda",
    "read_folder",
    "read_model_file",
    "read_requirements_file",
    "read_side",
    "read_text",
    "recover",
    "replace_file",
    "side",
    "stage",
    "update_files",
    "write_files",
    "write_pylock",
]


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module("." + _HOME[name], __name__), name)


def __dir__() -> list[str]:
    return __all__
