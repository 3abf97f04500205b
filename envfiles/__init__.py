"""Say an environment once, write it in every format, read it back.

An `EnvSpec` is the value; each format is a writer and a reader in one file; the store places
folders, all or nothing.
"""

from __future__ import annotations

from importlib import import_module

__distribution__ = "modelenv"  # whose package this is, should another bear its name

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
else:  # nothing is loaded before it is asked for
    _PUBLISHED = {
        "conda.channels": ("migrate", "Migration"),
        "conda.file": ("CondaFile", "read_conda"),
        "conda.pip_names": ("conda_admits", "conda_as_pip"),
        "diff": ("Change", "compare", "Difference", "read_side", "Side", "side"),
        "errors": (
            "Disagreement",
            "EnvFilesError",
            "InvalidEntry",
            "InvalidFile",
            "InvalidSpec",
            "StoreError",
            "TargetExists",
            "TargetRefused",
            "TargetUnwritable",
        ),
        "formats": ("check_agreement", "dangling", "read_folder", "write_files"),
        "lock.pylock": ("knows_pylock", "PackagingTooOld", "write_pylock"),
        "lock.values": ("Artifact", "Lock", "Locked"),
        "mlmodel": ("read_model_file",),
        "requirements.credentials": ("protect",),
        "requirements.nested": ("read_requirements_file",),
        "requirements.options": ("join_options",),
        "spec": ("conda_name", "Entry", "EnvSpec"),
        "store.stage": ("recover", "replace_file", "stage", "Staging"),
        "text": ("read_text",),
        "update": ("update_files",),
        "yaml.nodes": ("dump_yaml", "load_yaml"),
    }
    _MODULES = {name: module for module, names in _PUBLISHED.items() for name in names}

    __all__ = list(_MODULES)

    def __getattr__(name: str) -> object:
        if name not in _MODULES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(f".{_MODULES[name]}", __name__), name)

    def __dir__() -> list[str]:
        return __all__
