"""Direct references: URLs in requirements and in PEP 610 records."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal
from urllib.parse import unquote, urlsplit, urlunsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

_LOGIN = re.compile(r"([A-Za-z][\w+.-]*)://([^\s/?#]*)@")
_VARIABLE = re.compile(r"\$\{[A-Z0-9_]+\}")

Provenance = Literal["index", "label", "reference", "local", "editable"]
"""The origin of an installed distribution, as far as its record tells (PEP 610).

"index": nothing says otherwise; "label": nothing says otherwise, but its version bears a local
label, which a public index does not take (PEP 440); "reference": a URL or a commit that others can
reach; "local": a wheel, an archive or a folder of this machine; "editable": a project that is
being written here.
"""


def references(direct: Mapping[str, object] | None) -> tuple[str, ...]:
    """Return the URLs that name a `direct_url.json` (PEP 610), the one to pin first.

    That is the commit of a repository, and an archive with its hash.

    >>> references({"url": "https://host/r.git", "vcs_info": {"vcs": "git", "commit_id": "ab12"}})
    ('git+https://host/r.git@ab12', 'git+https://host/r.git')
    """
    url = (direct or {}).get("url")
    if direct is None or not isinstance(url, str):
        return ()
    subdirectory = direct.get("subdirectory")
    folder = f"subdirectory={subdirectory}" if subdirectory else ""
    about = direct.get("vcs_info")
    if not isinstance(about, dict):
        digests = archive_hashes(direct)
        digest = next((f"{each}={digests[each]}" for each in ("sha256",) if each in digests), "")
        return (_with_fragment(url.partition("#")[0], digest, folder),)
    tool = f"{about.get('vcs', 'git')}+{url}"
    # The branch or tag then leads to the commit that is installed.
    revisions = [about.get("commit_id"), about.get("requested_revision")]
    named = (*(f"{tool}@{each}" for each in revisions if each), tool)
    return tuple(_with_fragment(each, folder) for each in named)


def archive_hashes(direct: Mapping[str, object]) -> Mapping[str, str]:
    """Return the digests of the archive in a `direct_url.json`, by algorithm."""
    about = direct.get("archive_info")
    if not isinstance(about, dict):
        return {}
    hashes = about.get("hashes")
    if isinstance(hashes, dict) and hashes:
        return {str(name): str(value) for name, value in hashes.items()}
    algorithm, _, value = str(about.get("hash") or "").partition("=")
    return {algorithm: value} if value else {}


def is_local(url: str) -> bool:
    """Return whether a URL leads to a file, a folder or a repository of this machine.

    >>> is_local("git+file:///home/me/repo"), is_local("git+ssh://git@host/repo")
    (True, False)
    """
    return urlsplit(url).scheme.lower().rpartition("+")[2] == "file"


def same_reference(asked: str, have: str) -> bool:
    """Return whether two URLs name the same thing; credentials and fragments do not count.

    >>> same_reference("git+https://me:secret@host/r.git", "git+https://host/r.git")
    True
    """
    return _plain(asked) == _plain(have)


def without_credentials(url: str) -> str:
    """Return a URL without user and password; the user of an ssh URL is part of the address.

    >>> without_credentials("https://me:secret@host/a.whl")
    'https://host/a.whl'
    """
    parts = urlsplit(url)
    user, at, host = parts.netloc.rpartition("@")
    if "ssh" in parts.scheme:
        host = user.partition(":")[0] + at + host
    return urlunsplit(parts._replace(netloc=host))


def hide_logins(text: str) -> str:
    """Replace logins in the URLs of a text by stars; names of variables are no secret and stay.

    >>> hide_logins("a @ https://me:secret@host/a.whl"), hide_logins("-i https://${TOKEN}@host")
    ('a @ https://****@host/a.whl', '-i https://${TOKEN}@host')
    """
    return _LOGIN.sub(_hidden, text)


def _hidden(found: re.Match[str]) -> str:
    scheme, login = found[1], found[2]
    words = [each for each in login.split(":") if each and not _VARIABLE.fullmatch(each)]
    is_address = "ssh" in scheme and len(words) < 2  # the user of git+ssh://git@host
    return found[0] if is_address or not words else f"{scheme}://****@"


def _plain(url: str) -> str:
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2].lower()
    path = unquote(parts.path).rstrip("/")
    if parts.scheme.lower() == "file" and host == "localhost":
        host = ""
    return urlunsplit((parts.scheme.lower(), host, path, parts.query, ""))


def _with_fragment(url: str, *parts: str) -> str:
    fragment = "&".join(filter(None, parts))
    return f"{url}#{fragment}" if fragment else url
