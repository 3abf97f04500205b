"""Paths of other machines, as ``pip freeze`` writes them for packages that conda installed.

conda builds in a folder ``work``, below one of the name and the milliseconds of the build; a recipe
of later years makes a wheel there (``work/dist``) and installs that.
"""

from __future__ import annotations

import re
from datetime import datetime, timezone
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    canonicalize_name,
    parse_sdist_filename,
    parse_wheel_filename,
)
from packaging.version import Version

_BUILT = re.compile(r"_(\d{13})/work(/|$)")
# The folders in which conda-build and the builders of Anaconda and conda-forge work.
_BUILDERS = re.compile(
    r"/(conda-bld|feedstock_root|build_artifacts|croot|bld|ci|ci_\w+|tmp/build)/(.+/)?work(/|$)"
)


def version_in_path(url: str, name: str) -> Version | None:
    """Return the version of a wheel or a source distribution of a name; None: it is no such file.

    >>> version_in_path("file:///croot/dist/numpy-1.26.4-cp311-cp311-win_amd64.whl", "numpy")
    <Version('1.26.4')>
    """
    file = PurePosixPath(unquote(urlsplit(url).path)).name
    try:
        if file.endswith(".whl"):
            found, version, *_ = parse_wheel_filename(file)
        else:
            found, version = parse_sdist_filename(file)
    except (InvalidWheelFilename, InvalidSdistFilename):
        return None
    return version if found == canonicalize_name(name) else None


def is_of_conda(url: str) -> bool:
    """Return whether conda built the distribution at a path.

    >>> is_of_conda("file:///tmp/build/80754af9/six_1605205327372/work")
    True
    >>> is_of_conda("file:///home/somebody/work")
    False
    """
    path = unquote(urlsplit(url).path)
    return _BUILT.search(path) is not None or _BUILDERS.search(path) is not None


def built_by_conda(url: str) -> datetime | None:
    """Return when conda built the distribution at a path; None: the path does not say.

    >>> str(built_by_conda("file:///opt/conda/conda-bld/scipy_1618855647378/work"))
    '2021-04-19 18:07:27+00:00'
    """
    found = _BUILT.search(unquote(urlsplit(url).path))
    return datetime.fromtimestamp(int(found[1]) // 1000, timezone.utc) if found else None
