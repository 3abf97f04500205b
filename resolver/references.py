"""Direct references: what a URL in a requirement and a PEP 610 record have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit, urlunsplit

if TYPE_CHECKING:
    from collections.abc import Mapping


def references(direct: Mapping[str, object] | None) -> tuple[str, ...]:
    """Write a `direct_url.json` (PEP 610) as the URLs that name it, the one at its commit first.

    >>> references({"url": "https://host/r.git", "vcs_info": {"vcs": "git", "commit_id": "ab12"}})
    ('git+https://host/r.git@ab12', 'git+https://host/r.git')
    """
    url = (direct or {}).get("url")
    if direct is None or not isinstance(url, str):
        return ()
    about = direct.get("vcs_info")
    if not isinstance(about, dict):
        return (url,)
    tool = f"{about.get('vcs', 'git')}+{url}"
    # The branch or tag that was asked for then leads to the commit that is here now.
    revisions = [about.get("commit_id"), about.get("requested_revision")]
    return (*(f"{tool}@{each}" for each in revisions if each), tool)


def same_reference(asked: str, have: str) -> bool:
    """Tell whether two URLs name the same thing; credentials and fragments do not count.

    >>> same_reference("git+https://me:secret@host/r.git", "git+https://host/r.git")
    True
    """
    return _plain(asked) == _plain(have)


def _plain(url: str) -> str:
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2].lower()
    path = unquote(parts.path).rstrip("/")
    return urlunsplit((parts.scheme.lower(), host, path, parts.query, ""))


def without_credentials(url: str) -> str:
    """Drop user and password from a URL; the user of an ssh one is part of the address and stays.

    >>> without_credentials("https://me:secret@host/a.whl")
    'https://host/a.whl'
    """
    parts = urlsplit(url)
    user, at, host = parts.netloc.rpartition("@")
    if "ssh" in parts.scheme:
        host = user.partition(":")[0] + at + host
    return urlunsplit(parts._replace(netloc=host))
