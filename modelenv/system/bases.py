"""Find the Debian or Ubuntu release of a base image, by its name or its ``os-release``."""

from __future__ import annotations

import platform
import re
from collections.abc import Mapping

NEWEST = "13"
UBUNTU = {"22.04": "12", "24.04": "13"}
"""Ubuntu's releases, each with the Debian release that shares most of its package names."""
_CODES = {
    "bullseye": "11",
    "bookworm": "12",
    "trixie": "13",
    "jammy": "22.04",
    "noble": "24.04",
    **{f"ubuntu{number}": number for number in UBUNTU},
}
_PYTHON = re.compile(r"(^|/)python:(?P<minor>3\.\d+)(\.(?P<patch>\d+))?(-slim)?$")
# The last images of these Pythons are built on the release that was current in their last year.
_LAST_IMAGES = {"3.6": "11", "3.7": "12", "3.8": "12"}
# A tag with a patch stays on the Debian release that was current when the next patch came out:
# Debian 12 from June 2023 on, 13 from August 2025 on. For each Python: the last patch that is
# certainly on 11, the first and the last on 12, the first on 13; those between are uncertain.
_PATCHES: Mapping[str, tuple[int, int, int, int]] = {
    "3.8": (16, 18, 99, 99),
    "3.9": (16, 18, 22, 24),
    "3.10": (11, 13, 17, 19),
    "3.11": (3, 5, 12, 14),
    "3.12": (-1, 0, 10, 12),
    "3.13": (-1, 0, 5, 8),
    "3.14": (-1, 0, -1, 0),
}
_FIRST_OF_11 = {"3.8": 12, "3.9": 7, "3.10": 0, "3.11": 0}


def this_release() -> str:
    """Return this machine's release, as ``debian 12``; elsewhere, the platform's own name."""
    try:
        said = platform.freedesktop_os_release()
    except OSError:
        return platform.system().lower()
    version = said.get("VERSION_ID") or said.get("VERSION_CODENAME", "")
    return f"{said.get('ID', 'linux')} {version}".rstrip()


def release_of(base: str) -> str:
    """Return the release of an image, judged by its name; empty if the name does not tell.

    Debian's releases are given as ``13``, Ubuntu's as ``24.04``. A tag that moves between releases
    tells nothing if a digest follows it.

    >>> release_of("python:3.11-slim-bookworm"), release_of("debian:12-slim")
    ('12', '12')
    >>> release_of("python:3.11.3-slim"), release_of("python:3.11-slim@sha256:00")
    ('11', '')
    """
    named, at, _ = base.partition("@")
    name, _, tag = named.rpartition(":")
    for code in re.split(r"[-_]", tag):
        if code in _CODES:
            return _CODES[code]
    found = _PYTHON.search(named)
    if found is not None:
        return _of_python(found["minor"], found["patch"], fixed=bool(at))
    numbers = tag.removeprefix("ubuntu-").partition("-")[0]
    if name.endswith("debian"):
        number = numbers.partition(".")[0]
        return number if number in _CODES.values() else ""
    is_ubuntu = name.endswith("ubuntu") or tag.startswith("ubuntu-")
    return numbers if is_ubuntu and numbers in UBUNTU else ""


def release_said(text: str) -> str:
    r"""Return the release in an image's ``os-release``; empty if the tables do not have it.

    >>> release_said('ID=debian\nVERSION_ID="12"')
    '12'
    """
    pairs = (line.partition("=") for line in text.splitlines())
    said = {key.strip(): value.strip().strip("\"'") for key, _, value in pairs}
    known = {"debian": ("11", "12", NEWEST), "ubuntu": tuple(UBUNTU)}
    number = said.get("VERSION_ID", "")
    return number if number in known.get(said.get("ID", ""), ()) else ""


def spelled(release: str) -> str:
    """Return a release in the form of `this_release`: ``debian 12``; empty if unknown."""
    return f"{'ubuntu' if release in UBUNTU else 'debian'} {release}" if release else ""


def _of_python(minor: str, patch: str | None, *, fixed: bool) -> str:
    """Return the release of Python's official image for a patch, or for the newest patch."""
    if patch is None:
        return "" if fixed else _LAST_IMAGES.get(minor, NEWEST)
    number = int(patch)
    old, first, last, new = _PATCHES.get(minor, (-1, 10**9, -1, 10**9))
    if _FIRST_OF_11.get(minor, 10**9) <= number <= old:
        return "11"
    if first <= number <= last:
        return "12"
    return NEWEST if number >= new else ""
