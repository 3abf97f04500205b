"""Environments as values, written in every format and read back.

An `EnvSpec` is the value; `requirements` reads and writes pip's lines, `formats` the files, and the
store places folders, all or nothing.
"""

from __future__ import annotations

from importlib import import_module

__distribution__ = "modelenv"  # the owner: another may bring a package of this name

TYPE_CHECKING = False  # `typing` would be the heaviest import here
if TYPE_CHECKING:
    from .conda.channels import Migration as Migration
    from .conda.channels import migrate as migrate
    from .conda.pip_names import conda_admits as conda_admits
    from .conda.pip_names import conda_as_pip as conda_as_pip
    from .credentials import mask as mask
    from .credentials import protect as protect
    from .credentials import secrets_in as secrets_in
    from .credentials import strip as strip
    from .credentials import twins as twins
    from .diff import Change as Change
    from .diff import Difference as Difference
    from .diff import Side as Side
    from .diff import compare as compare
    from .diff import read_side as read_side
    from .diff import read_sides as read_sides
    from .diff import side as side
    from .errors import Disagreement as Disagreement
    from .errors import EnvFilesError as EnvFilesError
    from .errors import Fault as Fault
    from .errors import InvalidEntry as InvalidEntry
    from .errors import InvalidFile as InvalidFile
    from .errors import InvalidSpec as InvalidSpec
    from .errors import Location as Location
    from .errors import StoreError as StoreError
    from .errors import TargetBusy as TargetBusy
    from .errors import TargetChanged as TargetChanged
    from .errors import TargetExists as TargetExists
    from .errors import TargetRefused as TargetRefused
    from .errors import TargetUnwritable as TargetUnwritable
    from .formats.conda_yaml import CondaFile as CondaFile
    from .formats.conda_yaml import read_conda as read_conda
    from .formats.folder import check_agreement as check_agreement
    from .formats.folder import dangling as dangling
    from .formats.folder import lock_faults as lock_faults
    from .formats.folder import read_folder as read_folder
    from .formats.folder import read_located as read_located
    from .formats.folder import write_files as write_files
    from .formats.mlmodel import read_model_file as read_model_file
    from .formats.update import update_files as update_files
    from .lists.forms import form_of as form_of
    from .lists.nested import read_requirements as read_requirements
    from .lists.script import has_block as has_block
    from .lists.values import Selection as Selection
    from .lock.elsewhere import is_of_lines as is_of_lines
    from .lock.elsewhere import locked_elsewhere as locked_elsewhere
    from .lock.held import agrees_plainly as agrees_plainly
    from .lock.pylock import PackagingTooOld as PackagingTooOld
    from .lock.pylock import dump_toml as dump_toml
    from .lock.pylock import knows_pylock as knows_pylock
    from .lock.pylock import read_pylock as read_pylock
    from .lock.pylock import read_toml as read_toml
    from .lock.pylock import write_pylock as write_pylock
    from .lock.selection import select_locked as select_locked
    from .lock.uv_project import UvProject as UvProject
    from .lock.values import Lock as Lock
    from .lock.values import Locked as Locked
    from .lock.values import LockedFile as LockedFile
    from .requirements.content import Condition as Condition
    from .requirements.content import RequirementLine as RequirementLine
    from .requirements.content import RequirementsContent as RequirementsContent
    from .requirements.entry import Entry as Entry
    from .requirements.options import Option as Option
    from .requirements.options import join_options as join_options
    from .requirements.unnamed import named as named
    from .requirements.variables import Variables as Variables
    from .spec import EnvSpec as EnvSpec
    from .spec import conda_name as conda_name
    from .store.fingerprint import Fingerprint as Fingerprint
    from .store.locking import locked as locked
    from .store.locking import waiting_turn as waiting_turn
    from .store.one_file import put_file as put_file
    from .store.one_file import replace_file as replace_file
    from .store.stage import Staging as Staging
    from .store.stage import leftovers as leftovers
    from .store.stage import recover as recover
    from .store.stage import stage as stage
    from .store.stage import tidy as tidy
    from .text import read_text as read_text
    from .yaml.nodes import dump_yaml as dump_yaml
    from .yaml.nodes import load_yaml as load_yaml
else:  # modules are loaded on first access
    _PUBLISHED = {
        "conda.channels": ("migrate", "Migration"),
        "conda.pip_names": ("conda_admits", "conda_as_pip"),
        "credentials": ("mask", "protect", "secrets_in", "strip", "twins"),
        "diff": ("Change", "compare", "Difference", "read_side", "read_sides", "Side", "side"),
        "errors": (
            "Disagreement",
            "EnvFilesError",
            "Fault",
            "InvalidEntry",
            "InvalidFile",
            "InvalidSpec",
            "Location",
            "StoreError",
            "TargetBusy",
            "TargetChanged",
            "TargetExists",
            "TargetRefused",
            "TargetUnwritable",
        ),
        "formats.conda_yaml": ("CondaFile", "read_conda"),
        "formats.folder": (
            "check_agreement",
            "dangling",
            "lock_faults",
            "read_folder",
            "read_located",
            "write_files",
        ),
        "formats.mlmodel": ("read_model_file",),
        "formats.update": ("update_files",),
        "lists.forms": ("form_of",),
        "lists.nested": ("read_requirements",),
        "lists.script": ("has_block",),
        "lists.values": ("Selection",),
        "lock.elsewhere": ("is_of_lines", "locked_elsewhere"),
        "lock.held": ("agrees_plainly",),
        "lock.pylock": (
            "dump_toml",
            "knows_pylock",
            "PackagingTooOld",
            "read_pylock",
            "read_toml",
            "write_pylock",
        ),
        "lock.selection": ("select_locked",),
        "lock.uv_project": ("UvProject",),
        "lock.values": ("Lock", "Locked", "LockedFile"),
        "requirements.content": ("Condition", "RequirementLine", "RequirementsContent"),
        "requirements.entry": ("Entry",),
        "requirements.options": ("join_options", "Option"),
        "requirements.unnamed": ("named",),
        "requirements.variables": ("Variables",),
        "spec": ("conda_name", "EnvSpec"),
        "store.fingerprint": ("Fingerprint",),
        "store.locking": ("locked", "waiting_turn"),
        "store.one_file": ("put_file", "replace_file"),
        "store.stage": ("leftovers", "recover", "stage", "Staging", "tidy"),
        "text": ("read_text",),
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
