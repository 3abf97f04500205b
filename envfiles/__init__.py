"""Say an environment once, write it in every format, read it back.

An `EnvSpec` is the value; each format is a writer and a reader in one file; the store places
folders, all or nothing.
"""

from __future__ import annotations

from importlib import import_module

TYPE_CHECKING = False  # `typing` would be the heaviest import here
if TYPE_CHECKING:
    from .conda.channels import Migration as Migration
    from .conda.channels import migrate as migrate
    from .conda.file import CondaFile as CondaFile
    from .conda.file import read_conda as read_conda
    from .conda.pip_names import conda_admits as conda_admits
    from .conda.pip_names import conda_as_pip as conda_as_pip
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
    from .lock.pylock import PackagingTooOld as PackagingTooOld
    from .lock.pylock import knows_pylock as knows_pylock
    from .lock.pylock import write_pylock as write_pylock
    from .lock.values import Artifact as Artifact
    from .lock.values import Lock as Lock
    from .lock.values import Locked as Locked
    from .mlmodel import read_model_file as read_model_file
    from .requirements.credentials import protect as protect
    from .requirements.nested import read_requirements_file as read_requirements_file
    from .requirements.options import join_options as join_options
    from .spec import Entry as Entry
    from .spec import EnvSpec as EnvSpec
    from .spec import conda_name as conda_name
    from .store.stage import Staging as Staging
    from .store.stage import recover as recover
    from .store.stage import replace_file as replace_file
    from .store.stage import stage as stage
    from .text import read_text as read_text
    from .update import update_files as update_files
    from .yaml.nodes import dump_yaml as dump_yaml
    from .yaml.nodes import load_yaml as load_yaml

_HOME = {
    "Artifact": "lock.values",
    "Change": "diff",
    "CondaFile": "conda.file",
    "Difference": "diff",
    "Disagreement": "errors",
    "Entry": "spec",
    "EnvFilesError": "errors",
    "EnvSpec": "spec",
    "InvalidEntry": "errors",
    "InvalidFile": "errors",
    "InvalidSpec": "errors",
    "Lock": "lock.values",
    "Locked": "lock.values",
    "Migration": "conda.channels",
    "PackagingTooOld": "lock.pylock",
    "Side": "diff",
    "Staging": "store.stage",
    "StoreError": "errors",
    "TargetExists": "errors",
    "TargetRefused": "errors",
    "TargetUnwritable": "errors",
    "check_agreement": "formats",
    "compare": "diff",
    "conda_admits": "conda.pip_names",
    "conda_as_pip": "conda.pip_names",
    "conda_name": "spec",
    "dangling": "formats",
    "dump_yaml": "yaml.nodes",
    "join_options": "requirements.options",
    "knows_pylock": "lock.pylock",
    "load_yaml": "yaml.nodes",
    "migrate": "conda.channels",
    "protect": "requirements.credentials",
    "read_conda": "conda.file",
    "read_folder": "formats",
    "read_model_file": "mlmodel",
    "read_requirements_file": "requirements.nested",
    "read_side": "diff",
    "read_text": "text",
    "recover": "store.stage",
    "replace_file": "store.stage",
    "side": "diff",
    "stage": "store.stage",
    "update_files": "update",
    "write_files": "formats",
    "write_pylock": "lock.pylock",
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
