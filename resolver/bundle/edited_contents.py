"""Contents of a wheel that is made of an edited distribution, with a local version."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.version import Version

from ..errors import NotBundledError
from .wheel_writer import installed_contents, with_version

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..installed.environment import Distribution
    from ..target import Target
    from .edits import EditedFile
    from .wheel_writer import Contents

_DIGITS = 8


def edited_contents(
    distribution: Distribution, edits: Sequence[EditedFile], target: Target
) -> tuple[Contents, Version]:
    """Gather the files of an edited distribution with the added ones; return its version too.

    That is a local version made of the contents (PEP 440): "1.2.3+edited.0a1b2c3d". Raises
    NotBundledError if there is no file list, and for an edited program that no wheel can hold.
    """
    contents = installed_contents(distribution, target)
    packed = {os.path.realpath(path) for path in contents.files.values()}
    for edit in edits:
        if edit.added:
            contents.files[_place(edit)] = Path(edit.file)
        elif os.path.realpath(edit.file) not in packed:
            raise NotBundledError(
                edit.file,
                "it was edited, and whoever installs a wheel makes that program anew",
                f"reinstall {distribution.label}",
            )
    version = edited_version(distribution.version, contents.digest)
    return with_version(contents, version), version


def edited_version(version: Version, digest: str) -> Version:
    """Return a version with a local label of a hexadecimal digest, after any label it has.

    >>> str(edited_version(Version("2.5+cu121"), "0a1b2c3d4e")), str(Version("2+edited.01234567"))
    ('2.5+cu121.edited.0a1b2c3d', '2+edited.1234567')
    """
    joint = "." if version.local else "+"
    return Version(f"{version}{joint}edited.{digest[:_DIGITS]}")


def _place(edit: EditedFile) -> str:
    """Return the path in a wheel of a file below the folder of its distribution."""
    location = edit.distribution.location
    base = next(
        each
        for each in (location, os.path.realpath(location))
        if edit.file.startswith(each.rstrip(os.sep) + os.sep)
    )
    return os.path.relpath(edit.file, base).replace(os.sep, "/")
