"""Local paths and file URLs among the locations where distributions are searched."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit


def is_local(location: str) -> bool:
    """Return whether a location is a path, or a URL of one.

    >>> is_local("wheels"), is_local("file:///wheels"), is_local("https://host/wheels")
    (True, True, False)
    """
    scheme, is_url, _ = location.partition("://")
    return not is_url or scheme == "file"


def local_path(location: str) -> Path:
    """Return the path that a local location names."""
    if not location.startswith("file:"):
        return Path(location)
    from urllib.request import url2pathname  # this import loads HTTP servers, which is slow

    return Path(url2pathname(urlsplit(location).path))


def is_gone(location: str) -> bool:
    """Return whether a location is local and does not exist; False if it contains a variable.

    pip skips such a location of links with a warning, uv refuses it.
    """
    return is_local(location) and "${" not in location and not local_path(location).exists()
